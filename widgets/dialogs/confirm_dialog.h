// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include <cstdint>
#include <vector>

class QCheckBox;
class QLineEdit;
class QPushButton;

namespace gantry {

/// What is about to be done, for ConfirmDialog.
struct Confirmation
{
    enum class Grade {
        Info,       ///< harmless and undoable; Enter accepts; may be silenced
        Danger,     ///< disturbs a workload but can be undone; the focus stands on Cancel
        Destructive ///< cannot be undone; Enter never accepts, a name may have to be typed
    };
    struct Object
    {
        QString name;
        std::uint32_t processCount = 0;
        bool isProtected = false; ///< carries a protection label: its name must be typed
    };

    Grade grade = Grade::Info;
    QString title;
    QString question;   ///< one sentence: what will happen
    QString acceptText; ///< verb on the button: "Kill 12 processes"
    std::vector<Object> objects;
    QStringList warnings;
    QString commandLine; ///< equivalent gantryctl commands; empty: none
    QString focusName;   ///< what must be typed when typing is asked for; empty: the first object's name
};

/// Asks before something is done, as loudly as it is dangerous. Open it with open(); accepted() is the answer. Thread:
/// GUI.
class ConfirmDialog final : public QDialog
{
    Q_OBJECT
public:
    explicit ConfirmDialog(const Confirmation &confirmation, QWidget *parent = nullptr);

    /// "Do not ask again" was ticked; only ever true for Grade::Info.
    [[nodiscard]] bool doNotAskAgain() const;
    /// The button that does it.
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }
    /// Field for the typed name, nullptr where none is asked for.
    [[nodiscard]] QLineEdit *nameField() const { return m_name; }

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    [[nodiscard]] QWidget *objectList(const Confirmation &confirmation);
    void addNameField(const QString &expected);
    void addButtons();

    Confirmation::Grade m_grade;
    QPushButton *m_accept;
    QPushButton *m_cancel;
    QLineEdit *m_name = nullptr;
    QCheckBox *m_silence = nullptr;
};

} // namespace gantry

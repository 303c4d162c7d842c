// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/delegates/limit_delegate.h"

#include "engine/base/limit.h"
#include "gantry/v1/alerts.pb.h"
#include "widgets/models/roles.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QLineEdit>
#include <QToolTip>

namespace gantry {

namespace {

constexpr const char *kFilled = "gantryFilled";

QString exampleOf(const LimitInfo &info)
{
    switch (info.shape) {
    case LimitShape::ByteSize:
        return LimitDelegate::tr("300M, 1.5G, max");
    case LimitShape::WeightNumber:
        return LimitDelegate::tr("1 to 10000, usually 100");
    case LimitShape::CpuBandwidth:
        return LimitDelegate::tr("50%, 50000/100000, max");
    case LimitShape::DeviceRates:
        return LimitDelegate::tr("8:0 rbps=1M wiops=100");
    case LimitShape::PlainCount:
        return LimitDelegate::tr("a number, max");
    case LimitShape::Microseconds:
        return LimitDelegate::tr("5ms, 5000");
    case LimitShape::Toggle:
        return LimitDelegate::tr("1 or 0");
    case LimitShape::Percentage:
        return LimitDelegate::tr("0 to 100, max");
    case LimitShape::NumberList:
        return LimitDelegate::tr("0-3,8, or nothing");
    case LimitShape::Word:
        return LimitDelegate::tr("one of: %1").arg(text::utf8(info.words));
    case LimitShape::DeviceWeights:
        return LimitDelegate::tr("default 100, 8:0 200");
    case LimitShape::DeviceFields:
        return LimitDelegate::tr("8:0 FIELD=VALUE (%1)").arg(text::utf8(info.words));
    case LimitShape::NamedFields:
        return LimitDelegate::tr("NAME FIELD=VALUE (%1)").arg(text::utf8(info.words));
    case LimitShape::NamedSizes:
        return LimitDelegate::tr("NAME 64M, NAME max");
    }
    return {};
}

void judge(QLineEdit &editor, LimitKey key, const QString &typed)
{
    const auto value = parseLimitValue(key, typed.toStdString());
    QPalette colors = editor.parentWidget()->palette();
    if (!value && !typed.isEmpty())
        colors.setColor(QPalette::Text, theme::severity(v1::SEVERITY_CRITICAL, colors));
    editor.setPalette(colors);
    const QString meaning = value             ? text::limitValue(key, *value)
                            : typed.isEmpty() ? QString()
                                              : text::errorSentence(value.error());
    editor.setAccessibleDescription(meaning);
    QToolTip::showText(editor.mapToGlobal(QPoint(0, editor.height())), meaning, &editor);
}

} // namespace

QWidget *LimitDelegate::createEditor(QWidget *parent, const QStyleOptionViewItem &option,
                                     const QModelIndex &index) const
{
    Q_UNUSED(option)
    const auto key = static_cast<LimitKey>(index.data(IdRole).toInt());
    auto *editor = new QLineEdit(parent);
    editor->setFrame(false);
    editor->setAutoFillBackground(true);
    editor->setPlaceholderText(exampleOf(limitInfo(key)));
    editor->setAccessibleName(text::utf8(limitInfo(key).name));
    connect(editor, &QLineEdit::textEdited, editor,
            [editor, key](const QString &typed) { judge(*editor, key, typed); });
    return editor;
}

void LimitDelegate::setEditorData(QWidget *editor, const QModelIndex &index) const
{
    // Each refresh of the table comes here, too: it must not undo what is being typed.
    if (editor->property(kFilled).toBool())
        return;
    editor->setProperty(kFilled, true);
    static_cast<QLineEdit *>(editor)->setText(index.data(Qt::EditRole).toString());
}

} // namespace gantry

// SPDX-License-Identifier: GPL-3.0-or-later
// The house rules that a compiler does not check: which folder may include which (README, "Map of the code").
#include <QtTest>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace fs = std::filesystem;

namespace {

/// What each engine subject may include besides itself and engine/base.
const std::map<std::string, std::set<std::string>> kSubjects{
    {"base", {}},
    {"proto", {}},
    {"cgroup", {}},
    {"process", {}},
    {"namespaces", {"process"}},
    {"runtime", {"process", "systemd"}},
    {"systemd", {"cgroup"}},
    {"inventory", {"cgroup", "systemd", "process", "namespaces", "runtime"}},
    {"sampler", {"cgroup"}},
    {"alerts", {"cgroup", "sampler", "inventory"}},
    {"control", {"cgroup", "systemd", "process", "runtime"}},
    {"repository", {}},
    {"launch", {"namespaces", "runtime", "systemd"}},
    {"schedule", {"repository"}},
    {"checkpoint", {"cgroup", "process", "namespaces", "runtime", "launch", "repository"}},
    {"migration", {"checkpoint", "repository", "proto"}}, // its two ends speak in messages
    {"service",
     {"cgroup", "checkpoint", "launch", "migration", "repository", "schedule", "process", "namespaces", "inventory",
      "sampler", "alerts", "control", "systemd", "runtime", "proto"}},
};

struct Include
{
    std::string file;
    int line;
    std::string target;
    bool quoted;
};

std::vector<Include> includesBelow(const std::string &folder)
{
    static const std::regex pattern(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
    std::vector<Include> out;
    const fs::path root = fs::path(GANTRY_SOURCE_DIR);
    for (const auto &entry : fs::recursive_directory_iterator(root / folder)) {
        const std::string extension = entry.path().extension().string();
        if (extension != ".h" && extension != ".cpp")
            continue;
        std::ifstream in(entry.path());
        std::string line;
        for (int number = 1; std::getline(in, line); ++number) {
            std::smatch match;
            if (std::regex_search(line, match, pattern))
                out.push_back({fs::relative(entry.path(), root).string(), number, match[2], match[1] == "\""});
        }
    }
    return out;
}

std::string part(const std::string &path, int index)
{
    std::istringstream in(path);
    std::string component;
    for (int i = 0; i <= index; ++i)
        std::getline(in, component, '/');
    return component;
}

QByteArray where(const Include &include)
{
    return QByteArray::fromStdString(include.file + ":" + std::to_string(include.line) + " includes " + include.target);
}

} // namespace

class TestArrows : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void engine_neverIncludesQt()
    {
        for (const Include &include : includesBelow("engine"))
            QVERIFY2(!std::regex_match(include.target, std::regex("(Q[A-Za-z]+|Qt[A-Za-z]*/.*|q[a-z]+\\.h)")),
                     where(include).constData());
    }

    void engine_arrowsGoDown()
    {
        int seen = 0;
        for (const Include &include : includesBelow("engine")) {
            if (!include.quoted)
                continue;
            const std::string from = part(include.file, 1);
            QVERIFY2(kSubjects.contains(from), where(include).constData());
            if (include.target.starts_with("engine/")) {
                const std::string to = part(include.target, 1);
                QVERIFY2(to == from || to == "base" || kSubjects.at(from).contains(to), where(include).constData());
                ++seen;
            }
            QVERIFY2(!include.target.starts_with("app/") && !include.target.starts_with("widgets/"),
                     where(include).constData());
        }
        QVERIFY(seen > 10);
    }

    void grpc_staysInServiceAndApp()
    {
        for (const Include &include : includesBelow("engine")) {
            if (include.target.starts_with("grpc") || include.target.ends_with(".grpc.pb.h"))
                QVERIFY2(part(include.file, 1) == "service", where(include).constData());
        }
    }

    void widgets_knowNoEngine()
    {
        int seen = 0;
        for (const Include &include : includesBelow("widgets")) {
            QVERIFY2(!include.target.starts_with("app/"), where(include).constData());
            QVERIFY2(!include.target.starts_with("grpc") && !include.target.ends_with(".grpc.pb.h"),
                     where(include).constData());
            if (include.target.starts_with("engine/"))
                QVERIFY2(include.target.starts_with("engine/base/") || include.target.starts_with("engine/proto/"),
                         where(include).constData());
            ++seen;
        }
        QVERIFY(seen > 0);
    }

    void link_knowsEnginesAlone()
    {
        int seen = 0;
        for (const Include &include : includesBelow("app/link")) {
            QVERIFY2(!std::regex_match(include.target, std::regex("(Q[A-Za-z]+|Qt[A-Za-z]*/.*|q[a-z]+\\.h)")),
                     where(include).constData());
            if (include.quoted)
                QVERIFY2(include.target.starts_with("app/link/") || include.target.starts_with("gantry/v1/") ||
                             include.target.starts_with("engine/base/") ||
                             include.target.starts_with("engine/service/"),
                         where(include).constData());
            ++seen;
        }
        QVERIFY(seen > 0);
    }

    void files_stayShort()
    {
        const fs::path root(GANTRY_SOURCE_DIR);
        for (const char *folder : {"app", "engine", "widgets", "tests"}) {
            for (const auto &entry : fs::recursive_directory_iterator(root / folder)) {
                const std::string extension = entry.path().extension().string();
                if (extension != ".h" && extension != ".cpp")
                    continue;
                std::ifstream in(entry.path());
                const auto lines = std::count(std::istreambuf_iterator<char>(in), {}, '\n');
                QVERIFY2(lines <= 600,
                         QByteArray::fromStdString(entry.path().string() + " has " + std::to_string(lines) + " lines"));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestArrows)
#include "tst_arrows.moc"

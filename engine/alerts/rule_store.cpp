// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/rule_store.h"

#include "engine/base/fd.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"

#include <algorithm>

namespace gantry::alerts {

namespace {

const AlertRule *builtInRule(const std::string &id)
{
    const auto found = std::ranges::find(builtInRules(), id, &AlertRule::id);
    return found == builtInRules().end() ? nullptr : &*found;
}

} // namespace

RuleStore::RuleStore(std::string file) : m_file(std::move(file))
{
    publish();
}

Result<> RuleStore::load()
{
    if (m_file.empty())
        return {};
    const std::scoped_lock writing(m_writing);
    auto text = readFile(m_file);
    if (!text && text.error().posix() == ENOENT)
        return {};
    auto parsed = text ? parseRules(*text) : std::unexpected(text.error());
    m_unreadable = !parsed;
    {
        const std::scoped_lock lock(m_mutex);
        m_own.clear();
        for (AlertRule &rule : parsed ? *parsed : std::vector<AlertRule>{}) {
            rule.builtIn = builtInRule(rule.id) != nullptr;
            m_own.insert_or_assign(rule.id, std::move(rule));
        }
    }
    publish();
    if (parsed)
        return {};
    Error error = std::move(parsed).error();
    if (text)
        error.subject = strCat(m_file, ", ", error.subject);
    error.remedy = "the built-in rules are in force; the file is kept as it is";
    return std::unexpected(std::move(error));
}

RuleStore::Rules RuleStore::rules() const
{
    const std::scoped_lock lock(m_mutex);
    return m_rules;
}

Result<AlertRule> RuleStore::set(AlertRule rule)
{
    const std::scoped_lock writing(m_writing);
    std::map<std::string, AlertRule> own;
    {
        const std::scoped_lock lock(m_mutex);
        own = m_own;
    }
    for (std::size_t number = own.size() + 1; rule.id.empty(); ++number) {
        if (std::string id = strCat("rule-", number); !own.contains(id))
            rule.id = std::move(id);
    }
    rule.builtIn = builtInRule(rule.id) != nullptr;
    GANTRY_CHECK(checkRule(rule));
    if (own.size() >= kMost && !own.contains(rule.id))
        return fail(EDQUOT, "setRule", rule.id, strCat("there are ", kMost, " rules already"));
    own.insert_or_assign(rule.id, rule);
    GANTRY_CHECK(save(own));
    return rule;
}

Result<> RuleStore::remove(const std::string &id)
{
    const std::scoped_lock writing(m_writing);
    std::map<std::string, AlertRule> own;
    {
        const std::scoped_lock lock(m_mutex);
        own = m_own;
    }
    if (own.erase(id) == 0) {
        if (builtInRule(id) != nullptr)
            return fail(EPERM, "deleteRule", id, "it is built in", "disable it instead");
        return fail(ENOENT, "deleteRule", id, "there is no such rule");
    }
    return save(own);
}

Result<> RuleStore::save(const std::map<std::string, AlertRule> &own)
{
    if (!m_file.empty()) {
        std::vector<AlertRule> rules;
        for (const auto &[id, rule] : own)
            rules.push_back(rule);
        if (m_unreadable)
            GANTRY_CHECK(renameFile(m_file, m_file + ".bad"));
        GANTRY_CHECK(replaceFile(m_file, formatRules(rules)));
    }
    {
        const std::scoped_lock lock(m_mutex);
        m_own = own;
    }
    m_unreadable = false;
    publish();
    return {};
}

void RuleStore::publish()
{
    auto rules = std::make_shared<std::vector<AlertRule>>();
    {
        const std::scoped_lock lock(m_mutex);
        for (const AlertRule &rule : builtInRules()) {
            const auto changed = m_own.find(rule.id);
            rules->push_back(changed == m_own.end() ? rule : changed->second);
        }
        for (const auto &[id, rule] : m_own) {
            if (!rule.builtIn)
                rules->push_back(rule);
        }
        m_rules = std::move(rules);
    }
    m_observers.notify();
}

} // namespace gantry::alerts

#include "models/policy/policy.h"

#include <algorithm>

namespace signalbox::policy
{

namespace
{

template <typename T, typename Fits>
const T *firstOf(const QList<T> &all, Fits fits)
{
    const auto found = std::find_if(all.cbegin(), all.cend(), fits);
    return found == all.cend() ? nullptr : &*found;
}

bool matchesFrom(QStringView pattern, QStringView text)
{
    qsizetype star = -1; // the last * seen, and how much of the text it was given
    qsizetype given = 0;
    qsizetype p = 0;
    qsizetype t = 0;
    while (t < text.size()) {
        if (p < pattern.size() && (pattern[p] == QLatin1Char('?') || pattern[p] == text[t]) &&
            pattern[p] != QLatin1Char('*')) {
            ++p;
            ++t;
        } else if (p < pattern.size() && pattern[p] == QLatin1Char('*')) {
            star = p++;
            given = t;
        } else if (star >= 0) {
            p = star + 1;
            t = ++given;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == QLatin1Char('*'))
        ++p;
    return p == pattern.size();
}

} // namespace

QString executionName(Execution::Kind kind)
{
    switch (kind) {
    case Execution::Kind::SetImage:
        return QStringLiteral("setImage");
    case Execution::Kind::VendorGate:
        return QStringLiteral("vendorGate");
    case Execution::Kind::GitopsCommit:
        return QStringLiteral("gitopsCommit");
    }
    return {};
}

const QList<Execution::Kind> &allExecutions()
{
    static const QList<Execution::Kind> all{Execution::Kind::SetImage, Execution::Kind::VendorGate,
                                            Execution::Kind::GitopsCommit};
    return all;
}

QString adminsRole()
{
    return QStringLiteral("admins");
}

const Principal *Policy::principal(const QString &name) const
{
    return firstOf(principals, [&name](const Principal &one) { return one.name == name; });
}

const Principal *Policy::signer(const QString &key) const
{
    return firstOf(principals, [&key](const Principal &one) {
        return one.keys.isEmpty() ? one.emails.contains(key, Qt::CaseInsensitive) : one.keys.contains(key);
    });
}

const Principal *Policy::author(const QString &email) const
{
    return firstOf(principals,
                   [&email](const Principal &one) { return one.emails.contains(email, Qt::CaseInsensitive); });
}

bool Policy::isOutsider(const QString &email) const
{
    return std::any_of(outsiders.cbegin(), outsiders.cend(),
                       [&email](const QString &pattern) { return matches(pattern.toLower(), email.toLower()); });
}

const Role *Policy::role(const QString &name) const
{
    return firstOf(roles, [&name](const Role &one) { return one.name == name; });
}

QStringList Policy::members(const QStringList &names) const
{
    QStringList all;
    for (const QString &name : names) {
        const Role *one = role(name);
        for (const QString &member : one ? one->members : QStringList()) {
            if (!all.contains(member))
                all.append(member);
        }
    }
    return all;
}

bool Policy::isMember(const QString &name, const QStringList &names) const
{
    return std::any_of(names.cbegin(), names.cend(), [this, &name](const QString &roleName) {
        const Role *one = role(roleName);
        return one && one->members.contains(name);
    });
}

QStringList Policy::holdLifters() const
{
    return stops.holdLiftedBy.isEmpty() ? QStringList{adminsRole()} : stops.holdLiftedBy;
}

QStringList Policy::freezers() const
{
    return stops.freezeBy.isEmpty() ? QStringList{adminsRole()} : stops.freezeBy;
}

const EnvironmentPolicy *Policy::rules(const QString &application, const QString &environment) const
{
    return firstOf(environments, [&](const EnvironmentPolicy &one) {
        return one.environment == environment && matchesAny(one.applications, application);
    });
}

const PromotionPath *Policy::path(const QString &application) const
{
    return firstOf(paths, [&](const PromotionPath &one) { return matchesAny(one.applications, application); });
}

std::optional<QString> Policy::before(const QString &application, const QString &environment) const
{
    const PromotionPath *way = path(application);
    const qsizetype at = way ? way->environments.indexOf(environment) : -1;
    if (at < 0)
        return std::nullopt;
    return at == 0 ? QString() : way->environments.at(at - 1);
}

bool matches(const QString &pattern, const QString &text)
{
    return matchesFrom(pattern, text);
}

bool matchesAny(const QStringList &patterns, const QString &text)
{
    return std::any_of(patterns.cbegin(), patterns.cend(),
                       [&text](const QString &pattern) { return matches(pattern, text); });
}

} // namespace signalbox::policy

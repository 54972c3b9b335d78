#include "models/policy/policydifference.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox::policy
{

namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Policy)
};

QString listed(const QStringList &names)
{
    return names.join(QStringLiteral(", "));
}

QString orNone(const QStringList &names)
{
    return names.isEmpty() ? Text::tr("none") : listed(names);
}

QStringList without(const QStringList &all, const QStringList &others)
{
    QStringList left;
    for (const QString &one : all) {
        if (!others.contains(one))
            left.append(one);
    }
    return left;
}

void tellPeople(const Policy &before, const Policy &after, QStringList &words)
{
    for (const Principal &person : after.principals) {
        const Principal *was = before.principal(person.name);
        if (!was)
            words.append(Text::tr("%1 is new (%2).").arg(person.name, listed(person.emails + person.keys)));
        else if (!(*was == person))
            words.append(Text::tr("%1 is known by other e-mails, keys or another title: %2, before %3.")
                             .arg(person.name, listed(person.emails + person.keys), listed(was->emails + was->keys)));
    }
    for (const Principal &person : before.principals) {
        if (!after.principal(person.name))
            words.append(Text::tr("%1 is nobody any more.").arg(person.name));
    }
}

void tellRoles(const Policy &before, const Policy &after, QStringList &words)
{
    QStringList names;
    for (const QList<Role> *roles : {&before.roles, &after.roles}) {
        for (const Role &role : *roles)
            names.append(role.name);
    }
    names.removeDuplicates();
    for (const QString &name : std::as_const(names)) {
        const Role *was = before.role(name);
        const Role *is = after.role(name);
        const QStringList had = was ? was->members : QStringList();
        const QStringList has = is ? is->members : QStringList();
        const QStringList joined = without(has, had);
        const QStringList left = without(had, has);
        if (!joined.isEmpty())
            words.append(Text::tr("Joins %1: %2.").arg(name, listed(joined)));
        if (!left.isEmpty())
            words.append(Text::tr("Leaves %1: %2.").arg(name, listed(left)));
    }
}

QString placeOf(const EnvironmentPolicy &rules)
{
    return QStringLiteral("%1 (%2)").arg(rules.environment, listed(rules.applications));
}

QString quorumText(const QList<Quorum> &lines)
{
    QStringList texts;
    for (const Quorum &line : lines)
        texts.append(Text::tr("%1 of %2").arg(line.count).arg(listed(line.roles)));
    return texts.isEmpty() ? Text::tr("none") : listed(texts);
}

void tellRules(const Policy &before, const Policy &after, QStringList &words)
{
    const auto sameIn = [](const QList<EnvironmentPolicy> &all, const EnvironmentPolicy &one) {
        return std::find_if(all.cbegin(), all.cend(), [&one](const EnvironmentPolicy &each) {
            return each.environment == one.environment && each.applications == one.applications;
        });
    };
    for (const EnvironmentPolicy &rules : after.environments) {
        const auto was = sameIn(before.environments, rules);
        if (was == before.environments.cend()) {
            words.append(Text::tr("New rules for %1; approvals: %2.").arg(placeOf(rules), quorumText(rules.approvals)));
            continue;
        }
        if (*was == rules)
            continue;
        words.append(was->approvals == rules.approvals
                         ? Text::tr("Other rules for %1.").arg(placeOf(rules))
                         : Text::tr("Other rules for %1; approvals: %2, before: %3.")
                               .arg(placeOf(rules), quorumText(rules.approvals), quorumText(was->approvals)));
    }
    for (const EnvironmentPolicy &rules : before.environments) {
        if (sameIn(after.environments, rules) == after.environments.cend())
            words.append(Text::tr("No rules any more for %1.").arg(placeOf(rules)));
    }
}

} // namespace

QStringList differenceInWords(const Policy &before, const Policy &after)
{
    QStringList words;
    if (before.workspace != after.workspace)
        words.append(Text::tr("The ledger is that of the workspace \"%1\", before of \"%2\".")
                         .arg(after.workspace, before.workspace));
    tellPeople(before, after, words);
    tellRoles(before, after, words);
    tellRules(before, after, words);
    const QStringList noLonger = without(after.revoked, before.revoked);
    const QStringList again = without(before.revoked, after.revoked);
    if (!noLonger.isEmpty())
        words.append(Text::tr("Revoked keys, of which nothing counts from then on: %1.").arg(listed(noLonger)));
    if (!again.isEmpty())
        words.append(Text::tr("Keys that are not revoked any more: %1.").arg(listed(again)));
    if (before.outsiders != after.outsiders)
        words.append(Text::tr("Authors who are nobody here: %1, before: %2.")
                         .arg(orNone(after.outsiders), orNone(before.outsiders)));
    if (!(before.paths == after.paths))
        words.append(Text::tr("Releases take other paths."));
    if (!(before.freezes == after.freezes))
        words.append(Text::tr("Other freezes."));
    if (!(before.breakGlass == after.breakGlass))
        words.append(Text::tr("Other rules for acting alone (break-glass)."));
    if (!(before.stops == after.stops))
        words.append(Text::tr("Other rules for holds and freezes."));
    const bool isReordered = words.isEmpty() && !(before == after);
    if (isReordered)
        words.append(Text::tr("The same in another order."));
    return words;
}

} // namespace signalbox::policy

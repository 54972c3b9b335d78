#include "models/policy/policydifference.h"

#include "models/policy/policytext.h"

#include <algorithm>

namespace signalbox::policy
{

namespace
{

QString listed(const QStringList &names)
{
    return names.join(QStringLiteral(", "));
}

QString orNone(const QStringList &names)
{
    return names.isEmpty() ? PolicyText::tr("none") : listed(names);
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
            words.append(PolicyText::tr("%1 is new (%2).").arg(person.name, listed(person.emails + person.keys)));
        else if (!(*was == person))
            words.append(PolicyText::tr("%1 is known by other e-mails, keys or another title: %2, before %3.")
                             .arg(person.name, listed(person.emails + person.keys), listed(was->emails + was->keys)));
    }
    for (const Principal &person : before.principals) {
        if (!after.principal(person.name))
            words.append(PolicyText::tr("%1 is nobody any more.").arg(person.name));
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
            words.append(PolicyText::tr("Joins %1: %2.").arg(name, listed(joined)));
        if (!left.isEmpty())
            words.append(PolicyText::tr("Leaves %1: %2.").arg(name, listed(left)));
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
        texts.append(PolicyText::tr("%1 of %2").arg(line.count).arg(listed(line.roles)));
    return texts.isEmpty() ? PolicyText::tr("none") : listed(texts);
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
            words.append(
                PolicyText::tr("New rules for %1; approvals: %2.").arg(placeOf(rules), quorumText(rules.approvals)));
            continue;
        }
        if (*was == rules)
            continue;
        words.append(was->approvals == rules.approvals
                         ? PolicyText::tr("Other rules for %1.").arg(placeOf(rules))
                         : PolicyText::tr("Other rules for %1; approvals: %2, before: %3.")
                               .arg(placeOf(rules), quorumText(rules.approvals), quorumText(was->approvals)));
    }
    for (const EnvironmentPolicy &rules : before.environments) {
        if (sameIn(after.environments, rules) == after.environments.cend())
            words.append(PolicyText::tr("No rules any more for %1.").arg(placeOf(rules)));
    }
}

} // namespace

QStringList differenceInWords(const Policy &before, const Policy &after)
{
    QStringList words;
    if (before.workspace != after.workspace)
        words.append(PolicyText::tr("The ledger is that of the workspace \"%1\", before of \"%2\".")
                         .arg(after.workspace, before.workspace));
    tellPeople(before, after, words);
    tellRoles(before, after, words);
    tellRules(before, after, words);
    const QStringList noLonger = without(after.revoked, before.revoked);
    const QStringList again = without(before.revoked, after.revoked);
    if (!noLonger.isEmpty())
        words.append(PolicyText::tr("Revoked keys, of which nothing counts from then on: %1.").arg(listed(noLonger)));
    if (!again.isEmpty())
        words.append(PolicyText::tr("Keys that are not revoked any more: %1.").arg(listed(again)));
    if (before.outsiders != after.outsiders)
        words.append(PolicyText::tr("Authors who are nobody here: %1, before: %2.")
                         .arg(orNone(after.outsiders), orNone(before.outsiders)));
    if (!(before.paths == after.paths))
        words.append(PolicyText::tr("Releases take other paths."));
    if (!(before.freezes == after.freezes))
        words.append(PolicyText::tr("Other freezes."));
    if (!(before.breakGlass == after.breakGlass))
        words.append(PolicyText::tr("Other rules for acting alone (break-glass)."));
    if (!(before.stops == after.stops))
        words.append(PolicyText::tr("Other rules for holds and freezes."));
    const bool isReordered = words.isEmpty() && !(before == after);
    if (isReordered)
        words.append(PolicyText::tr("The same in another order."));
    return words;
}

} // namespace signalbox::policy

#include "models/policy/freezereach.h"

#include "models/policy/decisionwords.h"
#include "models/policy/policytext.h"

#include <algorithm>

namespace signalbox::policy
{

namespace
{

// Whether somebody with a veto has rejected it: it waits for nothing any more.
bool isRejected(const Policy &policy, const Entries &entries, const SignedRecord &asked, const QDateTime &now)
{
    const Subject &subject = asked.as<PromotionRequest>()->subject;
    const EnvironmentPolicy *rules = policy.rules(subject.application, subject.environment);
    if (!rules)
        return false;
    StandingQuestion question;
    question.promotion = asked.id;
    question.subject = subject;
    question.now = now;
    return !standingOf(policy, *rules, entries, question).vetoes.isEmpty();
}

QStringList waitingPromotions(const Policy &policy, const Entries &entries, const FreezeOrder &order,
                              const QDateTime &now)
{
    QStringList claimed;
    for (const SignedRecord &entry : entries) {
        if (const auto *claim = entry.as<Claim>())
            claimed.append(claim->promotion);
    }
    QStringList waiting;
    for (const QString &id : promotionsToShow(policy, entries, now)) {
        const SignedRecord *entry = entryOf(entries, id);
        const Subject &subject = entry->as<PromotionRequest>()->subject;
        if (matches(order.application, subject.application) && matches(order.environment, subject.environment) &&
            !claimed.contains(id) && !promotionEnd(policy, entries, id) && !isOvertaken(policy, entries, *entry) &&
            !isRejected(policy, entries, *entry, now))
            waiting.prepend(id);
    }
    return waiting;
}

Permission mayFreeze(const Policy &policy, const BoardOperator &me)
{
    if (!me.problem.isEmpty())
        return {false, me.problem};
    if (policy.isMember(me.principal, policy.freezers()))
        return {true, {}};
    return {false, PolicyText::tr("Only %1 may order a freeze.").arg(policy.freezers().join(PolicyText::tr(" or ")))};
}

} // namespace

FreezeReach freezeReach(const Policy &policy, const Entries &entries, const FreezeOrder &order,
                        const QStringList &applications, const BoardOperator &me, const QDateTime &now)
{
    FreezeReach reach;
    reach.order = order;
    reach.may = mayFreeze(policy, me);
    for (const PromotionPath &path : policy.paths) {
        for (const QString &environment : path.environments) {
            if (matches(order.environment, environment) && !reach.environments.contains(environment))
                reach.environments.append(environment);
        }
    }
    QStringList known = applications;
    for (const SignedRecord &entry : entries) {
        if (const auto *request = entry.as<PromotionRequest>())
            known.append(request->subject.application);
    }
    known.removeDuplicates();
    known.sort();
    for (const QString &application : std::as_const(known)) {
        if (matches(order.application, application))
            reach.applications.append(application);
    }
    reach.promotions = waitingPromotions(policy, entries, order, now);
    return reach;
}

QString freezeFault(const FreezeOrder &order, const QDateTime &now)
{
    if (!order.from.isValid() || !order.until.isValid() || order.until <= order.from)
        return PolicyText::tr("A freeze needs a beginning and an end after it.");
    if (order.until <= now)
        return PolicyText::tr("A freeze until %1 is over already.").arg(words::time(order.until));
    if (order.application.isEmpty() || order.environment.isEmpty())
        return PolicyText::tr("A freeze needs an application and an environment, or all of them.");
    return {};
}

QString whatMoved(const FreezeReach &seen, const FreezeReach &now)
{
    if (seen.policyCommit != now.policyCommit)
        return PolicyText::tr("the policy changed (%1, it was %2)")
            .arg(shortCommit(now.policyCommit), shortCommit(seen.policyCommit));
    const auto words = [](const QStringList &list) {
        return list.isEmpty() ? PolicyText::tr("nothing") : list.join(QStringLiteral(", "));
    };
    if (seen.environments != now.environments)
        return PolicyText::tr("it would hold in %1 now, you looked at %2")
            .arg(words(now.environments), words(seen.environments));
    if (seen.applications != now.applications)
        return PolicyText::tr("it would hold for %1 now, you looked at %2")
            .arg(words(now.applications), words(seen.applications));
    if (seen.promotions != now.promotions)
        return PolicyText::tr("the promotions that it stops are %1 now, you looked at %2")
            .arg(words(now.promotions), words(seen.promotions));
    return {};
}

} // namespace signalbox::policy

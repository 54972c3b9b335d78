#include "ui/pages/promotions/requestwords.h"

#include "ui/pages/promotions/requestdialog.h"
#include "ui/pages/promotions/riskview.h"
#include "ui/widgets/timetext.h"

namespace signalbox
{

namespace
{

// Of a rule that stands otherwise than before; time that goes by is none.
QStringList rulesMoved(const policy::Decision &seen, const policy::Decision &now)
{
    QStringList words;
    for (const policy::RuleResult &rule : now.rules) {
        const policy::RuleResult *before = seen.rule(rule.rule);
        if (!before || before->state != rule.state || before->counts != rule.counts)
            words << QStringLiteral("%1: %2").arg(policy::ruleTitle(rule.rule), rule.text);
    }
    for (const policy::RuleResult &rule : seen.rules) {
        if (!now.rule(rule.rule))
            words << RequestDialog::tr("%1 is not asked for any more").arg(policy::ruleTitle(rule.rule));
    }
    return words;
}

} // namespace

QString releaseOf(const policy::PromotionRequest &request)
{
    const QString digest = policy::shortDigest(request.subject.digest);
    const QStringList words{request.version, digest,
                            request.model.isEmpty() ? QString() : servedModelText(request.model)};
    return words.join(QLatin1Char(' ')).simplified();
}

QString summaryOf(const PromotionDraft &draft)
{
    const policy::PromotionRequest &request = draft.request;
    QStringList words;
    const QString what = request.version.isEmpty() ? policy::shortDigest(request.subject.digest) : request.version;
    words << (request.fromEnvironment.isEmpty() ? RequestDialog::tr("%1 to %2").arg(what, request.subject.environment)
                                                : RequestDialog::tr("%1 from %2 to %3")
                                                      .arg(what, request.fromEnvironment, request.subject.environment));
    if (!request.subject.digest.isEmpty())
        words << policy::shortDigest(request.subject.digest);
    if (!request.model.isEmpty())
        words << RequestDialog::tr("model %1").arg(servedModelText(request.model));
    if (!request.subject.commit.isEmpty())
        words << policy::shortCommit(request.subject.commit);
    if (request.changes)
        words << RequestDialog::tr("%n commit(s)", nullptr, request.changes->commitCount)
              << RequestDialog::tr("%n file(s)", nullptr, request.changes->fileCount);
    const QString risk = RiskView::badge(draft.risk);
    if (!risk.isEmpty())
        words << risk.toLower();
    return words.join(QStringLiteral(" · "));
}

QString effectOf(const Plan &plan, EffectDetails details)
{
    QStringList lines{QStringLiteral("%1/%2").arg(plan.connection, plan.ns)};
    for (const Check &check : plan.checks) {
        if (check.state == CheckState::Warn || check.state == CheckState::Block) {
            const QString told =
                QStringList{check.state == CheckState::Block ? RequestDialog::tr("Blocks: %1").arg(check.text)
                                                             : RequestDialog::tr("Warns: %1").arg(check.text),
                            details == EffectDetails::Shown ? check.detail : QString(), check.wayOut}
                    .join(QLatin1Char(' '))
                    .simplified();
            lines << (details == EffectDetails::Shown ? withLocalTimes(told) : told);
        }
    }
    for (const PlanStep &step : plan.steps) {
        lines << (step.through.isEmpty() ? step.title : QStringLiteral("%1 (%2)").arg(step.title, step.through));
        for (const DiffLine &line : step.diff) {
            if (line.kind == DiffLine::Kind::Added || line.kind == DiffLine::Kind::Removed)
                lines << QStringLiteral("  %1 %2")
                             .arg(QLatin1Char(line.kind == DiffLine::Kind::Added ? '+' : '-'))
                             .arg(line.text.trimmed());
        }
    }
    return lines.join(QLatin1Char('\n'));
}

QString whatMoved(const PromotionDraft &seen, const PromotionDraft &now)
{
    const policy::PromotionRequest &before = seen.request;
    const policy::PromotionRequest &after = now.request;
    const auto named = [](const QString &text) { return text.isEmpty() ? RequestDialog::tr("nothing") : text; };
    QStringList words;
    if (releaseOf(before) != releaseOf(after) || before.subject.digest != after.subject.digest)
        words << RequestDialog::tr("it would be %1, not %2").arg(named(releaseOf(after)), named(releaseOf(before)));
    else if (before.subject.commit != after.subject.commit)
        words << RequestDialog::tr("it is of commit %1, not %2")
                     .arg(named(policy::shortCommit(after.subject.commit)),
                          named(policy::shortCommit(before.subject.commit)));
    if (before.replacesDigest != after.replacesDigest)
        words << RequestDialog::tr("it replaces %1, not %2")
                     .arg(named(policy::shortDigest(after.replacesDigest)),
                          named(policy::shortDigest(before.replacesDigest)));
    if (before.policyCommit != after.policyCommit)
        words << RequestDialog::tr("the policy is another one");
    words << rulesMoved(seen.decision, now.decision);
    if (words.isEmpty() && before.changes != after.changes)
        words << RequestDialog::tr("it brings other changes");
    for (const QString &warning : now.warnings) {
        if (!seen.warnings.contains(warning))
            words << warning;
    }
    return words.join(QStringLiteral("; "));
}

} // namespace signalbox

#include "services/ledger/view/ledgerreport.h"

#include "models/domain/duration.h"
#include "services/git/objectreader.h"
#include "services/policy/policydecoder.h"

#include <QCoreApplication>
#include <QHash>

namespace signalbox
{

namespace
{

struct LedgerReportText
{
    Q_DECLARE_TR_FUNCTIONS(LedgerReport)
};

constexpr qsizetype mostPolicyBytes = 4 * 1024 * 1024;

QString listed(const QStringList &names)
{
    return names.join(QStringLiteral(", "));
}

QString quorumText(const policy::EnvironmentPolicy &rules)
{
    QStringList lines;
    for (const policy::Quorum &quorum : rules.approvals)
        lines.append(
            LedgerReportText::tr("%1 of %2").arg(quorum.count).arg(quorum.roles.join(LedgerReportText::tr(" or "))));
    return lines.isEmpty() ? LedgerReportText::tr("no approval is needed")
                           : LedgerReportText::tr("approved by %1").arg(lines.join(LedgerReportText::tr(" and ")));
}

QString ruleText(const policy::EnvironmentPolicy &rules)
{
    QStringList parts{quorumText(rules)};
    if (!rules.approvals.isEmpty() && rules.notRequester)
        parts.append(LedgerReportText::tr("not by who asked"));
    if (!rules.approvals.isEmpty() && rules.notAuthor)
        parts.append(LedgerReportText::tr("not by an author of the commits"));
    if (!rules.approvals.isEmpty() && rules.approvalsExpire.count() > 0)
        parts.append(LedgerReportText::tr("approvals hold for %1").arg(durationText(rules.approvalsExpire)));
    if (!rules.veto.isEmpty())
        parts.append(LedgerReportText::tr("%1 may veto").arg(listed(rules.veto)));
    if (rules.soak.count() > 0)
        parts.append(LedgerReportText::tr("after %1 in the environment before").arg(durationText(rules.soak)));
    if (rules.sameDigest)
        parts.append(LedgerReportText::tr("the artifact that was tested before"));
    if (!rules.windows.isEmpty())
        parts.append(LedgerReportText::tr("in its windows of time"));
    const QString where = rules.applications == QStringList{QStringLiteral("*")}
                              ? rules.environment
                              : QStringLiteral("%1 (%2)").arg(rules.environment, listed(rules.applications));
    return QStringLiteral("%1: %2.").arg(where, parts.join(QStringLiteral("; ")));
}

bool isOfPromotion(const LedgerRow &row)
{
    static const QStringList types{QStringLiteral("promotion"),        QStringLiteral("approval"),
                                   QStringLiteral("rejection"),        QStringLiteral("claim"),
                                   QStringLiteral("promotionOutcome"), QStringLiteral("breakGlass")};
    return types.contains(row.type) && !row.about.isEmpty();
}

} // namespace

Result<QStringList> policyInWords(const QString &path, const QString &commit)
{
    const auto id = git::ObjectId::fromHex(commit.toLatin1());
    if (!id)
        return QStringList();
    auto reader = git::ObjectReader::open(path);
    if (!reader)
        return reader.error();
    const auto text = reader->commitText(*id);
    if (!text)
        return text.error();
    const auto parsed = git::parseCommit(*text);
    if (!parsed)
        return Error{ErrorKind::Invalid, LedgerReportText::tr("%1 is no commit.").arg(commit), {}};
    const auto file = reader->fileOf(parsed->tree, "policy.yaml");
    if (!file)
        return file.error();
    if (!*file)
        return QStringList();
    const auto bytes = reader->blob(**file, mostPolicyBytes);
    if (!bytes)
        return bytes.error();
    const auto policy = policy::parsePolicy(*bytes, LedgerReportText::tr("policy.yaml of %1").arg(commit.left(10)));
    if (!policy)
        return policy.error();
    QStringList lines;
    for (const policy::Role &role : policy->roles)
        lines.append(LedgerReportText::tr("Role %1: %2.").arg(role.name, listed(role.members)));
    for (const policy::PromotionPath &way : policy->paths)
        lines.append(LedgerReportText::tr("Path: %1.").arg(way.environments.join(QStringLiteral(" → "))));
    for (const policy::EnvironmentPolicy &rules : policy->environments)
        lines.append(ruleText(rules));
    return lines;
}

Result<LedgerReport> readReport(const LedgerQuestion &question, const StopToken &stop)
{
    LedgerReport report;
    report.filter = question.filter;
    QHash<QString, qsizetype> known; // place of a promotion in the list
    const auto read = readLedger(
        question, stop, [](const LedgerSummary &) { return Result<void>(); },
        [&](ledger::ReadEntry &entry) -> Result<void> {
            ++report.entries;
            const LedgerRow &row = entry.row;
            if (!isOfPromotion(row)) {
                report.others.append(row);
                return {};
            }
            auto place = known.constFind(row.about);
            if (place == known.constEnd()) {
                report.promotions.append(LedgerReport::Promotion());
                place = known.insert(row.about, report.promotions.size() - 1);
            }
            LedgerReport::Promotion &promotion = report.promotions[*place];
            if (row.type == QLatin1String("promotion"))
                promotion.request = row;
            else
                promotion.steps.append(row);
            return {};
        });
    if (!read)
        return read.error();
    report.summary = *read;
    const auto words = policyInWords(question.path, report.summary.policyCommit);
    if (!words)
        return words.error();
    report.policy = *words;
    return report;
}

} // namespace signalbox

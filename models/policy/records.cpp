#include "models/policy/records.h"

#include <type_traits>

namespace signalbox::policy
{

namespace
{

template <typename... Cases>
struct Each : Cases...
{
    using Cases::operator()...;
};
template <typename... Cases>
Each(Cases...) -> Each<Cases...>;

QString placed(const QString &what, const Subject &subject)
{
    return QStringLiteral("%1 %2 in %3: %4")
        .arg(what, subject.application, subject.environment, shortDigest(subject.digest));
}

QString here(const QString &what, const QString &application, const QString &environment)
{
    return QStringLiteral("%1 %2 in %3").arg(what, application, environment);
}

} // namespace

const QStringList &allRecordTypes()
{
    static const QStringList all{QStringLiteral("promotion"),
                                 QStringLiteral("approval"),
                                 QStringLiteral("rejection"),
                                 QStringLiteral("claim"),
                                 QStringLiteral("promotionOutcome"),
                                 QStringLiteral("freeze"),
                                 QStringLiteral("hold"),
                                 QStringLiteral("lift"),
                                 QStringLiteral("breakGlass"),
                                 QStringLiteral("countersign"),
                                 QStringLiteral("policyCountersign"),
                                 QStringLiteral("note")};
    return all;
}

bool listsEveryCommit(const PromotionRequest &request)
{
    const QString &commit = request.subject.commit;
    if (commit.isEmpty() || !request.changes || !request.changes->hasAllCommits())
        return false;
    return !request.changes->commits.isEmpty() || commit == request.replacesCommit;
}

QStringList authorsIn(const ChangeSummary &changes)
{
    QStringList emails;
    for (const ChangeSummary::Commit &commit : changes.commits) {
        emails.append(commit.email);
        emails += commit.coAuthors;
    }
    emails.removeDuplicates();
    return emails;
}

QStringList committersIn(const ChangeSummary &changes)
{
    QStringList emails;
    for (const ChangeSummary::Commit &commit : changes.commits) {
        if (!commit.committer.isEmpty())
            emails.append(commit.committer);
    }
    emails.removeDuplicates();
    return emails;
}

QString recordType(const Record &record)
{
    static_assert(std::variant_size_v<Record> == 12);
    return allRecordTypes().at(static_cast<qsizetype>(record.index()));
}

QString recordTitle(const Record &record)
{
    return std::visit(
        Each{
            [](const PromotionRequest &one) { return placed(QStringLiteral("promote"), one.subject); },
            [](const Approval &one) { return placed(QStringLiteral("approve"), one.subject); },
            [](const Rejection &one) { return placed(QStringLiteral("reject"), one.subject); },
            [](const Claim &one) { return placed(QStringLiteral("claim"), one.subject); },
            [](const PromotionOutcome &one) {
                return placed(QStringLiteral("promoted, %1,").arg(outcomeKindName(one.kind)), one.subject);
            },
            [](const FreezeOrder &one) { return here(QStringLiteral("freeze"), one.application, one.environment); },
            [](const Hold &one) { return here(QStringLiteral("hold"), one.application, one.environment); },
            [](const Lift &one) { return QStringLiteral("lift %1").arg(one.of); },
            [](const BreakGlass &one) { return placed(QStringLiteral("break glass for"), one.subject); },
            [](const Countersign &one) { return QStringLiteral("countersign %1").arg(one.of); },
            [](const PolicyCountersign &one) {
                return QStringLiteral("countersign the policy's change %1").arg(shortCommit(one.commit));
            },
            [](const Note &one) {
                return one.application.isEmpty() ? QStringLiteral("note")
                                                 : here(QStringLiteral("note on"), one.application, one.environment);
            },
        },
        record);
}

Subject subjectOf(const Record &record)
{
    return std::visit(
        [](const auto &one) -> Subject {
            using T = std::decay_t<decltype(one)>;
            if constexpr (requires { one.subject; })
                return one.subject;
            else if constexpr (std::is_same_v<T, FreezeOrder> || std::is_same_v<T, Hold> || std::is_same_v<T, Note>)
                return {one.application, one.environment, {}, {}};
            else
                return {};
        },
        record);
}

QString wordsOf(const Record &record)
{
    return std::visit(
        [](const auto &one) -> QString {
            if constexpr (requires { one.comment; })
                return one.comment;
            else if constexpr (requires { one.reason; })
                return one.reason;
            else if constexpr (requires { one.text; })
                return one.text;
            else if constexpr (requires { one.message; })
                return one.message;
            else
                return {};
        },
        record);
}

QString shortDigest(const QString &digest)
{
    const qsizetype colon = digest.indexOf(QLatin1Char(':'));
    if (digest.size() - colon <= 12)
        return digest;
    return digest.left(colon + 5) + QStringLiteral("…") + digest.right(4);
}

QString shortCommit(const QString &commit)
{
    return commit.left(7);
}

} // namespace signalbox::policy

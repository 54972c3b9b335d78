#include "services/promotions/executionreader.h"

#include "services/git/objectreader.h"
#include "services/policy/policydecoder.h"

#include <QFileInfo>

namespace signalbox
{

namespace
{

using MaybeExecution = Result<std::optional<policy::Execution>>;

constexpr qsizetype mostBytes = 4 * 1024 * 1024;

std::optional<policy::Execution> commitIn(const policy::Policy &policy, const QString &application,
                                          const QString &environment)
{
    const policy::EnvironmentPolicy *rules = policy.rules(application, environment);
    if (!rules || rules->execution.kind != policy::Execution::Kind::GitopsCommit)
        return std::nullopt;
    return rules->execution;
}

// By the policy at the tip, proven or not: enough to see that nobody commits anywhere.
bool isSurelyNone(const QString &path, const QString &application, const QString &environment)
{
    auto reader = git::ObjectReader::open(path);
    if (!reader)
        return false;
    const auto tip = reader->tip(QStringLiteral("main"));
    if (!tip || !*tip)
        return tip.has_value();
    const auto text = reader->commitText(**tip);
    const auto commit = text ? git::parseCommit(*text) : std::nullopt;
    if (!commit)
        return false;
    const auto file = reader->fileOf(commit->tree, "policy.yaml");
    if (!file || !*file)
        return file.has_value();
    const auto bytes = reader->blob(**file, mostBytes);
    const auto policy =
        bytes ? policy::parsePolicy(*bytes, QStringLiteral("policy.yaml")) : Result<policy::Policy>(bytes.error());
    return policy && !commitIn(*policy, application, environment);
}

} // namespace

ExecutionReader::ExecutionReader(std::function<Ledger()> ledger, std::shared_ptr<policy::HeadFollower> heads)
    : m_ledger(std::move(ledger))
    , m_heads(heads ? std::move(heads) : std::make_shared<policy::HeadFollower>())
{}

QFuture<MaybeExecution> ExecutionReader::of(QString application, QString environment, StopToken stop)
{
    return m_queue.run([=, ledger = m_ledger(), heads = m_heads]() -> MaybeExecution {
        if (!QFileInfo::exists(ledger.path))
            return std::optional<policy::Execution>();
        const auto tip = policy::headTip(ledger.path);
        if (!tip)
            return tip.error();
        ledger::VerifyOptions options;
        options.pin = ledger.pin;
        if (const auto head = heads->at(ledger.path, options, *tip))
            return commitIn(head->policy, application, environment);
        // The chain is proven only where the answer matters: that takes its time in a long ledger.
        if (isSurelyNone(ledger.path, application, environment))
            return std::optional<policy::Execution>();
        const auto head = heads->read(ledger.path, options, stop);
        if (!head)
            return head.error();
        return commitIn((*head)->policy, application, environment);
    });
}

} // namespace signalbox

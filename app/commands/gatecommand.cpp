#include "app/commands/gatecommand.h"

#include "app/commands/command.h"
#include "app/commands/commandstext.h"
#include "app/commands/gatetext.h"
#include "app/commands/ledgerplace.h"
#include "app/commands/tell.h"
#include "app/paths.h"
#include "models/domain/digest.h"
#include "models/domain/duration.h"
#include "services/async/deliver.h"
#include "services/async/serialqueue.h"
#include "services/credentials/credentialstore.h"
#include "services/git/mirror.h"
#include "services/git/pushedcommits.h"
#include "services/net/httpclient.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QTimer>

#include <chrono>
#include <memory>
#include <optional>

namespace signalbox::commands
{

namespace
{

constexpr std::chrono::seconds lookEveryHere{1};
constexpr std::chrono::seconds lookEveryRemote{15};

struct GateWish
{
    policy::GateQuestion question;
    QString address;                  // of the ledger, as given
    QString path;                     // where it is on this machine
    std::optional<RemoteSpec> remote; // fetched from there before each look
    ledger::VerifyOptions verify;
    std::chrono::milliseconds wait{0};
    QString repository; // of the commit; empty: the request is believed
    QString since;      // a full commit id, or zeros
    bool isStrict = false;
};

constexpr int mostPushed = 100000; // commits

Result<void> readWhat(const cli::Arguments &arguments, GateWish &wish)
{
    wish.question = {arguments.positionals.value(0), arguments.positionals.value(1),
                     arguments.value(QStringLiteral("digest")), arguments.value(QStringLiteral("commit"))};
    if (wish.question.digest.isEmpty() && wish.question.commit.isEmpty())
        return invalid(
            CommandsText::tr("\"signalbox gate\" needs --digest D or --commit C: it answers for exactly that."));
    if (!wish.question.digest.isEmpty() && !isDigest(wish.question.digest))
        return invalid(CommandsText::tr("--digest: \"%1\" is no digest; give sha256: and 64 hexadecimal digits.")
                           .arg(wish.question.digest.left(80)));
    if (!wish.question.commit.isEmpty() && !isCommitId(wish.question.commit))
        return invalid(
            CommandsText::tr("--commit: \"%1\" is no full commit id of 40 or 64 hexadecimal digits; a short one or a "
                             "name could mean something else tomorrow.")
                .arg(wish.question.commit.left(80)));
    wish.isStrict = arguments.has(QStringLiteral("strict"));
    wish.repository = arguments.value(QStringLiteral("repository"));
    wish.since = arguments.value(QStringLiteral("since"));
    if (wish.repository.isEmpty() != wish.since.isEmpty() ||
        (!wish.repository.isEmpty() && wish.question.commit.isEmpty()))
        return invalid(
            CommandsText::tr("--repository DIR goes with --since OLD and --commit NEW: these are the commits that "
                             "are let in."));
    if (!wish.since.isEmpty() && !isCommitId(wish.since))
        return invalid(
            CommandsText::tr("--since: \"%1\" is no full commit id of 40 or 64 hexadecimal digits (zeros for a new "
                             "branch).")
                .arg(wish.since.left(80)));
    const QString wait = arguments.value(QStringLiteral("wait"));
    if (wait.isEmpty())
        return {};
    const auto parsed = parseDuration(wait);
    if (!parsed)
        return invalid(CommandsText::tr("--wait: %1").arg(parsed.error().message));
    wish.wait = *parsed;
    return {};
}

Result<void> readLedger(const cli::Arguments &arguments, GateWish &wish)
{
    const auto place = ledgerPlaceOf(arguments);
    if (!place)
        return place.error();
    wish.verify = ledgerOptionsOf(arguments, *place);
    wish.address = place->address;
    wish.path = place->path;
    wish.remote = place->spec.remote;
    // The practice world's lies on this machine and goes with it: no mirror of it is left in the cache.
    if (wish.remote && arguments.has(QStringLiteral("demo"))) {
        wish.path = wish.remote->url.path;
        wish.remote.reset();
    }
    if (!wish.remote && !QFileInfo::exists(wish.path))
        return Error{ErrorKind::NotFound,
                     CommandsText::tr("There is no ledger at %1. Name one with --ledger DIR or URL.").arg(wish.path),
                     {}};
    return {};
}

// What the ledger cannot tell is not met, and waiting does not change that.
void closeIfLeftOut(policy::GateVerdict &verdict)
{
    if (!verdict.isOpen || verdict.decision.leftOut.isEmpty())
        return;
    QStringList rules;
    for (const policy::Rule rule : std::as_const(verdict.decision.leftOut))
        rules.append(policy::ruleTitle(rule));
    verdict.isOpen = false;
    verdict.isOver = true;
    verdict.decision.isMet = false;
    verdict.text = CommandsText::tr("The ledger alone cannot tell \"%1\", and --strict lets nothing through on what is "
                                    "not known.")
                       .arg(rules.join(QStringLiteral("\", \"")));
}

// Look, and look again until it opens or the time is up. Main thread; git and verification work on a queue.
class GateRun : public QObject
{
public:
    GateRun(const cli::Arguments &arguments, cli::Terminal &terminal, GateWish wish)
        : m_arguments(arguments)
        , m_terminal(terminal)
        , m_wish(std::move(wish))
    {
        m_report.ledger = m_wish.address;
        if (m_wish.remote) {
            m_mirror = std::make_unique<git::Mirror>(cacheFolder() + QStringLiteral("/ledgers"), m_wish.remote->url);
            m_wish.path = m_mirror->path();
        }
        connect(&m_again, &QTimer::timeout, this, &GateRun::look);
        m_again.setSingleShot(true);
        if (m_wish.wait.count() > 0)
            QTimer::singleShot(m_wish.wait, this, [this] {
                finish(m_hasLooked ? ExitStatus::Unknown : ExitStatus::Unreachable, m_hasLooked);
            });
        QTimer::singleShot(0, this, &GateRun::begin);
    }

    ExitStatus status() const { return m_status; }
    void interrupt()
    {
        m_terminal.clearProgress();
        m_terminal.say(CommandsText::tr("Cancelled."));
        finish(ExitStatus::Refused, false);
    }

private:
    // What the push brings does not change while its people are waited for.
    void begin()
    {
        if (m_wish.repository.isEmpty())
            return look();
        const StopToken stop = m_stop.get_token();
        auto read = m_queue.run([wish = m_wish, stop]() -> Result<QList<git::PushedCommit>> {
            const Result<QStringList> guarded = git::guardedBranches(wish.repository);
            if (!guarded)
                return guarded.error();
            return git::pushedCommits(wish.repository, wish.since, wish.question.commit, *guarded, mostPushed, stop);
        });
        deliver(read, stop, this, [this](const Result<QList<git::PushedCommit>> &pushed) {
            if (!pushed)
                return failed(pushed.error());
            QList<policy::ChangeSummary::Commit> commits;
            for (const git::PushedCommit &one : *pushed) {
                commits.append({one.id, one.author.email, one.author.at});
                m_wish.question.committers.append(one.committer);
                m_wish.question.coAuthors += one.coAuthors;
            }
            m_wish.question.committers.removeDuplicates();
            m_wish.question.coAuthors.removeDuplicates();
            m_wish.question.pushed = commits;
            look();
        });
    }

    void look()
    {
        if (!m_wish.remote)
            return read();
        const StopToken stop = m_stop.get_token();
        deliver(accessOf(*m_wish.remote, m_http, m_secrets, stop), stop, this,
                [this](const Result<git::RemoteAccess> &access) {
                    if (!access)
                        return failed(access.error());
                    fetch(*access);
                });
    }

    void fetch(const git::RemoteAccess &access)
    {
        const StopToken stop = m_stop.get_token();
        auto fetched = m_queue.run([this, access, stop] { return m_mirror->update(git::Remote(access), {}, stop); });
        deliver(fetched, stop, this, [this](const Result<void> &result) {
            if (!result)
                return failed(result.error());
            read();
        });
    }

    void read()
    {
        const StopToken stop = m_stop.get_token();
        auto head = m_queue.run([path = m_wish.path, options = m_wish.verify, heads = m_heads, stop]() mutable {
            options.now = QDateTime::currentDateTimeUtc();
            return heads->read(path, options, stop);
        });
        deliver(head, stop, this, [this](const Result<std::shared_ptr<const policy::LedgerHead>> &result) {
            if (!result)
                return failed(result.error());
            m_report.head = **result;
            judge();
        });
    }

    void judge()
    {
        m_hasLooked = true;
        m_report.verdict = policy::gateVerdict(m_report.head, m_wish.question, QDateTime::currentDateTimeUtc());
        if (m_wish.isStrict)
            closeIfLeftOut(m_report.verdict);
        if (m_report.verdict.isOpen)
            return finish(ExitStatus::Done, true);
        if (m_wish.wait.count() == 0 || m_report.verdict.isOver)
            return finish(ExitStatus::Refused, true);
        m_terminal.progress(CommandsText::tr("waiting: %1").arg(m_report.verdict.text));
        later();
    }

    // A remote that cannot be reached for a moment does not end a wait; what is wrong with the ledger does.
    void failed(const Error &error)
    {
        if (m_isFinished || error.kind == ErrorKind::Cancelled)
            return;
        const bool mayPass = error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::TimedOut;
        if (m_wish.wait.count() > 0 && mayPass) {
            m_terminal.progress(CommandsText::tr("waiting: %1").arg(error.message));
            m_lastError = error;
            return later();
        }
        m_terminal.clearProgress();
        m_status = tell(error, m_arguments, m_terminal);
        end();
    }

    void later() { m_again.start(m_mirror ? lookEveryRemote : lookEveryHere); }

    void finish(ExitStatus status, bool shows)
    {
        if (m_isFinished)
            return;
        m_terminal.clearProgress();
        m_status = status;
        m_report.status = status;
        if (shows)
            m_terminal.print(m_arguments.has(QStringLiteral("json")) ? gateJson(m_report) : gateText(m_report));
        else if (m_lastError)
            m_status = tell(*m_lastError, m_arguments, m_terminal);
        end();
    }

    void end()
    {
        m_isFinished = true;
        m_again.stop();
        m_stop.request_stop();
        QCoreApplication::quit();
    }

    const cli::Arguments &m_arguments;
    cli::Terminal &m_terminal;
    GateWish m_wish;
    GateReport m_report;
    HttpClient m_http;
    CredentialStore m_secrets;
    std::unique_ptr<git::Mirror> m_mirror;
    QTimer m_again;
    StopSource m_stop;
    std::optional<Error> m_lastError;
    ExitStatus m_status = ExitStatus::Refused;
    bool m_hasLooked = false;
    bool m_isFinished = false;
    std::shared_ptr<policy::HeadFollower> m_heads = std::make_shared<policy::HeadFollower>();
    SerialQueue m_queue; // ends first: what it runs uses the members above
};

} // namespace

ExitStatus runGate(const cli::Arguments &arguments, cli::Terminal &terminal)
{
    GateWish wish;
    for (const auto read : {readWhat, readLedger}) {
        if (const auto checked = read(arguments, wish); !checked)
            return tell(checked.error(), arguments, terminal);
    }
    const cli::InterruptWatcher interrupts;
    GateRun run(arguments, terminal, std::move(wish));
    QObject::connect(&interrupts, &cli::InterruptWatcher::interrupted, &run, [&run] { run.interrupt(); });
    QCoreApplication::exec();
    return run.status();
}

} // namespace signalbox::commands

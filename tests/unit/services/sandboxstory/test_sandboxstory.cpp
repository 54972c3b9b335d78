#include "models/policy/deployments.h"
#include "models/policy/risk.h"
#include "services/gate/ledgerhead.h"
#include "services/git/history.h"
#include "services/ledger/ledger.h"
#include "services/sandbox/ci/ciplans.h"
#include "services/sandbox/story/people.h"
#include "services/sandbox/story/storyledger.h"
#include "tests/support/sshtools.h"

#include <QDir>
#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::sandbox;
using namespace signalbox::test;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

Ran plainGit(const QString &repository, const QStringList &arguments)
{
    return runTool(u("git"), QStringList{u("--git-dir"), repository} + arguments);
}

} // namespace

// What the practice world's people did before it begins: sources, and a ledger that proves itself.
class SandboxStoryTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    QDateTime m_now = QDateTime::currentDateTimeUtc();
    PracticeStory m_story;
    policy::LedgerHead m_head;

    ledger::VerifyOptions options() const
    {
        ledger::VerifyOptions options;
        options.pin = {m_story.firstAdmin, practiceWorkspace()};
        return options;
    }
    // The newest promotion of this version to this place.
    QString promotion(const QString &application, const QString &version, const QString &environment) const
    {
        QString id;
        for (const policy::SignedRecord &entry : m_head.entries) {
            const auto *request = entry.as<policy::PromotionRequest>();
            if (request && request->subject.application == application && request->subject.environment == environment &&
                request->version == version)
                id = entry.id;
        }
        return id;
    }
    // As a console would ask: everything known, nothing busy, no alert.
    policy::Decision decide(const QString &id, const policy::Running &before) const
    {
        policy::Question question;
        question.promotion = id;
        question.asker = operatorName();
        const policy::SignedRecord *entry = policy::entryOf(m_head.entries, id);
        const auto *request = entry->as<policy::PromotionRequest>();
        policy::Facts facts;
        facts.now = m_now;
        facts.digest = request->subject.digest;
        facts.commit = request->subject.commit;
        facts.authors = QStringList();
        for (const auto &commit : request->changes->commits)
            facts.authors->append(commit.email);
        facts.before = before;
        facts.isBusy = false;
        facts.alerts = policy::AlertState{true, m_now, {}};
        facts.policyCommit = m_head.policyCommit;
        return policy::decide(m_head.policy, m_head.entries, question, facts);
    }

private slots:
    void initTestCase()
    {
        QElapsedTimer clock;
        clock.start();
        const auto story = writeStory(builtInCatalogue(), builtInStorybook(), m_now, m_folder.path(),
                                      {u("me@my-machine"), u("no address")});
        QVERIFY2(story, story ? "" : qPrintable(story.error().message));
        qInfo("written in %lld ms", static_cast<long long>(clock.elapsed()));
        m_story = *story;
        auto head = policy::readHead(m_story.ledger, options(), {});
        QVERIFY2(head, head ? "" : qPrintable(head.error().message));
        m_head = *head;
    }

    void theLedgerProvesItself()
    {
        const auto chain = ledger::verifyChain(m_story.ledger, options(), {});
        QVERIFY2(chain, chain ? "" : qPrintable(chain.error().message));
        for (const ledger::EntryVerdict &one : chain->entries)
            QVERIFY2(one.state == ledger::EntryVerdict::State::Good, qPrintable(one.reason));
        QVERIFY2(chain->isWhole(), qPrintable(chain->problems.join(u(" "))));
        QVERIFY(chain->isPinned);
        QCOMPARE(chain->entries.size(), static_cast<std::size_t>(m_story.entries + 1));
        QVERIFY(m_story.entries > 300);
        QCOMPARE(m_head.ignoredCount, 0);
        QCOMPARE(m_head.policyCommit, m_story.policyCommit);
    }

    void plainGitAgrees()
    {
        const QString signers = m_folder.filePath(u("signers"));
        const Ran file = plainGit(m_story.ledger, {u("show"), u("main:allowed_signers")});
        QCOMPARE(file.status, 0);
        writeFile(signers, file.out);
        const Ran log = plainGit(m_story.ledger, {u("-c"), u("gpg.ssh.allowedSignersFile=") + signers, u("log"),
                                                  u("-40"), u("--format=%G? %GS"), u("main")});
        QCOMPARE(log.status, 0);
        const QList<QByteArray> lines = log.out.trimmed().split('\n');
        QCOMPARE(lines.size(), 40);
        for (const QByteArray &line : lines)
            QVERIFY2(line.startsWith("G ") && line.endsWith("@example.org"), line.constData());
        QCOMPARE(plainGit(m_story.ledger, {u("fsck"), u("--strict")}).status, 0);
    }

    void theLedgerHasEverything()
    {
        QMap<QString, int> types;
        for (const policy::SignedRecord &entry : m_head.entries)
            ++types[std::holds_alternative<policy::Record>(entry.body)
                        ? policy::recordType(std::get<policy::Record>(entry.body))
                        : u("operation")];
        const QStringList wanted{u("promotion"),        u("approval"),    u("rejection"), u("claim"),
                                 u("promotionOutcome"), u("freeze"),      u("hold"),      u("lift"),
                                 u("breakGlass"),       u("countersign"), u("note"),      u("operation")};
        for (const QString &type : wanted)
            QVERIFY2(types.value(type) > 0, qPrintable(type));
        QVERIFY(types.value(u("promotion")) >= 60);
        int done = 0;
        int failed = 0;
        for (const policy::Deployment &one : policy::deploymentsOf(m_head.entries)) {
            const bool isProduction = one.subject.environment == u("production");
            done += isProduction && one.request && one.request->changes ? 1 : 0; // what a risk is learnt from
            failed += isProduction && one.hasFailed ? 1 : 0;
        }
        QVERIFY2(done >= policy::leastRiskHistory, qPrintable(QString::number(done)));
        QVERIFY2(failed >= 4 && failed < done / 4, qPrintable(QString::number(failed)));
        policy::ChangeSummary changes;
        changes.linesAdded = 10;
        changes.fileCount = 1;
        const policy::RiskFigure risk = policy::riskOf(
            {u("checkout"), u("production"), changes, QDateTime::currentDateTimeUtc(), {}}, m_head.entries);
        QVERIFY2(risk.probability && risk.brier, qPrintable(risk.text)); // a figure to be seen, with its score
    }

    // Whoever went back, the clusters went back with them.
    void operationsAgreeWithTheClusters()
    {
        Ledger ledger(m_story.ledger);
        auto read = ledger.newest(1000, u("operation"));
        read.waitForFinished();
        const auto entries = read.result();
        QVERIFY2(entries, entries ? "" : qPrintable(entries.error().message));
        const Catalogue &catalogue = builtInCatalogue();
        QCOMPARE(entries->size(), static_cast<qsizetype>(catalogue.operations.size()));
        for (qsizetype i = 0; i < entries->size(); ++i) {
            const LedgerEntry &entry = entries->at(i);
            const PastOperation &past = catalogue.operations.at(static_cast<std::size_t>(entries->size() - 1 - i));
            QCOMPARE(entry.application, QString::fromStdString(past.application));
            QCOMPARE(entry.who.email, QString::fromStdString(past.who));
            QCOMPARE(operationKindName(entry.kind), QString::fromStdString(past.kind));
            QVERIFY(!entry.connection.isEmpty());
            const ServiceSpec *service = catalogue.service(past.application);
            QVERIFY2(service, past.application.c_str());
            if (past.kind != "rollback")
                continue;
            const bool isInHistory =
                std::any_of(service->placements.begin(), service->placements.end(), [&](const Placement &placement) {
                    return std::any_of(placement.history.begin(), placement.history.end(), [&](const PastRollout &one) {
                        return placement.ns == past.ns && one.tag == past.to &&
                               std::abs(one.daysAgo - past.daysAgo) < 0.001;
                    });
                });
            QVERIFY2(isInHistory, past.application.c_str());
        }
    }

    // Each promotion that was carried out was allowed to be, when it was claimed.
    void nobodyBrokeTheRules()
    {
        for (const policy::SignedRecord &entry : m_head.entries) {
            const auto *claim = entry.as<policy::Claim>();
            if (!claim)
                continue;
            policy::Entries until;
            for (const policy::SignedRecord &one : m_head.entries) {
                if (one.position < entry.position)
                    until.append(one);
            }
            const auto *request = policy::entryOf(until, claim->promotion)->as<policy::PromotionRequest>();
            policy::Question question;
            question.promotion = claim->promotion;
            question.asker = m_head.policy.signer(entry.signer)->name;
            policy::Facts facts;
            facts.now = entry.at;
            facts.digest = request->subject.digest;
            facts.commit = request->subject.commit;
            facts.authors = QStringList();
            for (const auto &commit : request->changes.value_or(policy::ChangeSummary{}).commits)
                facts.authors->append(commit.email);
            facts.isBusy = false;
            facts.alerts = policy::AlertState{true, entry.at, {}};
            facts.policyCommit = m_head.policyCommit;
            // What ran before is as the ledger has it; before the clusters' history it does not say.
            facts.before =
                policy::runningByLedger(m_head.policy, until, claim->subject.application, request->fromEnvironment);
            if (!facts.before || entry.at < m_now.addDays(-31))
                facts.before = policy::Running{request->subject.digest, entry.at.addDays(-3), true};
            const policy::Decision decision = policy::decide(m_head.policy, until, question, facts);
            QStringList why;
            for (const policy::RuleResult &rule : decision.rules) {
                if (rule.counts && rule.state != policy::RuleResult::State::Pass)
                    why.append(policy::ruleName(rule.rule) + u(": ") + rule.text);
            }
            QVERIFY2(decision.mayStart,
                     qPrintable(request->version + u(" of ") + claim->subject.application + u(" to ") +
                                claim->subject.environment + u(": ") + why.join(u("; ")) + u(" ") + decision.text));
        }
    }

    void oneWaitsForTheOperator()
    {
        const QString id = promotion(u("embedding-api"), u("0.31.1"), u("production"));
        QVERIFY(!id.isEmpty());
        const auto *request = policy::entryOf(m_head.entries, id)->as<policy::PromotionRequest>();
        const policy::Decision decision = decide(id, {request->subject.digest, m_now.addSecs(-3600 * 36 / 10), true});
        for (const policy::RuleResult &rule : decision.rules) {
            const auto wanted = rule.rule == policy::Rule::Approvals ? policy::RuleResult::State::Waiting
                                                                     : policy::RuleResult::State::Pass;
            QVERIFY2(rule.state == wanted, qPrintable(policy::ruleName(rule.rule) + u(": ") + rule.text));
        }
        QCOMPARE(decision.standing.lines.size(), 2);
        QVERIFY(decision.standing.lines.at(0).eligible.contains(operatorName()));
        QCOMPARE(decision.standing.lines.at(1).missing, 0);
        QVERIFY(request->changes && request->changes->commitCount > 1 && request->changes->linesAdded > 0);
    }
    // By the gate at which its pipeline waits.
    void itIsCarriedOutByItsPipeline()
    {
        const policy::EnvironmentPolicy *rules = m_head.policy.rules(u("embedding-api"), u("production"));
        QVERIFY(rules);
        QCOMPARE(rules->execution.kind, policy::Execution::Kind::VendorGate);
        QCOMPARE(rules->execution.connection, u("practice-github"));
        const ci::PipelinePlan *plan =
            ci::builtInPlans().pipeline(ci::Vendor::GitHub, "search/embedding-api", "release");
        QVERIFY(plan);
        const auto gated = std::find_if(plan->jobs.begin(), plan->jobs.end(), [&](const ci::JobPlan &job) {
            return QString::fromStdString(job.environment) == rules->execution.gate && job.gate.isGate();
        });
        QVERIFY(gated != plan->jobs.end());
        QVERIFY(std::any_of(plan->releases.begin(), plan->releases.end(), [](const ci::PastRelease &one) {
            return one.tag == "v0.31.1" && one.daysAgo == 0; // it waits for production
        }));
        const policy::EnvironmentPolicy *others = m_head.policy.rules(u("recommender"), u("production"));
        QVERIFY(others);
        QCOMPARE(others->execution.kind, policy::Execution::Kind::SetImage);
    }
    void oneWaitsForTime()
    {
        const QString id = promotion(u("feature-store"), u("0.98.1"), u("production"));
        QVERIFY(!id.isEmpty());
        const auto *request = policy::entryOf(m_head.entries, id)->as<policy::PromotionRequest>();
        const policy::Decision decision = decide(id, {request->subject.digest, m_now.addSecs(-31 * 3600), true});
        QVERIFY(decision.rule(policy::Rule::Soak)->state == policy::RuleResult::State::Waiting);
    }
    void oneIsBlocked()
    {
        const QString id = promotion(u("feature-store"), u("0.98.2"), u("staging"));
        QVERIFY(!id.isEmpty());
        const auto *request = policy::entryOf(m_head.entries, id)->as<policy::PromotionRequest>();
        const policy::Decision decision = decide(id, {request->subject.digest, m_now.addSecs(-7 * 3600), true});
        QVERIFY(decision.rule(policy::Rule::Freeze)->state == policy::RuleResult::State::Block);
    }
    void oneWasJustDecidedAndOneIsOwed()
    {
        const QString id = promotion(u("embedding-api"), u("0.32.0-rc.1"), u("staging"));
        QVERIFY(!id.isEmpty());
        const auto *request = policy::entryOf(m_head.entries, id)->as<policy::PromotionRequest>();
        const policy::Decision decision = decide(id, {request->subject.digest, m_now, true});
        QCOMPARE(decision.standing.vetoes.size(), 1);
        int owed = 0;
        for (const policy::Glass &glass : policy::glassesOf(m_head.policy, m_head.entries, m_now)) {
            owed += glass.owed;
            QVERIFY(!glass.isOverdue);
            QVERIFY(glass.owed == 0 || glass.mayCountersign.contains(operatorName()));
        }
        QCOMPARE(owed, 1);
    }

    // Every release of the clusters has its tag, from before it ran anywhere, and the ledger names the same commit.
    void theSourcesAgreeWithTheClusters()
    {
        for (const ServiceSpec &service : builtInCatalogue().services) {
            const QString application = QString::fromStdString(service.name);
            const auto history = git::History::open(sourcePath(m_story.sources, application));
            QVERIFY2(history, history ? "" : qPrintable(history.error().message));
            for (const Placement &placement : service.placements) {
                for (const PastRollout &past : placement.history) {
                    const QString tag = QString::fromStdString(past.tag);
                    const auto release = history->resolve(tag, application);
                    QVERIFY2(release, release ? "" : qPrintable(release.error().message));
                    QVERIFY(release->committedAt < m_now.addMSecs(-static_cast<qint64>(past.daysAgo * 86400000)));
                    const QString id = promotion(application, tag, QString::fromStdString(placement.ns));
                    if (id.isEmpty())
                        continue;
                    const auto *request = policy::entryOf(m_head.entries, id)->as<policy::PromotionRequest>();
                    QCOMPARE(request->subject.commit, release->commit);
                    const std::string image = builtInCatalogue().image(service, past.tag);
                    QCOMPARE(request->subject.digest, QString::fromStdString(image).section(u'@', 1));
                }
            }
        }
    }

    void theSourcesAreARealHistory()
    {
        const auto history = git::History::open(sourcePath(m_story.sources, u("recommender")));
        QVERIFY(history);
        const auto from = history->resolve(u("1.42.0"), u("recommender"));
        const auto to = history->resolve(u("1.45.0"), u("recommender"));
        QVERIFY(from && to);
        const auto changes = history->changes(*from, *to, defaultIssuePatterns({}), 200, {});
        QVERIFY2(changes, changes ? "" : qPrintable(changes.error().message));
        QVERIFY(changes->commits.size() > 10);
        QVERIFY(changes->authors.size() >= 3);
        QVERIFY(changes->mergedBranches.size() >= 4);
        QVERIFY(std::any_of(changes->commits.begin(), changes->commits.end(),
                            [](const ChangeCommit &one) { return !one.issues.isEmpty(); }));
        const auto files = history->files(from->commit, to->commit, {});
        QVERIFY(files);
        const auto touches = [&](const char *start) {
            return std::any_of(files->begin(), files->end(),
                               [&](const FileChange &one) { return one.path.startsWith(QLatin1String(start)); });
        };
        QVERIFY(touches("recommender/") && touches("tests/") && touches("model/") && touches("CHANGELOG.md"));
        const auto refs = history->refs();
        QVERIFY(refs);
        QVERIFY(std::any_of(refs->branches.begin(), refs->branches.end(),
                            [](const BranchState &one) { return one.kind == BranchKind::Hotfix; }));
        const QString path = sourcePath(m_story.sources, u("recommender"));
        QVERIFY(plainGit(path, {u("log"), u("--format=%s"), u("main")}).out.contains("Revert \""));
        QCOMPARE(plainGit(path, {u("fsck"), u("--strict")}).status, 0);
    }

    // Who asked counted the same lines and commits as git does.
    void requestsSayWhatGitSays()
    {
        const QString id = promotion(u("embedding-api"), u("0.31.1"), u("production"));
        const auto *request = policy::entryOf(m_head.entries, id)->as<policy::PromotionRequest>();
        const QString path = sourcePath(m_story.sources, u("embedding-api"));
        const QString range = request->replacesCommit + u("..") + request->subject.commit;
        QCOMPARE(plainGit(path, {u("rev-list"), u("--count"), range}).out.trimmed().toInt(),
                 request->changes->commitCount);
        const QList<QByteArray> files =
            plainGit(path, {u("diff"), u("--name-only"), request->replacesCommit, request->subject.commit})
                .out.trimmed()
                .split('\n');
        QCOMPARE(files.size(), request->changes->fileCount);
    }

    void aSecondStartTellsTheSame()
    {
        const QDateTime later = m_now.addSecs(7200);
        QTemporaryDir folder;
        const auto again = writeStory(builtInCatalogue(), builtInStorybook(), later, folder.path(), {});
        QVERIFY(again);
        QCOMPARE(again->entries, m_story.entries);
        QCOMPARE(again->firstAdmin, m_story.firstAdmin);
        const QStringList log{u("log"), u("--topo-order"), u("--format=%an %s"), u("main")};
        for (const ServiceSpec &service : builtInCatalogue().services) {
            const QString application = QString::fromStdString(service.name);
            QCOMPARE(plainGit(sourcePath(again->sources, application), log).out,
                     plainGit(sourcePath(m_story.sources, application), log).out);
        }
        // Names of entries are made of their times.
        static const QRegularExpression names(u("[0-9A-Z]{26}"));
        const auto titles = [&](const QString &ledger) {
            return QString::fromUtf8(plainGit(ledger, log).out).remove(names);
        };
        QCOMPARE(titles(again->ledger), titles(m_story.ledger));
    }
};

QTEST_GUILESS_MAIN(SandboxStoryTest)
#include "test_sandboxstory.moc"

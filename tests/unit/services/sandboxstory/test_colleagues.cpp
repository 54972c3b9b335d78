#include "services/gate/ledgerhead.h"
#include "services/sandbox/story/colleagues.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>

using namespace signalbox;
using namespace signalbox::sandbox;
using namespace std::chrono_literals;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

// Nobody waits in a test.
Colleagues::Timing fast()
{
    return {10ms, 20ms, 20ms, std::chrono::hours(1), 2s};
}

} // namespace

// The people of the practice world while somebody practises.
class ColleaguesTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    PracticeStory m_story;

    policy::LedgerHead head() const
    {
        ledger::VerifyOptions options;
        options.pin = {m_story.firstAdmin, practiceWorkspace()};
        auto read = policy::readHead(m_story.ledger, options, {});
        return read && read->ignoredCount == 0 ? *read : policy::LedgerHead{};
    }
    // Who said so of an entry, through the records of this type.
    template <typename T, typename Of>
    QStringList who(Of of) const
    {
        QStringList all;
        const policy::LedgerHead now = head();
        for (const policy::SignedRecord &entry : now.entries) {
            const T *record = entry.as<T>();
            if (record && of(*record))
                all.append(now.policy.signer(entry.signer)->name);
        }
        return all;
    }
    QString writeAsOperator(const policy::Record &record)
    {
        TeamLedgerAccess access(m_story.ledger, builtInStorybook(), builtInCatalogue().seed);
        const auto written = access.write(record, operatorName());
        return written ? *written : written.error().message;
    }
    policy::PromotionRequest request(const char *environment) const
    {
        policy::PromotionRequest one = m_story.next;
        one.subject.environment = u(environment);
        one.fromEnvironment = one.subject.environment == u("production") ? u("staging") : u("dev");
        return one;
    }

private slots:
    void initTestCase()
    {
        const auto story =
            writeStory(builtInCatalogue(), builtInStorybook(), QDateTime::currentDateTimeUtc(), m_folder.path(), {});
        QVERIFY2(story, story ? "" : qPrintable(story.error().message));
        m_story = *story;
        QVERIFY(!head().tip.isEmpty());
    }

    void whatTheOperatorAsksForIsApproved()
    {
        Colleagues colleagues(builtInStorybook(), builtInCatalogue().seed, m_story, {}, fast());
        colleagues.start();
        QTest::qWait(50); // what is there already is no news
        const QString promotion = writeAsOperator(request("production"));
        const auto isOf = [&](const policy::Approval &one) { return one.promotion == promotion; };
        QTRY_COMPARE_WITH_TIMEOUT(who<policy::Approval>(isOf).size(), 2, 20000);
        const QStringList names = who<policy::Approval>(isOf);
        const policy::Policy rules = head().policy;
        QVERIFY(rules.isMember(names.at(0), {u("release-managers")}));
        QVERIFY(rules.isMember(names.at(1), {u("reviewers")}));
        QVERIFY(!names.contains(operatorName()));
        for (const auto &commit : m_story.next.changes->commits)
            QVERIFY(!rules.author(commit.email) || !names.contains(rules.author(commit.email)->name));
    }

    void whatCouldNotBeReadIsNewsTheNextTime()
    {
        TeamLedgerAccess access(m_story.ledger, builtInStorybook(), builtInCatalogue().seed);
        QVERIFY(access.news());
        const QString written = writeAsOperator(policy::Note{{}, u("shop"), u("dev"), u("practice")});
        const QString tip = head().tip;
        const QString object = u("%1/objects/%2/%3").arg(m_story.ledger, tip.left(2), tip.mid(2));
        QVERIFY2(QFile::rename(object, object + u(".away")), qPrintable(object));
        QVERIFY(!access.news());
        QVERIFY(QFile::rename(object + u(".away"), object));
        const auto news = access.news();
        QVERIFY2(news, news ? "" : qPrintable(news.error().message));
        QCOMPARE(news->size(), 1);
        QCOMPARE(news->first().id, written);
        QCOMPARE(access.news()->size(), 0);
    }

    void whatTheOperatorDoesAloneIsCountersigned()
    {
        Colleagues colleagues(builtInStorybook(), builtInCatalogue().seed, m_story, {}, fast());
        colleagues.start();
        QTest::qWait(50);
        const QString use =
            writeAsOperator(policy::BreakGlass{{}, request("staging").subject, m_story.policyCommit, u("practice")});
        QTRY_COMPARE_WITH_TIMEOUT(
            who<policy::Countersign>([&](const policy::Countersign &one) { return one.of == use; }).size(), 2, 20000);
    }

    void theMachineReleasesAndSaysHowItEnded_data()
    {
        QTest::addColumn<bool>("isReady");
        QTest::addColumn<OutcomeKind>("kind");
        QTest::newRow("ready") << true << OutcomeKind::Done;
        QTest::newRow("never ready") << false << OutcomeKind::NotEffective;
    }
    void theMachineReleasesAndSaysHowItEnded()
    {
        QFETCH(bool, isReady);
        QFETCH(OutcomeKind, kind);
        const auto ends = [&] {
            return who<policy::PromotionOutcome>([&](const policy::PromotionOutcome &one) {
                return one.subject == m_story.next.subject && one.kind == kind;
            });
        };
        std::atomic<int> begun = 0;
        Colleagues::Hands hands;
        hands.begin = [&](const policy::PromotionRequest &) { ++begun; };
        hands.isDone = [&](const policy::PromotionRequest &) { return begun > 0 && isReady; };
        Colleagues::Timing timing = fast();
        timing.nextRelease = 20ms;
        timing.rollout = 200ms;
        Colleagues colleagues(builtInStorybook(), builtInCatalogue().seed, m_story, hands, timing);
        colleagues.start();
        QTRY_COMPARE_WITH_TIMEOUT(ends(), QStringList{u("ci")}, 20000);
        QCOMPARE(begun.load(), 1);
    }

    void whatTheOperatorRejectsIsLeftAlone()
    {
        std::atomic<int> begun = 0;
        Colleagues::Hands hands;
        hands.begin = [&](const policy::PromotionRequest &) { ++begun; };
        hands.isDone = [](const policy::PromotionRequest &) { return true; };
        Colleagues::Timing timing = fast();
        timing.nextRelease = 20ms;
        timing.answer = 3s;
        const auto count = [&] {
            return who<policy::PromotionRequest>(
                       [&](const policy::PromotionRequest &one) { return one.subject == m_story.next.subject; })
                .size();
        };
        const qsizetype before = count();
        Colleagues colleagues(builtInStorybook(), builtInCatalogue().seed, m_story, hands, timing);
        colleagues.start();
        QTRY_COMPARE_WITH_TIMEOUT(count(), before + 1, 2900);
        QString id;
        for (const policy::SignedRecord &entry : head().entries) {
            const auto *asked = entry.as<policy::PromotionRequest>();
            if (asked && asked->subject == m_story.next.subject)
                id = entry.id;
        }
        writeAsOperator(policy::Rejection{id, m_story.next.subject, m_story.policyCommit, u("Not today")});
        // What is asked for later is answered later: by then the one before would have been.
        const QString later = writeAsOperator(request("production"));
        const auto isLater = [&](const policy::Approval &one) { return one.promotion == later; };
        QTRY_COMPARE_WITH_TIMEOUT(who<policy::Approval>(isLater).size(), 2, 20000);
        QCOMPARE(begun.load(), 0);
        QVERIFY(who<policy::Approval>([&](const policy::Approval &one) { return one.promotion == id; }).isEmpty());
    }
};

QTEST_GUILESS_MAIN(ColleaguesTest)
#include "test_colleagues.moc"

// What `signalbox approve`, `approvals` and `promote` say of a promotion at a terminal, and which one is taken up.
#include "app/commands/promotiontext.h"
#include "models/domain/digest.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::commands;

namespace
{

QString digestOf(char digit)
{
    return QStringLiteral("sha256:") + QString(64, QLatin1Char(digit));
}

policy::PromotionCard cardOf(const char *id, const char *requester,
                             policy::PromotionCard::State state = policy::PromotionCard::State::Ready)
{
    policy::PromotionCard card;
    card.id = QString::fromLatin1(id);
    card.requester = QString::fromLatin1(requester);
    card.state = state;
    card.mayStart.isGiven = state == policy::PromotionCard::State::Ready;
    policy::PromotionRequest &request = card.request;
    request.subject = {QStringLiteral("cart"), QStringLiteral("production"), digestOf('7'),
                       QString(40, QLatin1Char('b'))};
    request.replacesDigest = digestOf('1');
    request.version = QStringLiteral("1.5.0");
    request.changes.emplace();
    request.changes->commitCount = 3;
    request.changes->fileCount = 2;
    request.changes->linesAdded = 30;
    request.changes->linesRemoved = 4;
    card.risk.text = QStringLiteral("0.18: of a hundred");
    card.risk.reasons = {{policy::RiskFactor::Size, 1.25, QStringLiteral("34 lines in 2 files")},
                         {policy::RiskFactor::NoTests, 0.5, QStringLiteral("no test changes with it")}};
    policy::PathPlace staging;
    staging.environment = QStringLiteral("staging");
    staging.digest = request.subject.digest;
    staging.isSource = true;
    card.path = {staging};
    return card;
}

} // namespace

class TestPromotionText : public QObject
{
    Q_OBJECT
    using State = policy::PromotionCard::State;
private slots:
    // All that the approver's signature is about.
    void whoApprovesSeesWhatChanges_data()
    {
        QTest::addColumn<QString>("line");
        const QString commit(40, QLatin1Char('b'));
        QTest::newRow("how much") << QStringLiteral("  3 commits, 2 files, +30 -4\n");
        QTest::newRow("what it replaces") << QStringLiteral("  replaces %1\n").arg(digestOf('1'));
        QTest::newRow("where to look")
            << QStringLiteral("signalbox changes cart --from %1 --to %2\n").arg(digestOf('1'), commit);
        QTest::newRow("the risk") << QStringLiteral("  risk 0.18: of a hundred\n");
        QTest::newRow("its score") << QStringLiteral("    score 1.75:\n");
        QTest::newRow("a reason") << QStringLiteral("34 lines in 2 files");
        QTest::newRow("another") << QStringLiteral("no test changes with it");
    }
    void whoApprovesSeesWhatChanges()
    {
        QFETCH(QString, line);
        const QString text = cardText(cardOf("P1", "bob", State::Waiting));
        QVERIFY2(text.contains(line), qPrintable(text));
    }

    void whoAsksSeesTheReasonsOfTheRisk()
    {
        PromotionDraft draft;
        const policy::PromotionCard card = cardOf("P1", "bob");
        draft.request = card.request;
        draft.risk = card.risk;
        draft.risk.brier = 0.1;
        draft.risk.baseBrier = 0.2;
        const QString text = draftText(draft);
        QVERIFY2(text.contains(QStringLiteral("1.25")) && text.contains(QStringLiteral("no test changes with it")),
                 qPrintable(text));
        PromotionReport report;
        report.draft = draft;
        const QString json = promotionJson(report);
        QVERIFY2(json.contains(QStringLiteral("\"baseBrier\": 0.2")), qPrintable(json));
    }

    void whatIsNotKnownIsNotToldOf()
    {
        policy::PromotionCard card = cardOf("P1", "bob", State::Waiting);
        card.request.replacesDigest.clear();
        card.request.changes.reset();
        const QString text = cardText(card);
        QVERIFY2(!text.contains(QStringLiteral("replaces")) && !text.contains(QStringLiteral("signalbox changes")) &&
                     !text.contains(QStringLiteral("commits")),
                 qPrintable(text));
    }

    void theCommandThatStartsItIsNamed_data()
    {
        QTest::addColumn<State>("state");
        QTest::addColumn<bool>("isThere");
        QTest::addColumn<QString>("command");
        const QString promote = QStringLiteral("signalbox promote cart --to production");
        QTest::newRow("as staging runs it") << State::Ready << true << promote + QStringLiteral(" --wait\n");
        QTest::newRow("staging runs another")
            << State::Ready << false << promote + QStringLiteral(" --digest %1 --wait\n").arg(digestOf('7'));
        QTest::newRow("not yet") << State::Waiting << true << QString();
    }
    void theCommandThatStartsItIsNamed()
    {
        QFETCH(State, state);
        QFETCH(bool, isThere);
        QFETCH(QString, command);
        policy::PromotionCard card = cardOf("P1", "bob", state);
        if (!isThere)
            card.path.first().digest = digestOf('9');
        const QString text = startText(card);
        QVERIFY2(command.isEmpty() ? text.isEmpty() : text.endsWith(command), qPrintable(text));
        policy::PromotionBoard board;
        board.open = {card};
        QVERIFY(approvalsText(board, {}, {}, false).contains(text));
    }

    // What could not be read is never none.
    void nothingWaitsOnlyWhereAllCouldBeRead_data()
    {
        QTest::addColumn<Freshness::State>("ledger");
        QTest::addColumn<bool>("isSilent"); // a server with gates
        QTest::addColumn<bool>("isKnown");
        QTest::newRow("all was read") << Freshness::State::Live << false << true;
        QTest::newRow("no ledger yet") << Freshness::State::Absent << false << true;
        QTest::newRow("a silent server") << Freshness::State::Live << true << false;
        QTest::newRow("a ledger that could not be read") << Freshness::State::Failed << false << false;
    }
    void nothingWaitsOnlyWhereAllCouldBeRead()
    {
        QFETCH(Freshness::State, ledger);
        QFETCH(bool, isSilent);
        QFETCH(bool, isKnown);
        policy::PromotionBoard board;
        board.ledgerFreshness.state = ledger;
        FoundGates gates;
        if (isSilent)
            gates.problems.append(
                {QStringLiteral("ci"), Error{ErrorKind::Unreachable, QStringLiteral("It is down."), {}}});
        const QString text = approvalsText(board, {}, gates, false);
        QCOMPARE(text.contains(QStringLiteral("Nothing waits.")), isKnown);
        QCOMPARE(text.contains(QStringLiteral("whether anything waits is not known.")), !isKnown);
    }

    // Nothing is asked for twice that this operator may start.
    void whatIsAskedForAlreadyIsTakenUp_data()
    {
        using Cards = QList<policy::PromotionCard>;
        QTest::addColumn<Cards>("open");
        QTest::addColumn<QString>("taken");
        policy::PromotionCard notMine = cardOf("P1", "bob");
        notMine.mayStart.isGiven = false;
        policy::PromotionCard another = cardOf("P1", "bob");
        another.request.subject.digest = digestOf('9');
        const auto bobs = cardOf("P1", "bob");
        const auto bobsWaits = cardOf("P1", "bob", State::Waiting);
        const auto minesWaits = cardOf("P2", "ann", State::Waiting);
        QTest::newRow("none") << Cards{} << QString();
        QTest::newRow("mine waits") << Cards{minesWaits} << QStringLiteral("P2");
        QTest::newRow("another's is ready") << Cards{bobs} << QStringLiteral("P1");
        QTest::newRow("another's is ready, mine waits") << Cards{minesWaits, bobs} << QStringLiteral("P1");
        QTest::newRow("both are ready") << Cards{bobs, cardOf("P2", "ann")} << QStringLiteral("P2");
        QTest::newRow("another's waits") << Cards{bobsWaits} << QString();
        QTest::newRow("another's, which is not mine to start") << Cards{notMine} << QString();
        QTest::newRow("another's of something else") << Cards{another} << QString();
        QTest::newRow("another's is under way") << Cards{cardOf("P1", "bob", State::UnderWay)} << QString();
    }
    void whatIsAskedForAlreadyIsTakenUp()
    {
        QFETCH(QList<policy::PromotionCard>, open);
        QFETCH(QString, taken);
        policy::PromotionBoard board;
        board.me.principal = QStringLiteral("ann");
        board.open = open;
        const policy::PromotionCard *card = askedAlready(board, cardOf("P1", "bob").request.subject);
        QCOMPARE(card ? card->id : QString(), taken);
    }
};

QTEST_GUILESS_MAIN(TestPromotionText)
#include "test_promotiontext.moc"

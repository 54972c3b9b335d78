// How `signalbox run` ends where a run is deleted or its server asks for patience.
#include "app/commands/runtext.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::commands;

class TestRunText : public QObject
{
    Q_OBJECT
private slots:
    void whatEndsALogIsToldWithAWayOut_data()
    {
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<int>("seconds");
        QTest::addColumn<bool>("wasFollowed");
        QTest::addColumn<QString>("expected"); // behind the server's sentence
        QTest::newRow("deleted while it was followed")
            << ErrorKind::NotFound << 0 << true
            << QStringLiteral(" Its log ends here: the run was deleted, or hidden from us, while it was followed.");
        QTest::newRow("never there") << ErrorKind::NotFound << 0 << false << QString();
        QTest::newRow("patience") << ErrorKind::RateLimited << 90 << true
                                  << QStringLiteral(" This command does not wait: give it again in 1 m 30 s.");
        QTest::newRow("patience, not told how long")
            << ErrorKind::RateLimited << 0 << false
            << QStringLiteral(" This command does not wait: give it again in some minutes.");
        QTest::newRow("anything else") << ErrorKind::Unreachable << 0 << true << QString();
    }
    void whatEndsALogIsToldWithAWayOut()
    {
        QFETCH(ErrorKind, kind);
        QFETCH(int, seconds);
        QFETCH(bool, wasFollowed);
        QFETCH(QString, expected);
        Error error{kind, QStringLiteral("It says no."), QStringLiteral("HTTP 1")};
        error.retryAfter = std::chrono::seconds(seconds);
        const Error told = toldEnd(error, wasFollowed);
        QCOMPARE(told.message, QStringLiteral("It says no.") + expected);
        QCOMPARE(told.kind, kind); // the exit status follows from it
        QCOMPARE(told.detail, error.detail);
    }

    void testsThatCouldNotBeReadAreNoWholeReport()
    {
        RunReport report;
        report.noTests = QStringLiteral("The run reports none.");
        QCOMPARE(runStatus(report), ExitStatus::Done);
        report.testsError = Error{ErrorKind::RateLimited, QStringLiteral("slow down"), {}};
        QCOMPARE(runStatus(report), ExitStatus::Unreachable);
    }
};

QTEST_GUILESS_MAIN(TestRunText)
#include "test_runtext.moc"

// Many questions, a few at a time.
#include "services/async/inturn.h"

#include <QTest>

#include <memory>
#include <vector>

using namespace signalbox;

namespace
{

// Keeps what it is asked until it is told what to say.
struct SlowDesk
{
    std::vector<std::shared_ptr<QPromise<Result<int>>>> asked;

    auto asks()
    {
        return [this](qsizetype place) {
            Q_ASSERT(size_t(place) == asked.size());
            asked.push_back(std::make_shared<QPromise<Result<int>>>());
            asked.back()->start();
            return asked.back()->future();
        };
    }
    void answer(size_t place, const Result<int> &said)
    {
        asked[place]->addResult(said);
        asked[place]->finish();
    }
};

bool isOfOneAlone(const Result<int> &answer)
{
    return answer || answer.error().kind == ErrorKind::NotFound;
}

Error failed(ErrorKind kind)
{
    return {kind, QStringLiteral("no"), {}};
}

} // namespace

class TestInTurn : public QObject
{
    Q_OBJECT
private slots:
    void aFewAreUnderWayAtATime()
    {
        SlowDesk desk;
        const auto all = gatheredInTurn(this, 6, 2, {}, desk.asks(), isOfOneAlone);
        QCOMPARE(desk.asked.size(), size_t(2));
        desk.answer(1, 11); // in whatever order they are answered
        QTRY_COMPARE(desk.asked.size(), size_t(3));
        desk.answer(2, failed(ErrorKind::NotFound)); // stays with its question
        QTRY_COMPARE(desk.asked.size(), size_t(4));
        desk.answer(0, 10);
        QTRY_COMPARE(desk.asked.size(), size_t(5));
        desk.answer(4, 14);
        QTRY_COMPARE(desk.asked.size(), size_t(6));
        desk.answer(5, 15);
        QCoreApplication::processEvents();
        QVERIFY(!all.isFinished());
        desk.answer(3, 13);
        QTRY_VERIFY(all.isFinished());
        const auto answers = all.result();
        QVERIFY(answers);
        QCOMPARE(answers->size(), 6);
        for (int i = 0; i < 6; ++i)
            QCOMPARE(answers->at(i).value_or(-1), i == 2 ? -1 : 10 + i);
        QCOMPARE(answers->at(2).error().kind, ErrorKind::NotFound);
    }

    void whatHoldsForAllEndsIt_data()
    {
        QTest::addColumn<bool>("isStopped");
        QTest::newRow("an error of all") << false;
        QTest::newRow("a stop") << true;
    }
    void whatHoldsForAllEndsIt()
    {
        QFETCH(bool, isStopped);
        SlowDesk desk;
        StopSource stop;
        const auto all = gatheredInTurn(this, 5, 2, stop.get_token(), desk.asks(), isOfOneAlone);
        desk.answer(0, 10);
        QTRY_COMPARE(desk.asked.size(), size_t(3));
        if (isStopped)
            stop.request_stop();
        desk.answer(2, failed(isStopped ? ErrorKind::Cancelled : ErrorKind::Unreachable));
        QCoreApplication::processEvents();
        QVERIFY(!all.isFinished()); // one is still to be answered
        desk.answer(1, 11);
        QTRY_VERIFY(all.isFinished());
        QCOMPARE(desk.asked.size(), size_t(3));
        const auto answers = all.result();
        QCOMPARE(answers->size(), 5);
        QCOMPARE(answers->at(1).value_or(-1), 11);
        QCOMPARE(answers->at(2).error().kind, isStopped ? ErrorKind::Cancelled : ErrorKind::Unreachable);
        for (int i = 3; i < 5; ++i)
            QCOMPARE(answers->at(i).error().kind, ErrorKind::Cancelled);
    }

    void answersThatAreThereAlreadyAreTaken()
    {
        int asked = 0;
        const auto ask = [&asked](qsizetype place) {
            ++asked;
            return ready(Result<int>(int(place)));
        };
        const auto all = gatheredInTurn(this, 100, 8, {}, ask, isOfOneAlone);
        QCOMPARE(asked, 8);
        QTRY_VERIFY(all.isFinished());
        QCOMPARE(asked, 100);
        QCOMPARE(all.result()->last().value_or(-1), 99);
        const auto none = gatheredInTurn(this, 0, 8, {}, ask, isOfOneAlone);
        QVERIFY(none.isFinished());
        QVERIFY(none.result()->isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestInTurn)
#include "test_inturn.moc"

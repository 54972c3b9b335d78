// What a server still lets us ask, told by answers that come in any order.
#include "services/pipelines/budgetwindow.h"

#include <QTest>

using namespace signalbox;

namespace
{

QDateTime atSecond(qint64 second)
{
    return QDateTime::fromSecsSinceEpoch(1'000'000 + second, Qt::UTC);
}

RequestBudget toldBudget(int limit, int remaining, qint64 resets)
{
    return {limit, remaining, resets < 0 ? QDateTime() : atSecond(resets), 0};
}

} // namespace

class TestBudgetWindow : public QObject
{
    Q_OBJECT
private slots:
    void theLowestOfOneWindowCounts_data()
    {
        QTest::addColumn<int>("limit"); // of the answer; the one before had 2000, 1990 left, and resets at 60
        QTest::addColumn<int>("remaining");
        QTest::addColumn<int>("resets"); // -1: not told
        QTest::addColumn<int>("now");
        QTest::addColumn<int>("left");
        QTest::newRow("one more was asked") << 2000 << 1989 << 60 << 10 << 1989;
        QTest::newRow("an answer that was overtaken") << 2000 << 1991 << 60 << 10 << 1990;
        QTest::newRow("overtaken, and its reset reckoned anew") << 2000 << 1991 << 61 << 10 << 1990;
        QTest::newRow("the next window") << 2000 << 1999 << 120 << 61 << 1999;
        QTest::newRow("one of the window before") << 2000 << 3 << 0 << 2 << 1990;
        QTest::newRow("a window that ends sooner") << 2000 << 1999 << 30 << 10 << 1999;
        QTest::newRow("another limit") << 5000 << 4999 << 60 << 10 << 4999;
        QTest::newRow("no word of a reset") << 2000 << 1995 << -1 << 10 << 1995;
    }
    void theLowestOfOneWindowCounts()
    {
        QFETCH(int, limit);
        QFETCH(int, remaining);
        QFETCH(int, resets);
        QFETCH(int, now);
        QFETCH(int, left);
        const RequestBudget known = toldBudget(2000, 1990, 60);
        QCOMPARE(heardBudget(known, toldBudget(limit, remaining, resets), atSecond(now)).remaining, left);
        QCOMPARE(heardBudget(std::nullopt, toldBudget(limit, remaining, resets), atSecond(now)).remaining, remaining);
    }
};

QTEST_GUILESS_MAIN(TestBudgetWindow)
#include "test_budgetwindow.moc"

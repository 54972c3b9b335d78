// A pod's log: lines as they come, what a terminal would show of them, search and copies.
#include "ui/theme/theme.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/logview.h"
#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QClipboard>
#include <QScrollBar>
#include <QTest>

using namespace signalbox;

namespace
{

QList<LogView::Line> lines(int count, const QString &text = QStringLiteral("GET /predict 200 in 12 ms"))
{
    QList<LogView::Line> result;
    for (int i = 0; i < count; ++i)
        result.append({QDateTime(QDate(2026, 3, 5), QTime(10, 0), Qt::UTC).addMSecs(i),
                       QStringLiteral("%1 %2").arg(i).arg(text)});
    return result;
}

// The first row of pixels with about this colour; -1: there is none.
int rowWith(const QColor &color, const QImage &image)
{
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const QColor pixel = image.pixelColor(x, y);
            const int off = std::abs(pixel.red() - color.red()) + std::abs(pixel.green() - color.green()) +
                            std::abs(pixel.blue() - color.blue());
            if (off < 24)
                return y;
        }
    }
    return -1;
}

} // namespace

class TestLogView : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }

    void logTakes100000Lines() // how long each batch keeps the window: bench_joblog
    {
        LogView log;
        log.resize(800, 400);
        log.show();
        for (int batch = 0; batch < 100; ++batch) {
            log.append(lines(1000));
            log.grab();
        }
        QCOMPARE(log.lineCount(), 100000);
        QCOMPARE(log.verticalScrollBar()->value(), log.verticalScrollBar()->maximum()); // follows
    }

    void logStopsFollowingWhenScrolledUp()
    {
        LogView log;
        log.resize(800, 300);
        log.show();
        log.append(lines(500));
        QVERIFY(log.follows());
        log.verticalScrollBar()->setValue(10);
        QVERIFY(!log.follows());
        log.append(lines(100));
        QCOMPARE(log.firstVisibleLine(), 10);
        QTest::keyClick(&log, Qt::Key_End);
        QVERIFY(log.follows());
        QCOMPARE(log.verticalScrollBar()->value(), log.verticalScrollBar()->maximum());
    }

    void logFindsAndCopies()
    {
        setDisplayZone(QTimeZone("Europe/Berlin"));
        LogView log;
        log.resize(800, 300);
        log.append(lines(1000));
        log.append({{QDateTime(QDate(2026, 3, 5), QTime(9, 0), Qt::UTC), QStringLiteral("ERROR out of memory")}});
        log.setSearch(QStringLiteral("OUT OF"));
        QCOMPARE(log.hitCount(), 1);
        log.findNext();
        log.copy();
        QCOMPARE(QApplication::clipboard()->text(),
                 QStringLiteral("2026-03-05 10:00:00 Europe/Berlin ERROR out of memory\n"));
        setDisplayZone(QTimeZone::utc());
    }

    // What programs write for a terminal.
    void logShowsWhatATerminalWould()
    {
        LogView log;
        log.resize(600, 200);
        log.append({{{}, QStringLiteral("\x1b[31mred\x1b[0m then plain")},
                    {{}, QStringLiteral("\x1b[32;1mgoes on")},
                    {{}, QStringLiteral("to here\x1b[0m")},
                    {{}, QStringLiteral("ERROR at 10 %\rERROR at 90 %")}});
        QCOMPARE(log.allText(), QStringLiteral("red then plain\ngoes on\nto here\nERROR at 90 %\n"));
        log.setSearch(QStringLiteral("red then"));
        QCOMPARE(log.hitCount(), 1);
        const QFontMetrics metrics(signalbox::font(TextRole::MonoSmall));
        const int height = metrics.height() + 4;
        const QImage image = log.grab().toImage();
        const auto has = [&](int line, const QColor &color) {
            return rowWith(color, image.copy(0, 8 + line * height, image.width(), height)) >= 0;
        };
        QVERIFY(has(0, tokens().failing.text) && has(0, tokens().text));
        QVERIFY(has(1, tokens().ok.text) && !has(1, tokens().text));
        QVERIFY(has(2, tokens().ok.text) && !has(2, tokens().text));
        QVERIFY(has(3, tokens().failing.text) && !has(3, tokens().text)); // by the word
        log.clear();
        log.append({{{}, QStringLiteral("anew")}});
        QCOMPARE(log.lineText(0), QStringLiteral("anew"));
    }

    void logKeepsColoursWithTheirLines()
    {
        LogView log;
        log.resize(600, 200);
        log.append(lines(LogView::capacity - 1));
        log.append({{{}, QStringLiteral("\x1b[35mmagenta\x1b[0m")}});
        log.append(lines(3)); // the oldest go
        QVERIFY(log.wasCut());
        const QImage before = log.grab().toImage();
        log.append(lines(1));
        log.setFollows(false);
        const QImage after = log.grab().toImage();
        const QColor magenta = tokens().canary.text;
        QVERIFY(rowWith(magenta, before) > 0);
        QVERIFY(rowWith(magenta, after) > 0 && rowWith(magenta, after) < rowWith(magenta, before)); // a line up
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestLogView)
#include "test_logview.moc"

// What a terminal would show of a line, without one.
#include "models/log/ansitext.h"

#include <QTest>

#include <random>

using namespace signalbox;
using Spans = QList<ansi::Span>;

namespace
{

ansi::Style colored(int color)
{
    ansi::Style style;
    style.color = color;
    return style;
}

ansi::Style bold(int color = ansi::Style::usual)
{
    ansi::Style style = colored(color);
    style.isBold = true;
    return style;
}

} // namespace

class TestAnsiText : public QObject
{
    Q_OBJECT
private slots:
    void linesAreReadAs_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("text");
        QTest::addColumn<Spans>("spans");
        const auto row = [](const char *name, const char *line, const char *text, const Spans &spans = {}) {
            QTest::newRow(name) << QString::fromUtf8(line) << QString::fromUtf8(text) << spans;
        };
        constexpr int rgb = ansi::Style::rgb;
        row("plain", "Löschen: done", "Löschen: done");
        row("empty", "", "");
        row("a tab stays", "a\tb", "a\tb");
        row("a color", "\x1b[32mok\x1b[0m 3", "ok 3", {{0, 2, colored(2)}});
        row("an end without a number", "\x1b[31mno\x1b[m!", "no!", {{0, 2, colored(1)}});
        row("bright", "\x1b[91mno\x1b[39m!", "no!", {{0, 2, colored(9)}});
        row("several in one", "\x1b[1;33mWARN\x1b[22m disk", "WARN disk", {{0, 4, bold(3)}, {4, 5, colored(3)}});
        row("of 256", "\x1b[38;5;208mx\x1b[0m", "x", {{0, 1, colored(208)}});
        row("true color", "\x1b[38;2;255;128;0mx", "x", {{0, 1, colored(rgb + 0xff8000)}});
        row("true color by colons", "\x1b[38:2::255:128:0mx", "x", {{0, 1, colored(rgb + 0xff8000)}});
        row("true color by colons, no color space", "\x1b[38:2:255:128:0mx", "x", {{0, 1, colored(rgb + 0xff8000)}});
        row("no such color", "\x1b[38;5;999mx", "x");
        row("a ground is read over", "\x1b[48;5;196;1mx\x1b[0m", "x", {{0, 1, bold()}});
        row("a ground in true color, too", "\x1b[48;2;1;31;1mx", "x");
        row("a curly line is a line", "\x1b[4:3mx\x1b[4:0my", "xy", [] {
            ansi::Style style;
            style.isUnderlined = true;
            return Spans{{0, 1, style}};
        }());
        row("written over", "10 %\r50 %\r100 %", "100 %");
        row("an end of Windows", "done\r", "done");
        row("GitLab's section", "section_start:1:build\r\x1b[0K\x1b[36;1mBuild\x1b[0;m", "Build", {{0, 5, bold(6)}});
        row("the cursor moves", "\x1b[2K\x1b[1Gx\x1b[?25h", "x");
        row("private parameters are no color", "\x1b[>31mx", "x");
        row("a link", "\x1b]8;;https://example.com\x1b\\here\x1b]8;;\x1b\\", "here");
        row("a title", "\x1b]0;t\x07x", "x");
        row("a character set", "\x1b(Bx", "x");
        row("no end", "x\x1b[31", "x");
        row("nothing after it", "x\x1b", "x");
        row("a string without an end", "x\x1b]8;;https", "x");
        row("CSI in one character",
            "\xc2\x9b"
            "31mx",
            "x", {{0, 1, colored(1)}});
        row("other control characters",
            "a\x07\x08\x7f"
            "b",
            "ab");
    }
    void linesAreReadAs()
    {
        QFETCH(QString, line);
        QFETCH(QString, text);
        QFETCH(Spans, spans);
        ansi::Style style;
        const ansi::Text read = ansi::read(line, style);
        QCOMPARE(read.text, text);
        QCOMPARE(read.spans, spans);
    }

    void aColorGoesOnOverLines()
    {
        ansi::Style style;
        ansi::read(QStringLiteral("\x1b[31mTraceback"), style);
        QCOMPARE(style, colored(1));
        QCOMPARE(ansi::read(QStringLiteral("  line 7"), style).spans, (Spans{{0, 8, colored(1)}}));
        QCOMPARE(ansi::read(QStringLiteral("\x1b[0mover"), style).spans, Spans());
    }

    // Whatever comes: no control character is left, and spans lie one after the other within the text.
    void anythingIsRead()
    {
        std::mt19937 random(7);
        const QString some = QStringLiteral("\x1b[]0;:mK38252\r\x07\\x\t\x9b(B8P");
        for (int i = 0; i < 20000; ++i) {
            QString line;
            for (unsigned j = random() % 24; j > 0; --j)
                line.append(some[static_cast<qsizetype>(random() % static_cast<unsigned>(some.size()))]);
            ansi::Style style;
            const ansi::Text read = ansi::read(line, style);
            for (const QChar c : read.text)
                QVERIFY2(c >= QLatin1Char(' ') || c == QLatin1Char('\t'), qPrintable(line));
            int at = 0;
            for (const ansi::Span &span : read.spans) {
                QVERIFY2(span.from >= at && span.length > 0, qPrintable(line));
                at = span.from + span.length;
            }
            QVERIFY2(at <= read.text.size(), qPrintable(line));
        }
    }
};

QTEST_APPLESS_MAIN(TestAnsiText)
#include "test_ansitext.moc"

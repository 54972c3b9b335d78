// The log of a job: taken apart as it comes, shown by line and row, folded, searched.
#include "models/log/joblog.h"
#include "models/log/joblogsearch.h"
#include "models/log/logsteps.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QTest>

#include <random>

using namespace signalbox;
using logline::Level;
using namespace std::chrono_literals;

namespace
{

// In pieces of `cut` bytes; 0: at once.
JobLog logOf(const QByteArray &bytes, qsizetype cut = 0, bool isEnded = true)
{
    JobLog log;
    JobLogReader reader;
    const qsizetype step = cut == 0 ? std::max<qsizetype>(1, bytes.size()) : cut;
    for (qsizetype at = 0; at < bytes.size(); at += step) {
        for (const JobLogPiece &piece :
             reader.read(QByteArrayView(bytes).sliced(at, std::min(step, bytes.size() - at))))
            log.take(piece);
    }
    if (isEnded) {
        for (const JobLogPiece &piece : reader.finish())
            log.take(piece);
    }
    return log;
}

JobStep stepCalled(const QByteArray &name)
{
    JobStep step;
    step.name = QString::fromUtf8(name);
    step.state = RunState::Passed;
    return step;
}

QStringList texts(std::initializer_list<const char *> list)
{
    QStringList all;
    for (const char *text : list)
        all.append(QString::fromUtf8(text));
    return all;
}

QStringList textsOf(const JobLog &log)
{
    QStringList texts;
    for (int i = 0; i < log.lineCount(); ++i)
        texts.append(log.line(i).text.text);
    return texts;
}

// What stands in the rows; heads of folded groups with "> ".
QStringList rowsOf(const JobLog &log)
{
    QStringList rows;
    for (int row = 0; row < log.rowCount(); ++row) {
        const int line = log.lineOfRow(row);
        const JobLogLine shown = log.line(line);
        const bool isFolded = shown.group >= 0 && log.groups()[static_cast<size_t>(shown.group)].isFolded;
        rows.append((isFolded ? QStringLiteral("> ") : QString()) + shown.text.text);
    }
    return rows;
}

QByteArray bytesOf(const JobLogText &text)
{
    QByteArray bytes;
    for (const auto &chunk : text.chunks())
        bytes += chunk->text;
    return bytes + text.tail();
}

QList<int> hitsOf(const JobLog &log, const QString &text, bool isExact, int from = 0)
{
    JobLogSearch search(log);
    search.begin(text, isExact, from);
    while (search.step(1us)) {
    }
    QList<int> hits;
    int line = search.hitAfter(-1);
    for (int i = 0; i < search.hitCount(); ++i, line = search.hitAfter(line))
        hits.append(line);
    return hits;
}

} // namespace

class TestJobLog : public QObject
{
    Q_OBJECT
private slots:
    // ---- bytes to lines

    void whereTheBytesAreCutDoesNotMatter_data()
    {
        QTest::addColumn<qsizetype>("cut");
        for (const int cut : {1, 2, 3, 5, 7, 64, 4096})
            QTest::addRow("%d", cut) << qsizetype(cut);
    }
    void whereTheBytesAreCutDoesNotMatter()
    {
        QFETCH(qsizetype, cut);
        const QByteArray bytes = "\xef\xbb\xbf"
                                 "2026-11-22T18:16:20.1234567Z ##[group]Löschen\r\n"
                                 "2026-11-22T18:16:21.0000000Z \x1b[31mrot\r\n"
                                 "noch rot\x1b[0m\n"
                                 "\n"
                                 "10 %\r50 %\r100 % 完成\n"
                                 "2026-11-22T18:16:22Z ##[endgroup]\n"
                                 "ERROR: ends without a line's end";
        const JobLog whole = logOf(bytes);
        const JobLog pieces = logOf(bytes, cut);
        QCOMPARE(pieces.lineCount(), 7);
        QCOMPARE(bytesOf(pieces.text()), bytes);
        QCOMPARE(textsOf(pieces), textsOf(whole));
        QCOMPARE(rowsOf(pieces), rowsOf(whole));
        QCOMPARE(pieces.line(0).text.text, QStringLiteral("Löschen"));
        QCOMPARE(pieces.line(2).text.spans.size(), 1); // the colour goes on
        QCOMPARE(pieces.line(4).text.text, QStringLiteral("100 % 完成"));
        QCOMPARE(pieces.firstError(), 6);
        QCOMPARE(QDateTime::fromMSecsSinceEpoch(pieces.timeMs(0), Qt::UTC),
                 QDateTime(QDate(2026, 11, 22), QTime(18, 16, 20, 123), Qt::UTC));
    }

    void aLineIsShownBeforeItsEndComes()
    {
        JobLogReader reader;
        JobLog log;
        const auto take = [&](const std::vector<JobLogPiece> &pieces) {
            for (const JobLogPiece &piece : pieces)
                log.take(piece);
        };
        take(reader.read("one\n\x1b[32mtwo"));
        QCOMPARE(log.lineCount(), 2);
        QCOMPARE(log.line(1).text.text, QStringLiteral("two"));
        take(reader.read(" and more"));
        QCOMPARE(log.lineCount(), 2);
        QCOMPARE(log.line(1).text.text, QStringLiteral("two and more"));
        take(reader.read("\nthree\n"));
        QCOMPARE(textsOf(log), texts({"one", "two and more", "three"}));
        QCOMPARE(log.line(2).text.spans.first().style.color, 2);
        take(reader.finish());
        QCOMPARE(log.lineCount(), 3);
    }

    void aLineWithoutAnEndIsCut()
    {
        QByteArray bytes;
        for (int i = 0; i < 100000; ++i)
            bytes += "ü"; // two bytes: none may be halved
        const JobLog log = logOf("x" + bytes, 1000);
        QCOMPARE(log.lineCount(), 4);
        QCOMPARE(textsOf(log).join(QString()).size(), 100001);
        QVERIFY(!textsOf(log).join(QString()).contains(QChar::ReplacementCharacter));
        QCOMPARE(bytesOf(log.text()), "x" + bytes);
    }

    void aLogThatDripsIsHeldInFewParts()
    {
        JobLogReader reader;
        JobLog log;
        QByteArray bytes;
        for (int i = 0; i < 20000; ++i) {
            const QByteArray line = (i % 10 == 0 ? "\x1b[33mline " : "line ") + QByteArray::number(i) +
                                    (i % 10 == 3     ? "\x1b[0m\n"
                                     : i % 1000 == 7 ? " error: no\n"
                                                     : "\n");
            bytes += line;
            for (const JobLogPiece &piece : reader.read(line))
                log.take(piece);
        }
        QCOMPARE(log.lineCount(), 20000);
        QVERIFY(log.text().chunks().size() < 20);
        QVERIFY2(log.memory() < 2 * log.bytes(), qPrintable(QString::number(log.memory())));
        const JobLog whole = logOf(bytes);
        QCOMPARE(log.errorCount(), 20);
        QCOMPARE(log.errorCount(), whole.errorCount());
        int line = -1;
        for (int i = 0; i < 20; ++i) {
            line = log.errorAfter(line);
            QCOMPARE(line, i * 1000 + 7);
        }
        QCOMPARE(log.errorAfter(line), -1);
        QCOMPARE(log.errorBefore(19007), 18007);
        QCOMPARE(log.errorBefore(7), -1);
        for (int i = 0; i < 20000; i += 37) {
            QCOMPARE(log.line(i).text, whole.line(i).text);
            QCOMPARE(log.line(i).text.spans.isEmpty(), i % 10 > 3);
        }
    }

    // ---- times

    void timesAreReadAs_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("time"); // empty: none
        QTest::addColumn<QString>("text");
        const auto row = [](const char *name, const char *line, const char *time, const char *text) {
            QTest::newRow(name) << QByteArray(line) << QString::fromUtf8(time) << QString::fromUtf8(text);
        };
        row("none", "hello", "", "hello");
        row("of a runner", "2026-02-28T23:59:59.9876543Z hello", "2026-02-28T23:59:59.987Z", "hello");
        row("a leap day", "2024-02-29T00:00:00Z hello", "2024-02-29T00:00:00.000Z", "hello");
        row("nothing behind", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z", "");
        row("with a stream", "2024-05-22T12:43:46.962646Z 00O hello", "2024-05-22T12:43:46.962Z", "hello");
        row("with a stream, goes on", "2024-05-22T12:43:46.962646Z 01E+hello", "2024-05-22T12:43:46.962Z", "hello");
        row("in brackets", "[2026-11-22T18:17:00.123Z] hello", "2026-11-22T18:17:00.123Z", "hello");
        row("an indent stays", "2024-02-29T00:00:00Z   hello", "2024-02-29T00:00:00.000Z", "  hello");
        row("not a time", "2024-13-29T00:00:00Z hello", "", "2024-13-29T00:00:00Z hello");
        row("of another zone", "2024-12-29T00:00:00+02:00 hello", "", "2024-12-29T00:00:00+02:00 hello");
        row("part of a word", "2024-12-29T00:00:00Z.log", "", "2024-12-29T00:00:00Z.log");
        row("of a section", "section_start:1560896352:build\r\x1b[0KBuild it", "2019-06-18T22:19:12.000Z", "Build it");
        row("a bracket", "[INFO] hello", "", "[INFO] hello");
    }
    void timesAreReadAs()
    {
        QFETCH(QByteArray, line);
        QFETCH(QString, time);
        QFETCH(QString, text);
        const JobLog log = logOf(line + "\n");
        const QDateTime read = log.timeMs(0) < 0 ? QDateTime() : QDateTime::fromMSecsSinceEpoch(log.timeMs(0), Qt::UTC);
        QCOMPARE(read.isValid() ? read.toString(Qt::ISODateWithMs) : QString(), time);
        QCOMPARE(log.line(0).text.text, text);
        QCOMPARE(log.hasTimes(), !time.isEmpty());
    }

    // ---- groups

    void groupsAreReadAs_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QStringList>("rows");
        const auto row = [](const char *name, const QByteArray &bytes, std::initializer_list<const char *> rows) {
            QTest::newRow(name) << bytes << texts(rows);
        };
        row("folded when it ended", "a\n##[group]Run make\nmake\n##[endgroup]\nb\n", {"a", "> Run make", "b"});
        row("as a workflow writes it", "::group::Set up\nx\ny\n::endgroup::\nb\n", {"> Set up", "b"});
        row("open while it goes on", "##[group]Run make\nmake\n", {"Run make", "make"});
        row("open with an error in it", "##[group]Test\nok\n##[error]no\n##[endgroup]\nb\n", {"Test", "ok", "no", "b"});
        row("an empty one is nothing to fold", "##[group]Test\n##[endgroup]\nb\n", {"Test", "b"});
        row("sections stay open",
            "section_start:1:a\r\x1b[0KFirst\nx\nsection_end:2:a\r\x1b[0Ksection_start:3:b\r\x1b[0KSecond\ny\n"
            "section_end:4:b\r\x1b[0K\nend\n",
            {"First", "x", "Second", "y", "end"});
        row("sections that want to be folded",
            "\x1b[0Ksection_start:1:a[collapsed=true]\r\x1b[0KFirst\nx\nsection_end:2:a\r\x1b[0K\nend\n",
            {"> First", "end"});
        row("an end of an outer one ends those within",
            "section_start:1:a[collapsed=true]\r\x1b[0KA\nsection_start:2:b\r\x1b[0KB\nx\nsection_end:3:a\r\x1b["
            "0K\nend\n",
            {"> A", "end"});
        row("an end behind text without one",
            "section_start:1:a[collapsed=true]\r\x1b[0KA\nx\nysection_end:3:a\r\x1b[0K\nz\n", {"> A", "y", "z"});
        row("folds without a title", "travis_fold:start:git.1\r\x1b[0K\nx\ntravis_fold:end:git.1\r\x1b[0K\nb\n",
            {"> git.1", "b"});
        row("folds with a time",
            "travis_fold:start:git.1\r\x1b[0Ktravis_time:start:0f\r\x1b[0K$ git clone\nx\n"
            "travis_time:end:0f:start=1,finish=2,duration=1\r\x1b[0Ktravis_fold:end:git.1\r\x1b[0K\nb\n",
            {"> $ git clone", "b"});
        row("stages",
            "[Pipeline] stage\n[Pipeline] { (Build)\n[Pipeline] sh\n+ make\n[Pipeline] }\n[Pipeline] // stage\n",
            {"[Pipeline] stage", "Build", "[Pipeline] sh", "+ make", "[Pipeline] // stage"});
        row("an end of none", "##[endgroup]\nx\n", {"x"});
        row("with times",
            "2026-11-22T18:16:20Z ##[group]G\n2026-11-22T18:16:20Z x\n2026-11-22T18:16:20Z ##[endgroup]\n", {"> G"});
        row("two next to each other", "##[group]A\na\n##[endgroup]\n##[group]B\nb\n##[endgroup]\nc\n",
            {"> A", "> B", "c"});
    }
    void groupsAreReadAs()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QStringList, rows);
        QCOMPARE(rowsOf(logOf(bytes)), rows);
        QCOMPARE(rowsOf(logOf(bytes, 1)), rows);
    }

    void stagesEndWhereTheirBlocksDo()
    {
        const JobLog log =
            logOf("[Pipeline] node\n[Pipeline] {\n[Pipeline] stage\n[Pipeline] { (Build)\n[Pipeline] script\n"
                  "[Pipeline] {\nx\n[Pipeline] }\n[Pipeline] // script\ny\n[Pipeline] }\nz\n[Pipeline] }\n");
        QCOMPARE(log.groups().size(), size_t(1));
        QCOMPARE(log.groups()[0].first, 3);
        QCOMPARE(log.groups()[0].end, 10);
        QCOMPARE(log.groupAround(9), 0);
        QCOMPARE(log.groupAround(11), -1);
    }

    void foldingHidesAndShows()
    {
        JobLog log = logOf("a\n::group::A\n1\n::group::B\n2\n::endgroup::\n3\n::endgroup::\nb\n");
        QCOMPARE(rowsOf(log), texts({"a", "> A", "b"}));
        log.setFolded(0, false);
        QCOMPARE(rowsOf(log), texts({"a", "A", "1", "> B", "3", "b"}));
        QCOMPARE(log.line(4).depth, 2);
        QVERIFY(!log.isShown(4));
        QCOMPARE(log.lineOfRow(log.rowOfLine(4)), 3); // its head
        log.setFolded(0, true);
        log.reveal(4);
        QCOMPARE(rowsOf(log), texts({"a", "A", "1", "B", "2", "3", "b"}));
        log.setAllFolded(true);
        QCOMPARE(rowsOf(log), texts({"a", "> A", "b"}));
        log.setAllFolded(false);
        QCOMPARE(rowsOf(log).size(), 7);
    }

    void aFoldedGroupThatGoesOnTakesWhatComes()
    {
        JobLogReader reader;
        JobLog log;
        const auto take = [&](const char *bytes) {
            for (const JobLogPiece &piece : reader.read(bytes))
                log.take(piece);
        };
        take("::group::A\n1\n");
        log.setFolded(0, true);
        take("2\n3");
        QCOMPARE(rowsOf(log), texts({"> A"}));
        take("\n::endgroup::\nb\nc");
        QCOMPARE(rowsOf(log), texts({"> A", "b", "c"}));
    }

    void whatSomebodyReadsDoesNotFoldItself()
    {
        JobLogReader reader;
        JobLog log;
        log.setReadLine(2);
        for (const JobLogPiece &piece : reader.read("::group::A\n1\n2\n::endgroup::\n::group::B\n1\n::endgroup::\n"))
            log.take(piece);
        QCOMPARE(rowsOf(log), texts({"A", "1", "2", "> B"}));
    }

    // Rows and lines, against a list made the slow way.
    void rowsAreTheLinesThatAreShown()
    {
        std::mt19937 random(11);
        JobLogReader reader;
        JobLog log;
        for (int turn = 0; turn < 400; ++turn) {
            QByteArray bytes;
            for (unsigned i = random() % 6; i > 0; --i) {
                static const char *const lines[] = {"x\n", "y\n", "::group::G\n", "::endgroup::\n", "error: e\n"};
                bytes += lines[random() % 5];
            }
            for (const JobLogPiece &piece : reader.read(bytes))
                log.take(piece);
            if (!log.groups().empty() && random() % 3 == 0)
                log.setFolded(static_cast<int>(random() % log.groups().size()), random() % 2 == 0);
            QList<int> shown;
            for (int line = 0; line < log.lineCount(); ++line) {
                bool isShown = !log.line(line).text.text.isEmpty();
                for (int group = log.groupAround(line); group >= 0;
                     group = log.groups()[static_cast<size_t>(group)].parent)
                    isShown &= !log.groups()[static_cast<size_t>(group)].isFolded;
                QCOMPARE(log.isShown(line), isShown);
                if (isShown) {
                    QCOMPARE(log.rowOfLine(line), shown.size());
                    shown.append(line);
                }
            }
            QCOMPARE(log.rowCount(), shown.size());
            for (int row = 0; row < shown.size(); ++row)
                QCOMPARE(log.lineOfRow(row), shown[row]);
        }
    }

    // ---- levels

    void levelsAreGuessedAs_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<int>("level");
        const auto row = [](Level level, const char *line) {
            QTest::newRow(line) << QByteArray(line) << static_cast<int>(level);
        };
        row(Level::Error, "##[error]Process completed with exit code 1.");
        row(Level::Error, "2026-11-22T18:16:20Z ##[error]no");
        row(Level::Error, "::error file=a.c,line=3::no");
        row(Level::Error, "src/a.c:3:1: error: expected ';'");
        row(Level::Error, "src/a.c:3:1: fatal error: no such file");
        row(Level::Error, "\x1b[1m\x1b[31merror\x1b[0m\x1b[1m:\x1b[0m could not compile");
        row(Level::Error, "error[E0308]: mismatched types");
        row(Level::Error, "ValueError: no");
        row(Level::Error, "ERROR: Job failed: exit code 1");
        row(Level::Error, "[ERROR] COMPILATION ERROR :");
        row(Level::Error, "FAILED tests/test_a.py::test_b");
        row(Level::Error, "[  FAILED  ] A.b");
        row(Level::Error, "--- FAIL: TestA (0.00s)");
        row(Level::Error, "FAIL\tpkg\t0.01s");
        row(Level::Error, "BUILD FAILURE");
        row(Level::Error, "Traceback (most recent call last):");
        row(Level::Error, "panic: runtime error");
        row(Level::Error, "npm ERR! code 1");
        row(Level::Error, "make: *** [Makefile:3: all] Error 2");
        row(Level::Error, "not ok 3 - adds");
        row(Level::Error, "bash: foo: command not found");
        row(Level::Error, "time=\"x\" level=error msg=y");
        row(Level::Warning, "warning: 1 deprecated call in resize()");
        row(Level::Warning, "##[warning]Node 12 is deprecated");
        row(Level::Warning, "[WARNING] x");
        row(Level::Warning, "npm WARN deprecated");
        row(Level::Plain, "tests/test_a.py::test_b PASSED");
        row(Level::Plain, "terror: a word");
        row(Level::Plain, "ERROR: 0");
        row(Level::Plain, "0 FAILED, 12 passed");
        row(Level::Plain, "Tests run: 3, Failures: 0, Errors: 0");
        row(Level::Plain, "+ echo error: not yet");
        row(Level::Plain, "$ grep ERROR log");
        row(Level::Plain, "##[debug]error: of no interest");
        row(Level::Plain, "TERRORS FAILEDX");
        row(Level::Error, "10 FAILED");
        row(Level::Error, "ERROR: 07 is no number");
    }
    void levelsAreGuessedAs()
    {
        QFETCH(QByteArray, line);
        QFETCH(int, level);
        const JobLog log = logOf(line + "\n");
        QCOMPARE(static_cast<int>(log.line(0).level), level);
        QCOMPARE(log.errorCount(), level == static_cast<int>(Level::Error) ? 1 : 0);
    }

    void aScriptThatIsRepeatedIsNoError()
    {
        const JobLog log = logOf("##[group]Run test || echo error: no\necho error: no\n##[endgroup]\nok\nerror: yes\n");
        QCOMPARE(log.firstError(), 4);
        QCOMPARE(log.line(1).level, Level::Plain);
    }

    // ---- against the decoder

    // Whatever comes: stripped as ansi::read() shows it, and the same style at the end.
    void stripsAsTheDecoderDoes()
    {
        std::mt19937 random(5);
        const QString some = QStringLiteral("\x1b[]0;:mK38252\r\x07\\x\t\x9b(B8Pü°完a\u0085");
        for (int i = 0; i < 40000; ++i) {
            QString line;
            for (unsigned j = random() % 24; j > 0; --j)
                line.append(some[static_cast<qsizetype>(random() % static_cast<unsigned>(some.size()))]);
            ansi::Style style;
            const QString read = ansi::read(line, style).text;
            const std::string bytes = line.toStdString();
            std::string stripped;
            logline::strip(bytes, stripped);
            QCOMPARE(QString::fromStdString(stripped), read);
            if (logline::isPlain(bytes))
                QCOMPARE(read, line.endsWith(QLatin1Char('\r')) ? line.chopped(1) : line);
            ansi::Style passed;
            logline::passStyle(bytes, passed);
            if (!line.contains(QLatin1Char(']')) && !line.contains(QLatin1Char('P')))
                QVERIFY2(passed == style, bytes.c_str());
        }
    }

    // ---- search

    void searchFinds_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isExact");
        QTest::addColumn<QList<int>>("hits");
        QTest::newRow("capitals do not matter") << QStringLiteral("error") << false << QList<int>{1, 2, 4};
        QTest::newRow("capitals matter") << QStringLiteral("error") << true << QList<int>{1, 4};
        QTest::newRow("beyond a colour") << QStringLiteral("an err") << false << QList<int>{1, 2, 4};
        QTest::newRow("not in what is written over") << QStringLiteral("10 %") << false << QList<int>{};
        QTest::newRow("not in times") << QStringLiteral("2026") << false << QList<int>{5};
        QTest::newRow("not in words for machines") << QStringLiteral("group") << false << QList<int>{};
        QTest::newRow("umlauts") << QStringLiteral("ÜBER") << false << QList<int>{6};
        QTest::newRow("umlauts as they are") << QStringLiteral("ÜBER") << true << QList<int>{};
        QTest::newRow("Chinese") << QStringLiteral("完成") << false << QList<int>{6};
        QTest::newRow("nothing") << QString() << false << QList<int>{};
        QTest::newRow("not over lines") << QStringLiteral("yError") << false << QList<int>{};
    }
    void searchFinds()
    {
        QFETCH(QString, text);
        QFETCH(bool, isExact);
        QFETCH(QList<int>, hits);
        const QByteArray bytes = "2026-11-22T18:16:20Z ##[group]ready\n"
                                 "2026-11-22T18:16:20Z an errand with error, error\n"
                                 "Error: twice an ERROR\n"
                                 "10 %\r20 %\n"
                                 "an \x1b[31merr\x1b[1mor\x1b[0m\n"
                                 "in 2026\n"
                                 "über 完成\n";
        QByteArray plain; // the other way through
        const JobLog log = logOf(bytes);
        for (int from = 0; from <= 7; ++from)
            QCOMPARE(hitsOf(log, text, isExact, from), hits);
        const QByteArray without =
            QByteArray(bytes).replace("\x1b[31merr\x1b[1mor\x1b[0m", "error").replace("10 %\r", "");
        const JobLog chunk = logOf(without);
        QVERIFY(chunk.text().chunks().front()->controls.empty() == !without.contains("\xc2"));
        QCOMPARE(hitsOf(chunk, text, isExact), hits);
    }

    void searchFindsTitles()
    {
        const JobLog log = logOf("travis_fold:start:git.1\r\nx\ntravis_fold:end:git.1\r\n");
        QCOMPARE(hitsOf(log, QStringLiteral("GIT"), false), QList<int>{0});
        QCOMPARE(hitsOf(log, QStringLiteral("fold"), false), QList<int>());
    }

    void searchGoesOnWithTheLog()
    {
        JobLogReader reader;
        JobLog log;
        const auto take = [&](const QByteArray &bytes) {
            for (const JobLogPiece &piece : reader.read(bytes))
                log.take(piece);
        };
        take("x\nhit 1\nx\nhit 2\n");
        JobLogSearch search(log);
        search.begin(QStringLiteral("hit"), true, 2);
        while (search.step(1us)) {
        }
        QCOMPARE(search.hitCount(), 2);
        QCOMPARE(search.hitIndex(3), 1);
        take("hit 3\nhit");
        QVERIFY(!search.isDone());
        while (search.step(1us)) {
        }
        QCOMPARE(search.hitCount(), 3);
        QCOMPARE(search.hitAfter(4), 1); // around
        QCOMPARE(search.hitBefore(1), 4);
        take("\n");
        while (search.step(1us)) {
        }
        QCOMPARE(search.hitCount(), 4);
        QCOMPARE(search.hitIndex(5), 3);
        QCOMPARE(search.hitIndex(2), -1);
    }

    void aSearchStopsWhereNobodyCounts()
    {
        const JobLog log = logOf(QByteArray("a\n").repeated(JobLogSearch::mostHits + 200000));
        JobLogSearch search(log);
        search.begin(QStringLiteral("a"), false, 0);
        while (search.step(1ms)) {
        }
        QVERIFY(search.isCut());
        QVERIFY(search.hitCount() >= JobLogSearch::mostHits);
    }

    // ---- steps

    void stepsOfOneNameAreTakenInTheirOrder()
    {
        const JobLog log = logOf("##[group]Run make\n##[endgroup]\n"
                                 "##[group]run MAKE\n##[endgroup]\n"
                                 "##[group]make check\n##[endgroup]\n"
                                 "##[group]Make\n##[endgroup]\nover\n");
        QCOMPARE(log.groups().size(), 4U);
        const auto head = [&log](size_t group) { return log.groups()[group].first; };
        const auto lines = linesOfSteps(log, {stepCalled("make"), stepCalled("make"), stepCalled("Make check"),
                                              stepCalled("deploy"), stepCalled("make"), stepCalled("make")});
        QCOMPARE(lines, (QList<int>{head(0), head(1), head(2), -1, head(3), -1}));
    }

    // Steps are told to the second: what cannot be told apart leads to the first line of that second.
    void stepsAreFoundByTheirTimes_data()
    {
        QTest::addColumn<QString>("steps"); // "NAME FROM TO", seconds; "-": none
        QTest::addColumn<QList<int>>("lines");
        QTest::newRow("a second of its own") << QStringLiteral("set-up 0 2") << QList<int>{0};
        QTest::newRow("the only group of a shared second")
            << QStringLiteral("set-up 0 3; clone 3 5") << QList<int>({0, 3});
        QTest::newRow("two groups in it: whose?")
            << QStringLiteral("set-up 0 3; clone 3 5; pack 5 8") << QList<int>({0, 3, 5});
        QTest::newRow("two steps in it: whose?")
            << QStringLiteral("set-up 0 3; first 3 3; clone 3 5") << QList<int>({0, 2, 2});
        QTest::newRow("its name, printed by a later one")
            << QStringLiteral("set-up 0 3; tests 3 5; pack 5 8") << QList<int>({0, 3, 5});
        QTest::newRow("its name, in its time") << QStringLiteral("pack 5 8; tests 8 9") << QList<int>({5, 10});
        QTest::newRow("its name, printed by an earlier one") << QStringLiteral("checkout 9 9") << QList<int>{12};
        QTest::newRow("nothing was written meanwhile") << QStringLiteral("pause 1 1; clone 3 5") << QList<int>({-1, 3});
        QTest::newRow("it goes on") << QStringLiteral("pack 5 -") << QList<int>{5};
        QTest::newRow("nobody says when") << QStringLiteral("tests - -; other - -") << QList<int>({10, -1});
    }
    void stepsAreFoundByTheirTimes()
    {
        const QDateTime begin(QDate(2026, 11, 22), QTime(10, 54, 0), Qt::UTC);
        const JobLog log = logOf("2026-11-22T10:54:00.1000000Z runner\n"            // 0
                                 "2026-11-22T10:54:00.2000000Z 2.319\n"             // 1
                                 "2026-11-22T10:54:03.1000000Z set up\n"            // 2
                                 "2026-11-22T10:54:03.5000000Z ##[group]Run git\n"  // 3
                                 "2026-11-22T10:54:03.5000000Z ##[endgroup]\n"      // 4
                                 "2026-11-22T10:54:05.1000000Z cloned\n"            // 5
                                 "2026-11-22T10:54:05.2000000Z ##[group]checkout\n" // 6
                                 "2026-11-22T10:54:05.3000000Z ##[endgroup]\n"      // 7
                                 "2026-11-22T10:54:05.6000000Z ##[group]Run make\n" // 8
                                 "2026-11-22T10:54:05.7000000Z ##[endgroup]\n"      // 9
                                 "2026-11-22T10:54:08.1000000Z ##[group]tests\n"    // 10
                                 "2026-11-22T10:54:08.2000000Z ##[endgroup]\n"      // 11
                                 "2026-11-22T10:54:09.1000000Z the end\n");         // 12
        QFETCH(QString, steps);
        QList<JobStep> all;
        for (const QString &one : steps.split(QStringLiteral("; "))) {
            JobStep step = stepCalled(one.section(u' ', 0, 0).toUtf8());
            bool isTold = false;
            if (const int from = one.section(u' ', 1, 1).toInt(&isTold); isTold)
                step.startedAt = begin.addSecs(from);
            if (const int to = one.section(u' ', 2, 2).toInt(&isTold); isTold)
                step.finishedAt = begin.addSecs(to);
            all.append(step);
        }
        QTEST(linesOfSteps(log, all), "lines");
    }

    void manyStepsInManyGroupsAreFoundAtOnce()
    {
        QByteArray text;
        for (int i = 0; i < 40'000; ++i)
            text += "##[group]Package " + QByteArray::number(i) + "\n##[endgroup]\n";
        const JobLog log = logOf(text);
        QList<JobStep> steps;
        for (int i = 0; i < 1000; ++i)
            steps.append(stepCalled("none is called " + QByteArray::number(i)));
        steps.append(stepCalled("package 39999"));
        QElapsedTimer took;
        took.start();
        const QList<int> lines = linesOfSteps(log, steps);
        QVERIFY2(took.elapsed() < 3000, qPrintable(QString::number(took.elapsed()))); // each by each: half a minute
        QCOMPARE(lines.last(), log.groups().back().first);
    }
};

QTEST_APPLESS_MAIN(TestJobLog)
#include "test_joblog.moc"

#include "services/workspace/yamldocument.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;

namespace
{

QString dump(const YamlDocument &document)
{
    return QString::fromStdString(document.root().dump());
}

} // namespace

class TestYamlDocument : public QObject
{
    Q_OBJECT
private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void scalarsKeepTheirText_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("json");
        QTest::newRow("nothing") << QByteArray() << "null";
        QTest::newRow("comment only") << QByteArray("# hello\n") << "null";
        QTest::newRow("version") << QByteArray("v: 1.10\n") << "{\"v\":\"1.10\"}";
        QTest::newRow("leading zero") << QByteArray("v: 007\n") << "{\"v\":\"007\"}";
        QTest::newRow("null and empty") << QByteArray("a: null\nb:\nc: ~\nd: ''\ne: \"null\"\n")
                                        << "{\"a\":null,\"b\":null,\"c\":null,\"d\":\"\",\"e\":\"null\"}";
        QTest::newRow("order stays") << QByteArray("z: 1\na: 2\n") << "{\"z\":\"1\",\"a\":\"2\"}";
        QTest::newRow("json") << QByteArray("{\"a\": [1, true, null, \"x\\/y\"],\t\"b\": {}}")
                              << "{\"a\":[\"1\",\"true\",null,\"x/y\"],\"b\":{}}";
        QTest::newRow("json without blanks") << QByteArray("{\"a\":{\"b\":\"c\"}}") << "{\"a\":{\"b\":\"c\"}}";
        QTest::newRow("json with tabs") << QByteArray("{\n\t\"a\": [\n\t\t1\n\t]\n}\n") << "{\"a\":[\"1\"]}";
        QTest::newRow("block text") << QByteArray("a: |\n  x\n  y\n") << "{\"a\":\"x\\ny\\n\"}";
        QTest::newRow("folded text") << QByteArray("a: >-\n  x\n  y\n") << "{\"a\":\"x y\"}";
        QTest::newRow("windows line ends") << QByteArray("a: 1\r\nb: 2\r\n") << "{\"a\":\"1\",\"b\":\"2\"}";
        QTest::newRow("byte order mark") << QByteArray("\xef\xbb\xbf"
                                                       "a: 1\n")
                                         << "{\"a\":\"1\"}";
        QTest::newRow("alias") << QByteArray("a: &x {k: 1}\nb: *x\n") << "{\"a\":{\"k\":\"1\"},\"b\":{\"k\":\"1\"}}";
        QTest::newRow("merge key") << QByteArray("a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}\n")
                                   << "{\"a\":{\"k\":\"1\",\"l\":\"2\"},\"b\":{\"l\":\"3\",\"k\":\"1\"}}";
        QTest::newRow("merge keys")
            << QByteArray("a: &x {k: 1}\nb: &y {k: 2, m: 4}\nc: {<<: [*x, *y]}\n")
            << "{\"a\":{\"k\":\"1\"},\"b\":{\"k\":\"2\",\"m\":\"4\"},\"c\":{\"k\":\"1\",\"m\":\"4\"}}";
        QTest::newRow("document marker") << QByteArray("---\na: 1\n") << "{\"a\":\"1\"}";
        QTest::newRow("beyond ASCII") << QByteArray("a: 生产\n") << QStringLiteral("{\"a\":\"生产\"}");
    }
    void scalarsKeepTheirText()
    {
        QFETCH(QByteArray, yaml);
        const auto document = YamlDocument::parse(yaml, QStringLiteral("f.yaml"));
        QVERIFY2(document.has_value(), document ? "" : qPrintable(document.error().message));
        QTEST(dump(*document), "json");
    }

    void quotesAreRemembered()
    {
        const auto document = YamlDocument::parse("a: true\nb: \"true\"\nc: 'x'\n", QStringLiteral("f"));
        QVERIFY(document.has_value());
        QVERIFY(!document->isQuoted(QStringLiteral("/a")));
        QVERIFY(document->isQuoted(QStringLiteral("/b")));
        QVERIFY(document->isQuoted(QStringLiteral("/c")));
    }

    void linesAreThoseOfTheFile_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<int>("line");
        QTest::newRow("top") << "" << 2;
        QTest::newRow("map value") << "/users/0/user/token" << 5;
        QTest::newRow("second item") << "/users/1" << 6;
        QTest::newRow("absent: nearest above") << "/users/1/user/token" << 6;
        QTest::newRow("escaped") << "/a~1b" << 7;
    }
    void linesAreThoseOfTheFile()
    {
        const auto document = YamlDocument::parse(
            "# head\nusers:\n- name: x\n  user:\n    token: t\n- name: y\na/b: 1\n", QStringLiteral("f"));
        QVERIFY(document.has_value());
        QFETCH(QString, pointer);
        QTEST(document->lineOf(pointer), "line");
    }

    void complaintsNameFileLineAndPath_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("flag")
            << QByteArray("a:\n  on: maybe\n")
            << "f.yaml:2: a.on: expected true or false, found \"maybe\". Write one of the two, without quotes.";
        QTest::newRow("quoted flag")
            << QByteArray("a:\n  on: \"true\"\n")
            << "f.yaml:2: a.on: expected true or false, found \"true\". Write one of the two, without quotes.";
        QTest::newRow("number")
            << QByteArray("a:\n  count: 9\n")
            << "f.yaml:2: a.count: expected a whole number from 1 to 5, found \"9\". Write such a number, "
               "without quotes.";
        QTest::newRow("list for a text") << QByteArray("a:\n  name: [x]\n")
                                         << "f.yaml:2: a.name: expected a text, found a list. Write one value here.";
        QTest::newRow("map in texts") << QByteArray("a:\n  texts:\n  - x\n  - k: v\n")
                                      << "f.yaml:4: a.texts[1]: expected a text, found a map. Write one value here.";
        QTest::newRow("missing") << QByteArray("a:\n  texts: []\n  needed:\n")
                                 << "f.yaml:3: a.needed: expected a text, found nothing. Say which.";
        QTest::newRow("text for a map") << QByteArray("a: secret\n") << "f.yaml:1: a: expected a map, found a text.";
    }
    void complaintsNameFileLineAndPath()
    {
        QFETCH(QByteArray, yaml);
        const auto document = YamlDocument::parse(yaml, QStringLiteral("f.yaml"));
        QVERIFY(document.has_value());
        YamlReader reader;
        const YamlValue a = reader.map(YamlValue(*document), QStringLiteral("a"));
        reader.flag(a, QStringLiteral("on"));
        reader.number(a, QStringLiteral("count"), 1, 1, 5);
        reader.text(a, QStringLiteral("name"));
        reader.texts(a, QStringLiteral("texts"));
        if (a[QStringLiteral("needed")].exists())
            reader.requiredText(a, QStringLiteral("needed"), QStringLiteral("Say which."));
        QVERIFY(reader.error().has_value());
        QTEST(reader.error()->message, "sentence");
        QCOMPARE(reader.error()->kind, ErrorKind::Invalid);
    }

    void whatCannotBeReadIsRefusedWithItsLine_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("begin");
        QTest::newRow("not closed") << QByteArray("a: [1,\n") << "f.yaml:2: This is neither valid YAML nor JSON: ";
        QTest::newRow("indentation") << QByteArray("a:\n  b: 1\n c: 2\n")
                                     << "f.yaml:3: This is neither valid YAML nor JSON: ";
        QTest::newRow("tab") << QByteArray("a:\n\tb: 1\n") << "f.yaml:2: This is neither valid YAML nor JSON: ";
        QTest::newRow("key twice") << QByteArray("a: 1\nb: 2\na: 3\n")
                                   << "f.yaml:3: The key \"a\" is given twice, first in line 1. Remove one of them.";
        QTest::newRow("two documents") << QByteArray("a: 1\n---\nb: 1\n")
                                       << "f.yaml:2: Expected one document, found a second";
        QTest::newRow("binary") << QByteArray("a: 1\nb: \x04z\n", 11)
                                << "f.yaml:2: Expected text, found the control character 0x04.";
        QTest::newRow("latin-1") << QByteArray("a: 1\nb: \xe4\n") << "f.yaml:2: Expected text in UTF-8";
        QTest::newRow("deep") << QByteArray(100, '[') << "f.yaml:1: Nested deeper than 64 levels. Flatten it.";
        QTest::newRow("very deep") << QByteArray(200'000, '[') << "f.yaml:1: Nested deeper than 64 levels. Flatten it.";
        QTest::newRow("deep blocks") << QByteArray("- ").repeated(5000) << "f.yaml:1: Nested deeper than 64 levels.";
        QTest::newRow("recursive alias") << QByteArray("a: &x\n  b: *x\n")
                                         << "f.yaml:2: An alias stands for a value that contains it.";
        QTest::newRow("unknown alias") << QByteArray("a: *x\n") << "f.yaml:1: This is neither valid YAML nor JSON: ";
        QTest::newRow("merge of a text") << QByteArray("a: {<<: x}\n") << "f.yaml:1: The key << takes a map";
        QTest::newRow("key is a list") << QByteArray("? [a]\n: 1\n") << "f.yaml:1: A key must be a text.";
        QByteArray laughs("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 12; ++i) {
            const QByteArray before = "*a" + QByteArray::number(i - 1);
            laughs += "a" + QByteArray::number(i) + ": &a" + QByteArray::number(i) + " [" + (before + ",").repeated(9) +
                      before + "]\n";
        }
        QTest::newRow("billion laughs") << laughs << "f.yaml:6: More than 200000 values, aliases written out.";
        QTest::newRow("large") << QByteArray(5 * 1024 * 1024, 'x')
                               << "f.yaml:1: Expected at most 4194304 bytes, found more.";
    }
    void whatCannotBeReadIsRefusedWithItsLine()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, begin);
        const auto document = YamlDocument::parse(yaml, QStringLiteral("f.yaml"));
        QVERIFY(!document.has_value());
        QVERIFY2(document.error().message.startsWith(begin), qPrintable(document.error().message));
        QCOMPARE(document.error().kind, ErrorKind::Invalid);
    }

    void loadTellsAMissingFileFromABadOne()
    {
        QTemporaryDir dir;
        const auto missing = YamlDocument::load(dir.filePath(QStringLiteral("none")));
        QVERIFY(!missing.has_value());
        QCOMPARE(missing.error().kind, ErrorKind::NotFound);
        const auto folder = YamlDocument::load(dir.path());
        QVERIFY(!folder.has_value());
        QCOMPARE(folder.error().kind, ErrorKind::Invalid);
        QVERIFY(folder.error().message.contains(QStringLiteral("is a folder")));
    }
};

QTEST_GUILESS_MAIN(TestYamlDocument)
#include "test_yamldocument.moc"

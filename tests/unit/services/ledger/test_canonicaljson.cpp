#include "services/ledger/canonicaldocument.h"
#include "services/ledger/canonicaljson.h"

#include <nlohmann/json.hpp>

#include <QTest>

#include <cmath>
#include <cstring>

using namespace signalbox;

class TestCanonicalJson : public QObject
{
    Q_OBJECT
private slots:
    // RFC 8785, appendix B; the last rows from its text.
    void numbersArePrintedAsEcmaScriptDoes_data()
    {
        QTest::addColumn<quint64>("bits");
        QTest::addColumn<QByteArray>("printed");
        const auto row = [](quint64 bits, const char *printed) {
            QTest::newRow(printed) << bits << QByteArray(printed);
        };
        row(0x0000000000000000, "0");
        row(0x0000000000000001, "5e-324");
        row(0x8000000000000001, "-5e-324");
        row(0x7fefffffffffffff, "1.7976931348623157e+308");
        row(0xffefffffffffffff, "-1.7976931348623157e+308");
        row(0x4340000000000000, "9007199254740992");
        row(0xc340000000000000, "-9007199254740992");
        row(0x4430000000000000, "295147905179352830000");
        row(0x44b52d02c7e14af5, "9.999999999999997e+22");
        row(0x44b52d02c7e14af6, "1e+23");
        row(0x44b52d02c7e14af7, "1.0000000000000001e+23");
        row(0x444b1ae4d6e2ef4e, "999999999999999700000");
        row(0x444b1ae4d6e2ef4f, "999999999999999900000");
        row(0x444b1ae4d6e2ef50, "1e+21");
        row(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7");
        row(0x3eb0c6f7a0b5ed8d, "0.000001");
        row(0x41b3de4355555553, "333333333.3333332");
        row(0x41b3de4355555554, "333333333.33333325");
        row(0x41b3de4355555555, "333333333.3333333");
        row(0x41b3de4355555556, "333333333.3333334");
        row(0x41b3de4355555557, "333333333.33333343");
        row(0xbecbf647612f3696, "-0.0000033333333333333333");
        row(0x43143ff3c1cb0959, "1424953923781206.2");
        QTest::newRow("minus zero") << quint64(0x8000000000000000) << QByteArray("0");
    }
    void numbersArePrintedAsEcmaScriptDoes()
    {
        QFETCH(quint64, bits);
        double value = 0;
        std::memcpy(&value, &bits, sizeof value);
        QTEST(ecmaScriptNumber(value), "printed");
        QTEST(*canonicalJson(nlohmann::json(value)), "printed");
    }

    void documentsHaveOneForm_data()
    {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<QByteArray>("canonical");
        QTest::newRow("RFC 8785, 3.2.2")
            << QByteArray("{ \"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],\n"
                          "\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\", \"literals\": "
                          "[null, true, false] }")
            << QByteArray("{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                          "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
        // An emoji's surrogates sort before U+FB33, though its code point is greater.
        QTest::newRow("RFC 8785, 3.2.3: order of keys")
            << QByteArray("{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet "
                          "With Dagesh\","
                          "\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
                          "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}")
            << QByteArray("{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
                          "\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\","
                          "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\",\"\xef\xac\xb3\":\"Hebrew Letter Dalet With "
                          "Dagesh\"}");
        QTest::newRow("empty") << QByteArray(" { } ") << QByteArray("{}");
        QTest::newRow("nested") << QByteArray("[{\"b\":[],\"a\":{}}]") << QByteArray("[{\"a\":{},\"b\":[]}]");
        QTest::newRow("controls") << QByteArray("\"\\b\\t\\f\\u0001\\u007f\"")
                                  << QByteArray("\"\\b\\t\\f\\u0001\x7f\"");
        QTest::newRow("greatest exact integer") << QByteArray("9007199254740992") << QByteArray("9007199254740992");
    }
    void documentsHaveOneForm()
    {
        QFETCH(QByteArray, input);
        QFETCH(QByteArray, canonical);
        const auto parsed = nlohmann::json::parse(input.toStdString());
        const auto once = canonicalJson(parsed);
        QVERIFY(once);
        QCOMPARE(*once, canonical);
        QCOMPARE(*canonicalJson(nlohmann::json::parse(once->toStdString())), canonical);
    }

    void whatHasNoCanonicalFormIsInvalid_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("overlong") << QByteArray("\xc0\xaf");
        QTest::newRow("cut off") << QByteArray("\xe2\x82");
        QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80");
        QTest::newRow("beyond Unicode") << QByteArray("\xf4\x90\x80\x80");
        QTest::newRow("stray continuation") << QByteArray("a\x80");
    }
    void whatHasNoCanonicalFormIsInvalid()
    {
        QFETCH(QByteArray, text);
        QCOMPARE(canonicalJson(nlohmann::json(text.toStdString())).error().kind, ErrorKind::Invalid);
        QCOMPARE(canonicalJson(nlohmann::json{{text.toStdString(), 1}}).error().kind, ErrorKind::Invalid);
    }

    void numbersADoubleCannotHoldAreInvalid()
    {
        QVERIFY(!canonicalJson(nlohmann::json(9007199254740993LL)));
        QVERIFY(!canonicalJson(nlohmann::json(-9007199254740993LL)));
        QVERIFY(!canonicalJson(nlohmann::json(18446744073709551615ULL)));
        QVERIFY(!canonicalJson(nlohmann::json(std::nan(""))));
        QVERIFY(!canonicalJson(nlohmann::json(HUGE_VAL)));
    }

    void onePassProvesTheOneForm_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("isProven");
        const auto row = [](const char *name, const QByteArray &text, bool isProven) {
            QTest::newRow(name) << text << isProven;
        };
        row("everything",
            "{\"\":[],\"a\":{\"b\":null,\"c\":[true,false,-7,0]},\"z\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f/é€😀\"}",
            true);
        row("greatest exact number", "9007199254740992", true);
        row("a number too great", "9007199254740993", false);
        row("a number far too great", "99999999999999999999999999", false);
        row("zero in front", "07", false);
        row("minus zero", "-0", false);
        row("plus", "+1", false);
        row("not a whole number: the long way", "1.5", false);
        row("an exponent: the long way", "1e+21", false);
        row("space", "[1, 2]", false);
        row("line end behind", "{}\n", false);
        row("something behind", "{}{}", false);
        row("keys out of order", "{\"b\":1,\"a\":2}", false);
        row("a key twice", "{\"a\":1,\"a\":1}", false);
        row("a key beyond ASCII: the long way", "{\"é\":1}", false);
        row("capital hexadecimal digits", "\"\\u001F\"", false);
        row("an escape that is not the shortest", "\"\\u000a\"", false);
        row("an escape that is not needed", "\"\\u0041\"", false);
        row("an escaped slash", "\"\\/\"", false);
        row("a bare control character", "\"\x01\"", false);
        row("overlong UTF-8", "\"\xc0\xaf\"", false);
        row("overlong in three bytes", "\"\xe0\x80\xaf\"", false);
        row("a surrogate", "\"\xed\xa0\x80\"", false);
        row("beyond Unicode", "\"\xf4\x90\x80\x80\"", false);
        row("cut off in a character", "\"\xe2\x82", false);
        row("a byte order mark", "\xef\xbb\xbf{}", false);
        row("open text", "\"a", false);
        row("open object", "{\"a\":1", false);
        row("comma at the end", "[1,]", false);
        row("nothing", "", false);
        row("64 deep", QByteArray(64, '[') + QByteArray(64, ']'), true);
        row("65 deep", QByteArray(65, '[') + QByteArray(65, ']'), false);
    }
    void onePassProvesTheOneForm()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, isProven);
        CanonicalDocument document;
        QCOMPARE(document.parse(text), isProven);
        if (isProven)
            QCOMPARE(*canonicalJson(nlohmann::json::parse(text.toStdString())), text);
    }

    void onePassReadsWhatStandsThere()
    {
        const QByteArray text = "{\"a\":{\"b\":\"x\\ty\",\"c\":[1,\"\\u0000\",[]]},\"d\":-12,\"e\":true}";
        CanonicalDocument document;
        QVERIFY(document.parse("[\"another one before\"]"));
        QVERIFY(document.parse(text));
        const auto &top = document.top();
        QCOMPARE(top.find("a")->find("b")->text.toByteArray(), QByteArray("x\ty"));
        const auto *list = top.find("a")->find("c");
        QCOMPARE(list->first()->number, 1);
        QCOMPARE(list->first()->next()->text.toByteArray(), QByteArray(1, '\0'));
        QCOMPARE(list->first()->next()->next()->next(), list->end);
        QCOMPARE(top.find("d")->number, -12);
        QVERIFY(top.find("e")->flag);
        QVERIFY(!top.find("b"));
        QVERIFY(!top.find("d")->find("x"));
    }

    // Whatever one byte is changed to: what is still proven is canonical, by the other way to tell.
    void onePassNeverProvesTooMuch()
    {
        const QByteArray text = "{\"a\":[1,-20,\"\\n\\u001f\\\"é\"],\"b\":{\"k\":null,\"l\":false}}";
        int proven = 0;
        for (qsizetype at = 0; at < text.size(); ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                QByteArray changed = text;
                changed[at] = static_cast<char>(byte);
                CanonicalDocument document;
                if (!document.parse(changed))
                    continue;
                ++proven;
                const auto json = nlohmann::json::parse(changed.begin(), changed.end(), nullptr, false);
                QVERIFY2(!json.is_discarded(), changed.constData());
                QCOMPARE(canonicalJson(json).value_or(QByteArray()), changed);
            }
        }
        QVERIFY(proven > 500);
    }
};

QTEST_GUILESS_MAIN(TestCanonicalJson)
#include "test_canonicaljson.moc"

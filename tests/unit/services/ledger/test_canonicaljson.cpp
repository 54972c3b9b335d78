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
};

QTEST_GUILESS_MAIN(TestCanonicalJson)
#include "test_canonicaljson.moc"

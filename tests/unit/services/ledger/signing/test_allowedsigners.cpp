#include "services/ledger/signing/allowedsigners.h"
#include "services/ledger/signing/patternlist.h"
#include "services/ledger/signing/privatekey.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::ssh;

namespace
{

const PublicKey &aKey()
{
    static const PublicKey key = PrivateKey::generate()->publicKey();
    return key;
}

QDateTime at(int year, int month, int day, int hour = 0)
{
    return {QDate(year, month, day), QTime(hour, 0), Qt::UTC};
}

} // namespace

class TestAllowedSigners : public QObject
{
    Q_OBJECT
private slots:
    void patternsMatchAsInSsh_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("list");
        QTest::addColumn<bool>("matches");
        const auto row = [](const char *text, const char *list, bool matches) {
            QTest::addRow("%s in %s", text, list) << QByteArray(text) << QByteArray(list) << matches;
        };
        row("ann@a.example", "ann@a.example", true);
        row("ann@a.example", "*@a.example", true);
        row("ann@a.example", "*", true);
        row("ann@a.example", "", false);
        row("", "", true);
        row("ann", "a?n", true);
        row("ann", "a?", false);
        row("ann", "bob,ann", true);
        row("mallory@a.example", "!mallory@a.example,*@a.example", false);
        row("mallory@a.example", "*@a.example,!mallory@a.example", false);
        row("ann@a.example", "!mallory@a.example,*@a.example", true);
        row("ann@a.example", "!mallory@a.example", false);
        row("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*a*a*a*a*a*c", false);
        row("git", "file,git", true);
        row("gitx", "git", false);
    }
    void patternsMatchAsInSsh()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, list);
        QFETCH(bool, matches);
        QCOMPARE(matchesPatternList(text, list), matches);
    }

    void linesAreReadOrNamed_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("problem"); // empty: a good line
        const QByteArray key = aKey().line();
        const auto good = [](const char *name, const QByteArray &line) { QTest::newRow(name) << line << QString(); };
        const auto bad = [](const char *name, const QByteArray &line, const char *problem) {
            QTest::newRow(name) << line << QString::fromLatin1(problem);
        };
        good("plain", "ann@a.example " + key);
        good("comment behind", "ann@a.example " + key + " Ann's key");
        good("blanks", "  \t ann@a.example \t  " + key + "  \r");
        good("quoted principals", "\"ann@a.example,bob@a.example\" " + key);
        good("namespaces", "ann@a.example namespaces=\"git\" " + key);
        good("two namespaces", "ann@a.example namespaces=\"git,file\" " + key);
        good("any case", "ann@a.example NameSpaces=\"git\" " + key);
        good("all options",
             "ann@a.example namespaces=\"git\",valid-after=\"20250101Z\",valid-before=\"202601010000UTC\" " + key);
        good("seconds", "ann@a.example valid-after=\"20250101120000Z\" " + key);
        bad("local time", "ann@a.example valid-after=\"20250101\" " + key, "zone");
        bad("no key", "ann@a.example", "no key");
        bad("key of another type", "ann@a.example ssh-rsa " + aKey().blob().toBase64(), "ssh-rsa");
        bad("broken key", "ann@a.example ssh-ed25519 AAAA", "key");
        bad("unknown option", "ann@a.example no-touch " + key, "no-touch");
        bad("open quote", "\"ann@a.example " + key, "quote");
        bad("option without quotes", "ann@a.example namespaces=git " + key, "quotes");
        bad("option with an open quote", "ann@a.example namespaces=\"git " + key, "quotes");
        bad("comma at the end", "ann@a.example namespaces=\"git\", " + key, "comma");
        bad("nothing between", "ann@a.example namespaces=\"git\"valid-after=\"20250101Z\" " + key, "comma");
        bad("twice", "ann@a.example namespaces=\"git\",namespaces=\"git\" " + key, "twice");
        bad("no date", "ann@a.example valid-before=\"tomorrow\" " + key, "tomorrow");
        bad("30 February", "ann@a.example valid-before=\"20250230Z\" " + key, "20250230Z");
        bad("hour 25", "ann@a.example valid-before=\"202502012500Z\" " + key, "202502012500Z");
        bad("turned round", "ann@a.example valid-after=\"20260101Z\",valid-before=\"20250101Z\" " + key, "later");
        bad("cert-authority", "*@a.example cert-authority " + key, "not accepted");
        bad("DSA", "ann@a.example ssh-dss AAAAB3NzaC1kc3MAAAAA", "ssh-dss");
    }
    void linesAreReadOrNamed()
    {
        QFETCH(QByteArray, line);
        QFETCH(QString, problem);
        const auto signers = AllowedSigners::parse("# people\n\n" + line + "\n", QStringLiteral("allowed_signers"));
        if (problem.isEmpty()) {
            QVERIFY2(signers.notes().isEmpty(),
                     qPrintable(signers.notes().isEmpty() ? QString() : signers.notes().first().text));
            QCOMPARE(signers.lines().size(), 1);
            QCOMPARE(signers.lines().first().line, 3);
            QVERIFY(signers.lines().first().names().contains(QStringLiteral("ann@a.example")));
        } else {
            QCOMPARE(signers.notes().size(), 1);
            const SignerLineNote note = signers.notes().first();
            QCOMPARE(note.line, 3);
            QVERIFY2(note.text.startsWith(QStringLiteral("allowed_signers, line 3: ")), qPrintable(note.text));
            QVERIFY2(note.text.contains(problem), qPrintable(note.text));
            QCOMPARE(signers.lines().size(), note.isBad ? 0 : 1);
        }
    }

    void whoMaySignWhen_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QDateTime>("when");
        QTest::addColumn<SignerFinding::Kind>("kind");
        QTest::addColumn<QString>("principal");
        using Kind = SignerFinding::Kind;
        const QByteArray key = ' ' + aKey().line() + '\n';
        const QByteArray other = ' ' + PrivateKey::generate()->publicKey().line() + '\n';
        const QByteArray year = " valid-after=\"20250101Z\",valid-before=\"20260101Z\"";
        const auto row = [](const char *name, const QByteArray &text, const QDateTime &when, Kind kind,
                            const char *principal = "") {
            QTest::newRow(name) << text << when << kind << QString::fromLatin1(principal);
        };
        row("a name", "ann@a.example" + key, at(2025, 6, 1), Kind::Allowed, "ann@a.example");
        row("someone else's key", "ann@a.example" + other, at(2025, 6, 1), Kind::UnknownKey);
        row("another namespace", "ann@a.example namespaces=\"file\"" + key, at(2025, 6, 1), Kind::WrongNamespace);
        row("no namespace at all", "ann@a.example namespaces=\"\"" + key, at(2025, 6, 1), Kind::WrongNamespace);
        row("first second", "ann@a.example" + year + key, at(2025, 1, 1), Kind::Allowed, "ann@a.example");
        row("before it", "ann@a.example" + year + key, at(2025, 1, 1).addSecs(-1), Kind::NotYetValid);
        row("last second", "ann@a.example" + year + key, at(2026, 1, 1), Kind::Allowed, "ann@a.example");
        row("after it", "ann@a.example" + year + key, at(2026, 1, 1).addSecs(1), Kind::NoLongerValid);
        row("a second line helps", "ann@a.example" + year + key + "ann@a.example valid-after=\"20270101Z\"" + key,
            at(2027, 2, 1), Kind::Allowed, "ann@a.example");
        row("the committer's name of two", "bob@a.example,ann@a.example" + key, at(2025, 6, 1), Kind::Allowed,
            "ann@a.example");
        row("a pattern that fits the committer", "*@a.example" + key, at(2025, 6, 1), Kind::Allowed, "ann@a.example");
        row("a pattern for others", "*@b.example" + key, at(2025, 6, 1), Kind::UnknownKey);
        row("left out of the pattern", "!ann@a.example,*@a.example" + key, at(2025, 6, 1), Kind::UnknownKey);
        row("a bad line before", "ann@a.example nonsense" + key + "ann@a.example" + key, at(2025, 6, 1), Kind::Allowed,
            "ann@a.example");
    }
    void whoMaySignWhen()
    {
        QFETCH(QByteArray, text);
        QFETCH(QDateTime, when);
        QFETCH(SignerFinding::Kind, kind);
        QFETCH(QString, principal);
        const auto signers = AllowedSigners::parse(text, QStringLiteral("allowed_signers"));
        const SignerFinding found = signers.find(aKey(), "git", when, "ann@a.example");
        QCOMPARE(found.kind, kind);
        QCOMPARE(found.principal, principal);
    }

    void localTimesAreOfThisMachinesZone()
    {
        qputenv("TZ", "Asia/Shanghai");
        tzset();
        QCOMPARE(parseSignerTime("20250601"), at(2025, 5, 31, 16));
        QCOMPARE(parseSignerTime("20250601Z"), at(2025, 6, 1));
        QCOMPARE(parseSignerTime("202506011200z"), at(2025, 6, 1, 12));
        qputenv("TZ", "UTC");
        tzset();
        QCOMPARE(parseSignerTime("20250601"), at(2025, 6, 1));
        for (const char *wrong : {"", "2025", "2025060112", "20250601120", "2025-06-01", "20250601 Z", "99999999Z"})
            QVERIFY2(!parseSignerTime(wrong).isValid(), wrong);
    }

    void namesOfAKeyAreNeitherPatternsNorNegated()
    {
        const auto signers = AllowedSigners::parse(
            "ann,!bob,*@a.example " + aKey().line() + "\nann@b.example " + aKey().line() + "\n", QStringLiteral("f"));
        QCOMPARE(signers.principalsOf(aKey()), QStringList({QStringLiteral("ann"), QStringLiteral("ann@b.example")}));
    }
};

QTEST_GUILESS_MAIN(TestAllowedSigners)
#include "test_allowedsigners.moc"

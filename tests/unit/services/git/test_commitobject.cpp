#include "services/git/commitobject.h"

#include <QTest>

using namespace signalbox::git;

namespace
{

const QByteArray tree = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";
const QByteArray parentLine = "parent 1111111111111111111111111111111111111111\n";
const QByteArray author = "author Ann <ann@shop.example> 1772625600 +0100\n";
const QByteArray committer = "committer Bob Äpfel <bob@shop.example> 1772625601 +0000\n";
const QByteArray signature = "gpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n  BBBB\n -----END SSH SIGNATURE-----\n";
const QByteArray body = "\nA message\n\nwith lines\n gpgsig not a header\n";

} // namespace

class TestCommitObject : public QObject
{
    Q_OBJECT
private slots:
    void whatWasSignedIsTheTextWithoutTheSignature()
    {
        const QByteArray text = tree + parentLine + author + committer + signature + body;
        const auto commit = parseCommit(text);
        QVERIFY(commit);
        QCOMPARE(commit->payload, tree + parentLine + author + committer + body);
        QCOMPARE(commit->signature,
                 QByteArray("-----BEGIN SSH SIGNATURE-----\nAAAA\n BBBB\n-----END SSH SIGNATURE-----\n"));
        QCOMPARE(commit->tree.hex(), QByteArray("4b825dc642cb6eb9a060e54bf8d69288fbee4904"));
        QCOMPARE(commit->parents.size(), size_t(1));
        QCOMPARE(commit->committerName.toByteArray(), QByteArray("Bob Äpfel"));
        QCOMPARE(commit->committerEmail.toByteArray(), QByteArray("bob@shop.example"));
        QCOMPARE(commit->committedAt, 1772625601);
        QCOMPARE(commit->message.toByteArray(), body.mid(1));
        QVERIFY(commit->oddity.isEmpty());
    }

    // Headers git looks past: each is a place for words that nobody checks.
    void oddHeadersAreNamed_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("word");
        const auto row = [](const char *name, const QByteArray &text, const char *word) {
            QTest::newRow(name) << text << QString::fromLatin1(word);
        };
        row("ordinary", tree + author + committer + body, "");
        row("another encoding", tree + author + committer + "encoding ISO-8859-1\n" + body, "");
        row("two signatures", tree + author + committer + signature + signature + body, "two signatures");
        row("a signature of another kind of repository",
            tree + author + committer + "gpgsig-sha256 AAAA\n" + signature + body, "sha256");
        row("an unknown header", tree + author + committer + "approved-by all\n" + body, "approved-by");
        row("a merged tag", tree + author + committer + "mergetag object 1\n type commit\n" + body, "mergetag");
        row("two committers", tree + author + committer + committer + body, "twice");
        row("two authors", tree + author + author + committer + body, "twice");
    }
    void oddHeadersAreNamed()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, word);
        const auto commit = parseCommit(text);
        QVERIFY(commit);
        QCOMPARE(commit->oddity.isEmpty(), word.isEmpty());
        QVERIFY2(QString::fromUtf8(commit->oddity).contains(word), commit->oddity.constData());
    }

    void whatIsNoCommitIsNone_data()
    {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char *name, const QByteArray &text) { QTest::newRow(name) << text; };
        row("nothing", {});
        row("no tree", author + committer + body);
        row("two trees", tree + tree + author + committer + body);
        row("no author", tree + committer + body);
        row("no committer", tree + author + body);
        row("no message", tree + author + committer);
        row("a header without a value", tree + author + committer + "encoding\n" + body);
        row("capitals in a name", QByteArray(tree).replace("4b825dc6", "4B825DC6") + author + committer + body);
        row("a short name", "tree 4b825dc642cb6eb9a060e54bf8d69288fbee490\n" + author + committer + body);
        row("no date", tree + author + "committer Bob <bob@shop.example>\n" + body);
        row("a date that is a word", tree + author + "committer Bob <bob@shop.example> soon +0000\n" + body);
        row("a date before 1970", tree + author + "committer Bob <bob@shop.example> -5 +0000\n" + body);
        row("a date far too long",
            tree + author + "committer Bob <bob@shop.example> 99999999999999999999 +0000\n" + body);
        row("no e-mail", tree + author + "committer Bob 1772625601 +0000\n" + body);
    }
    void whatIsNoCommitIsNone()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!parseCommit(text));
    }

    // From a stranger's repository: cut off anywhere, with any byte in the wrong place.
    void noBytesMakeItStumble()
    {
        const QByteArray text = tree + parentLine + author + committer + signature + body;
        for (qsizetype size = 0; size < text.size(); ++size)
            parseCommit(text.first(size));
        for (qsizetype at = 0; at < text.size(); ++at) {
            for (const char c : {'\0', '\n', ' ', '<', '>', '\xff'}) {
                QByteArray changed = text;
                changed[at] = c;
                if (const auto commit = parseCommit(changed))
                    QVERIFY(commit->payload.size() <= changed.size());
            }
        }
    }

    void namesGoToHexAndBack()
    {
        const QByteArray hex = "0123456789abcdef0123456789abcdef01234567";
        QCOMPARE(ObjectId::fromHex(hex)->hex(), hex);
        QVERIFY(!ObjectId::fromHex(hex.left(39)));
        QVERIFY(!ObjectId::fromHex(hex + '0'));
        QVERIFY(!ObjectId::fromHex(QByteArray(hex).replace('a', 'g')));
        QVERIFY(ObjectId{}.isNull());
    }
};

QTEST_GUILESS_MAIN(TestCommitObject)
#include "test_commitobject.moc"

#include "services/git/commitobject.h"
#include "services/git/objectreader.h"
#include "services/git/repository.h"
#include "services/ledger/signing/allowedsigners.h"
#include "services/ledger/signing/sshagent.h"
#include "services/ledger/signing/sshverifier.h"
#include "services/ledger/signing/sshwire.h"
#include "tests/support/sshtools.h"

#include <QElapsedTimer>
#include <QFile>
#include <QLocalServer>
#include <QLocalSocket>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::ssh;
using namespace signalbox::test;

namespace
{

constexpr const char *notReduced = "S not reduced"; // the number S of an Ed25519 signature
const QByteArray message = "tree 123\n\nAn entry of the ledger \xe2\x82\xac\n";

QString u(const char *text)
{
    return QString::fromLatin1(text);
}

template <typename T>
Result<T> wait(const QFuture<Result<T>> &future)
{
    QFuture<Result<T>> mine = future;
    mine.waitForFinished(); // a test may
    return mine.result();
}

// An agent that holds one security key of software (draft-miller-ssh-agent: SSH_AGENTC_REQUEST_IDENTITIES 11,
// IDENTITIES_ANSWER 12, SIGN_REQUEST 13, SIGN_RESPONSE 14, FAILURE 5). Answers in the test's event loop.
class HardwareAgent
{
public:
    HardwareAgent(const QString &name, KeyType type)
        : m_hardware(type)
    {
        m_isThere = m_server.listen(name);
        QObject::connect(&m_server, &QLocalServer::newConnection, &m_server, [this] {
            QLocalSocket *socket = m_server.nextPendingConnection();
            QObject::connect(socket, &QLocalSocket::readyRead, socket, [this, socket] {
                m_asked[socket] += socket->readAll();
                const QByteArray &asked = m_asked[socket];
                WireReader frame(asked);
                const QByteArray question = frame.string().toByteArray();
                if (!frame.isGood())
                    return; // the rest of it is on its way
                m_asked.remove(socket);
                socket->write(WireWriter().string(answer(question)).bytes());
            });
        });
    }
    bool isThere() const { return m_isThere; }
    const PublicKey &key() const { return m_hardware.publicKey(); }
    int touches = 0;

private:
    QByteArray answer(const QByteArray &question)
    {
        WireReader reader(question);
        const std::uint8_t type = reader.byte();
        if (type == 11)
            return WireWriter().byte(12).number(1).string(key().blob()).string("a key to touch").bytes();
        if (type != 13 || reader.string() != QByteArrayView(key().blob()))
            return WireWriter().byte(5).bytes();
        ++touches;
        const auto signature = wait(m_hardware.signData(reader.string().toByteArray(), {}));
        return signature ? WireWriter().byte(14).string(*signature).bytes() : WireWriter().byte(5).bytes();
    }

    SoftAuthenticator m_hardware;
    QLocalServer m_server;
    QHash<QLocalSocket *, QByteArray> m_asked;
    bool m_isThere = false;
};

} // namespace

// Both directions against ssh-keygen, ssh-agent and git themselves.
class TestOpenSsh : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    QHash<QString, std::shared_ptr<Signer>> m_signers; // by kind of key

    QString path(const QString &name) const { return m_folder.filePath(name); }

    // ssh-keygen's word on a signature.
    Ran keygenVerify(const QString &allowed, const QByteArray &signature, const QByteArray &text, const QString &ns,
                     const QString &principal = u("ann@a.example"), const QStringList &more = {}) const
    {
        writeFile(path(u("s.sig")), signature);
        return runTool(u("ssh-keygen"),
                       QStringList{u("-Y"), u("verify"), u("-f"), allowed, u("-I"), principal, u("-n"), ns, u("-s"),
                                   path(u("s.sig"))} +
                           more,
                       text);
    }
    QString allow(const PublicKey &key, const QByteArray &options = {}) const
    {
        const QString file = path(u("allowed"));
        writeFile(file, "ann@a.example " + options + (options.isEmpty() ? "" : " ") + key.line() + '\n');
        return file;
    }

private slots:
    void initTestCase()
    {
        for (const char *type : {"ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048"}) {
            const QString key = makeSshKey(path(u(type)), u(type));
            QVERIFY2(!key.isEmpty(), type);
            auto signer = signerOfFile(key);
            QVERIFY2(signer, type);
            QCOMPARE(signer->publicKey(), publicKeyOfFile(key));
            m_signers.insert(u(type), std::move(signer));
        }
        for (const char *type : {"ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048"}) {
            const QString key = makeSshKey(path(u(type) + u("-pem")), u(type), {}, {u("-m"), u("PEM")});
            m_signers.insert(u(type) + u("-pem"), signerOfFile(key));
            const QString eight = makeSshKey(path(u(type) + u("-pkcs8")), u(type), {}, {u("-m"), u("PKCS8")});
            m_signers.insert(u(type) + u("-pkcs8"), signerOfFile(eight));
        }
        m_signers.insert(u("sk-ed25519"), std::make_shared<SoftAuthenticator>(KeyType::SkEd25519));
        m_signers.insert(u("sk-ecdsa"), std::make_shared<SoftAuthenticator>(KeyType::SkEcdsaP256));
        m_signers.insert(u("generated"), std::make_shared<LocalSigner>(*PrivateKey::generate(), u("generated")));
        for (auto it = m_signers.begin(); it != m_signers.end(); ++it)
            QVERIFY2(it.value(), qPrintable(it.key()));
    }

    void whatWeSignTheyVerify_data()
    {
        QTest::addColumn<QString>("kind");
        for (auto it = m_signers.cbegin(); it != m_signers.cend(); ++it)
            QTest::newRow(qPrintable(it.key())) << it.key();
    }
    void whatWeSignTheyVerify()
    {
        QFETCH(QString, kind);
        Signer &signer = *m_signers.value(kind);
        const QString allowed = allow(signer.publicKey());
        const auto signature = wait(signMessage(signer, message, "git", {}));
        QVERIFY2(signature, qPrintable(signature ? QString() : signature.error().message));
        const Ran good = keygenVerify(allowed, *signature, message, u("git"));
        QVERIFY2(good.status == 0, qPrintable(good.text()));
        QVERIFY2(good.text().contains(signer.publicKey().fingerprint()), qPrintable(good.text()));
        QVERIFY(keygenVerify(allowed, *signature, message + "x", u("git")).status != 0);
        QVERIFY(keygenVerify(allowed, *signature, message, u("file")).status != 0);
        const Ran found =
            runTool(u("ssh-keygen"), {u("-Y"), u("find-principals"), u("-f"), allowed, u("-s"), path(u("s.sig"))});
        QCOMPARE(found.out.trimmed(), QByteArray("ann@a.example"));
        // ssh-keygen's fingerprint is ours.
        writeFile(path(u("k.pub")), signer.publicKey().line() + '\n');
        const Ran listed = runTool(u("ssh-keygen"), {u("-l"), u("-f"), path(u("k.pub"))});
        QVERIFY2(listed.text().contains(signer.publicKey().fingerprint()), qPrintable(listed.text()));
    }

    void whatTheySignWeVerify_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048", "ecdsa-384-pem"})
            QTest::newRow(kind) << u(kind);
    }
    void whatTheySignWeVerify()
    {
        QFETCH(QString, kind);
        for (const char *hash : {"sha512", "sha256"}) {
            const Ran signedText =
                runTool(u("ssh-keygen"),
                        {u("-Y"), u("sign"), u("-f"), path(kind), u("-n"), u("git"), u("-O"), u("hashalg=") + u(hash)},
                        message);
            QCOMPARE(signedText.status, 0);
            const auto signature = parseSignature(signedText.out);
            QVERIFY2(signature, qPrintable(signature ? QString() : signature.error().message));
            QCOMPARE(signature->hash, QByteArray(hash));
            QCOMPARE(signature->key, publicKeyOfFile(path(kind)));
            SshVerifier verifier;
            QVERIFY(verifier.isValid(*signature, message));
            QVERIFY(!verifier.isValid(*signature, message + ' '));
            QVERIFY(!verifier.isValid(*signature, message.chopped(1)));
        }
    }

    // Ours refuses what theirs refuses.
    void tamperedBothRefuse_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"ed25519", "ecdsa-256", "rsa-2048", "sk-ed25519", "sk-ecdsa"})
            QTest::newRow(kind) << u(kind);
    }
    void tamperedBothRefuse()
    {
        QFETCH(QString, kind);
        Signer &signer = *m_signers.value(kind);
        const QString allowed = allow(signer.publicKey());
        const QByteArray raw = *wait(signer.signData(signedData("git", "sha512", message), {}));
        const QByteArray blob = signatureBlob(signer.publicKey(), "git", "sha512", raw);
        SshVerifier verifier;
        for (qsizetype step = 0; step < 16; ++step) {
            const qsizetype at = step * (blob.size() - 1) / 15;
            QByteArray changed = blob;
            changed[at] = static_cast<char>(changed.at(at) ^ 0x10);
            const auto parsed = parseSignatureBlob(changed);
            const bool ours = parsed && parsed->ns == "git" && verifier.isValid(*parsed, message);
            const bool theirs = keygenVerify(allowed, armour(changed), message, u("git")).status == 0;
            QVERIFY2(!theirs && !ours, qPrintable(u("byte %1").arg(at)));
        }
    }

    // Where implementations of Ed25519 differ, ours says what theirs says, but for one case.
    void oddPointsAreJudgedAlike_data()
    {
        QTest::addColumn<QByteArray>("point");
        QTest::addColumn<QByteArray>("signature");
        const QByteArray identity = QByteArray(1, '\1') + QByteArray(31, '\0');
        const QByteArray zero(32, '\0');
        QTest::newRow("all of small order") << identity << identity + zero;
        QTest::newRow("a point of order four") << zero << identity + zero;
        // y = p + 1, written longer than it has to be.
        const QByteArray longIdentity = QByteArray::fromHex("ee") + QByteArray(30, '\xff') + QByteArray::fromHex("7f");
        QTest::newRow("the key not reduced") << longIdentity << identity + zero;
        QTest::newRow("R not reduced") << identity << longIdentity + zero;
        // S = L, the order of the base point, instead of 0.
        const QByteArray order =
            QByteArray::fromHex("edd3f55c1a631258d69cf7a2def9de14") + QByteArray(15, '\0') + '\x10';
        // ssh-keygen of OpenSSH 9.2 accepts it; RFC 8032 (5.1.7) wants it refused, for anyone can make such a second
        // signature of a first one without the key.
        QTest::newRow(notReduced) << identity << identity + order;
        QTest::newRow("no point") << QByteArray(32, '\x02') << identity + zero;
        // Signatures of `message` that are good but for a point of order 8: RFC 8032 leaves open whether they are. The
        // secret number is SHA-512 of "a key for this alone", that of R of "a nonce", little endian.
        const QByteArray key = QByteArray::fromHex("e19edae5cee9b2e02f987dc973e7fcc9c69652a2615db111d4ce5ad3e21404ff");
        const QByteArray r = QByteArray::fromHex("cc44142865fb2f5d13200efe9d37119d0c99ea3f68b5f5cea81ac815f9b5dc96");
        const QByteArray s = QByteArray::fromHex("6550d28df75ccae458f075f20fa6b62c451a4a8992b342c672229568e4925a06");
        QTest::newRow("nothing is odd") << key << r + s;
        QTest::newRow("order 8 in R") << key
                                      << QByteArray::fromHex(
                                             "90d8118ee4d5d12f17cb19bf44509a60ad7527a67b7c42ccd18019de54527ebd"
                                             "00ebb88e48261db7c744399e41eb699e4f140f3b24f5058dc6bba897cef1bd0f");
        QTest::newRow("order 8 in the key")
            << QByteArray::fromHex("8cb01fbda17b94f4bf94b0b6e8f4b547e8cf4b3958fac6c2f718b4a49ef6c98c")
            << r + QByteArray::fromHex("d7e5e0e80ea470c4f431372e3768079647c07acbf20b3158192942f9ede3fa03");
    }
    void oddPointsAreJudgedAlike()
    {
        QFETCH(QByteArray, point);
        QFETCH(QByteArray, signature);
        WireWriter blob;
        blob.string("ssh-ed25519").string(point);
        const auto key = PublicKey::fromBlob(blob.bytes());
        QVERIFY2(key, qPrintable(key ? QString() : key.error().message));
        WireWriter raw;
        raw.string("ssh-ed25519").string(signature);
        const QByteArray whole = signatureBlob(*key, "git", "sha512", raw.bytes());
        const auto parsed = parseSignatureBlob(whole);
        QVERIFY2(parsed, qPrintable(parsed ? QString() : parsed.error().message));
        SshVerifier verifier;
        const Ran theirs = keygenVerify(allow(*key), armour(whole), message, u("git"));
        const bool isGood = verifier.isValid(*parsed, message);
        if (QByteArrayView(QTest::currentDataTag()) == notReduced)
            QVERIFY(!isGood);
        else
            QVERIFY2(isGood == (theirs.status == 0), qPrintable(theirs.text()));
    }

    void sha1BothRefuse()
    {
        const QString allowed = allow(m_signers.value(u("rsa-2048"))->publicKey());
        const QByteArray data = signedData("git", "sha512", message);
        writeFile(path(u("data")), data);
        makeSshKey(path(u("rsa1")), u("rsa-2048"), {}, {u("-m"), u("PEM")});
        const Ran signedText =
            runTool(u("openssl"), {u("dgst"), u("-sha1"), u("-sign"), path(u("rsa1")), path(u("data"))});
        QCOMPARE(signedText.status, 0);
        const PublicKey key = publicKeyOfFile(path(u("rsa1")));
        WireWriter inner;
        inner.string("ssh-rsa").string(signedText.out);
        const QByteArray armoured = armour(signatureBlob(key, "git", "sha512", inner.bytes()));
        QVERIFY(keygenVerify(allow(key), armoured, message, u("git")).status != 0);
        const auto parsed = parseSignature(armoured);
        QVERIFY(!parsed);
        QVERIFY2(parsed.error().message.contains(u("SHA-1")), qPrintable(parsed.error().message));
    }

    // Their reading of allowed_signers and ours agree, line by line.
    void allowedSignersReadAlike_data()
    {
        QTest::addColumn<QByteArray>("before"); // principals and options, in front of the key
        QTest::addColumn<QString>("when");      // YYYYMMDDHHMMSS, UTC
        const auto row = [](const char *before, const char *when = "20250601120000") {
            QTest::addRow("%s at %s", before, when) << QByteArray(before) << QString::fromLatin1(when);
        };
        row("ann@a.example");
        row("bob@a.example");
        row("*@a.example");
        row("!ann@a.example,*@a.example");
        row("\"bob@a.example,ann@a.example\"");
        row("ann@a.example namespaces=\"git\"");
        row("ann@a.example namespaces=\"file\"");
        row("ann@a.example namespaces=\"g*\"");
        row("ann@a.example namespaces=\"!git,*\"");
        row("ann@a.example NAMESPACES=\"git\"");
        row("ann@a.example valid-after=\"20250601120000Z\"");
        row("ann@a.example valid-after=\"20250601120001Z\"");
        row("ann@a.example valid-before=\"20250601120000Z\"");
        row("ann@a.example valid-before=\"20250601115959Z\"");
        row("ann@a.example valid-after=\"20250601\"");
        row("ann@a.example valid-before=\"202506011159\"");
        row("ann@a.example valid-after=\"20250601\",valid-before=\"20250602\",namespaces=\"git\"");
        row("ann@a.example valid-after=\"20250602\",valid-before=\"20250601\"");
        row("ann@a.example valid-before=\"soon\"");
        row("ann@a.example namespaces=git");
        row("ann@a.example nonsense");
        row("ann@a.example namespaces=\"git\",");
        row("ann@a.example cert-authority");
    }
    void allowedSignersReadAlike()
    {
        QFETCH(QByteArray, before);
        QFETCH(QString, when);
        Signer &signer = *m_signers.value(u("ed25519"));
        const QByteArray text = before + ' ' + signer.publicKey().line() + '\n';
        writeFile(path(u("allowed")), text);
        const auto signature = wait(signMessage(signer, message, "git", {}));
        QVERIFY(signature);
        const Ran theirs = keygenVerify(path(u("allowed")), *signature, message, u("git"), u("ann@a.example"),
                                        {u("-O"), u("verify-time=") + when + u("Z")});
        QDateTime at = QDateTime::fromString(when, u("yyyyMMddHHmmss"));
        at.setTimeSpec(Qt::UTC);
        const SignerFinding ours =
            AllowedSigners::parse(text, u("allowed_signers")).find(signer.publicKey(), "git", at, "ann@a.example");
        const bool isAnn = ours.kind == SignerFinding::Kind::Allowed && ours.principal == u("ann@a.example");
        QVERIFY2(isAnn == (theirs.status == 0), qPrintable(theirs.text()));
    }

    // git itself accepts our commits, and we read git's.
    void gitAcceptsOurCommits_data() { whatWeSignTheyVerify_data(); }
    void gitAcceptsOurCommits()
    {
        QFETCH(QString, kind);
        Signer &signer = *m_signers.value(kind);
        const QString where = path(u("repository-") + kind);
        auto repository = git::Repository::openOrCreateBare(where, u("main"));
        QVERIFY(repository);
        const QDateTime at(QDate(2026, 3, 4), QTime(12, 0), Qt::UTC);
        QString id;
        for (const char *name : {"entries/a.json", "entries/b.json"}) {
            const auto prepared = repository->prepare(u("main"), {{u(name), "{}"}}, u("cart: done\n\nBy: Änn\n"),
                                                      {u("Ann"), u("ann@a.example"), at});
            QVERIFY2(prepared, qPrintable(prepared ? QString() : prepared.error().message));
            QVERIFY(!prepared->already);
            const auto signature = wait(signMessage(signer, prepared->text, gitNamespace, {}));
            QVERIFY(signature);
            const auto made = repository->commit(*prepared, *signature);
            QVERIFY2(made, qPrintable(made ? QString() : made.error().message));
            id = *made;
        }
        const QString allowed = u("gpg.ssh.allowedSignersFile=") + allow(signer.publicKey());
        const Ran verified = runTool(u("git"), {u("-C"), where, u("-c"), allowed, u("verify-commit"), u("-v"), id});
        QVERIFY2(verified.status == 0, qPrintable(verified.text()));
        QVERIFY2(verified.text().contains(u("Good \"git\" signature for ann@a.example")), qPrintable(verified.text()));
        const Ran log = runTool(u("git"), {u("-C"), where, u("-c"), allowed, u("log"), u("--format=%G? %GS %s")});
        QCOMPARE(log.out, QByteArray("G ann@a.example cart: done\nG ann@a.example cart: done\n"));
        const Ran fsck = runTool(u("git"), {u("-C"), where, u("fsck"), u("--strict")});
        QVERIFY2(fsck.status == 0, qPrintable(fsck.text()));

        auto reader = git::ObjectReader::open(where);
        QVERIFY(reader);
        const auto text = reader->commitText(**reader->tip(u("main")));
        QVERIFY(text);
        const auto commit = git::parseCommit(*text);
        QVERIFY(commit);
        QCOMPARE(commit->oddity, QByteArray());
        QCOMPARE(commit->committedAt, at.toSecsSinceEpoch());
        const auto parsed = parseSignature(commit->signature);
        QVERIFY(parsed);
        SshVerifier verifier;
        QVERIFY(verifier.isValid(*parsed, commit->payload));
        QVERIFY(!verifier.isValid(*parsed, *text));
    }

    void gitsCommitsWeRead_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"ed25519", "ecdsa-521", "rsa-2048"})
            QTest::newRow(kind) << u(kind);
    }
    void gitsCommitsWeRead()
    {
        QFETCH(QString, kind);
        const QString where = path(u("work-") + kind);
        const auto git = [&](const QStringList &arguments) {
            return runTool(u("git"), QStringList{u("-C"), where, u("-c"), u("user.name=Ann"), u("-c"),
                                                 u("user.email=ann@a.example"), u("-c"), u("gpg.format=ssh"), u("-c"),
                                                 u("user.signingkey=") + path(kind)} +
                                         arguments);
        };
        QCOMPARE(runTool(u("git"), {u("init"), u("-q"), u("-b"), u("main"), where}).status, 0);
        writeFile(where + u("/file"), "content");
        QCOMPARE(git({u("add"), u(".")}).status, 0);
        const Ran committed = git({u("commit"), u("-q"), u("-S"), u("-m"), u("One")});
        QVERIFY2(committed.status == 0, qPrintable(committed.text()));
        auto reader = git::ObjectReader::open(where + u("/.git"));
        QVERIFY(reader);
        const auto text = reader->commitText(**reader->tip(u("main")));
        const auto commit = git::parseCommit(*text);
        QVERIFY(commit);
        const auto signature = parseSignature(commit->signature);
        QVERIFY2(signature, qPrintable(signature ? QString() : signature.error().message));
        SshVerifier verifier;
        QVERIFY(verifier.isValid(*signature, commit->payload));
        QCOMPARE(signature->ns, QByteArray("git"));
        const auto changes = reader->changes({}, commit->tree, 10);
        QVERIFY(changes);
        QCOMPARE(changes->size(), 1);
        QCOMPARE(changes->first().path, QByteArray("file"));
        QCOMPARE(*reader->blob(changes->first().id, 100), QByteArray("content"));
    }

    void protectedKeysPointToTheAgent()
    {
        for (const QStringList &more : {QStringList(), QStringList{u("-m"), u("PEM")}}) {
            const QString key = makeSshKey(path(u("locked%1").arg(more.size())), u("rsa-2048"), u("sesame"), more);
            const auto signer = wait(fileSigner(key));
            QVERIFY(!signer);
            QCOMPARE(signer.error().kind, ErrorKind::Unsupported);
            QVERIFY2(signer.error().message.contains(u("ssh-add")), qPrintable(signer.error().message));
        }
        const auto missing = wait(fileSigner(path(u("nowhere"))));
        QVERIFY(!missing);
        QCOMPARE(missing.error().kind, ErrorKind::NotFound);
    }

    void theAgentSigns_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"ed25519", "ecdsa-256", "ecdsa-521", "rsa-2048"})
            QTest::newRow(kind) << u(kind);
    }
    void theAgentSigns()
    {
        QFETCH(QString, kind);
        const AgentProcess process;
        QVERIFY(process.isRunning());
        QCOMPARE(process.add({u("-q"), path(kind)}).status, 0);
        auto agent = std::make_shared<SshAgent>(process.socket());
        const auto signer = wait(agentSigner(agent, {}, {}));
        QVERIFY2(signer, qPrintable(signer ? QString() : signer.error().message));
        QVERIFY2((*signer)->description().contains(u("test key")), qPrintable((*signer)->description()));
        const auto signature = wait(signMessage(**signer, message, "git", {}));
        QVERIFY2(signature, qPrintable(signature ? QString() : signature.error().message));
        const Ran good = keygenVerify(allow((*signer)->publicKey()), *signature, message, u("git"));
        QVERIFY2(good.status == 0, qPrintable(good.text()));
    }

    // As ssh-agent does for a key of FIDO: it signs once the key was touched, and OpenSSH verifies it.
    void theAgentSignsWithASecurityKey_data()
    {
        QTest::addColumn<KeyType>("type");
        QTest::newRow("sk-ed25519") << KeyType::SkEd25519;
        QTest::newRow("sk-ecdsa") << KeyType::SkEcdsaP256;
    }
    void theAgentSignsWithASecurityKey()
    {
        QFETCH(KeyType, type);
        HardwareAgent hardware(path(u("hardware-%1").arg(int(type))), type);
        QVERIFY(hardware.isThere());
        auto agent = std::make_shared<SshAgent>(path(u("hardware-%1").arg(int(type))));
        const auto found = agentSigner(agent, hardware.key().fingerprint(), {});
        QTRY_VERIFY(found.isFinished());
        const auto signer = found.result();
        QVERIFY2(signer, qPrintable(signer ? QString() : signer.error().message));
        QVERIFY((*signer)->publicKey().isHardware());
        QVERIFY2((*signer)->description().contains(u("a key to touch")), qPrintable((*signer)->description()));
        QCOMPARE(hardware.touches, 0);
        const auto signing = signMessage(**signer, message, "git", {});
        QTRY_VERIFY(signing.isFinished());
        const auto signature = signing.result();
        QVERIFY2(signature, qPrintable(signature ? QString() : signature.error().message));
        QCOMPARE(hardware.touches, 1);
        const Ran good = keygenVerify(allow(hardware.key()), *signature, message, u("git"));
        QVERIFY2(good.status == 0, qPrintable(good.text()));
    }

    void theAgentsNoIsOneSentence()
    {
        const AgentProcess process;
        auto agent = std::make_shared<SshAgent>(process.socket());
        const auto empty = wait(agentSigner(agent, {}, {}));
        QVERIFY(!empty);
        QVERIFY2(empty.error().message.contains(u("no key")), qPrintable(empty.error().message));

        QCOMPARE(process.add({u("-q"), path(u("ed25519")), path(u("ecdsa-256"))}).status, 0);
        const auto several = wait(agentSigner(agent, {}, {}));
        QVERIFY(!several);
        QVERIFY2(several.error().message.contains(u("several")), qPrintable(several.error().message));
        const PublicKey key = publicKeyOfFile(path(u("ed25519")));
        for (const QString &which : {key.fingerprint(), QString::fromLatin1(key.line())})
            QVERIFY(wait(agentSigner(agent, which, {})));
        const auto none = wait(agentSigner(agent, u("SHA256:nothing"), {}));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);

        const auto signer = wait(agentSigner(agent, key.fingerprint(), {}));
        QVERIFY(signer);
        QCOMPARE(process.add({u("-q"), u("-d"), path(u("ed25519"))}).status, 0);
        const auto removed = wait((*signer)->signData("data", {}));
        QVERIFY(!removed);
        QCOMPARE(removed.error().kind, ErrorKind::NotFound);
        QVERIFY2(removed.error().message.contains(key.fingerprint()), qPrintable(removed.error().message));
    }

    // A key added with -c asks for a confirmation by a program; one that always says no is a refusal.
    void theAgentsRefusalIsNamed()
    {
        const AgentProcess process;
        QCOMPARE(process.add({u("-q"), u("-c"), path(u("ed25519"))}).status, 0);
        auto agent = std::make_shared<SshAgent>(process.socket());
        const auto signer = wait(agentSigner(agent, {}, {}));
        QVERIFY(signer);
        const auto refused = wait((*signer)->signData("data", {})); // there is no window to ask in
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);
        QVERIFY2(refused.error().message.contains(u("refused")), qPrintable(refused.error().message));
    }

    void noAgentIsNamed()
    {
        const auto gone = wait(std::make_shared<SshAgent>(path(u("no-socket")))->keys({}));
        QVERIFY(!gone);
        QCOMPARE(gone.error().kind, ErrorKind::Unreachable);
        QVERIFY2(gone.error().message.contains(u("no-socket")), qPrintable(gone.error().message));
    }

    // A security key that nobody touches: the agent takes the question and never answers.
    void anAgentThatWaitsForATouchCanBeStopped()
    {
        QLocalServer silent;
        QVERIFY(silent.listen(path(u("silent"))));
        const SoftAuthenticator hardware(KeyType::SkEd25519);
        SshAgent patient(path(u("silent")), std::chrono::seconds(50));
        StopSource stop;
        QElapsedTimer clock;
        clock.start();
        auto waiting = patient.sign(hardware.publicKey(), "data", stop.get_token());
        QTRY_VERIFY(silent.hasPendingConnections());
        stop.request_stop();
        const auto cancelled = wait(waiting);
        QVERIFY(!cancelled);
        QCOMPARE(cancelled.error().kind, ErrorKind::Cancelled);
        QVERIFY(clock.elapsed() < 5000);

        SshAgent hasty(path(u("silent")), std::chrono::milliseconds(200));
        const auto late = wait(hasty.sign(hardware.publicKey(), "data", {}));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::TimedOut);
        QVERIFY2(late.error().message.contains(u("touch")), qPrintable(late.error().message));
    }

    // What is no agent cannot make us read for ever.
    void nonsenseFromTheAgentIsNamed_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("hangs up") << QByteArray();
        QTest::newRow("too long") << QByteArray("\xff\xff\xff\xff", 4);
        QTest::newRow("empty") << QByteArray("\0\0\0\0", 4);
        QTest::newRow("another answer") << QByteArray("\0\0\0\1\6", 5);
        QTest::newRow("more keys than bytes") << QByteArray("\0\0\0\5\14\0\0\0\3", 9);
    }
    void nonsenseFromTheAgentIsNamed()
    {
        QFETCH(QByteArray, answer);
        QLocalServer server;
        const QString name = path(u("nonsense-%1").arg(answer.size()));
        QVERIFY(server.listen(name));
        connect(&server, &QLocalServer::newConnection, &server, [&server, answer] {
            QLocalSocket *socket = server.nextPendingConnection();
            socket->write(answer);
            connect(socket, &QLocalSocket::readyRead, socket, &QLocalSocket::disconnectFromServer);
        });
        SshAgent agent(name);
        const auto keys = agent.keys({});
        QTRY_VERIFY(keys.isFinished());
        const auto result = keys.result();
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Protocol);
    }
};

QTEST_GUILESS_MAIN(TestOpenSsh)
#include "test_openssh.moc"

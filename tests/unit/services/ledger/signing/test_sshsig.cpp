#include "services/async/deliver.h"
#include "services/ledger/signing/privatekey.h"
#include "services/ledger/signing/signer.h"
#include "services/ledger/signing/sshsig.h"
#include "services/ledger/signing/sshverifier.h"
#include "services/ledger/signing/sshwire.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::ssh;

namespace
{

// openssh-portable, regress/unittests/sshsig/testdata: made with real security keys.
constexpr const char *recordedMessage = "This is a test, this is only a test";
constexpr const char *recordedEd25519 = "-----BEGIN SSH SIGNATURE-----\n"
                                        "U1NIU0lHAAAAAQAAAEoAAAAac2stc3NoLWVkMjU1MTlAb3BlbnNzaC5jb20AAAAgmxoNhd\n"
                                        "Biu5zpuKUJgMgrhhI54b7OatE7Yz23Tf//sscAAAAEc3NoOgAAAAh1bml0dGVzdAAAAAAA\n"
                                        "AAAGc2hhNTEyAAAAZwAAABpzay1zc2gtZWQyNTUxOUBvcGVuc3NoLmNvbQAAAEAi+7eTjW\n"
                                        "/+LQ2M+sCD+KFtH1n7VFFJon/SZFsxODyV8cWTlFKj617Ys1Ur5TV6uaEXQhck8rBA2oQI\n"
                                        "HTPANLIPARI0Vng=\n"
                                        "-----END SSH SIGNATURE-----\n";
constexpr const char *recordedEcdsa = "-----BEGIN SSH SIGNATURE-----\n"
                                      "U1NIU0lHAAAAAQAAAH8AAAAic2stZWNkc2Etc2hhMi1uaXN0cDI1NkBvcGVuc3NoLmNvbQ\n"
                                      "AAAAhuaXN0cDI1NgAAAEEEoNVrmNFxPlXsTrKybBWLsclaHunkP6F5ss9qRBymcPZqMlno\n"
                                      "b/hbO6GVhadyVZjrcmykOnb31GWGrkBPzr+DwAAAAARzc2g6AAAACHVuaXR0ZXN0AAAAAA\n"
                                      "AAAAZzaGE1MTIAAAB3AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20A\n"
                                      "AABIAAAAIHohGwyy8iKT3zwd1TYA9V/Ioo7h/3zCJUtyq/Qigt/HAAAAIGzidTwq7D/kFa\n"
                                      "7Xjcp/KkdbIs4MfQpfAW/0OciajlpzARI0Vng=\n"
                                      "-----END SSH SIGNATURE-----\n";

QByteArray blobOf(const QByteArray &armoured)
{
    const qsizetype begin = armoured.indexOf('\n');
    return QByteArray::fromBase64(armoured.mid(begin, armoured.indexOf("-----END") - begin));
}

// A keychain in memory.
class Keychain : public SecretStore
{
public:
    QFuture<Result<ResolvedSecret>> resolve(SecretReference reference, StopToken) override
    {
        if (m_kept.contains(reference.toString()))
            return ready(Result<ResolvedSecret>(ResolvedSecret{Secret(m_kept.value(reference.toString())), {}}));
        return ready(Result<ResolvedSecret>(Error{ErrorKind::NotFound, QStringLiteral("nothing there"), {}}));
    }
    QFuture<Result<void>> keep(SecretReference reference, Secret secret, StopToken) override
    {
        m_kept.insert(reference.toString(), secret.reveal());
        return ready(Result<void>());
    }

private:
    QHash<QString, QByteArray> m_kept;
};

template <typename T>
Result<T> wait(QFuture<Result<T>> future)
{
    future.waitForFinished(); // a test may
    return future.result();
}

Secret secretOf(const char *text)
{
    return Secret(QByteArray(text));
}

} // namespace

class TestSshSig : public QObject
{
    Q_OBJECT
private slots:
    void recordedSignaturesOfSecurityKeysVerify_data()
    {
        QTest::addColumn<QByteArray>("armoured");
        QTest::addColumn<QString>("fingerprintStart");
        QTest::newRow("ed25519-sk") << QByteArray(recordedEd25519) << QStringLiteral("sk-ssh-ed25519@openssh.com");
        QTest::newRow("ecdsa-sk") << QByteArray(recordedEcdsa) << QStringLiteral("sk-ecdsa-sha2-nistp256@openssh.com");
    }
    void recordedSignaturesOfSecurityKeysVerify()
    {
        QFETCH(QByteArray, armoured);
        QFETCH(QString, fingerprintStart);
        const auto signature = parseSignature(armoured);
        QVERIFY2(signature, qPrintable(signature ? QString() : signature.error().message));
        QCOMPARE(QString::fromLatin1(signature->algorithm), fingerprintStart);
        QCOMPARE(signature->ns, QByteArray("unittest"));
        QVERIFY(signature->isTouched());
        QVERIFY(!signature->isUserVerified());
        QCOMPARE(signature->counter, 0x12345678u);
        SshVerifier verifier;
        QVERIFY(verifier.isValid(*signature, recordedMessage));
        QVERIFY(!verifier.isValid(*signature, QByteArray(recordedMessage) + '\n'));
        auto changed = *signature;
        changed.counter += 1; // what the key signed covers it
        QVERIFY(!verifier.isValid(changed, recordedMessage));
        changed = *signature;
        changed.flags |= 4;
        QVERIFY(!verifier.isValid(changed, recordedMessage));
        changed = *signature;
        changed.ns = "git";
        QVERIFY(!verifier.isValid(changed, recordedMessage));
        QCOMPARE(armour(blobOf(armoured)), armoured);
    }

    // Every single bit of a signature's blob counts: none can be flipped unseen, and none makes the parser stumble.
    void aFlippedBitIsAlwaysSeen()
    {
        const auto key = PrivateKey::generate();
        QVERIFY(key);
        const auto raw = key->sign(signedData("git", "sha512", "message"));
        QVERIFY(raw);
        const QByteArray blob = signatureBlob(key->publicKey(), "git", "sha512", *raw);
        SshVerifier verifier;
        QVERIFY(verifier.isValid(*parseSignatureBlob(blob), "message"));
        for (qsizetype bit = 0; bit < blob.size() * 8; ++bit) {
            QByteArray changed = blob;
            changed[bit / 8] = static_cast<char>(changed.at(bit / 8) ^ (1 << (bit % 8)));
            const auto parsed = parseSignatureBlob(changed);
            QVERIFY2(!parsed || !verifier.isValid(*parsed, "message"), qPrintable(QString::number(bit)));
        }
        for (qsizetype size = 0; size < blob.size(); ++size)
            QVERIFY(!parseSignatureBlob(blob.first(size)));
        QVERIFY(!parseSignatureBlob(blob + '\0'));
    }

    void whatIsNotAcceptedIsNamed_data()
    {
        QTest::addColumn<QByteArray>("armoured");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QString>("word");
        const QByteArray good = blobOf(recordedEd25519);
        const auto row = [](const char *name, const QByteArray &text, ErrorKind kind, const char *word) {
            QTest::newRow(name) << text << kind << QString::fromLatin1(word);
        };
        row("nothing", "", ErrorKind::Invalid, "begin");
        row("OpenPGP", "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n", ErrorKind::Unsupported,
            "OpenPGP");
        row("no end", "-----BEGIN SSH SIGNATURE-----\nU1NI\n", ErrorKind::Invalid, "end");
        row("something behind the end", QByteArray(recordedEd25519) + "more\n", ErrorKind::Invalid, "end");
        row("no base64", "-----BEGIN SSH SIGNATURE-----\n!!!!\n-----END SSH SIGNATURE-----\n", ErrorKind::Invalid,
            "base64");
        row("another thing", armour("SSHKEY and more"), ErrorKind::Invalid, "SSHSIG");
        QByteArray version = good;
        version[9] = 2;
        row("version 2", armour(version), ErrorKind::Unsupported, "version 2");
        QByteArray md5 = good;
        md5.replace("sha512", "sha999");
        row("unknown hash", armour(md5), ErrorKind::Unsupported, "sha999");
        row("far too long", QByteArray(100000, 'A'), ErrorKind::Invalid, "long");
        row("no namespace", armour(signatureBlob(PrivateKey::generate()->publicKey(), "", "sha512", "")),
            ErrorKind::Invalid, "namespace");
        WireWriter rsa;
        rsa.string("ssh-rsa").mpint(QByteArray("\1\0\1", 3)).mpint(QByteArray(256, '\xff'));
        const PublicKey rsaKey = *PublicKey::fromBlob(rsa.bytes());
        row("SHA-1",
            armour(signatureBlob(rsaKey, "git", "sha512",
                                 WireWriter().string("ssh-rsa").string(QByteArray(256, 'x')).bytes())),
            ErrorKind::Unsupported, "SHA-1");
        row("another key's algorithm",
            armour(signatureBlob(rsaKey, "git", "sha512",
                                 WireWriter().string("ssh-ed25519").string(QByteArray(64, 'x')).bytes())),
            ErrorKind::Unsupported, "ssh-ed25519");
    }
    void whatIsNotAcceptedIsNamed()
    {
        QFETCH(QByteArray, armoured);
        QFETCH(ErrorKind, kind);
        QFETCH(QString, word);
        const auto signature = parseSignature(armoured);
        QVERIFY(!signature);
        QCOMPARE(signature.error().kind, kind);
        QVERIFY2(signature.error().message.contains(word), qPrintable(signature.error().message));
    }

    void keysThatAreNotAcceptedAreNamed_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("word");
        const auto row = [](const char *name, const char *type, const QByteArray &blob, const char *word) {
            QTest::newRow(name) << QByteArray(type) + ' ' + blob.toBase64() << QString::fromLatin1(word);
        };
        WireWriter dsa;
        dsa.string("ssh-dss").mpint("abc");
        row("DSA", "ssh-dss", dsa.bytes(), "ssh-dss");
        WireWriter certificate;
        certificate.string("ssh-ed25519-cert-v01@openssh.com").string("nonce");
        row("certificate", "ssh-ed25519-cert-v01@openssh.com", certificate.bytes(), "ertificate");
        WireWriter small;
        small.string("ssh-rsa").mpint(QByteArray("\1\0\1", 3)).mpint(QByteArray(128, '\x7f'));
        row("RSA of 1023 bits", "ssh-rsa", small.bytes(), "1023");
        WireWriter shortPoint;
        shortPoint.string("ssh-ed25519").string(QByteArray(31, 'x'));
        row("a short point", "ssh-ed25519", shortPoint.bytes(), "fit together");
        WireWriter curve;
        curve.string("ecdsa-sha2-nistp256").string("nistp384").string('\4' + QByteArray(64, 'x'));
        row("another curve", "ecdsa-sha2-nistp256", curve.bytes(), "fit together");
        WireWriter tail;
        tail.string("ssh-ed25519").string(QByteArray(32, 'x')).byte(0);
        row("something behind", "ssh-ed25519", tail.bytes(), "fit together");
        WireWriter other;
        other.string("ssh-ed25519").string(QByteArray(32, 'x'));
        row("another type in the line", "ssh-rsa", other.bytes(), "but the key in it");
        QTest::newRow("no base64") << QByteArray("ssh-ed25519 ???") << QStringLiteral("base64");
        QTest::newRow("one word") << QByteArray("ssh-ed25519") << QStringLiteral("TYPE KEY");
    }
    void keysThatAreNotAcceptedAreNamed()
    {
        QFETCH(QByteArray, line);
        QFETCH(QString, word);
        const auto key = PublicKey::fromLine(line);
        QVERIFY(!key);
        QVERIFY2(key.error().message.contains(word), qPrintable(key.error().message));
    }

    void aPointOffTheCurveVerifiesNothing()
    {
        WireWriter blob;
        blob.string("ecdsa-sha2-nistp256").string("nistp256").string('\4' + QByteArray(64, '\1'));
        SshSignature signature;
        signature.key = *PublicKey::fromBlob(blob.bytes());
        signature.ns = "git";
        signature.hash = "sha512";
        signature.algorithm = "ecdsa-sha2-nistp256";
        signature.raw = WireWriter().mpint("abc").mpint("def").bytes();
        SshVerifier verifier;
        QVERIFY(!verifier.isValid(signature, "message"));
    }

    void aKeyGoesToTextAndBack()
    {
        const auto key = PrivateKey::generate();
        QVERIFY(key);
        const auto text = key->toOpenSsh(QStringLiteral("signalbox"));
        QVERIFY(text);
        const auto again = PrivateKey::parse(*text, QStringLiteral("keychain:ledger"));
        QVERIFY2(again, qPrintable(again ? QString() : again.error().message));
        QCOMPARE(again->publicKey().line(), key->publicKey().line());
        QCOMPARE(*again->sign("data"), *key->sign("data")); // Ed25519 is deterministic
    }

    void aKeyIsKeptInTheKeychain()
    {
        Keychain keychain;
        const SecretReference place{SecretReference::Kind::Keychain, QStringLiteral("ledger"),
                                    QStringLiteral("signalbox")};
        const auto none = wait(keychainSigner(keychain, place, {}));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        const auto made = wait(newKeychainSigner(keychain, place, QStringLiteral("signalbox"), {}));
        QVERIFY2(made, qPrintable(made ? QString() : made.error().message));
        const auto again = wait(keychainSigner(keychain, place, {}));
        QVERIFY2(again, qPrintable(again ? QString() : again.error().message));
        QCOMPARE((*again)->publicKey().line(), (*made)->publicKey().line());
        const auto signature = wait(signMessage(**again, "message", "git", {}));
        QVERIFY(signature);
        SshVerifier verifier;
        QVERIFY(verifier.isValid(*parseSignature(*signature), "message"));
        const auto second = wait(newKeychainSigner(keychain, place, QStringLiteral("signalbox"), {}));
        QVERIFY(!second);
        QCOMPARE(second.error().kind, ErrorKind::Conflict);
    }

    void brokenPrivateKeysAreRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("words") << QByteArray("my key");
        QTest::newRow("cut off") << QByteArray("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n");
        QTest::newRow("empty") << QByteArray(
            "-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----\n");
        QTest::newRow("PEM of nothing") << QByteArray("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        // The private half of one key beside the public half of another.
        const auto one = PrivateKey::generate();
        const auto other = PrivateKey::generate();
        QByteArray mixed = one->toOpenSsh({})->reveal();
        QByteArray blob = QByteArray::fromBase64(mixed.mid(35).left(mixed.indexOf("-----END") - 35));
        blob.replace(one->publicKey().parts().point.toByteArray(), other->publicKey().parts().point.toByteArray());
        QTest::newRow("two keys mixed") << "-----BEGIN OPENSSH PRIVATE KEY-----\n" + blob.toBase64() +
                                               "\n-----END OPENSSH PRIVATE KEY-----\n";
    }
    void brokenPrivateKeysAreRefused()
    {
        QFETCH(QByteArray, text);
        const auto key = PrivateKey::parse(secretOf(text.constData()), QStringLiteral("/home/ann/key"));
        QVERIFY(!key);
        QVERIFY2(key.error().message.contains(QStringLiteral("/home/ann/key")), qPrintable(key.error().message));
    }

    void theReaderNeverReadsPastTheEnd()
    {
        WireReader reader(QByteArrayView("\0\0\0\5ab", 6));
        QVERIFY(reader.string().isEmpty());
        QVERIFY(!reader.isGood());
        QCOMPARE(reader.number(), 0u);
        QVERIFY(!reader.isAtEnd());
        WireReader huge(QByteArrayView("\xff\xff\xff\xff", 4));
        QVERIFY(huge.string().isEmpty());
        QVERIFY(!huge.isGood());
        WireReader negative(QByteArrayView("\0\0\0\1\x80", 5));
        QVERIFY(negative.mpint().isEmpty());
        QVERIFY(!negative.isGood());
    }
};

QTEST_GUILESS_MAIN(TestSshSig)
#include "test_sshsig.moc"

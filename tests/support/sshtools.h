#pragma once

#include "services/ledger/signing/signer.h"

#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <memory>

// OpenSSH's and git's own programs, for tests that compare with them.
namespace signalbox::test
{

struct Ran
{
    int status = -1; // -1: it did not run
    QByteArray out;
    QByteArray err;
    QString text() const { return QString::fromUtf8(out + err); }
};
// In an environment without the user's own git and ssh configuration.
Ran runTool(const QString &program, const QStringList &arguments, const QByteArray &input = {},
            const QString &folder = {}, const QStringList &environment = {});

// A key pair that ssh-keygen makes: "ed25519", "ecdsa-256", "rsa-2048". The path of the private half.
QString makeSshKey(const QString &path, const QString &type, const QString &passphrase = {},
                   const QStringList &more = {});
ssh::PublicKey publicKeyOfFile(const QString &privatePath);
std::shared_ptr<ssh::Signer> signerOfFile(const QString &privatePath); // null: it has none, and the test fails

void writeFile(const QString &path, const QByteArray &content);

// A security key made of software: it signs as PROTOCOL.u2f says.
class SoftAuthenticator : public ssh::Signer
{
public:
    explicit SoftAuthenticator(ssh::KeyType type); // SkEd25519 or SkEcdsaP256
    ~SoftAuthenticator() override;

    const ssh::PublicKey &publicKey() const override;
    QString description() const override { return QStringLiteral("a security key of software"); }
    QFuture<Result<QByteArray>> signData(QByteArray data, StopToken stop) override;
    std::uint8_t flags = 1;
    std::uint32_t counter = 7;

private:
    class Private;
    std::unique_ptr<Private> d;
};

// An ssh-agent of the test's own.
class AgentProcess
{
public:
    AgentProcess();
    ~AgentProcess();
    QString socket() const { return m_folder.filePath(QStringLiteral("agent")); }
    bool isRunning() const { return m_process.state() == QProcess::Running; }
    Ran add(const QStringList &arguments) const; // ssh-add

private:
    QTemporaryDir m_folder;
    QProcess m_process;
};

} // namespace signalbox::test

// A ledger of 100,000 signed entries: verified from nothing, and its newest entries for a view. It is made once and
// kept beside the executable.
#include "services/ledger/ledger.h"
#include "services/ledger/signing/sshsig.h"
#include "services/ledger/signing/sshverifier.h"
#include "services/ledger/verify/chainverifier.h"
#include "tests/bench/ledgermaker.h"
#include "tests/bench/limits.h"
#include "tests/bench/processuse.h"

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>

#include <algorithm>
#include <array>
#include <cstdio>
#include <thread>
#include <vector>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

constexpr int threads = 2;

QString u(const char *text)
{
    return QString::fromLatin1(text);
}

double seconds(const QElapsedTimer &clock)
{
    return static_cast<double>(clock.nsecsElapsed()) / 1e9;
}

// The first admin's fingerprint; empty: it could not be made.
QString ledgerAt(const QString &path, int entries)
{
    QFile admin(path + u("/first-admin"));
    if (admin.open(QIODevice::ReadOnly))
        return QString::fromUtf8(admin.readAll());
    QElapsedTimer clock;
    clock.start();
    const MadeLedger made = makeLedger(path, entries);
    if (!made.isGood || !admin.open(QIODevice::WriteOnly)) {
        std::printf("the ledger could not be made: %s\n", qPrintable(made.why));
        return {};
    }
    admin.write(made.firstAdmin.toUtf8());
    std::printf("made %d entries in %.1f s, kept in %s\n", entries, seconds(clock), qPrintable(path));
    return made.firstAdmin;
}

// How many a thread verifies in a second; 0: one was said not to fit.
double signaturesPerSecond(const ssh::SshSignature &signature, const QByteArray &message)
{
    ssh::SshVerifier verifier;
    constexpr int count = 5000;
    int good = 0;
    QElapsedTimer clock;
    clock.start();
    for (int i = 0; i < count; ++i)
        good += verifier.isValid(signature, message) ? 1 : 0;
    return good == count ? count / seconds(clock) : 0;
}

// More than half of verifying a ledger. Of the second figure the first is no measure where two processors share a core,
// or another program has one of them.
void measureSignatures()
{
    const auto key = ssh::PrivateKey::generate();
    const QByteArray message(700, 'x');
    const auto raw = key->sign(ssh::signedData("git", "sha512", message));
    const auto signature = ssh::parseSignatureBlob(ssh::signatureBlob(key->publicKey(), "git", "sha512", *raw));
    const double alone = signaturesPerSecond(*signature, message);
    std::printf("%-64s %10.0f /s %s limit 10000  %s\n", "Ed25519 signatures verified on one core", alone,
                alone > 0 ? "" : "WRONG", verdict(alone >= 10'000));
    std::array<double, threads> each{};
    std::vector<std::thread> running;
    for (double &rate : each)
        running.emplace_back([&] { rate = signaturesPerSecond(*signature, message); });
    for (std::thread &one : running)
        one.join();
    std::printf("%-64s %10.0f /s\n", "  by each of two threads at a time, the slower one",
                *std::min_element(each.begin(), each.end()));
}

void measureGit(const QString &path)
{
    QProcess list;
    list.start(u("git"), {u("--git-dir"), path, u("rev-list"), u("-n"), u("100"), u("main")});
    list.waitForFinished();
    QFile signers(path + u("/signers"));
    QProcess show;
    show.start(u("git"), {u("--git-dir"), path, u("show"), u("main:allowed_signers")});
    show.waitForFinished();
    if (!signers.open(QIODevice::WriteOnly))
        return;
    signers.write(show.readAllStandardOutput());
    signers.close();
    QProcess verify;
    QElapsedTimer clock;
    clock.start();
    verify.start(u("git"),
                 QStringList{u("--git-dir"), path, u("-c"), u("gpg.ssh.allowedSignersFile=") + signers.fileName(),
                             u("verify-commit")} +
                     QString::fromLatin1(list.readAllStandardOutput()).split(QLatin1Char('\n'), Qt::SkipEmptyParts));
    const int status = verify.waitForFinished(-1) ? verify.exitCode() : -1;
    std::printf("%-64s %10.1f min %s\n", "git verify-commit of as many, from 100 (signatures alone)",
                seconds(clock) / 100 * 100'000 / 60, status == 0 ? "" : "FAILED");
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const int entries = argc > 1 ? QByteArray(argv[1]).toInt() : 100'000;
    const QString path = QCoreApplication::applicationDirPath() + u("/../made-ledger-%1.git").arg(entries);
    const QString admin = ledgerAt(QDir::cleanPath(path), entries);
    if (admin.isEmpty())
        return 1;
    measureSignatures();

    ledger::VerifyOptions options;
    options.pin = {admin, u("shop")};
    options.threads = threads;
    const double before = ProcessUse::now().peakRssMb;
    const double cpuBefore = ProcessUse::now().cpuMs;
    QElapsedTimer clock;
    clock.start();
    const auto chain = ledger::verifyChain(QDir::cleanPath(path), options, {});
    const double took = seconds(clock);
    const ProcessUse use = ProcessUse::now();
    const double limit = 10.0 * entries / 100'000;
    std::printf("%-64s %10.2f s %s limit %.1f  %s\n", "verify all from nothing, 2 threads", took,
                chain && chain->isWhole() ? "" : "WRONG", limit, verdict(took <= limit));
    std::printf("%-64s %10.2f s\n", "  processor time of all threads", (use.cpuMs - cpuBefore) / 1000);
    std::printf("%-64s %10.0f MB\n", "  memory at its peak, beyond the start", use.peakRssMb - before);
    if (chain)
        std::printf("%-64s %10lld\n", "  entries that are good", static_cast<long long>(chain->good));

    Ledger ledger(QDir::cleanPath(path));
    clock.restart();
    auto newest = ledger.newest(200);
    newest.waitForFinished();
    const double newestMs = seconds(clock) * 1000;
    std::printf("%-64s %10.1f ms %s limit 200  %s\n", "the newest 200 entries for the view, cold", newestMs,
                newest.result() ? "" : "FAILED", verdict(newestMs <= 200));
    measureGit(QDir::cleanPath(path));
    return 0;
}

#include "services/git/remote.h"
#include "services/git/repository.h"
#include "services/net/httpclient.h"
#include "tests/support/gitservers.h"
#include "tests/support/testcertificates.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include <array>
#include <future>
#include <thread>

using namespace signalbox;
using namespace signalbox::git;
using namespace signalbox::test;

// The same suite over a plain path, a real sshd and `git http-backend` behind a real nginx.
class TestGitRemote : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_root;
    std::unique_ptr<SshServer> m_ssh;
    std::unique_ptr<HttpsGitServer> m_https;
    HttpClient m_http;
    int m_count = 0;

    QString path(const QString &name) const { return m_root->filePath(name); }

    // A new bare repository with `commits` in it, and where it is reached.
    QString makeBare(int commits = 3)
    {
        const QString name = QStringLiteral("repo%1.git").arg(++m_count);
        const QString work = path(QStringLiteral("work%1").arg(m_count));
        if (!RealGit::init(path(name), true) || !RealGit::init(work, false))
            return {};
        RealGit git(work);
        for (int i = 0; i < commits; ++i)
            git.commit(QStringLiteral("file%1").arg(i), "content\n", QStringLiteral("Commit %1").arg(i));
        if (commits > 0)
            git.run({QStringLiteral("push"), QStringLiteral("-q"), path(name), QStringLiteral("main")});
        return name;
    }

    RemoteAccess access(const QString &kind, const QString &name, int port = 0)
    {
        RemoteAccess access;
        access.http = &m_http;
        QString url = path(name);
        if (kind == QLatin1String("ssh")) {
            url = m_ssh->url(path(name), port);
            access.sshCommand = m_ssh->command(SshServer::Trust::Known, port);
        } else if (kind == QLatin1String("https")) {
            url = m_https->url(name, port);
            access.user = HttpsGitServer::user();
            access.password = Secret(HttpsGitServer::password());
            access.caPem = m_https->caPem();
        }
        const auto parsed = parseRemoteUrl(url);
        if (parsed)
            access.url = *parsed;
        return access;
    }

    QString newLocal()
    {
        const QString local = path(QStringLiteral("local%1.git").arg(++m_count));
        return RealGit::init(local, true) ? local : QString();
    }

    template <typename Future>
    static bool isReady(const Future &future, int deadlineMs)
    {
        return QTest::qWaitFor(
            [&future] { return future.wait_for(std::chrono::milliseconds(0)) == std::future_status::ready; },
            deadlineMs);
    }

    // On a thread that may wait, while the test's own event loop runs (ByteGate needs it).
    template <typename Work>
    auto elsewhere(Work work) -> decltype(work())
    {
        auto future = std::async(std::launch::async, std::move(work));
        if (!isReady(future, 60'000))
            qFatal("git does not come to an end in a minute"); // its thread cannot be ended
        return future.get();
    }

    template <typename T>
    static QString said(const Result<T> &result)
    {
        return result ? QStringLiteral("fine") : result.error().message;
    }
    static void kinds()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"path", "ssh", "https"})
            QTest::newRow(kind) << QString::fromLatin1(kind);
    }
    static const QStringList &all()
    {
        static const QStringList specs{QStringLiteral("+refs/heads/*:refs/heads/*"),
                                       QStringLiteral("+refs/tags/*:refs/tags/*")};
        return specs;
    }

private slots:
    void initTestCase()
    {
        m_root = std::make_unique<QTemporaryDir>();
        QString error;
        m_ssh = SshServer::start(&error);
        QVERIFY2(m_ssh, qPrintable(error));
        m_https = HttpsGitServer::start(m_root->path(), &error);
        QVERIFY2(m_https, qPrintable(error));
        // For /renamed.git/ of tests/lab/git/nginx.conf.
        const QString first = makeBare();
        QVERIFY(QDir(m_root->path()).rename(first, QStringLiteral("first.git")));
    }

    void fetchesWhatGitHas_data() { kinds(); }
    void fetchesWhatGitHas()
    {
        QFETCH(QString, kind);
        const QString name = makeBare();
        RealGit real(path(name));
        QVERIFY(real.grow(QStringLiteral("main"), 300, 7));
        real.run({QStringLiteral("tag"), QStringLiteral("-a"), QStringLiteral("-m"), QStringLiteral("one"),
                  QStringLiteral("v1.0.0"), QStringLiteral("main~5")});
        real.run({QStringLiteral("branch"), QStringLiteral("release/1.0"), QStringLiteral("main~2")});
        const QString local = newLocal();
        const Remote remote(access(kind, name));
        int calls = 0;
        qint64 most = 0;
        const auto fetched = remote.fetch(local, {all(), true, true},
                                          [&](const RemoteProgress &progress) {
                                              ++calls;
                                              most = std::max(most, progress.totalObjects);
                                          },
                                          {});
        QVERIFY2(fetched, qPrintable(said(fetched)));
        QVERIFY(calls > 1);
        QVERIFY(most > 300);
        const RealGit mine(local);
        QCOMPARE(mine.out({QStringLiteral("show-ref")}), real.out({QStringLiteral("show-ref")}));
        const auto checked = mine.run({QStringLiteral("fsck"), QStringLiteral("--full"), QStringLiteral("--strict")});
        QVERIFY2(checked.isGood(), checked.err.constData());

        // Again: what went away goes, what is new comes.
        real.run({QStringLiteral("branch"), QStringLiteral("-D"), QStringLiteral("release/1.0")});
        QVERIFY(real.grow(QStringLiteral("main"), 5, 8));
        const auto again = remote.fetch(local, {all(), true, true}, {}, {});
        QVERIFY2(again, qPrintable(said(again)));
        QCOMPARE(mine.out({QStringLiteral("show-ref")}), real.out({QStringLiteral("show-ref")}));
    }

    void listsReferences_data() { kinds(); }
    void listsReferences()
    {
        QFETCH(QString, kind);
        const QString name = makeBare();
        const RealGit real(path(name));
        real.run({QStringLiteral("tag"), QStringLiteral("-a"), QStringLiteral("-m"), QStringLiteral("one"),
                  QStringLiteral("v1")});
        const auto refs = Remote(access(kind, name)).refs({});
        QVERIFY2(refs, refs ? "" : qPrintable(refs.error().message));
        QByteArray shown;
        for (const RemoteRef &ref : *refs)
            shown += ref.id.toUtf8() + ' ' + ref.name.toUtf8() + '\n';
        QCOMPARE(shown.trimmed(), real.out({QStringLiteral("show-ref")}));
    }

    void anEmptyRepositoryIsEmpty_data() { kinds(); }
    void anEmptyRepositoryIsEmpty()
    {
        QFETCH(QString, kind);
        const Remote remote(access(kind, makeBare(0)));
        const auto refs = remote.refs({});
        QVERIFY2(refs, refs ? "" : qPrintable(refs.error().message));
        QVERIFY(refs->isEmpty());
        const auto fetched = remote.fetch(newLocal(), {all(), true, true}, {}, {});
        QVERIFY2(fetched, qPrintable(said(fetched)));
    }

    void pushesOnlyOntoWhatWasSeen_data() { kinds(); }
    void pushesOnlyOntoWhatWasSeen()
    {
        QFETCH(QString, kind);
        const QString name = makeBare(0);
        const Remote remote(access(kind, name));
        const QString local = newLocal();
        auto repository = Repository::openOrCreateBare(local, QStringLiteral("main"));
        QVERIFY(repository);
        const Author author{QStringLiteral("Ana"), QStringLiteral("ana@example.com"),
                            QDateTime::fromSecsSinceEpoch(1'760'000'000, Qt::UTC)};
        const auto entry = [&](int i) {
            return *repository->addFile(QStringLiteral("main"), QStringLiteral("entries/%1.json").arg(i),
                                        QByteArray::number(i), QStringLiteral("Entry %1").arg(i), author);
        };
        const QString ref = QStringLiteral("refs/heads/main");
        // Onto nothing, one more, then 60 at a time (a pack on a plain path).
        const QString first = entry(1);
        auto pushed = remote.push(local, {ref, first, std::nullopt}, {}, {});
        QVERIFY2(pushed, qPrintable(said(pushed)));
        const QString second = entry(2);
        pushed = remote.push(local, {ref, second, first}, {}, {});
        QVERIFY2(pushed, qPrintable(said(pushed)));
        QString last;
        for (int i = 3; i < 63; ++i)
            last = entry(i);
        pushed = remote.push(local, {ref, last, second}, {}, {});
        QVERIFY2(pushed, qPrintable(said(pushed)));
        // Once more: done already is done.
        pushed = remote.push(local, {ref, last, second}, {}, {});
        QVERIFY2(pushed, qPrintable(said(pushed)));
        const RealGit real(path(name));
        QCOMPARE(QString::fromLatin1(real.out({QStringLiteral("rev-parse"), QStringLiteral("main")})), last);
        const auto checked = real.run({QStringLiteral("fsck"), QStringLiteral("--full"), QStringLiteral("--strict")});
        QVERIFY2(checked.isGood(), checked.err.constData());

        // What was seen is not there any more: onto an older one, onto nothing, onto another.
        const QString next = entry(63);
        for (const std::optional<QString> &seen :
             {std::optional(second), std::optional<QString>(), std::optional(next)}) {
            pushed = remote.push(local, {ref, next, seen}, {}, {});
            QVERIFY(!pushed);
            QCOMPARE(pushed.error().kind, ErrorKind::Conflict);
            QVERIFY2(pushed.error().message.contains(last.left(10)), qPrintable(pushed.error().message));
            QCOMPARE(QString::fromLatin1(real.out({QStringLiteral("rev-parse"), QStringLiteral("main")})), last);
        }
        // A branch that is expected but was removed.
        pushed = remote.push(local, {QStringLiteral("refs/heads/gone"), next, last}, {}, {});
        QVERIFY(!pushed);
        QCOMPARE(pushed.error().kind, ErrorKind::Conflict);
    }

    // Ten rounds of two who saw the same: exactly one wins each, and nothing is lost.
    void ofTwoPushersExactlyOneWins_data() { kinds(); }
    void ofTwoPushersExactlyOneWins()
    {
        QFETCH(QString, kind);
        const QString name = makeBare(0);
        const RemoteAccess to = access(kind, name);
        const QString ref = QStringLiteral("refs/heads/main");
        const QStringList locals{newLocal(), newLocal()};
        std::optional<QString> seen;
        int files = 0;
        for (int round = 0; round < 10; ++round) {
            std::array<QString, 2> made;
            for (size_t i = 0; i < 2; ++i) {
                if (seen) {
                    const auto fetched = Remote(to).fetch(locals[static_cast<int>(i)], {all(), true, false}, {}, {});
                    QVERIFY2(fetched, qPrintable(said(fetched)));
                }
                auto repository = Repository::openOrCreateBare(locals[static_cast<int>(i)], QStringLiteral("main"));
                QVERIFY(repository);
                made[i] = *repository->addFile(
                    QStringLiteral("main"), QStringLiteral("%1-%2").arg(round).arg(i), "x", QStringLiteral("one"),
                    {QStringLiteral("P%1").arg(i), QStringLiteral("p@example.com"), QDateTime::currentDateTimeUtc()});
            }
            const auto push = [&](size_t i) {
                return Remote(to).push(locals[static_cast<int>(i)], {ref, made[i], seen}, {}, {});
            };
            auto other = std::async(std::launch::async, push, 1);
            const auto a = push(0);
            const auto b = other.get();
            QVERIFY2(a.has_value() != b.has_value(), qPrintable(said(a) + QStringLiteral(" | ") + said(b)));
            const Error &lost = a ? b.error() : a.error();
            QVERIFY2(lost.kind == ErrorKind::Conflict, qPrintable(lost.message));
            ++files;
            seen = QString::fromLatin1(RealGit(path(name)).out({QStringLiteral("rev-parse"), QStringLiteral("main")}));
            QCOMPARE(*seen, a ? made[0] : made[1]);
        }
        QCOMPARE(
            RealGit(path(name)).out({QStringLiteral("rev-list"), QStringLiteral("--count"), QStringLiteral("main")}),
            QByteArray::number(files));
    }

    // A ledger is opened by whoever comes first: its writer, and who shares it, at the same moment.
    void manyBeginOneRepositoryAtOnce()
    {
        for (int round = 0; round < 20; ++round) {
            const QString where = path(QStringLiteral("begun/%1.git").arg(round));
            std::array<std::future<QString>, 6> openers;
            for (auto &opener : openers) {
                opener = std::async(std::launch::async, [where] {
                    const auto repository = Repository::openOrCreateBare(where, QStringLiteral("main"));
                    return repository ? QString() : repository.error().message;
                });
            }
            for (auto &opener : openers)
                QCOMPARE(opener.get(), QString());
            QCOMPARE(RealGit(where).out({QStringLiteral("symbolic-ref"), QStringLiteral("HEAD")}),
                     QByteArray("refs/heads/main"));
        }
        QCOMPARE(QDir(path(QStringLiteral("begun"))).entryList(QDir::AllEntries | QDir::NoDotAndDotDot).size(), 20);
    }

    void aHookThatRefusesIsQuoted_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::newRow("ssh") << QStringLiteral("ssh");
        QTest::newRow("https") << QStringLiteral("https");
    }
    void aHookThatRefusesIsQuoted()
    {
        QFETCH(QString, kind);
        const QString name = makeBare(1);
        QFile hook(path(name) + QStringLiteral("/hooks/pre-receive"));
        QVERIFY(hook.open(QIODevice::WriteOnly));
        hook.write("#!/bin/sh\necho 'needs two approvals' >&2\nexit 1\n");
        hook.close();
        hook.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
        const Remote remote(access(kind, name));
        const QString local = newLocal();
        QVERIFY(remote.fetch(local, {all(), true, true}, {}, {}));
        auto repository = Repository::openOrCreateBare(local, QStringLiteral("main"));
        const QString tip = **repository->tip(QStringLiteral("main"));
        const auto next =
            repository->addFile(QStringLiteral("main"), QStringLiteral("n"), "n", QStringLiteral("n"),
                                {QStringLiteral("A"), QStringLiteral("a@b"), QDateTime::currentDateTimeUtc()});
        QVERIFY(next);
        const auto pushed = remote.push(local, {QStringLiteral("refs/heads/main"), *next, tip}, {}, {});
        QVERIFY(!pushed);
        QCOMPARE(pushed.error().kind, ErrorKind::Refused);
        QVERIFY2(pushed.error().message.contains(QLatin1String("needs two approvals")),
                 qPrintable(pushed.error().message));
    }

    // Cut off after every so many bytes of what the server says: what is called done is done, what is called not done
    // is not, and where it cannot be told that is said.
    void aPushThatBreaksOffNeverLies_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::newRow("ssh") << QStringLiteral("ssh");
        QTest::newRow("https") << QStringLiteral("https");
    }
    void aPushThatBreaksOffNeverLies()
    {
        QFETCH(QString, kind);
        const QString name = makeBare(0);
        const QString local = newLocal();
        const QString ref = QStringLiteral("refs/heads/main");
        const int server = kind == QLatin1String("ssh") ? m_ssh->port() : m_https->port();
        auto repository = Repository::openOrCreateBare(local, QStringLiteral("main"));
        QVERIFY(repository);
        int made = 0;
        const auto entry = [&] {
            ++made;
            return *repository->addFile(
                QStringLiteral("main"), QStringLiteral("entries/%1").arg(made), QByteArray(500, 'x'),
                QStringLiteral("Entry %1").arg(made),
                {QStringLiteral("Ana"), QStringLiteral("a@b"), QDateTime::currentDateTimeUtc()});
        };
        const auto there = [&] {
            return QString::fromLatin1(RealGit(path(name))
                                           .out({QStringLiteral("rev-parse"), QStringLiteral("-q"),
                                                 QStringLiteral("--verify"), QStringLiteral("main")}));
        };
        std::optional<QString> seen;
        const auto pushThrough = [&](ByteGate &gate, const QString &id) {
            const RemoteAccess to = access(kind, name, gate.port());
            return elsewhere([&, to] { return Remote(to).push(local, {ref, id, seen}, {}, {}); });
        };
        qint64 whole = 0;
        for (int i = 0; i < 2; ++i) { // the second is like those that follow
            ByteGate open(server, 1LL << 40, ByteGate::Then::Cut);
            const QString id = entry();
            const auto pushed = pushThrough(open, id);
            QVERIFY2(pushed, qPrintable(said(pushed)));
            seen = id;
            whole = open.passed();
        }
        int unknown = 0;
        int failed = 0;
        const int points = kind == QLatin1String("ssh") ? 12 : 24; // ssh takes its time to begin
        for (int point = 1; point <= points; ++point) {
            // Most of them where the answer to the push itself comes.
            const qint64 limit =
                point <= points / 3 ? whole * point * 3 / (points + 3) : whole - (points - point) * (960 / points);
            ByteGate gate(server, limit, ByteGate::Then::Cut);
            const QString id = entry();
            const auto pushed = pushThrough(gate, id);
            if (pushed) {
                QCOMPARE(there(), id);
            } else if (pushed.error().kind == ErrorKind::OutcomeUnknown) {
                ++unknown;
                QTRY_VERIFY(there() == id || there() == *seen);
            } else {
                ++failed;
                QTest::qWait(100); // nothing comes late
                QVERIFY2(there() == *seen, qPrintable(said(pushed)));
            }
            // Once more over a good line: done already is done, exactly once.
            const auto again = Remote(access(kind, name)).push(local, {ref, id, seen}, {}, {});
            QVERIFY2(again, qPrintable(said(again)));
            QCOMPARE(there(), id);
            seen = id;
        }
        QVERIFY2(unknown > 0 && failed > 0, qPrintable(QStringLiteral("%1 %2").arg(unknown).arg(failed)));
        QCOMPARE(
            RealGit(path(name)).out({QStringLiteral("rev-list"), QStringLiteral("--count"), QStringLiteral("main")}),
            QByteArray::number(made));
    }

    void hostKeysAreChecked_data()
    {
        QTest::addColumn<int>("trust");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("says");
        using Trust = SshServer::Trust;
        QTest::newRow("unknown") << int(Trust::Unknown) << int(ErrorKind::Refused)
                                 << QStringLiteral("does not know the host key");
        QTest::newRow("changed") << int(Trust::Changed) << int(ErrorKind::Refused)
                                 << QStringLiteral("is not the one that ssh knows");
        QTest::newRow("wrong key") << int(Trust::WrongKey) << int(ErrorKind::Unauthorized)
                                   << QStringLiteral("none of the keys");
    }
    void hostKeysAreChecked()
    {
        QFETCH(int, trust);
        QFETCH(int, kind);
        QFETCH(QString, says);
        RemoteAccess to = access(QStringLiteral("ssh"), makeBare(1));
        to.sshCommand = m_ssh->command(static_cast<SshServer::Trust>(trust));
        const auto refs = Remote(to).refs({});
        QVERIFY(!refs);
        QVERIFY2(refs.error().message.contains(says), qPrintable(refs.error().message + refs.error().detail));
        QCOMPARE(int(refs.error().kind), kind);
        QVERIFY(!refs.error().message.contains(QLatin1Char('\n')));
    }

    void sshTellsWhatIsWrong()
    {
        RemoteAccess to = access(QStringLiteral("ssh"), QStringLiteral("none.git"));
        auto refs = Remote(to).refs({});
        QVERIFY(!refs);
        QVERIFY2(refs.error().kind == ErrorKind::NotFound, qPrintable(refs.error().message + refs.error().detail));
        to.url = *parseRemoteUrl(m_ssh->url(QStringLiteral("/x"), freePorts()));
        refs = Remote(to).refs({});
        QVERIFY(!refs);
        QVERIFY2(refs.error().kind == ErrorKind::Unreachable, qPrintable(refs.error().message));
        QVERIFY(refs.error().message.contains(QLatin1String("refuses connections")));
        to.sshCommand = {QStringLiteral("/nonexistent/ssh")};
        refs = Remote(to).refs({});
        QVERIFY(!refs);
        QCOMPARE(refs.error().kind, ErrorKind::Unsupported);
    }

    void pathsAreQuotedForTheOtherSide()
    {
        const QString name = QStringLiteral("it's $(touch hit) a \"repo\"; rm -rf x!.git");
        QVERIFY(RealGit::init(path(name), true));
        RemoteAccess to = access(QStringLiteral("ssh"), name);
        to.url = RemoteUrl{RemoteUrl::Kind::Ssh,        QStringLiteral("odd"), path(name), {}, {},
                           QStringLiteral("127.0.0.1"), m_ssh->port()};
        const auto refs = Remote(to).refs({});
        QVERIFY2(refs, refs ? "" : qPrintable(refs.error().message + refs.error().detail));
    }

    void passwordsAndCertificatesAreChecked_data()
    {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("says");
        QTest::newRow("wrong password") << QStringLiteral("password") << int(ErrorKind::Unauthorized)
                                        << QStringLiteral("refused the user name or password");
        QTest::newRow("no password") << QStringLiteral("none") << int(ErrorKind::Unauthorized)
                                     << QStringLiteral("wants a user name and password");
        QTest::newRow("unknown certificate")
            << QStringLiteral("ca") << int(ErrorKind::Unreachable) << QStringLiteral("certificate");
        QTest::newRow("no such repository")
            << QStringLiteral("name") << int(ErrorKind::NotFound) << QStringLiteral("There is no repository");
        QTest::newRow("no git server") << QStringLiteral("page") << int(ErrorKind::Protocol)
                                       << QStringLiteral("no git server");
        QTest::newRow("broken server") << QStringLiteral("broken") << int(ErrorKind::Unreachable)
                                       << QStringLiteral("503");
        QTest::newRow("another host") << QStringLiteral("elsewhere") << int(ErrorKind::Unreachable)
                                      << QStringLiteral("certificate"); // "localhost" is not in it: nothing was sent
    }
    void passwordsAndCertificatesAreChecked()
    {
        QFETCH(QString, fault);
        QFETCH(int, kind);
        QFETCH(QString, says);
        RemoteAccess to = access(QStringLiteral("https"), makeBare(1));
        if (fault == QLatin1String("password"))
            to.password = Secret("wrong-one");
        else if (fault == QLatin1String("none"))
            to.password = Secret();
        else if (fault == QLatin1String("ca"))
            to.caPem.clear();
        else if (fault == QLatin1String("name"))
            to.url = *parseRemoteUrl(m_https->url(QStringLiteral("nowhere.git")));
        else if (fault == QLatin1String("page") || fault == QLatin1String("broken"))
            to.url = *parseRemoteUrl(m_https->url(fault + QStringLiteral("/x.git")));
        else
            to.url = *parseRemoteUrl(m_https->url(QStringLiteral("elsewhere.git")));
        const auto refs = Remote(to).refs({});
        QVERIFY(!refs);
        QVERIFY2(refs.error().message.contains(says), qPrintable(refs.error().message));
        QCOMPARE(int(refs.error().kind), kind);
        for (const QString &text : {refs.error().message, refs.error().detail}) {
            QVERIFY(!text.contains(QLatin1String("wrong-one")));
            QVERIFY(!text.contains(QString::fromLatin1(HttpsGitServer::password())));
        }
    }

    void aRenamedRepositoryIsFollowedOnItsHost()
    {
        RemoteAccess to = access(QStringLiteral("https"), QStringLiteral("renamed.git"));
        const QString local = newLocal();
        const auto fetched = Remote(to).fetch(local, {all(), true, true}, {}, {});
        QVERIFY2(fetched, qPrintable(said(fetched)));
        QCOMPARE(RealGit(local).out({QStringLiteral("show-ref")}),
                 RealGit(path(QStringLiteral("first.git"))).out({QStringLiteral("show-ref")}));
    }

    void aPasswordNeverGoesOverPlainHttp()
    {
        RemoteAccess to = access(QStringLiteral("https"), QStringLiteral("x"));
        to.url = *parseRemoteUrl(QStringLiteral("http://git.invalid/x.git"));
        const auto refs = Remote(to).refs({});
        QVERIFY(!refs);
        QCOMPARE(refs.error().kind, ErrorKind::Refused);
    }

    // Cut or silent somewhere in the pack: an error that says so, no reference moved, nothing left half.
    void aFetchThatBreaksOffLeavesNothing_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<bool>("isStalled");
        for (const char *kind : {"ssh", "https"}) {
            QTest::addRow("%s, cut", kind) << QString::fromLatin1(kind) << false;
            QTest::addRow("%s, silent", kind) << QString::fromLatin1(kind) << true;
        }
    }
    void aFetchThatBreaksOffLeavesNothing()
    {
        QFETCH(QString, kind);
        QFETCH(bool, isStalled);
        const QString name = makeBare(1);
        QVERIFY(RealGit(path(name)).grow(QStringLiteral("main"), 400, 3));
        ByteGate gate(kind == QLatin1String("ssh") ? m_ssh->port() : m_https->port(), 40'000,
                      isStalled ? ByteGate::Then::Stall : ByteGate::Then::Cut);
        RemoteAccess to = access(kind, name, gate.port());
        to.idleTimeout = std::chrono::milliseconds(1500);
        const QString local = newLocal();
        const auto fetched = elsewhere([&] { return Remote(to).fetch(local, {all(), true, true}, {}, {}); });
        QVERIFY(!fetched);
        const ErrorKind kindOf = fetched.error().kind;
        if (isStalled)
            QVERIFY2(kindOf == ErrorKind::TimedOut, qPrintable(fetched.error().message));
        else
            QVERIFY2(kindOf == ErrorKind::Unreachable || kindOf == ErrorKind::Protocol,
                     qPrintable(fetched.error().message));
        QVERIFY(gate.passed() > 0);
        const RealGit mine(local);
        QVERIFY(mine.out({QStringLiteral("show-ref")}).isEmpty());
        QVERIFY(QDir(local + QStringLiteral("/objects/pack")).entryList(QDir::Files).isEmpty());
    }

    void aStopEndsAFetchAtOnce_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::newRow("ssh") << QStringLiteral("ssh");
        QTest::newRow("https") << QStringLiteral("https");
    }
    void aStopEndsAFetchAtOnce()
    {
        QFETCH(QString, kind);
        const QString name = makeBare(1);
        QVERIFY(RealGit(path(name)).grow(QStringLiteral("main"), 400, 4));
        ByteGate gate(kind == QLatin1String("ssh") ? m_ssh->port() : m_https->port(), 40'000, ByteGate::Then::Stall);
        const RemoteAccess to = access(kind, name, gate.port());
        const QString local = newLocal();
        StopSource stop;
        QElapsedTimer sinceStop;
        auto future = std::async(std::launch::async, [&] {
            return Remote(to).fetch(local, {all(), true, true}, {}, stop.get_token());
        });
        QTRY_VERIFY_WITH_TIMEOUT(gate.passed() >= 40'000, 20000);
        QVERIFY(!isReady(future, 200)); // it stands still
        sinceStop.start();
        stop.request_stop();
        QVERIFY(isReady(future, 30'000));
        QVERIFY2(sinceStop.elapsed() < 1000, qPrintable(QString::number(sinceStop.elapsed())));
        const auto fetched = future.get();
        QVERIFY(!fetched);
        QCOMPARE(fetched.error().kind, ErrorKind::Cancelled);
        QVERIFY(RealGit(local).out({QStringLiteral("show-ref")}).isEmpty());
    }

    void aCheckedOutBranchIsNotPushedTo()
    {
        const QString work = path(QStringLiteral("checkedout"));
        QVERIFY(RealGit::init(work, false));
        RealGit git(work);
        const QString tip = git.commit(QStringLiteral("a"), "a", QStringLiteral("a"));
        const QString local = newLocal();
        const Remote remote(access(QStringLiteral("path"), QStringLiteral("checkedout")));
        QVERIFY(remote.fetch(local, {all(), true, true}, {}, {}));
        auto repository = Repository::openOrCreateBare(local, QStringLiteral("main"));
        const auto next =
            repository->addFile(QStringLiteral("main"), QStringLiteral("b"), "b", QStringLiteral("b"),
                                {QStringLiteral("A"), QStringLiteral("a@b"), QDateTime::currentDateTimeUtc()});
        const auto pushed = remote.push(local, {QStringLiteral("refs/heads/main"), *next, tip}, {}, {});
        QVERIFY(!pushed);
        QCOMPARE(pushed.error().kind, ErrorKind::Refused);
        QCOMPARE(QString::fromLatin1(git.out({QStringLiteral("rev-parse"), QStringLiteral("main")})), tip);
        QVERIFY(git.out({QStringLiteral("status"), QStringLiteral("--porcelain")}).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestGitRemote)
#include "test_git_remote.moc"

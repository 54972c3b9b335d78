#include "services/async/deliver.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/ledger/sharing/teamledger.h"
#include "services/net/httpclient.h"
#include "tests/support/gitservers.h"
#include "tests/unit/services/ledger/verify/forge.h"

#include <QDir>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include <memory>
#include <mutex>
#include <vector>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

// One operator's console: a ledger of their own, shared with the others'.
struct Operator
{
    Operator(const QString &path, git::RemoteAccess to)
        : ledger(path)
        , sharing(ledger)
        , access(std::move(to))
    {}
    QFuture<Result<ShareReport>> share(StopToken stop = {}) { return sharing.share(access, std::move(stop)); }
    QFuture<Result<ShareState>> state() { return sharing.state(); }
    Ledger ledger;
    LedgerShare sharing;
    git::RemoteAccess access;
};

template <typename T>
Result<T> wait(QFuture<Result<T>> future)
{
    future.waitForFinished(); // a test may
    return future.result();
}

template <typename T>
QString said(const Result<T> &result)
{
    return result ? QStringLiteral("fine") : result.error().message;
}

} // namespace

// Ledgers that meet in one bare repository: on a path, behind a real sshd, behind `git http-backend` and a real nginx.
class TestLedgerSharing : public QObject
{
    Q_OBJECT

    QTemporaryDir m_home; // instead of the user's own configuration
    QTemporaryDir m_root;
    std::unique_ptr<SshServer> m_ssh;
    std::unique_ptr<HttpsGitServer> m_https;
    HttpClient m_http;
    Forge m_people;
    int m_count = 0;

    QString path(const QString &name) const { return m_root.filePath(name); }
    QString newName() { return QStringLiteral("ledger%1.git").arg(++m_count); }
    QString newShared()
    {
        const QString name = newName();
        const bool isMade = RealGit::init(path(name), true) &&
                            RealGit(path(name)).run({u("config"), u("receive.autogc"), u("false")}).isGood();
        return isMade ? name : QString();
    }
    git::RemoteAccess access(const QString &kind, const QString &name)
    {
        git::RemoteAccess access;
        access.http = &m_http;
        QString url = path(name);
        if (kind == u("ssh")) {
            url = m_ssh->url(path(name));
            access.sshCommand = m_ssh->command();
        } else if (kind == u("https")) {
            url = m_https->url(name);
            access.user = HttpsGitServer::user();
            access.password = Secret(HttpsGitServer::password());
            access.caPem = m_https->caPem();
        }
        const auto parsed = git::parseRemoteUrl(url);
        if (parsed)
            access.url = *parsed;
        return access;
    }
    std::unique_ptr<Operator> newOperator(const QString &kind, const QString &shared)
    {
        return std::make_unique<Operator>(path(newName()), access(kind, shared));
    }
    TeamLedger::Settings settings(const git::RemoteAccess &to)
    {
        TeamLedger::Settings settings;
        settings.path = path(newName());
        settings.remote = to.url.shown;
        settings.access = [to](StopToken) { return ready(Result<git::RemoteAccess>(to)); };
        settings.every = std::chrono::milliseconds(300);
        settings.firstWait = std::chrono::milliseconds(100);
        return settings;
    }
    LedgerEntry entry(const QString &text, int minutes = 0, const QString &by = u("ann")) const
    {
        return m_people.entry(policy::Note{{}, {}, {}, text}, by, Forge::noon(minutes));
    }
    // Ids of the entries on main, sorted; each as often as a commit added it.
    QStringList idsOf(const QString &repository) const
    {
        const RealGit git(repository);
        QStringList ids;
        for (const QByteArray &line : git.out({u("log"), u("--format="), u("--name-only"), u("main")}).split('\n')) {
            if (line.startsWith("entries/"))
                ids.append(QString::fromUtf8(line).section(QLatin1Char('/'), -1).chopped(5));
        }
        ids.sort();
        return ids;
    }
    static bool isOneLine(const QString &repository)
    {
        const RealGit git(repository);
        return git.out({u("rev-list"), u("--count"), u("--merges"), u("main")}) == "0" &&
               git.run({u("fsck"), u("--strict")}).isGood();
    }
    static QString personOf(int number)
    {
        const char *const people[] = {"ann", "bob", "cai"};
        return u(people[number % 3]);
    }
    // What of a ledger is not proven; empty: every one of its `count` commits is.
    static QString notProven(const Forge &forge, const QString &repository, qsizetype count)
    {
        auto options = forge.options();
        options.now = QDateTime::currentDateTimeUtc().addSecs(60);
        const auto chain = ledger::verifyChain(repository, options, {});
        if (!chain)
            return chain.error().message;
        QStringList bad = chain->problems;
        for (const ledger::EntryVerdict &one : chain->entries) {
            if (one.state != ledger::EntryVerdict::State::Good)
                bad.append(one.reason);
        }
        if (bad.isEmpty() && chain->isWhole() && chain->good == count)
            return {};
        return QStringLiteral("%1 of %2 proven: %3").arg(chain->good).arg(count).arg(bad.join(u(" | ")));
    }
    static void kinds()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"path", "ssh", "https"})
            QTest::newRow(kind) << QString::fromLatin1(kind);
    }

private slots:
    void initTestCase()
    {
        qputenv("HOME", m_home.path().toUtf8());
        qputenv("XDG_CONFIG_HOME", m_home.path().toUtf8());
        qunsetenv("SSH_AUTH_SOCK");
        QString error;
        m_ssh = SshServer::start(&error);
        QVERIFY2(m_ssh, qPrintable(error));
        m_https = HttpsGitServer::start(m_root.path(), &error);
        QVERIFY2(m_https, qPrintable(error));
    }

    void twoMeet_data() { kinds(); }
    void twoMeet()
    {
        QFETCH(QString, kind);
        const QString shared = newShared();
        const auto ann = newOperator(kind, shared);
        const auto bob = newOperator(kind, shared);
        const auto nothing = wait(ann->share());
        QVERIFY2(nothing, qPrintable(said(nothing)));
        QVERIFY(nothing->tip.isEmpty());

        const LedgerEntry first = entry(u("first"));
        const LedgerEntry second = entry(u("second"), 1);
        QVERIFY(wait(ann->ledger.append(first)));
        QCOMPARE(wait(ann->state())->waiting, 1);
        const auto sent = wait(ann->share());
        QVERIFY2(sent, qPrintable(said(sent)));
        QCOMPARE(sent->sent, 1);
        QCOMPARE(wait(ann->state())->waiting, 0);

        QVERIFY(wait(bob->ledger.append(second))); // before he knows of hers
        const auto joined = wait(bob->share());
        QVERIFY2(joined, qPrintable(said(joined)));
        QCOMPARE(joined->received, 1);
        QCOMPARE(joined->replayed, 1);
        QCOMPARE(joined->sent, 1);
        const auto got = wait(ann->share());
        QVERIFY2(got, qPrintable(said(got)));
        QCOMPARE(got->received, 1);
        QCOMPARE(got->sent, 0);
        QCOMPARE(got->tip, joined->tip);
        QCOMPARE(wait(ann->share())->received, 0);
        QStringList both{first.id, second.id};
        both.sort();
        for (const QString &repository : {path(shared), ann->ledger.path(), bob->ledger.path()}) {
            QCOMPARE(idsOf(repository), both);
            QVERIFY(isOneLine(repository));
        }
    }

    void fiftyWriteAtOnce_data() { kinds(); }
    void fiftyWriteAtOnce()
    {
        QFETCH(QString, kind);
        Forge forge;
        forge.start();
        const QString shared = newShared();
        QVERIFY(forge.git({u("push"), u("-q"), path(shared), u("main")}).status == 0);
        QElapsedTimer clock;
        clock.start();
        QStringList written;
        std::vector<std::unique_ptr<Operator>> all;
        std::vector<QFuture<Result<ShareReport>>> rounds;
        for (int i = 0; i < 50; ++i) {
            all.push_back(newOperator(kind, shared));
            all.back()->ledger.setSigner(forge.signer(personOf(i)));
            // Each knows how the ledger begins; by the path, since it is the writing that is looked at.
            rounds.push_back(all.back()->sharing.share(access(u("path"), shared), {}));
        }
        for (auto &round : rounds) {
            const auto known = wait(round);
            QVERIFY2(known, qPrintable(said(known)));
        }
        for (int i = 0; i < 50; ++i) {
            for (int n = 0; n < 2; ++n) {
                const policy::Note note{{}, {}, {}, QStringLiteral("%1 of %2").arg(n).arg(i)};
                const LedgerEntry one = forge.entry(note, personOf(i), Forge::noon(i + 1));
                const auto commit = wait(all[static_cast<std::size_t>(i)]->ledger.append(one));
                QVERIFY2(commit, qPrintable(said(commit)));
                written.append(one.id);
            }
        }
        rounds.clear();
        for (const auto &one : all)
            rounds.push_back(one->share());
        int attempts = 0;
        for (auto &round : rounds) {
            const auto report = wait(round);
            QVERIFY2(report, qPrintable(said(report)));
            attempts += report->attempts;
        }
        qInfo("%s: %d attempts of fifty, %lld ms", qPrintable(kind), attempts, clock.elapsed());
        written.sort();
        QCOMPARE(idsOf(path(shared)), written); // nothing lost, nothing doubled
        QVERIFY(isOneLine(path(shared)));
        const auto &some = all.front();
        QVERIFY(wait(some->share()));
        QCOMPARE(idsOf(some->ledger.path()), written);
        // And what was signed anew, again and again, is proven from the first entry to the last.
        for (const QString &repository : {path(shared), some->ledger.path()})
            QCOMPARE(notProven(forge, repository, 1 + 100), QString());
    }

    void aLaptopThatWasOfflineForADayJoins_data() { kinds(); }
    void aLaptopThatWasOfflineForADayJoins()
    {
        QFETCH(QString, kind);
        Forge forge;
        forge.start();
        const QString shared = newShared();
        QVERIFY(forge.git({u("push"), u("-q"), path(shared), u("main")}).status == 0);
        const auto office = newOperator(kind, shared);
        const auto laptop = newOperator(kind, shared);
        office->ledger.setSigner(forge.signer(u("ann")));
        laptop->ledger.setSigner(forge.signer(u("cai")));
        QVERIFY(wait(office->share()));
        const auto note = [&forge](const QString &by, const QString &text, int minutes) {
            return forge.entry(policy::Note{{}, {}, {}, text}, by, Forge::noon(minutes));
        };
        QVERIFY(wait(office->ledger.append(note(u("ann"), u("start"), 1))));
        QVERIFY(wait(office->share()));
        QVERIFY(wait(laptop->share()));

        const QString away = path(shared) + u(".away");
        QVERIFY(QDir().rename(path(shared), away)); // its network is gone
        for (int i = 0; i < 5; ++i)
            QVERIFY(wait(laptop->ledger.append(note(u("cai"), QStringLiteral("train %1").arg(i), 60 + i))));
        const auto offline = wait(laptop->share());
        QVERIFY(!offline);
        const QString address = laptop->access.url.shown;
        QVERIFY2(offline.error().message.contains(address), qPrintable(offline.error().message));
        QCOMPARE(wait(laptop->state())->waiting, 5);
        QVERIFY(QDir().rename(away, path(shared)));
        for (int i = 0; i < 7; ++i) {
            QVERIFY(wait(office->ledger.append(note(u("ann"), QStringLiteral("office %1").arg(i), 90 + i))));
            QVERIFY(wait(office->share()));
        }
        const auto back = wait(laptop->share());
        QVERIFY2(back, qPrintable(said(back)));
        QCOMPARE(back->received, 7);
        QCOMPARE(back->replayed, 5);
        QCOMPARE(back->sent, 5);
        QCOMPARE(idsOf(path(shared)).size(), 13);
        QVERIFY(isOneLine(path(shared)));
        for (const QString &repository : {path(shared), laptop->ledger.path()})
            QCOMPARE(notProven(forge, repository, 1 + 13), QString());
    }

    // What is written once more is signed once more, and the whole chain holds.
    void aSignedLedgerStaysProven()
    {
        Forge forge;
        forge.start();
        const QString shared = newShared();
        QVERIFY(forge.git({u("push"), u("-q"), path(shared), u("main")}).status == 0);
        std::vector<std::unique_ptr<Operator>> all;
        for (const char *person : {"ann", "bob", "cai"}) {
            all.push_back(newOperator(u("path"), shared));
            all.back()->ledger.setSigner(forge.signer(u(person)));
            QVERIFY(wait(all.back()->share()));
        }
        for (int round = 0; round < 3; ++round) {
            const char *const people[] = {"ann", "bob", "cai"};
            for (std::size_t i = 0; i < all.size(); ++i) {
                const LedgerEntry one = forge.entry(policy::Note{{}, {}, {}, u("note")}, u(people[i]),
                                                    Forge::noon(10 * round + static_cast<int>(i)));
                const auto written = wait(all[i]->ledger.append(one));
                QVERIFY2(written, qPrintable(said(written)));
            }
            for (const auto &one : all) {
                const auto report = wait(one->share());
                QVERIFY2(report, qPrintable(said(report)));
            }
        }
        QCOMPARE(notProven(forge, path(shared), 10), QString());
    }

    // In the background nobody is asked to touch a security key; by hand it is said how often.
    void aSecurityKeyIsNotTouchedUnasked()
    {
        const QString shared = newShared();
        const auto ann = newOperator(u("path"), shared);
        const auto bob = newOperator(u("path"), shared);
        const auto key = std::make_shared<SoftAuthenticator>(ssh::KeyType::SkEd25519);
        QList<qsizetype> asked;
        std::mutex mutex;
        const QByteArray signers = "ann@shop.example " + key->publicKey().line() + '\n';
        const QByteArray policy = "version: 1\nworkspace: shop\nprincipals:\n"
                                  "  - {name: ann, emails: [ann@shop.example]}\n"
                                  "roles:\n  - {name: admins, members: [ann]}\n";
        for (const auto &one : {ann.get(), bob.get()})
            one->ledger.setSigner(key);
        bob->ledger.setTouchNotice([&](qsizetype touches) {
            const std::lock_guard lock(mutex);
            asked.append(touches);
        });
        QVERIFY(wait(ann->ledger.begin(signers, policy, {u("Ann"), u("ann@shop.example"), Forge::noon()})));
        QVERIFY(wait(ann->share()));
        QVERIFY(wait(bob->share()));
        QVERIFY(wait(ann->ledger.append(entry(u("theirs")))));
        QVERIFY(wait(ann->share()));
        for (int i = 0; i < 2; ++i)
            QVERIFY(wait(bob->ledger.append(entry(QStringLiteral("ours %1").arg(i), i))));
        const auto refused = wait(bob->sharing.share(bob->access, {}, Touches::Refuse));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);
        QVERIFY2(refused.error().message.contains(u("(2)")), qPrintable(refused.error().message));
        QCOMPARE(asked, (QList<qsizetype>{1, 1}));
        const auto sent = wait(bob->share());
        QVERIFY2(sent, qPrintable(said(sent)));
        QCOMPARE(sent->replayed, 2);
        QCOMPARE(asked, (QList<qsizetype>{1, 1, 2}));
        const auto chain = ledger::verifyChain(path(shared), {}, {});
        QVERIFY(chain && chain->isWhole());
        QCOMPARE(chain->good, 4);
    }

    // The policy changed here while others went on: it goes behind what they wrote, unless that is about the policy.
    void aChangeOfThePolicyIsMovedOrDropped_data()
    {
        QTest::addColumn<bool>("isPolicy"); // what they wrote
        QTest::newRow("behind a note") << false;
        QTest::newRow("behind another change") << true;
    }
    void aChangeOfThePolicyIsMovedOrDropped()
    {
        QFETCH(bool, isPolicy);
        Forge forge;
        forge.start();
        const QString shared = newShared();
        QVERIFY(forge.git({u("push"), u("-q"), path(shared), u("main")}).status == 0);
        const auto cai = newOperator(u("path"), shared);
        cai->ledger.setSigner(forge.signer(isPolicy ? u("bob") : u("cai")));
        QVERIFY(wait(cai->share()));
        if (isPolicy)
            QVERIFY(
                wait(cai->ledger.change({forge.allowedSigners(), forge.policy()},
                                        {forge.allowedSigners(), forge.policy("ann, bob", "# theirs\n")},
                                        u("Change policy.yaml\n"), {u("Bob"), u("bob@shop.example"), Forge::noon(3)})));
        else
            QVERIFY(wait(cai->ledger.append(forge.entry(policy::Note{{}, {}, {}, u("x")}, u("cai"), Forge::noon(3)))));
        QVERIFY(wait(cai->share()));

        ForgedCommit change;
        change.at = Forge::noon(4);
        change.message = "Change policy.yaml\n\nbecause\n";
        change.files += {u("policy.yaml"), forge.policy("ann, bob, cai")};
        const QByteArray before = forge.commit(change);
        Operator ann(forge.path(), access(u("path"), shared));
        ann.ledger.setSigner(forge.signer(u("ann")));
        const auto sent = wait(ann.share());
        QVERIFY2(sent, qPrintable(said(sent)));
        QCOMPARE(sent->dropped, isPolicy ? QStringList{QString::fromLatin1(before)} : QStringList());
        QCOMPARE(sent->replayed, isPolicy ? 0 : 1);
        const auto chain = ledger::verifyChain(path(shared), {}, {});
        QVERIFY(chain && chain->isWhole());
        QCOMPARE(chain->waiting.size(), 1u);
        QCOMPARE(chain->waiting.front().person, isPolicy ? u("bob") : u("ann"));
        QCOMPARE(forge.gitSays(forge.tip(), forge.allowedSigners()), u("good"));
        QVERIFY(isPolicy || forge.text(forge.tip()).contains("because"));
        QCOMPARE(forge.git({u("show"), u("main:policy.yaml")}).out,
                 isPolicy ? forge.policy("ann, bob", "# theirs\n") : forge.policy("ann, bob, cai"));
    }

    // What others wrote is not taken for unpushed entries of ours, and not signed by us.
    void aRewoundRemoteIsNoticed()
    {
        const QString shared = newShared();
        const auto ann = newOperator(u("path"), shared);
        const auto bob = newOperator(u("path"), shared);
        QVERIFY(wait(ann->ledger.append(entry(u("one")))));
        QVERIFY(wait(ann->share()));
        const RealGit git(path(shared));
        const QByteArray before = git.out({u("rev-parse"), u("main")});
        QVERIFY(wait(ann->ledger.append(entry(u("two"), 1))));
        QVERIFY(wait(ann->share()));
        QVERIFY(wait(bob->share()));
        QVERIFY(git.run({u("update-ref"), u("refs/heads/main"), QString::fromLatin1(before)}).isGood());
        QVERIFY(wait(bob->ledger.append(entry(u("three"), 2))));
        const auto refused = wait(bob->share());
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);
        QVERIFY2(refused.error().message.contains(u("rewound")), qPrintable(refused.error().message));
        QCOMPARE(git.out({u("rev-parse"), u("main")}), before);
        QCOMPARE(wait(bob->state())->waiting, 1);
        QCOMPARE(wait(bob->share()).error().kind, ErrorKind::Refused); // and again
    }

    void twoEntriesOfOneIdAreNamed()
    {
        const QString shared = newShared();
        const auto ann = newOperator(u("path"), shared);
        const auto bob = newOperator(u("path"), shared);
        LedgerEntry one = entry(u("one"));
        LedgerEntry other = entry(u("other"));
        other.id = one.id;
        QVERIFY(wait(ann->ledger.append(one)));
        QVERIFY(wait(bob->ledger.append(other)));
        QVERIFY(wait(ann->share()));
        const auto refused = wait(bob->share());
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Invalid);
        QVERIFY2(refused.error().message.contains(one.id), qPrintable(refused.error().message));
        QCOMPARE(idsOf(bob->ledger.path()), QStringList{other.id}); // still there, and said
    }

    // What is written on one desk is on the other one's, without anybody asking.
    void twoDesksKeepTogether_data() { kinds(); }
    void twoDesksKeepTogether()
    {
        QFETCH(QString, kind);
        const git::RemoteAccess to = access(kind, newShared());
        TeamLedger ann(settings(to));
        TeamLedger bob(settings(to));
        const QSignalSpy received(&bob, &TeamLedger::received);
        QVERIFY(ann.sharing().isShared() && !ann.sharing().isAllPushed());
        ann.start();
        bob.start();
        const LedgerEntry one = entry(u("one"));
        QFuture<Result<QString>> written = ann.append(one);
        QTRY_VERIFY(written.isFinished());
        QVERIFY2(written.result(), qPrintable(written.result() ? QString() : written.result().error().message));
        QTRY_COMPARE_WITH_TIMEOUT(ann.sharing().remoteTip, *written.result(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(ann.sharing().isAllPushed(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(!received.isEmpty(), 30000);
        QCOMPARE(idsOf(bob.path()), QStringList{one.id});
        QVERIFY(!bob.sharing().problem);
    }

    // Each round has its time written to a file before it is heard of here: that is no news, and not told as such.
    void aQuietRoundIsToldTwice()
    {
        TeamLedger ann(settings(access(u("path"), newShared())));
        int rounds = 0;
        int others = 0; // told, and nothing of it begins or ends a round
        bool wasBusy = false;
        QDateTime last;
        bool goesBack = false;
        QFuture<Result<QString>> written = ann.append(entry(u("one")));
        ann.start();
        QTRY_VERIFY(written.isFinished() && ann.sharing().isAllPushed() && !ann.sharing().isBusy);
        connect(&ann, &TeamLedger::sharingChanged, this, [&] {
            const auto &now = ann.sharing();
            others += now.isBusy == wasBusy;
            rounds += wasBusy && !now.isBusy;
            wasBusy = now.isBusy;
            goesBack = goesBack || now.sharedAt < last;
            last = now.sharedAt;
        });
        QTRY_VERIFY_WITH_TIMEOUT(rounds >= 4, 20000);
        QVERIFY(!goesBack);
        QVERIFY2(others <= 1, qPrintable(QString::number(others))); // what the round before still had to tell
        ann.disconnect(this);
    }

    void whatWaitsIsSaidAndSentWhenTheRemoteIsBack()
    {
        const QString shared = newShared();
        const QString away = path(shared) + u(".away");
        TeamLedger ann(settings(access(u("path"), shared)));
        ann.start();
        QTRY_VERIFY(ann.sharing().sharedAt.isValid());
        const QDateTime before = ann.sharing().sharedAt;
        QVERIFY(QDir().rename(path(shared), away));
        QFuture<Result<QString>> written = ann.append(entry(u("one")));
        QTRY_COMPARE(ann.sharing().waiting, 1);
        QTRY_VERIFY(ann.sharing().problem);
        QVERIFY2(ann.sharing().problem->message.contains(path(shared)), qPrintable(ann.sharing().problem->message));
        QVERIFY(ann.sharing().sharedAt >= before && !ann.sharing().isAllPushed());
        QVERIFY(ann.sharing().triedAt.isValid());
        QVERIFY(QDir().rename(away, path(shared)));
        QTRY_VERIFY_WITH_TIMEOUT(ann.sharing().isAllPushed(), 20000);
        QVERIFY(!ann.sharing().problem);
        QCOMPARE(idsOf(path(shared)).size(), 1);
    }

    // An operation that nobody else carries out: the claim that was there first stays, the other one is gone.
    void ofTwoClaimsTheFirstStays()
    {
        const QString shared = newShared();
        const auto ann = newOperator(u("path"), shared);
        const auto bob = newOperator(u("path"), shared);
        const LedgerEntry first = m_people.entry(claimOf(u("P")), u("ann"), Forge::noon(1));
        const LedgerEntry second = m_people.entry(claimOf(u("P")), u("bob"), Forge::noon(2));
        const LedgerEntry other = m_people.entry(claimOf(u("Q")), u("bob"), Forge::noon(3));
        QVERIFY(wait(ann->ledger.append(first)));
        QVERIFY(wait(bob->ledger.append(second)));
        QVERIFY(wait(bob->ledger.append(other)));
        QVERIFY(wait(ann->share()));
        const auto shareOfBob = wait(bob->share());
        QVERIFY2(shareOfBob, qPrintable(said(shareOfBob)));
        QCOMPARE(shareOfBob->lost, QStringList{second.id});
        QCOMPARE(shareOfBob->sent, 1);
        QStringList expected{first.id, other.id};
        expected.sort();
        QCOMPARE(idsOf(path(shared)), expected);
        QCOMPARE(idsOf(bob->ledger.path()), expected);
    }

    void aStopEndsIt()
    {
        const QString shared = newShared();
        const auto ann = newOperator(u("path"), shared);
        QVERIFY(wait(ann->ledger.append(entry(u("one")))));
        StopSource stop;
        stop.request_stop();
        const auto stopped = wait(ann->share(stop.get_token()));
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().kind, ErrorKind::Cancelled);
        QCOMPARE(wait(ann->state())->waiting, 1);
    }
};

QTEST_GUILESS_MAIN(TestLedgerSharing)
#include "test_ledger_sharing.moc"

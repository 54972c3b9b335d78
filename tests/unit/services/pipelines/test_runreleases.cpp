// Which releases a run made, as it follows from what is known of releases elsewhere.
#include "services/pipelines/runreleases.h"
#include "tests/support/fakepipelineserver.h"
#include "tests/support/httpwait.h"

using namespace signalbox;
using namespace signalbox::test;

namespace
{

const QString made = QStringLiteral("7c2f91e0000000000000000000000000000000aa");
const QString other = QStringLiteral("1111111000000000000000000000000000000bbb");

Run taggedRun(const QString &tag, const QString &branch = {})
{
    Run run = runOf(pipelineOf(QStringLiteral("ci"), QStringLiteral("acme/cart"), QStringLiteral("release")), 412,
                    RunState::Passed, 10);
    run.tag = tag;
    run.branch = branch;
    run.commit = made;
    return run;
}

// Knows which commit a release is; all else is not asked for here.
class FakeReleases : public SourceRepository
{
public:
    QString id() const override { return QStringLiteral("cart"); }
    QString address() const override { return {}; }
    QDateTime updatedAt() const override { return updated; }
    std::optional<Error> problem() const override { return std::nullopt; }
    bool isUpdating() const override { return false; }
    QFuture<Result<void>> update(StopToken) override { return none<void>(); }
    QFuture<Result<ResolvedRelease>> resolve(QString release, QString, StopToken) override
    {
        asked << release;
        if (trouble && release.startsWith(QLatin1String("sha256:")))
            return ready(Result<ResolvedRelease>(*trouble));
        if (!commits.contains(release))
            return none<ResolvedRelease>();
        ResolvedRelease found;
        found.commit = commits.value(release);
        found.by = release == QLatin1String("main") ? ResolvedRelease::By::Branch
                   : byImage.contains(release)      ? ResolvedRelease::By::Revision
                                                    : ResolvedRelease::By::Tag;
        return ready(Result<ResolvedRelease>(found));
    }
    QFuture<Result<ChangeSet>> changes(ResolvedRelease, ResolvedRelease, StopToken) override
    {
        return none<ChangeSet>();
    }
    QFuture<Result<void>> countLines(QStringList, StopToken) override { return none<void>(); }
    QFuture<Result<QList<FileChange>>> files(QString, QString, StopToken) override { return none<QList<FileChange>>(); }
    QFuture<Result<FileDiff>> diff(QString, QString, QString, DiffLimits, StopToken) override
    {
        return none<FileDiff>();
    }
    QFuture<Result<RepositoryRefs>> refs(StopToken) override { return none<RepositoryRefs>(); }
    QFuture<Result<Distance>> distance(QString, QString, StopToken) override { return none<Distance>(); }

    QHash<QString, QString> commits; // by release
    QStringList asked;
    QStringList byImage; // what only the label of an image tells
    QDateTime updated;
    std::optional<Error> trouble; // with the registry that digests are asked of

private:
    template <typename T>
    static QFuture<Result<T>> none()
    {
        return ready(Result<T>(Error{ErrorKind::NotFound, QStringLiteral("no such release"), {}}));
    }
};

} // namespace

class TestRunReleases : public QObject
{
    Q_OBJECT
private slots:
    void aReleaseIsOfTheRunThatBuiltIt_data()
    {
        QTest::addColumn<QString>("version");
        QTest::addColumn<QString>("commit");
        QTest::addColumn<QString>("tag");
        QTest::addColumn<QString>("branch");
        QTest::addColumn<bool>("isIt");
        const QString version = QStringLiteral("1.4.0");
        const QString main = QStringLiteral("main");
        QTest::newRow("its commit") << version << made << QString() << main << true;
        QTest::newRow("another commit") << version << other << QString() << main << false;
        QTest::newRow("its tag") << version << QString() << QStringLiteral("v1.4.0") << QString() << true;
        QTest::newRow("its tag, as it is") << version << QString() << version << QString() << true;
        QTest::newRow("a tag with the name")
            << version << QString() << QStringLiteral("cart-1.4.0") << QString() << true;
        QTest::newRow("a tag that GitHub calls a branch")
            << version << QString() << QString() << QStringLiteral("v1.4.0") << true;
        QTest::newRow("an image called as its branch is") << main << QString() << QString() << main << false;
        QTest::newRow("a branch that is maintained")
            << QStringLiteral("1.4") << QString() << QString() << QStringLiteral("1.4") << false;
        QTest::newRow("a tag that begins alike")
            << version << QString() << QStringLiteral("v1.4.01") << QString() << false;
        QTest::newRow("a tag that was moved") << version << other << QStringLiteral("v1.4.0") << QString() << false;
        QTest::newRow("the commit in its version")
            << QStringLiteral("2026.11-7c2f91e") << QString() << QString() << main << true;
        QTest::newRow("too little of it") << QStringLiteral("1.4.0-7c2f9") << QString() << QString() << main << false;
        QTest::newRow("a date") << QStringLiteral("20261123") << QString() << QString() << main << false;
        QTest::newRow("nothing known") << QString() << QString() << QString() << QString() << false;
    }
    void aReleaseIsOfTheRunThatBuiltIt()
    {
        QFETCH(QString, version);
        QFETCH(QString, commit);
        QFETCH(QString, tag);
        QFETCH(QString, branch);
        QFETCH(bool, isIt);
        QCOMPARE(
            isMadeBy({version, QStringLiteral("sha256:77"), commit}, taggedRun(tag, branch), QStringLiteral("cart")),
            isIt);
    }

    // A failed run and the one that repeats it are of the same commit: it counts only with what came while it went on.
    void onlyWhatItMadeIsTheRuns_data()
    {
        QTest::addColumn<RunState>("state");
        QTest::addColumn<QList<int>>("seen"); // seconds after its start; each somebody who knows it
        QTest::addColumn<bool>("isMade");
        QTest::addColumn<QString>("why");
        QTest::newRow("it passed") << RunState::Passed << QList<int>{} << true << QString();
        QTest::newRow("it passed, with failures that are allowed")
            << RunState::Unstable << QList<int>{-60} << true << QString();
        QTest::newRow("it failed") << RunState::Failed << QList<int>{} << false
                                   << QStringLiteral("nothing tells when the release came");
        QTest::newRow("it failed, and was there before")
            << RunState::Failed << QList<int>{-60} << false << QStringLiteral("before the run began");
        QTest::newRow("it failed, after it had come") << RunState::Failed << QList<int>{30} << true << QString();
        QTest::newRow("it failed, and another run made it")
            << RunState::Failed << QList<int>{300} << false << QStringLiteral("had ended as failed");
        QTest::newRow("it failed, and somebody saw it before")
            << RunState::Failed << QList<int>{30, -60} << false << QStringLiteral("before the run began");
        QTest::newRow("it was cancelled")
            << RunState::Cancelled << QList<int>{} << false << QStringLiteral("ended as cancelled");
        QTest::newRow("it waits at its gate") << RunState::Waiting << QList<int>{300} << true << QString();
        QTest::newRow("it waits, and was there before")
            << RunState::Waiting << QList<int>{-60} << false << QStringLiteral("before the run began");
        QTest::newRow("it waits, and what was in one place came to another one")
            << RunState::Waiting << QList<int>{-60, 300} << true << QString();
        QTest::newRow("it goes on") << RunState::Running << QList<int>{} << false
                                    << QStringLiteral("the run has not ended");
    }
    void onlyWhatItMadeIsTheRuns()
    {
        QFETCH(RunState, state);
        QFETCH(QList<int>, seen);
        QFETCH(bool, isMade);
        QFETCH(QString, why);
        Run run = taggedRun({}, QStringLiteral("main"));
        run.state = state;
        run.finishedAt = isEnded(state) ? run.startedAt.addSecs(60) : QDateTime();
        const QString version = QStringLiteral("1.4.0");
        QList<KnownRelease> known{{version, QStringLiteral("sha256:77"), made}};
        for (const int seconds : seen)
            known.append({version, QStringLiteral("sha256:77"), made, run.startedAt.addSecs(seconds)});
        known.append({QStringLiteral("1.3.0"), QStringLiteral("sha256:66"), other, run.startedAt.addSecs(30)});
        const MadeReleases told = madeBy(known, run, QStringLiteral("cart"));
        QCOMPARE(told.names, isMade ? QStringList{version} : QStringList());
        QCOMPARE(told.note.isEmpty(), isMade);
        QVERIFY2(told.note.contains(why), qPrintable(told.note));
        RunDetail detail;
        detail.note = QStringLiteral("No steps.");
        const RunDetail with = withReleases(detail, told);
        QCOMPARE(with.releases, told.names);
        QCOMPARE(with.note, isMade ? detail.note : QStringLiteral("No steps. ") + told.note);
    }

    // The ledger has a commit; of what runs the repository has it, and is asked once.
    void allThatKnowReleasesAreAsked()
    {
        FakeReleases repository;
        repository.commits = {{QStringLiteral("1.5.0"), made},
                              {QStringLiteral("1.3.0"), other},
                              {QStringLiteral("sha256:99"), made},
                              {QStringLiteral("main"), made}};
        bool isLedgerThere = true;
        RunReleases::Sources sources;
        sources.recorded = [&](const QString &, const StopToken &) {
            return ready(isLedgerThere ? Result<QList<KnownRelease>>(QList<KnownRelease>{
                                             {QStringLiteral("1.4.0"), QStringLiteral("sha256:77"), made}})
                                       : Result<QList<KnownRelease>>(
                                             Error{ErrorKind::Unreachable, QStringLiteral("not there"), {}}));
        };
        sources.running = [](const QString &) {
            return QList<KnownRelease>{{QStringLiteral("1.5.0"), {}, {}}, {QStringLiteral("1.3.0"), {}, {}},
                                       {QStringLiteral("1.5.0"), {}, {}}, {{}, QStringLiteral("sha256:99"), {}},
                                       {QStringLiteral("main"), {}, {}},  {QStringLiteral("9.9.9"), {}, {}}};
        };
        sources.repositoryOf = [&](const QString &) { return &repository; };
        QString tip;
        sources.ledgerAsOf = [&tip] { return tip; };
        RunReleases releases(std::move(sources));
        const QString cart = QStringLiteral("cart");
        const Run run = taggedRun({}, QStringLiteral("main"));
        const auto told = waitFor(releases.of(run, cart, {}));
        QVERIFY(told);
        QCOMPARE(told->names,
                 QStringList({QStringLiteral("1.5.0"), QStringLiteral("sha256:99"), QStringLiteral("1.4.0")}));
        const auto times = [&](const char *name) { return repository.asked.count(QString::fromLatin1(name)); };
        QCOMPARE(times("1.5.0"), 1);
        isLedgerThere = false;
        const auto again = waitFor(releases.of(run, cart, {}));
        QVERIFY(again);
        QCOMPARE(again->names, QStringList({QStringLiteral("1.5.0"), QStringLiteral("sha256:99")}));
        QCOMPARE(times("1.5.0"), 1);
        QVERIFY(again->isPartial); // the ledger may know of more
        QVERIFY2(again->note.contains(QStringLiteral("not there")), qPrintable(again->note));
        QVERIFY(!told->isPartial && told->note.isEmpty());
        QVERIFY(waitFor(releases.of(run, {}, {}))->isEmpty());
        Run queued = run;
        queued.startedAt = {};
        QVERIFY(waitFor(releases.of(queued, cart, {}))->isEmpty()); // it has made nothing
        QString before = releases.standing(cart);
        repository.updated = QDateTime::currentDateTimeUtc();
        QVERIFY(releases.standing(cart) != before);
        before = releases.standing(cart);
        tip = QStringLiteral("another tip");
        QVERIFY(releases.standing(cart) != before);
        // A tag was moved, and fetched: what it was before is not what it is.
        repository.commits.insert(QStringLiteral("1.5.0"), other);
        const auto moved = waitFor(releases.of(run, cart, {}));
        QVERIFY(moved);
        QCOMPARE(times("1.5.0"), 2);
        QCOMPARE(moved->names, QStringList{QStringLiteral("sha256:99")});
        RunDetail detail;
        detail.releases = {QStringLiteral("1.5.0")};
        QCOMPARE(withReleases(detail, *told).releases, told->names);
    }

    // What runs is its digest; a tag is of one image after the other.
    void aDigestIsWhatRuns_data()
    {
        using Commits = QHash<QString, QString>;
        QTest::addColumn<Commits>("commits");
        QTest::addColumn<QStringList>("byImage");
        QTest::addColumn<bool>("isReachable");
        QTest::addColumn<bool>("isMade");
        QTest::addColumn<int>("asked"); // the digest, of two questions
        const QString digest = QStringLiteral("sha256:99");
        const QString tag = QStringLiteral("stable");
        QTest::newRow("its own commit") << Commits{{digest, made}, {tag, other}} << QStringList() << true << true << 1;
        QTest::newRow("its tag is of the run, it is not")
            << Commits{{digest, other}, {tag, made}} << QStringList() << true << false << 1;
        QTest::newRow("nothing knows it, git its tag") << Commits{{tag, made}} << QStringList() << true << true << 1;
        QTest::newRow("nothing knows it, and its tag is of the image of now")
            << Commits{{tag, made}} << QStringList{tag} << true << false << 2;
        QTest::newRow("the registry is away: git's word counts for now")
            << Commits{{tag, made}} << QStringList() << false << true << 2;
    }
    void aDigestIsWhatRuns()
    {
        using Commits = QHash<QString, QString>;
        QFETCH(Commits, commits);
        QFETCH(QStringList, byImage);
        QFETCH(bool, isReachable);
        QFETCH(bool, isMade);
        QFETCH(int, asked);
        const QString tag = QStringLiteral("stable");
        FakeReleases repository;
        repository.commits = commits;
        repository.byImage = byImage;
        if (!isReachable)
            repository.trouble = Error{ErrorKind::Unreachable, QStringLiteral("no registry"), {}};
        RunReleases::Sources sources;
        sources.running = [&](const QString &) { return QList<KnownRelease>{{tag, QStringLiteral("sha256:99"), {}}}; };
        sources.repositoryOf = [&](const QString &) { return &repository; };
        RunReleases releases(std::move(sources));
        const Run run = taggedRun({}, QStringLiteral("main"));
        for (int i = 0; i < 2; ++i) {
            const auto told = waitFor(releases.of(run, QStringLiteral("cart"), {}));
            QVERIFY(told);
            QCOMPARE(told->names, isMade ? QStringList{tag} : QStringList());
        }
        QCOMPARE(int(repository.asked.count(QStringLiteral("sha256:99"))), asked);
    }
};

QTEST_GUILESS_MAIN(TestRunReleases)
#include "test_runreleases.moc"

#include "services/git/history.h"
#include "services/git/mirror.h"
#include "services/git/revert.h"
#include "tests/support/gitservers.h"

#include <QDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::git;
using namespace signalbox::test;

// Every figure beside what the real git says.
class TestGitHistory : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_root;
    int m_count = 0;
    QString m_large; // 1,000 commits behind v1, some on a release branch

    QString path(const QString &name) const { return m_root->filePath(name); }
    QString newWork()
    {
        const QString work = path(QStringLiteral("work%1").arg(++m_count));
        return RealGit::init(work, false) ? work : QString();
    }
    static QStringList words(const char *text) { return QString::fromUtf8(text).split(QLatin1Char(' ')); }
    static QStringList lines(const QByteArray &text)
    {
        return text.isEmpty() ? QStringList() : QString::fromUtf8(text).split(QLatin1Char('\n'));
    }
    static QStringList sorted(QStringList list)
    {
        list.sort();
        return list;
    }

private slots:
    void initTestCase()
    {
        m_root = std::make_unique<QTemporaryDir>();
        m_large = path(QStringLiteral("large.git"));
        QVERIFY(RealGit::init(m_large, true));
        RealGit git(m_large);
        QVERIFY(git.grow(QStringLiteral("main"), 200, 1));
        git.run(words("tag -a -m one v1 main"));
        git.run(words("branch release/2.0 main"));
        QVERIFY(git.grow(QStringLiteral("release/2.0"), 12, 5)); // other contents for the same files
        QVERIFY(git.grow(QStringLiteral("main"), 1000, 2));
        git.run(words("tag v2 main"));
    }

    void aThousandCommitsAreWhatGitLogSays()
    {
        const auto history = History::open(m_large);
        QVERIFY(history);
        const RealGit git(m_large);
        const auto from = history->resolve(QStringLiteral("release/2.0"));
        const auto to = history->resolve(QStringLiteral("2"));
        QVERIFY(from && to);
        QCOMPARE(to->name, QStringLiteral("v2"));
        const auto set = history->changes(*from, *to, defaultIssuePatterns({}), 20000, {});
        QVERIFY2(set, set ? "" : qPrintable(set.error().message));
        QVERIFY(set->commits.size() >= 1000);
        QVERIFY(!set->missing.isEmpty());
        QVERIFY(!set->isCut);

        const char *const format = "log --date-order --format=%H%x09%P%x09%an%x09%ae%x09%ce%x09%at%x09%ct%x09%s";
        const auto shown = [](const QList<ChangeCommit> &commits) {
            QStringList rows;
            for (const ChangeCommit &one : commits)
                rows.append(QStringList{one.id, one.parents.join(QLatin1Char(' ')), one.authorName, one.authorEmail,
                                        one.committerEmail, QString::number(one.authoredAt.toSecsSinceEpoch()),
                                        QString::number(one.committedAt.toSecsSinceEpoch()), one.subject}
                                .join(QLatin1Char('\t')));
            return rows;
        };
        QCOMPARE(shown(set->commits), lines(git.out(words(format) << QStringLiteral("release/2.0..v2"))));
        QCOMPARE(shown(set->missing), lines(git.out(words(format) << QStringLiteral("v2..release/2.0"))));
        QVERIFY(lines(git.out(words("merge-base --all release/2.0 v2"))).contains(set->mergeBase));

        QStringList authors;
        for (const ChangeAuthor &author : set->authors)
            authors.append(QStringLiteral("%1\t%2 <%3>").arg(author.commits, 6).arg(author.name, author.email));
        QCOMPARE(sorted(authors),
                 sorted(lines(git.run(words("shortlog -sne --no-merges release/2.0..v2")).out.chopped(1))));
        QCOMPARE(set->mergedBranches.size(), git.out(words("rev-list --count --merges release/2.0..v2")).toInt());
        QVERIFY(set->commits.last().issues.size() >= 1);
    }

    void lineCountsAreWhatNumstatSays()
    {
        const auto history = History::open(m_large);
        QVERIFY(history);
        const RealGit git(m_large);
        QHash<QString, LineCounts> expected;
        QString current;
        for (const QString &line : lines(git.out(words("log --format=#%H --numstat -M100% v1..v2")))) {
            if (line.startsWith(QLatin1Char('#'))) {
                current = line.mid(1);
                expected.insert(current, {});
            } else if (!line.isEmpty()) {
                LineCounts &counts = expected[current];
                ++counts.files;
                counts.added += line.section(QLatin1Char('\t'), 0, 0).toInt();
                counts.removed += line.section(QLatin1Char('\t'), 1, 1).toInt();
            }
        }
        QVERIFY(expected.size() >= 1000);
        int total = 0;
        for (auto it = expected.cbegin(); it != expected.cend(); ++it) {
            const auto counts = history->lineCounts(it.key());
            QVERIFY(counts);
            QVERIFY2(*counts == *it, qPrintable(it.key()));
            total += counts->added;
        }
        QVERIFY(total > 1000);
    }

    void filesAreWhatNumstatSays()
    {
        const QString work = newWork();
        RealGit git(work);
        const QByteArray text = QByteArray("same line\n").repeated(30);
        git.write(QStringLiteral("old name.txt"), text + "end\n");
        git.write(QStringLiteral("binary"), QByteArray("\0\1\2", 3));
        git.write(QStringLiteral("removed"), "one\ntwo\n");
        git.write(QStringLiteral("no end"), "one\ntwo");
        git.write(QStringLiteral("script"), "#!/bin/sh\n");
        git.commit(QStringLiteral("kept"), "a\nb\nc\n", QStringLiteral("one"));
        git.run(words("tag before"));
        git.run(words("mv") << QStringLiteral("old name.txt") << QString::fromUtf8("neu ü.txt"));
        git.run(words("rm -q removed"));
        git.write(QString::fromUtf8("neu ü.txt"), text + "end\nmore\n");
        git.write(QStringLiteral("binary"), QByteArray("\0\1\3", 3));
        git.write(QStringLiteral("no end"), "one\ntwo\n");
        QFile::setPermissions(work + QStringLiteral("/script"),
                              QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
        git.commit(QStringLiteral("kept"), "a\nB\nc\nd\n", QStringLiteral("two"));
        const auto check = [](const QString &repository, const QString &from, const QString &to) {
            const auto history = History::open(repository);
            QVERIFY(history);
            const auto a = history->resolve(from);
            const auto b = history->resolve(to);
            QVERIFY(a && b);
            const auto files = history->files(a->commit, b->commit, {});
            QVERIFY(files);
            QByteArray found;
            for (const FileChange &file : *files) {
                found += file.isBinary
                             ? QByteArray("-\t-\t")
                             : QByteArray::number(file.added) + '\t' + QByteArray::number(file.removed) + '\t';
                found += file.oldPath.isEmpty() ? file.path.toUtf8() + '\0'
                                                : '\0' + file.oldPath.toUtf8() + '\0' + file.path.toUtf8() + '\0';
            }
            QCOMPARE(found, RealGit(repository)
                                .run({QStringLiteral("diff"), QStringLiteral("--numstat"), QStringLiteral("-M"),
                                      QStringLiteral("-z"), from, to})
                                .out);
            // Each file's difference, too, but for how many digits of an id are shown.
            for (const FileChange &file : *files) {
                const auto diff = history->diff(a->commit, b->commit, file.path, {}, {});
                QVERIFY(diff);
                QStringList arguments{QStringLiteral("diff"),
                                      QStringLiteral("-M"),
                                      QStringLiteral("--abbrev=7"),
                                      from,
                                      to,
                                      QStringLiteral("--"),
                                      file.path};
                if (!file.oldPath.isEmpty())
                    arguments.append(file.oldPath);
                QByteArray expected = RealGit(repository).run(arguments).out;
                const auto body = [](QByteArray whole) {
                    return whole.mid(std::max<qsizetype>(0, whole.indexOf("\n@@")));
                };
                if (file.isBinary)
                    QVERIFY(diff->text.isEmpty());
                else if (expected.contains("\n@@"))
                    QCOMPARE(body(diff->text), body(expected));
            }
        };
        check(work, QStringLiteral("before"), QStringLiteral("main"));
        check(m_large, QStringLiteral("v1"), QStringLiteral("v2"));
    }

    void hugeFilesAreNotCompared()
    {
        const QString work = newWork();
        RealGit git(work);
        const QString a = git.commit(QStringLiteral("big"), QByteArray("x\n").repeated(600'000), QStringLiteral("a"));
        const QString b = git.commit(QStringLiteral("big"), QByteArray("y\n").repeated(600'000), QStringLiteral("b"));
        const auto history = History::open(work);
        QVERIFY(history);
        DiffLimits limits;
        limits.fileBytes = 1024 * 1024;
        auto diff = history->diff(a, b, QStringLiteral("big"), limits, {});
        QVERIFY(diff);
        QVERIFY(diff->isTooLarge && diff->text.isEmpty());
        QCOMPARE(diff->newSize, 1'200'000);
        limits.fileBytes = 8 * 1024 * 1024;
        limits.lines = 100;
        diff = history->diff(a, b, QStringLiteral("big"), limits, {});
        QVERIFY(diff);
        QVERIFY(diff->isCut);
        QCOMPARE(diff->text.count('\n'), 100);
        const auto none = history->diff(a, b, QStringLiteral("other"), limits, {});
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
    }

    void releasesAreResolved_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("as"); // a revision for git; empty: not found
        QTest::addColumn<QString>("name");
        const auto row = [](const char *text, const char *as, const char *name) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(as) << QString::fromUtf8(name);
        };
        row("v1.4.0", "v1.4.0^{commit}", "v1.4.0");
        row("1.4.0", "v1.4.0^{commit}", "v1.4.0");
        row("2.0.0", "cart-2.0.0^{commit}", "cart-2.0.0");
        row("3.0.0", "cart/v3.0.0^{commit}", "cart/v3.0.0");
        row("main", "main", "main");
        row("release/1.4", "release/1.4", "release/1.4");
        row("HEAD", "main", "HEAD");
        row("deadbee", "refs/tags/deadbee^{commit}", "deadbee"); // a tag that looks like a commit
        row("odd 'na;me", "", "");
        row("-x", "", "");
        row("../config", "", "");
        row("v1.4", "", "");
        row("ffffffffff", "", "");
        row("umlaut-ü", "refs/heads/umlaut-ü", "umlaut-ü");
    }
    void releasesAreResolved()
    {
        QFETCH(QString, text);
        QFETCH(QString, as);
        QFETCH(QString, name);
        static QString work;
        if (work.isEmpty()) {
            work = newWork();
            RealGit git(work);
            git.commit(QStringLiteral("a"), "1", QStringLiteral("one"));
            git.run(words("tag -a -m x v1.4.0"));
            git.run(words("branch release/1.4"));
            git.commit(QStringLiteral("a"), "2", QStringLiteral("two"));
            git.run(words("tag cart-2.0.0"));
            git.run(words("tag -a -m x cart/v3.0.0"));
            git.run(words("tag deadbee HEAD~1"));
            git.run({QStringLiteral("branch"), QString::fromUtf8("umlaut-ü")});
        }
        const auto history = History::open(work);
        QVERIFY(history);
        const auto found = history->resolve(text, QStringLiteral("cart"));
        QCOMPARE(found.has_value(), !as.isEmpty());
        if (!found) {
            QCOMPARE(found.error().kind, ErrorKind::NotFound);
            QVERIFY(found.error().message.contains(QLatin1String("v1.4.0"))); // what there is
            return;
        }
        QCOMPARE(found->commit, QString::fromLatin1(RealGit(work).out({QStringLiteral("rev-parse"), as})));
        QCOMPARE(found->name, name);
        // And by its own id, in full and shortened.
        for (const int digits : {40, 12, 7}) {
            const auto byId = history->resolve(found->commit.left(digits));
            QVERIFY(byId);
            QCOMPARE(byId->commit, found->commit);
        }
    }

    void branchesAndDistances()
    {
        const QString work = newWork();
        RealGit git(work);
        git.commit(QStringLiteral("a"), "1", QStringLiteral("one"));
        git.run(words("tag v1"));
        git.run(words("checkout -q -b develop"));
        git.commit(QStringLiteral("b"), "1", QStringLiteral("dev one"));
        git.run(words("checkout -q -b feature/x"));
        git.commit(QStringLiteral("c"), "1", QStringLiteral("feature"));
        git.run(words("checkout -q develop"));
        QVERIFY(!git.merge(QStringLiteral("feature/x")).isEmpty());
        git.run(words("branch release/2"));
        git.run(words("checkout -q main"));
        git.run(words("checkout -q -b hotfix/1.1"));
        git.commit(QStringLiteral("d"), "1", QStringLiteral("hot"));
        git.run(words("checkout -q --detach v1"));
        const auto history = History::open(work);
        QVERIFY(history);
        const auto refs = history->refs();
        QVERIFY(refs);
        QCOMPARE(refs->flow, BranchingFlow::GitFlow);
        QVERIFY(refs->defaultBranch.isEmpty()); // detached
        QStringList names;
        for (const BranchState &branch : refs->branches)
            names.append(branch.name);
        QCOMPARE(names, words("main develop release/2 hotfix/1.1 feature/x"));
        const auto main = history->resolve(QStringLiteral("main"));
        const auto develop = history->resolve(QStringLiteral("develop"));
        const auto hotfix = history->resolve(QStringLiteral("hotfix/1.1"));
        QVERIFY(main && develop && hotfix);
        const auto distance = history->distance(hotfix->commit, develop->commit, {});
        QVERIFY(distance);
        QCOMPARE(QStringLiteral("%1\t%2").arg(distance->behind).arg(distance->ahead),
                 QString::fromLatin1(git.out(words("rev-list --left-right --count hotfix/1.1...develop"))));
        QCOMPARE(distance->ahead, 3);
        QCOMPARE(QString::number(distance->oldestAt.toSecsSinceEpoch()),
                 QString::fromLatin1(git.out(words("log --reverse --format=%ct main..develop")))
                     .section(QLatin1Char('\n'), 0, 0));
        QCOMPARE(distance->mergeBase, main->commit);
        const auto set = history->changes(*main, *develop, {}, 100, {});
        QVERIFY(set);
        QCOMPARE(set->mergedBranches, QStringList{QStringLiteral("feature/x")});
    }

    void unrelatedHistoriesHaveNoBase()
    {
        const QString work = newWork();
        RealGit git(work);
        git.commit(QStringLiteral("a"), "1", QStringLiteral("one"));
        git.run(words("checkout -q --orphan other"));
        git.commit(QStringLiteral("a"), "2", QStringLiteral("two"));
        const auto history = History::open(work);
        const auto from = history->resolve(QStringLiteral("main"));
        const auto to = history->resolve(QStringLiteral("other"));
        const auto set = history->changes(*from, *to, {}, 100, {});
        QVERIFY(set);
        QVERIFY(set->mergeBase.isEmpty());
        QCOMPARE(set->commits.size(), 1);
        QCOMPARE(set->missing.size(), 1);
    }

    void revertsAreFound()
    {
        const QString work = newWork();
        RealGit git(work);
        git.commit(QStringLiteral("a"), "1\n", QStringLiteral("one"));
        git.run(words("tag start"));
        const QString two = git.commit(QStringLiteral("b"), "2\n", QStringLiteral("two"));
        git.run(words("revert --no-edit HEAD"));
        const QString undone = QString::fromLatin1(git.out(words("rev-parse HEAD")));
        const QString three = git.commit(QStringLiteral("c"), "3\n", QStringLiteral("three"));
        git.run(words("revert --no-edit HEAD"));
        git.run(words("revert --no-edit HEAD")); // three is in force again
        const auto history = History::open(work);
        const auto set = history->changes(*history->resolve(QStringLiteral("start")),
                                          *history->resolve(QStringLiteral("main")), {}, 100, {});
        QVERIFY(set);
        QHash<QString, ChangeCommit> all;
        for (const ChangeCommit &commit : set->commits)
            all.insert(commit.id, commit);
        QCOMPARE(all.value(two).revertedBy, undone);
        QCOMPARE(all.value(undone).reverts, QStringList{two});
        QVERIFY(all.value(three).revertedBy.isEmpty());
    }

    // The clone in the cache: complete or not there at all.
    void aMirrorIsCompleteOrNotThere()
    {
        const QString cache = path(QStringLiteral("cache"));
        RemoteAccess access;
        access.url = *parseRemoteUrl(m_large);
        const Remote remote(access);
        const Mirror mirror(cache, access.url);
        StopSource stop;
        int calls = 0;
        const auto stopped = mirror.update(
            remote,
            [&](const RemoteProgress &progress) {
                if (progress.totalObjects > 0 && ++calls > 3)
                    stop.request_stop();
            },
            stop.get_token());
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().kind, ErrorKind::Cancelled);
        QVERIFY(!mirror.isThere());
        QVERIFY(!mirror.updatedAt().isValid());
        QVERIFY(QDir(cache).entryList(QDir::Dirs | QDir::NoDotAndDotDot).isEmpty());
        // What a crash left is cleared away.
        QVERIFY(QDir().mkpath(mirror.path() + QStringLiteral(".partial-abcdef/objects")));
        QVERIFY(mirror.update(remote, {}, {}));
        QVERIFY(mirror.isThere());
        QCOMPARE(QDir(cache).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(), 1);
        QCOMPARE(RealGit(mirror.path()).out(words("show-ref")), RealGit(m_large).out(words("show-ref")));
        QCOMPARE(RealGit(mirror.path()).out(words("symbolic-ref HEAD")), QByteArray("refs/heads/main"));
        // A copy that was damaged is made anew.
        QVERIFY(QFile::remove(mirror.path() + QStringLiteral("/HEAD")));
        const auto again = mirror.update(remote, {}, {});
        QVERIFY2(again, again ? "" : qPrintable(again.error().message));
        QCOMPARE(RealGit(mirror.path()).out(words("show-ref")), RealGit(m_large).out(words("show-ref")));
    }

    // Going back in a GitOps repository, beside what `git revert` makes of it.
    void aRevertIsWhatGitMakesOfIt()
    {
        const QString work = newWork();
        RealGit git(work);
        git.write(QStringLiteral("other/app.yaml"), "image: a:1\n");
        git.commit(QStringLiteral("cart/app.yaml"), "kind: Deployment\nimage: cart:1.4.0\nreplicas: 3\n",
                   QStringLiteral("Start"));
        const QString good = QString::fromLatin1(git.out(words("rev-parse HEAD")));
        const QString bad =
            git.commit(QStringLiteral("cart/app.yaml"), "kind: Deployment\nimage: cart:1.5.0\nreplicas: 3\n",
                       QStringLiteral("Release 1.5.0"));
        git.commit(QStringLiteral("other/app.yaml"), "image: a:2\n", QStringLiteral("Other"));
        const QString bare = path(QStringLiteral("gitops.git"));
        QVERIFY(
            git.run({QStringLiteral("clone"), QStringLiteral("-q"), QStringLiteral("--bare"), work, bare}).isGood());
        RemoteAccess access;
        access.url = *parseRemoteUrl(bare);
        const Remote remote(access);
        const Mirror mirror(path(QStringLiteral("cache2")), access.url);
        QVERIFY(mirror.update(remote, {}, {}));
        const QString tip = QString::fromLatin1(git.out(words("rev-parse HEAD")));
        const Author author{QStringLiteral("Ana"), QStringLiteral("ana@example.com"),
                            QDateTime::fromSecsSinceEpoch(1'760'000'000, Qt::UTC)};

        const auto plan = planRevert(mirror.path(), tip, {bad}, {});
        QVERIFY2(plan, plan ? "" : qPrintable(plan.error().message));
        QVERIFY(plan->isPossible());
        QCOMPARE(plan->files.size(), 1);
        QCOMPARE(plan->files.first().path, QStringLiteral("cart/app.yaml"));
        QVERIFY(plan->diff.contains("-image: cart:1.5.0\n+image: cart:1.4.0\n"));
        QVERIFY(git.run(words("revert --no-edit") << bad).isGood());
        QCOMPARE(plan->tree, QString::fromLatin1(git.out(words("rev-parse HEAD^{tree}"))));
        QCOMPARE(plan->message.trimmed(), QString::fromUtf8(git.out(words("log -1 --format=%B"))));

        QByteArray signedText;
        const auto made = commitRevert(mirror.path(), *plan, author, [&](const QByteArray &text) -> Result<QByteArray> {
            signedText = text;
            return QByteArray("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n");
        });
        QVERIFY(made);
        const QByteArray object = RealGit(mirror.path()).run(words("cat-file commit") << *made).out;
        QVERIFY(object.contains("\ngpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----\n\n"));
        QVERIFY(signedText.startsWith("tree " + plan->tree.toLatin1() + "\nparent " + tip.toLatin1() + '\n'));
        const QString ref = QStringLiteral("refs/heads/main");
        // Somebody else was first: nothing is pushed.
        const RealGit there(bare);
        const QByteArray other =
            there.out({QStringLiteral("commit-tree"), QStringLiteral("-p"), tip, QStringLiteral("-m"),
                       QStringLiteral("other"), tip + QStringLiteral("^{tree}")});
        QVERIFY(there.run(words("update-ref refs/heads/main") << QString::fromLatin1(other)).isGood());
        auto pushed = remote.push(mirror.path(), {ref, *made, tip}, {}, {});
        QVERIFY(!pushed);
        QCOMPARE(pushed.error().kind, ErrorKind::Conflict);
        QCOMPARE(there.out(words("rev-parse main")), other);
        QVERIFY(there.run(words("update-ref refs/heads/main") << tip).isGood());
        pushed = remote.push(mirror.path(), {ref, *made, tip}, {}, {});
        QVERIFY2(pushed, pushed ? "" : qPrintable(pushed.error().message));
        QCOMPARE(QString::fromLatin1(there.out(words("rev-parse main"))), *made);
        QVERIFY(there.run(words("fsck --strict")).isGood());

        // Back to what was good, all of it in one commit.
        const auto since = commitsSince(mirror.path(), good, tip, {});
        QVERIFY(since);
        QCOMPARE(*since, lines(git.out({QStringLiteral("rev-list"), good + QStringLiteral("..") + tip})));
        const auto back = planRevert(mirror.path(), tip, *since, {});
        QVERIFY(back);
        QCOMPARE(back->tree,
                 QString::fromLatin1(git.out({QStringLiteral("rev-parse"), good + QStringLiteral("^{tree}")})));
        // Once more changes nothing.
        const auto nothing = planRevert(mirror.path(), *made, {bad}, {});
        QVERIFY(nothing);
        QVERIFY(nothing->changesNothing || !nothing->conflicts.isEmpty());
        QVERIFY(!commitRevert(mirror.path(), *nothing, author, {}));
    }

    void conflictsAreToldByFile()
    {
        const QString work = newWork();
        RealGit git(work);
        git.commit(QStringLiteral("app.yaml"), "image: 1\n", QStringLiteral("one"));
        const QString bad = git.commit(QStringLiteral("app.yaml"), "image: 2\n", QStringLiteral("two"));
        const QString tip = git.commit(QStringLiteral("app.yaml"), "image: 3\n", QStringLiteral("three"));
        QVERIFY(!git.run(words("revert --no-edit") << bad).isGood()); // git agrees
        const auto plan = planRevert(work, tip, {bad}, {});
        QVERIFY(plan);
        QVERIFY(!plan->isPossible());
        QCOMPARE(plan->conflicts, (QList<RevertConflict>{{QStringLiteral("app.yaml"), bad}}));
        const auto made = commitRevert(
            work, *plan, {QStringLiteral("A"), QStringLiteral("a@b"), QDateTime::currentDateTimeUtc()}, {});
        QVERIFY(!made);
        QCOMPARE(made.error().kind, ErrorKind::Refused);
        QVERIFY(made.error().message.contains(QLatin1String("app.yaml")));
    }
};

QTEST_GUILESS_MAIN(TestGitHistory)
#include "test_git_history.moc"

#include "services/git/repositorymaker.h"
#include "tests/support/sshtools.h"

#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

Ran plainGit(const QString &repository, const QStringList &arguments)
{
    return runTool(u("git"), QStringList{u("--git-dir"), repository} + arguments);
}

git::NewCommit commitOf(const QStringList &parents, int minute, const char *message,
                        const QList<git::FileContent> &files)
{
    const git::Author author{u("Ann"), u("ann@shop.example"), QDateTime(QDate(2026, 3, 4), QTime(12, minute), Qt::UTC)};
    return {parents, author, {}, u(message), files};
}

} // namespace

// Repositories made at once, read by git itself.
class RepositoryMakerTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

private slots:
    void commitsBranchesAndTagsAreThere()
    {
        const QString path = m_folder.filePath(u("shop.git"));
        auto maker = git::RepositoryMaker::create(path, u("main"));
        QVERIFY2(maker, maker ? "" : qPrintable(maker.error().message));
        const auto first = maker->add(commitOf({}, 1, "Begin\n", {{u("a/one"), "1\n"}, {u("two"), "2\n"}}));
        QVERIFY2(first, first ? "" : qPrintable(first.error().message));
        const auto side = maker->add(commitOf({*first}, 2, "Change one\n", {{u("a/one"), "one\n"}}));
        const auto main = maker->add(commitOf({*first}, 3, "Change two\n", {{u("two"), "two\n"}}));
        QVERIFY(side && main);
        const auto merge = maker->add(commitOf({*main, *side}, 4, "Merge\n", {{u("a/one"), "one\n"}}));
        QVERIFY(merge);
        const auto finished =
            maker->finish({{u("refs/heads/main"), *merge}, {u("refs/heads/side"), *side}, {u("refs/tags/v1"), *first}});
        QVERIFY2(finished, finished ? "" : qPrintable(finished.error().message));

        QCOMPARE(plainGit(path, {u("fsck"), u("--strict")}).status, 0);
        QCOMPARE(plainGit(path, {u("log"), u("--format=%s %an %ct"), u("main")}).out,
                 QByteArray("Merge Ann 1772625840\nChange two Ann 1772625780\nChange one Ann 1772625720\n"
                            "Begin Ann 1772625660\n"));
        QCOMPARE(plainGit(path, {u("show"), u("main:a/one")}).out, QByteArray("one\n"));
        QCOMPARE(plainGit(path, {u("show"), u("HEAD:two")}).out, QByteArray("two\n"));
        QCOMPARE(plainGit(path, {u("rev-parse"), u("v1"), u("side")}).out,
                 (*first + u("\n") + *side + u("\n")).toLatin1());
        QVERIFY(plainGit(path, {u("count-objects"), u("-v")}).out.contains("count: 0\n")); // all in the pack
    }

    void aCommitIsSignedAsItStands()
    {
        const QString path = m_folder.filePath(u("signed.git"));
        auto maker = git::RepositoryMaker::create(path, u("main"));
        QVERIFY(maker);
        QByteArray seen;
        const auto made = maker->add(commitOf({}, 1, "Begin\n", {{u("one"), "1\n"}}), [&](const QByteArray &text) {
            seen = text;
            return Result<QByteArray>("-----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----\n");
        });
        QVERIFY(made && maker->finish({{u("refs/heads/main"), *made}}));
        QByteArray stored = plainGit(path, {u("cat-file"), u("commit"), *made}).out;
        const QByteArray header = "gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n -----END SSH SIGNATURE-----\n";
        QVERIFY2(stored.contains(header), stored.constData());
        QCOMPARE(stored.replace(header, ""), seen);
    }

    void whatCannotBeMadeIsAnError()
    {
        const QString path = m_folder.filePath(u("bad.git"));
        auto maker = git::RepositoryMaker::create(path, u("main"));
        QVERIFY(maker);
        QVERIFY(!maker->add(commitOf({QString(40, u'a')}, 1, "Of nobody\n", {})));
        QVERIFY(!maker->add(commitOf({}, 1, "Unsigned\n", {{u("one"), "1\n"}}), [](const QByteArray &) {
            return Result<QByteArray>(Error{ErrorKind::Refused, u("no key"), {}});
        }));
        QVERIFY(!maker->finish({{u("refs/heads/main"), QString(40, u'b')}}));
        const auto again = git::RepositoryMaker::create(path, u("main"));
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::Conflict);
    }
};

QTEST_GUILESS_MAIN(RepositoryMakerTest)
#include "test_repositorymaker.moc"

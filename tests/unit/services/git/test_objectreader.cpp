#include "services/git/objectreader.h"
#include "tests/support/sshtools.h"

#include <QDir>
#include <QFile>
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

using Commits = QList<QStringList>; // oldest first; of each the paths that it writes, with a minus those it removes

// Each commit's tree, oldest first, of a repository that is made with these commits.
QList<QByteArray> madeTrees(const QString &path, const Commits &commits)
{
    runTool(u("git"), {u("init"), u("-q"), u("--bare"), u("-b"), u("main"), path});
    QByteArray stream;
    int content = 0;
    for (const QStringList &commit : commits) {
        stream += "commit refs/heads/main\ncommitter Ann <ann@shop.example> 1772625600 +0000\ndata 2\nn\n";
        for (const QString &file : commit) {
            const QByteArray text = QByteArray::number(content++);
            if (file.startsWith(u("-")))
                stream += "D " + file.mid(1).toUtf8() + '\n';
            else
                stream += "M 100644 inline " + file.toUtf8() + "\ndata " + QByteArray::number(text.size()) + '\n' +
                          text + '\n';
        }
    }
    runTool(u("git"), {u("--git-dir"), path, u("fast-import"), u("--quiet")}, stream);
    return runTool(u("git"), {u("--git-dir"), path, u("log"), u("--reverse"), u("--format=%T"), u("main")})
        .out.trimmed()
        .split('\n');
}

git::ObjectId idOf(const QByteArray &hex)
{
    return git::ObjectId::fromHex(hex).value_or(git::ObjectId{});
}

// As `git diff-tree -r` prints them.
QByteArray textOf(const QList<git::TreeChange> &changes)
{
    QByteArray text;
    for (const git::TreeChange &change : changes) {
        const char kind = change.kind == git::TreeChange::Kind::Added     ? 'A'
                          : change.kind == git::TreeChange::Kind::Removed ? 'D'
                                                                          : 'M';
        text += change.id.hex() + ' ' + kind + '\t' + change.path + '\n';
    }
    return text;
}

QByteArray gitsText(const QString &path, const QByteArray &from, const QByteArray &to)
{
    const Ran ran = runTool(u("git"), {u("--git-dir"), path, u("diff-tree"), u("-r"), u("--no-renames"),
                                       QString::fromLatin1(from), QString::fromLatin1(to)});
    QByteArray text;
    for (const QByteArray &line : ran.out.split('\n')) {
        if (!line.isEmpty()) // :MODE MODE ID ID KIND TAB PATH
            text += line.mid(line.indexOf(' ', line.indexOf(' ', line.indexOf(' ') + 1) + 1) + 1) + '\n';
    }
    return text;
}

QString looseFile(const QString &path, const QByteArray &id)
{
    return path + u("/objects/") + QString::fromLatin1(id.left(2)) + u("/") + QString::fromLatin1(id.mid(2));
}

} // namespace

class TestObjectReader : public QObject
{
    Q_OBJECT

private slots:
    void changesAreThoseOfGit_data()
    {
        QTest::addColumn<Commits>("commits");
        QTest::newRow("one a day") << Commits{{u("allowed_signers"), u("policy.yaml")},
                                              {u("entries/2025/12/31/A")},
                                              {u("entries/2026/01/01/B")},
                                              {u("entries/2026/01/02/C")},
                                              {u("entries/2026/02/01/D")},
                                              {u("entries/2026/02/01/E")},
                                              {u("entries/2026/02/01/F")}};
        QTest::newRow("without another file") << Commits{{u("entries/A")}, {u("entries/B")}, {u("entries/C")}};
        QTest::newRow("late ones") << Commits{{u("policy.yaml")},          {u("entries/2026/02/01/B")},
                                              {u("entries/2026/02/01/D")}, {u("entries/2026/02/01/C")},
                                              {u("entries/2026/01/09/A")}, {u("entries/2026/02/01/E")},
                                              {u("entries/2025/01/01/0")}};
        QTest::newRow("two at a time, and changes") << Commits{{u("policy.yaml")},
                                                               {u("entries/1/A")},
                                                               {u("entries/1/B"), u("entries/1/C")},
                                                               {u("entries/1/C")},
                                                               {u("policy.yaml")},
                                                               {u("entries/1/D"), u("policy.yaml")},
                                                               {u("entries/1/E"), u("-entries/1/A")}};
        QTest::newRow("removed again") << Commits{{u("policy.yaml")},  {u("entries/1/A")}, {u("-entries/1/A")},
                                                  {u("entries/1/A")},  {u("entries/1/B")}, {u("-entries/1/B")},
                                                  {u("-policy.yaml")}, {u("entries/1/C")}};
        QTest::newRow("names around a folder's")
            << Commits{{u("a-b/x"), u("a.b/x")}, {u("a/x")}, {u("a/y")}, {u("a0/x")},
                       {u("a0/x"), u("z")},      {u("y/1")}, {u("y/2")}, {u("-y"), u("y"), u("q/1")}};
        QTest::newRow("files alone") << Commits{{u("a")}, {u("b")}, {u("c")}, {u("-c")}};
    }
    // Newest first by one reader, which remembers; by one that knows nothing yet; and by git.
    void changesAreThoseOfGit()
    {
        QFETCH(Commits, commits);
        QTemporaryDir folder;
        const QString path = folder.filePath(u("l.git"));
        const QList<QByteArray> trees = madeTrees(path, commits);
        QCOMPARE(trees.size(), commits.size());
        auto reader = git::ObjectReader::open(path);
        QVERIFY(reader);
        for (qsizetype i = trees.size() - 1; i > 0; --i) {
            const auto changes = reader->changes(idOf(trees.at(i - 1)), idOf(trees.at(i)), 100);
            QVERIFY2(changes, changes ? "" : qPrintable(changes.error().message));
            auto fresh = git::ObjectReader::open(path);
            const auto same = fresh->changes(idOf(trees.at(i - 1)), idOf(trees.at(i)), 100);
            QVERIFY(same);
            QCOMPARE(textOf(*changes), textOf(*same));
            QCOMPARE(textOf(*changes), gitsText(path, trees.at(i - 1), trees.at(i)));
            QVERIFY(!changes->isEmpty());
        }
        const auto first = reader->changes({}, idOf(trees.first()), 100);
        QVERIFY(first);
        QCOMPARE(first->size(), commits.first().size());
    }

    // A folder that can be made out of a newer one is still to lie there.
    void aMissingFolderIsNamed()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u("l.git"));
        const QList<QByteArray> trees =
            madeTrees(path, {{u("policy.yaml")}, {u("entries/1/A")}, {u("entries/1/B")}, {u("entries/1/C")}});
        const QByteArray gone = runTool(u("git"), {u("--git-dir"), path, u("rev-parse"),
                                                   QString::fromLatin1(trees.at(1)) + u(":entries/1")})
                                    .out.trimmed();
        QVERIFY(QFile::remove(looseFile(path, gone)));
        auto reader = git::ObjectReader::open(path);
        QVERIFY(reader->changes(idOf(trees.at(2)), idOf(trees.at(3)), 4));
        const auto changes = reader->changes(idOf(trees.at(1)), idOf(trees.at(2)), 4);
        QVERIFY(!changes);
        QCOMPARE(changes.error().kind, ErrorKind::NotFound);
        QVERIFY2(changes.error().message.contains(QString::fromLatin1(gone)), qPrintable(changes.error().message));

        auto later = git::ObjectReader::open(path);
        later->lookLater();
        QVERIFY(later->changes(idOf(trees.at(2)), idOf(trees.at(3)), 4));
        QVERIFY(later->areMadeThere());
        QVERIFY(later->changes(idOf(trees.at(1)), idOf(trees.at(2)), 4)); // it does not know yet
        QVERIFY(!later->areMadeThere());
        QVERIFY(later->areMadeThere()); // of what was made since: nothing
    }
};

QTEST_GUILESS_MAIN(TestObjectReader)
#include "test_objectreader.moc"

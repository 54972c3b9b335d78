#include "models/domain/changes.h"

#include <QTest>

using namespace signalbox;

class TestChanges : public QObject
{
    Q_OBJECT
private slots:
    void mergesAreNamed_data()
    {
        QTest::addColumn<QString>("subject");
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *subject, const char *body, const char *expected) {
            QTest::newRow(name) << QString::fromUtf8(subject) << QString::fromUtf8(body) << QString::fromUtf8(expected);
        };
        row("git", "Merge branch 'feature/x' into main", "", "feature/x");
        row("git, remote", "Merge remote-tracking branch 'origin/y'", "", "origin/y");
        row("git, tag", "Merge tag 'v1.2'", "", "v1.2");
        row("GitHub", "Merge pull request #12 from ana/fix", "Fix it", "#12 from ana/fix");
        row("GitLab", "Merge branch 'a' into 'main'", "Title\n\nSee merge request team/app!34", "a (team/app!34)");
        row("Bitbucket", "Merged in fix/y (pull request #7)", "", "fix/y");
        row("Bitbucket Server", "Pull request #8: Fix", "", "#8");
        row("own words", "Bring it together", "", "");
    }
    void mergesAreNamed()
    {
        QFETCH(QString, subject);
        QFETCH(QString, body);
        QFETCH(QString, expected);
        QCOMPARE(mergedBranchOf(subject, body), expected);
    }

    void issuesAreFound_data()
    {
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *message, const char *url, const char *expected) {
            QTest::newRow(name) << QString::fromUtf8(message) << QString::fromUtf8(url) << QString::fromUtf8(expected);
        };
        row("GitHub", "Fix #12, #12 and SHOP-7", "git@github.com:team/app.git",
            "#12=https://github.com/team/app/issues/12 SHOP-7=");
        row("GitLab", "Closes #3", "https://gitlab.example.com/group/sub/app.git",
            "#3=https://gitlab.example.com/group/sub/app/-/issues/3");
        row("ssh with port", "See #4", "ssh://git@git.example.com:2222/team/app",
            "#4=https://git.example.com/team/app/issues/4");
        row("a path has no tracker", "See #4", "/srv/git/app.git", "#4=");
        row("none of these", "UTF-8, SHA-256, &#39;, abc#1, #, x-1, CVE-2024", "", "");
    }
    void issuesAreFound()
    {
        QFETCH(QString, message);
        QFETCH(QString, url);
        QFETCH(QString, expected);
        QStringList found;
        for (const IssueReference &issue : IssueFinder(defaultIssuePatterns(url)).find(message))
            found.append(issue.text + QLatin1Char('=') + issue.url);
        QCOMPARE(found.join(QLatin1Char(' ')), expected);
    }

    void coAuthorsAreFound_data()
    {
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("emails");
        const auto row = [](const char *name, const char *message, const char *emails) {
            QTest::newRow(name) << QString::fromUtf8(message) << QString::fromUtf8(emails);
        };
        row("one", "Why\n\nCo-authored-by: Ann <ann@a.example>", "ann@a.example");
        row("two, one twice",
            "x\n\nCo-Authored-By: Ann <ann@a.example>\r\nco-authored-by: <Ann@A.example>\n"
            "CO-AUTHORED-BY:Bob Lee<bob@b.example>",
            "ann@a.example bob@b.example");
        row("before other words", "Co-authored-by: Ann <ann@a.example>\n\nMore of it.", "ann@a.example");
        row("spoken of", "It reads \"Co-authored-by: Ann <ann@a.example>\".", "");
        row("no address", "Co-authored-by: Ann\nSigned-off-by: Bob <bob@b.example>", "");
    }
    void coAuthorsAreFound()
    {
        QFETCH(QString, message);
        QFETCH(QString, emails);
        QCOMPARE(coAuthorEmails(message).join(u' '), emails);
    }

    void ownPatternsMakeLinks()
    {
        const QList<IssuePattern> patterns{
            {QStringLiteral("\\b(SHOP)-([0-9]+)\\b"), QStringLiteral("https://t.example/\\1/\\2?q=\\0")},
            {QStringLiteral("(broken"), {}}};
        QCOMPARE(IssueFinder(patterns).find(QStringLiteral("SHOP-12")),
                 (QList<IssueReference>{
                     {QStringLiteral("SHOP-12"), QStringLiteral("https://t.example/SHOP/12?q=SHOP-12")}}));
    }

    void branchesHaveKinds_data()
    {
        QTest::addColumn<QString>("branch");
        QTest::addColumn<QString>("kind");
        for (const auto &[branch, kind] :
             {std::pair("main", "main"), std::pair("master", "main"), std::pair("develop", "develop"),
              std::pair("release/1.4", "release"), std::pair("release-1.4", "release"), std::pair("hotfix/x", "hotfix"),
              std::pair("feature/main", "feature"), std::pair("fix/y", "feature"), std::pair("maintenance", "other"),
              std::pair("ana/test", "other")})
            QTest::newRow(branch) << QString::fromLatin1(branch) << QString::fromLatin1(kind);
    }
    void branchesHaveKinds()
    {
        QFETCH(QString, branch);
        QFETCH(QString, kind);
        QCOMPARE(branchKindName(branchKindOf(branch)), kind);
    }

    void aRevertThatWasRevertedDoesNotCount()
    {
        const auto commit = [](char letter, const QStringList &reverts) {
            ChangeCommit one;
            one.id = QString(40, QLatin1Char(letter));
            one.reverts = reverts;
            return one;
        };
        QList<ChangeCommit> commits{commit('c', {QString(40, QLatin1Char('b'))}),
                                    commit('b', {QStringLiteral("aaaaaaa")}), commit('a', {QStringLiteral("ddddddd")})};
        markReverts(commits);
        QCOMPARE(commits[1].revertedBy, commits[0].id);
        QCOMPARE(commits[1].reverts, QStringList{commits[2].id});
        QVERIFY(commits[2].revertedBy.isEmpty());
        QCOMPARE(commits[2].reverts, QStringList{QStringLiteral("ddddddd")}); // not among them: as written
    }
};

QTEST_GUILESS_MAIN(TestChanges)
#include "test_changes.moc"

#include "services/workspace/yamldocument.h"
#include "tests/unit/services/gate/gateledger.h"

#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::policy;
using namespace signalbox::test;

namespace
{

QString recipe(const char *name)
{
    return QStringLiteral(SIGNALBOX_SOURCE_DIR "/resources/recipes/") + QString::fromLatin1(name);
}

QString contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

// The commands that the CI system would hand to a shell.
QString commandsOf(const QString &name)
{
    const QString text = contentOf(recipe(qPrintable(name)));
    if (name == u("Jenkinsfile")) {
        static const QRegularExpression script(QStringLiteral("sh '''(.*?)'''"),
                                               QRegularExpression::DotMatchesEverythingOption);
        QString shell = script.match(text).captured(1);
        return shell.replace(QLatin1String("\\\\"), QLatin1String("\\"));
    }
    const auto document = YamlDocument::parse(text.toUtf8(), name);
    if (!document)
        return {};
    const YamlValue root(*document);
    if (name == u("github-actions.yml"))
        return root[u("jobs")][u("gate")][u("steps")].items().value(0, root)[u("run")].text();
    const YamlValue job =
        name == u("travis.yml") ? root[u("jobs")][u("include")].items().value(0, root) : root[u("gate")];
    QStringList lines;
    for (const YamlValue &line : job[u("script")].items())
        lines.append(line.text());
    return lines.join(QLatin1Char('\n'));
}

QStringList environmentOf(const GateLedger &ledger, const QStringList &more = {})
{
    const QString folder = QFileInfo(QStringLiteral(SIGNALBOX_PROGRAM)).absolutePath();
    return QStringList{u("PATH=") + folder + QLatin1Char(':') + qEnvironmentVariable("PATH"),
                       u("DIGEST=") + ledger.subject.digest, u("SIGNALBOX_LEDGER=") + ledger.forge.path(),
                       u("SIGNALBOX_FIRST_ADMIN=") + ledger.forge.key(u("ann")).fingerprint(), u("SIGNALBOX_WAIT=0s")} +
           more;
}

// A bare repository, before anything guards it, and a place to work.
class GuardedRepository
{
public:
    explicit GuardedRepository(const GateLedger &ledger)
        : m_environment(environmentOf(ledger, {u("GIT_AUTHOR_NAME=x"), u("GIT_AUTHOR_EMAIL=dan@shop.example"),
                                               u("GIT_COMMITTER_NAME=x"), u("GIT_COMMITTER_EMAIL=dan@shop.example")}))
    {
        git({u("init"), u("-q"), u("--bare"), u("-b"), u("main"), bare()});
        git({u("init"), u("-q"), u("-b"), u("main"), work()});
        commit("zero");
        git({u("push"), u("-q"), bare(), u("main")}, work());
    }

    Ran git(const QStringList &words, const QString &in = {}) const
    {
        return runTool(u("git"), words, {}, in, m_environment);
    }
    Ran push(const QString &what) const { return git({u("push"), u("-q"), bare(), what}, work()); }
    QString commit(const char *message) const
    {
        git({u("commit"), u("-q"), u("--allow-empty"), u("-m"), QString::fromLatin1(message)}, work());
        return QString::fromLatin1(git({u("rev-parse"), u("HEAD")}, work()).out.trimmed());
    }
    bool guard(const GateLedger &ledger, const QStringList &protects) const
    {
        const QString hook = bare() + u("/hooks/pre-receive");
        bool isSet = QFile::copy(recipe("pre-receive"), hook) &&
                     QFile::setPermissions(hook, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        const auto set = [&](const QString &name, const QString &value) {
            isSet = isSet && git({u("-C"), bare(), u("config"), u("--add"), u("signalbox.") + name, value}).status == 0;
        };
        set(u("ledger"), ledger.forge.path());
        set(u("firstAdmin"), ledger.forge.key(u("ann")).fingerprint());
        set(u("application"), u("cart"));
        for (const QString &one : protects)
            set(u("protect"), one);
        return isSet;
    }

    QString work() const { return m_folder.filePath(u("work")); }

private:
    QString bare() const { return m_folder.filePath(u("code.git")); }
    QTemporaryDir m_folder;
    QStringList m_environment;
};

} // namespace

class TestRecipes : public QObject
{
    Q_OBJECT

private slots:
    void ciJobsPassOnlyWhenThePolicyIsMet_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"Jenkinsfile", "github-actions.yml", "gitlab-ci.yml", "travis.yml"})
            QTest::newRow(name) << u(name);
    }
    void ciJobsPassOnlyWhenThePolicyIsMet()
    {
        QFETCH(QString, name);
        const QString commands = commandsOf(name);
        QVERIFY2(commands.contains(u("signalbox gate")), qPrintable(commands));
        GateLedger ledger;
        ledger.approve(u("bob"));
        const auto job = [&](const QStringList &more = {}) {
            return runTool(u("bash"), {u("-e"), u("-c"), commands}, {}, {}, environmentOf(ledger, more));
        };
        Ran ran = job();
        QCOMPARE(ran.status, 1);
        QVERIFY2(ran.out.contains("1 more of approvers: ann or cai"), qPrintable(ran.text()));
        ledger.approve(u("cai"));
        ran = job();
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        ran = job({u("DIGEST=sha256:") + QString(64, QLatin1Char('8'))}); // the next build
        QCOMPARE(ran.status, 1);
        ran =
            job({u("SIGNALBOX_FIRST_ADMIN=") + ledger.forge.key(u("bob")).fingerprint()}); // a ledger of somebody else
        QVERIFY(ran.status != 0);
        ran = job({u("DIGEST=")}); // what an empty variable gives must not pass
        QVERIFY(ran.status != 0);
    }

    void shellRecipeRemembersWhatItSaw()
    {
        GateLedger ledger;
        QTemporaryDir folder;
        const QString seen = folder.filePath(u("seen"));
        const auto gate = [&] {
            return runTool(u("sh"), {recipe("gate.sh"), u("cart"), u("production")}, {}, {},
                           environmentOf(ledger, {u("SIGNALBOX_SEEN=") + seen}));
        };
        ledger.approve(u("bob"));
        QCOMPARE(gate().status, 1);
        const QByteArray before = ledger.forge.tip();
        QCOMPARE(contentOf(seen).trimmed().toLatin1(), before);
        ledger.approve(u("cai"));
        const Ran open = gate();
        QVERIFY2(open.status == 0, qPrintable(open.text()));
        QCOMPARE(contentOf(seen).trimmed().toLatin1(), ledger.forge.tip());
        ledger.forge.moveTo(before); // the remote was rewound
        const Ran rewound = gate();
        QCOMPARE(rewound.status, 1);
        QVERIFY2(rewound.err.contains("rewound"), qPrintable(rewound.text()));
        QVERIFY(contentOf(seen).trimmed().toLatin1() != before); // and it is not taken for seen
        const Ran missing = runTool(u("sh"), {recipe("gate.sh"), u("cart"), u("production")}, {}, {},
                                    environmentOf(ledger, {u("DIGEST=")}));
        QVERIFY(missing.status != 0 && missing.err.contains("what is to be deployed"));
    }

    // With the repository at hand a request that leaves a commit out, or an author who approves, is found out.
    void shellRecipeReadsTheRepository()
    {
        GateLedger ledger;
        const GuardedRepository code(ledger);
        const QString since = code.commit("runs there");
        const QString mine = code.commit("one\n\nCo-authored-by: Bob <bob@shop.example>");
        const QString tip = code.commit("two");
        PromotionRequest request;
        request.subject = {u("cart"), u("production"), ledger.subject.digest, tip};
        request.fromEnvironment = u("staging");
        request.policyCommit = QString::fromLatin1(ledger.policyCommit);
        const auto list = [&request](const QStringList &commits) {
            request.changes = ChangeSummary{};
            request.changes->commitCount = static_cast<int>(commits.size());
            for (const QString &id : commits)
                request.changes->commits.append({id, u("dan@shop.example"), QDateTime::currentDateTimeUtc()});
        };
        const auto asked = [&] {
            ledger.promotion = ledger.add(request, u("dan"));
            ledger.subject = request.subject;
            ledger.approve(u("ann"));
            ledger.approve(u("bob"));
        };
        const auto gate = [&](const QStringList &more) {
            return runTool(u("sh"), {recipe("gate.sh"), u("cart"), u("production")}, {}, {},
                           environmentOf(ledger, more));
        };
        const QStringList reads{u("SIGNALBOX_REPOSITORY=") + code.work(), u("COMMIT=") + tip, u("SINCE=") + since};
        list({tip});
        asked();
        QCOMPARE(gate({}).status, 0); // the request is believed
        Ran ran = gate(reads);
        QCOMPARE(ran.status, 1);
        QVERIFY2(ran.out.contains("leaves out 1 commit"), qPrintable(ran.text()));
        list({tip, mine});
        asked();
        ran = gate(reads);
        QCOMPARE(ran.status, 1); // bob had a hand in it
        QVERIFY2(ran.out.contains("1 more of approvers: cai"), qPrintable(ran.text()));
        ledger.approve(u("cai"));
        ran = gate(reads);
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        ran = gate(reads + QStringList{u("SIGNALBOX_STRICT=1")}); // alerts are not in the ledger
        QCOMPARE(ran.status, 1);
        ran = gate({u("SIGNALBOX_REPOSITORY=") + code.work()});
        QVERIFY(ran.status != 0 && ran.err.contains("was built from"));
    }

    // What it protects has to be told in a way that it understands: else every branch would be open.
    void hookThatProtectsNothingLetsNothingIn_data()
    {
        QTest::addColumn<QStringList>("protects");
        QTest::addColumn<QByteArray>("says"); // empty: the branch is none of those
        QTest::newRow("not set") << QStringList() << QByteArray("signalbox.protect is not set");
        QTest::newRow("a short name") << QStringList{u("main production")}
                                      << QByteArray("signalbox.protect names \"main\"");
        QTest::newRow("one of two") << QStringList{u("refs/heads/live production"), u("main production")}
                                    << QByteArray("signalbox.protect names \"main\"");
        QTest::newRow("no environment") << QStringList{u("refs/heads/main")}
                                        << QByteArray("wants one branch and one environment");
        QTest::newRow("two of one") << QStringList{u("refs/heads/main production staging")}
                                    << QByteArray("wants one branch and one environment");
        QTest::newRow("nothing") << QStringList{u("")} << QByteArray("signalbox.protect names \"\"");
        QTest::newRow("it is told") << QStringList{u("refs/heads/live production")} << QByteArray();
    }
    void hookThatProtectsNothingLetsNothingIn()
    {
        QFETCH(QStringList, protects);
        QFETCH(QByteArray, says);
        GateLedger ledger;
        const GuardedRepository code(ledger);
        code.commit("one");
        QVERIFY(code.guard(ledger, protects));
        const Ran push = code.push(u("main"));
        QCOMPARE(push.status == 0, says.isEmpty());
        QVERIFY2(push.err.contains(says), push.err.constData());
    }

    // What other protected branches have already is not what the push brings: no request could list a whole history.
    // What lies on a branch that nobody guards is.
    void hookLetsAProtectedBranchBegin()
    {
        GateLedger ledger;
        const GuardedRepository code(ledger);
        QVERIFY(code.guard(ledger, {u("refs/heads/main staging"), u("refs/heads/production production")}));
        const QString hidden = code.commit("nobody lists it");
        const QString tip = code.commit("two");
        PromotionRequest request;
        request.subject = {u("cart"), u("production"), {}, tip};
        request.fromEnvironment = u("staging");
        request.policyCommit = QString::fromLatin1(ledger.policyCommit);
        request.changes = ChangeSummary{};
        const auto ask = [&](const QStringList &listed) {
            request.changes->commits.clear();
            for (const QString &one : listed)
                request.changes->commits.append({one, u("dan@shop.example"), QDateTime::currentDateTimeUtc()});
            request.changes->commitCount = int(listed.size());
            ledger.promotion = ledger.add(request, u("dan"));
            ledger.subject = request.subject;
            ledger.approve(u("bob"));
            ledger.approve(u("cai"));
        };
        ask({tip});
        const auto isLeftOut = [&](const Ran &push) {
            return push.status != 0 && push.err.contains("leaves out 1 commit") &&
                   push.err.contains(hidden.left(7).toLatin1());
        };
        Ran push = code.push(u("main:production"));
        QVERIFY2(isLeftOut(push), push.err.constData());
        QCOMPARE(code.push(hidden + u(":refs/heads/topic")).status, 0);
        push = code.push(u("main:production"));
        QVERIFY2(isLeftOut(push), push.err.constData());
        ask({tip, hidden});
        push = code.push(u("main:production"));
        QVERIFY2(push.status == 0, push.err.constData());
    }

    // Each row: who the second commit is by, what the request lists, who approves, and what the push is told.
    void hookRefusesAPushUntilItsCommitIsApproved_data()
    {
        QTest::addColumn<QString>("author"); // and, behind a slash, who committed it, behind a plus, who helped
        QTest::addColumn<int>("listed");     // of the two commits, from the newest; -1: no list at all
        QTest::addColumn<QStringList>("approvers");
        QTest::addColumn<QByteArray>("says"); // empty: it is let in
        const auto row = [](const char *name, const char *author, int listed, const char *approvers, const char *says) {
            QTest::newRow(name) << u(author) << listed << u(approvers).split(u' ', Qt::SkipEmptyParts)
                                << QByteArray(says);
        };
        row("nobody approved", "dan", 2, "", "2 more of approvers: ann or bob or cai");
        row("two approve", "dan", 2, "ann bob", "");
        row("an author approves", "bob", 2, "ann bob", "1 more of approvers: cai");
        row("an author approves, left out", "bob", 1, "ann bob", "leaves out 1 commit");
        row("an author approves, none listed", "bob", 0, "ann bob", "lists no commits, and this brings 2");
        row("an author approves, no list", "bob", -1, "ann bob", "lists no commits, and this brings 2");
        row("who committed another's work approves", "dan/bob@shop.example", 2, "ann bob", "1 more of approvers: cai");
        row("a vendor committed it", "dan/noreply@github.com", 2, "ann bob", "");
        row("two others than the author", "bob", 2, "ann cai", "");
        row("a co-author approves", "dan+bob", 2, "ann bob", "1 more of approvers: cai");
    }
    void hookRefusesAPushUntilItsCommitIsApproved()
    {
        QFETCH(QString, author);
        QFETCH(int, listed);
        QFETCH(QStringList, approvers);
        QFETCH(QByteArray, says);
        GateLedger ledger;
        QTemporaryDir folder;
        const QString bare = folder.filePath(u("code.git"));
        const QString work = folder.filePath(u("work"));
        const QString helper = author.section(u'+', 1);
        const QString committer = author.section(u'+', 0, 0).section(u'/', 1);
        author = author.section(u'+', 0, 0).section(u'/', 0, 0);
        const auto git = [&](const QStringList &words, const QString &in = {}, const QString &by = u("dan"),
                             const QString &committedBy = {}) {
            const QString email = by + u("@shop.example");
            const QString other = committedBy.isEmpty() ? email : committedBy;
            return runTool(u("git"), words, {}, in,
                           environmentOf(ledger, {u("GIT_AUTHOR_NAME=x"), u("GIT_AUTHOR_EMAIL=") + email,
                                                  u("GIT_COMMITTER_NAME=x"), u("GIT_COMMITTER_EMAIL=") + other}));
        };
        const auto commit = [&](const char *message, const QString &by, const QString &committedBy = {}) {
            git({u("commit"), u("-q"), u("--allow-empty"), u("-m"), QString::fromLatin1(message)}, work, by,
                committedBy);
            return QString::fromLatin1(git({u("rev-parse"), u("HEAD")}, work).out.trimmed());
        };
        QCOMPARE(git({u("init"), u("-q"), u("--bare"), u("-b"), u("main"), bare}).status, 0);
        QCOMPARE(git({u("init"), u("-q"), u("-b"), u("main"), work}).status, 0);
        commit("zero", u("dan"));
        QCOMPARE(git({u("push"), u("-q"), bare, u("main")}, work).status, 0); // before there was a gate
        const QString one = helper.isEmpty() ? u("one") : u("one\n\nCo-Authored-By: %1 <%1@shop.example>").arg(helper);
        const QStringList commits{commit(qPrintable(one), author, committer), commit("two", u("dan"))};
        const QString hook = bare + u("/hooks/pre-receive");
        QVERIFY(QFile::copy(recipe("pre-receive"), hook));
        QFile::setPermissions(hook, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        const QList<QStringList> settings{{u("signalbox.ledger"), ledger.forge.path()},
                                          {u("signalbox.firstAdmin"), ledger.forge.key(u("ann")).fingerprint()},
                                          {u("signalbox.application"), u("cart")},
                                          {u("signalbox.protect"), u("refs/heads/main production")}};
        for (const QStringList &setting : settings)
            QCOMPARE(git(QStringList{u("-C"), bare, u("config")} + setting).status, 0);

        Ran push = git({u("push"), u("-q"), bare, u("main")}, work);
        QVERIFY2(push.status != 0 && push.err.contains("Nobody has asked that commit"), push.err.constData());
        PromotionRequest request;
        request.subject = {u("cart"), u("production"), {}, commits.at(1)};
        request.fromEnvironment = u("staging");
        request.policyCommit = QString::fromLatin1(ledger.policyCommit);
        if (listed >= 0) {
            request.changes = ChangeSummary{};
            request.changes->commitCount = listed;
            const QDateTime now = QDateTime::currentDateTimeUtc();
            const QList<ChangeSummary::Commit> all{{commits.at(1), u("dan@shop.example"), now},
                                                   {commits.at(0), author + u("@shop.example"), now}};
            request.changes->commits = all.mid(0, listed);
        }
        ledger.promotion = ledger.add(request, u("dan"));
        ledger.subject = request.subject;
        for (const QString &one : approvers)
            ledger.approve(one);
        push = git({u("push"), u("-q"), bare, u("main")}, work);
        const QString there = QString::fromLatin1(git({u("-C"), bare, u("rev-parse"), u("main")}).out.trimmed());
        if (says.isEmpty()) {
            QVERIFY2(push.status == 0, push.err.constData());
            QCOMPARE(there, commits.at(1));
            push = git({u("push"), u("-q"), bare, u(":main")}, work);
            QVERIFY2(push.status != 0 && push.err.contains("protected and cannot be deleted"), push.err.constData());
        } else {
            QVERIFY2(push.status != 0 && push.err.contains(says), push.err.constData());
            QVERIFY(there != commits.at(1));
            QCOMPARE(git({u("push"), u("-q"), bare, u("main:topic")}, work).status, 0); // not protected
        }
    }
};

QTEST_GUILESS_MAIN(TestRecipes)
#include "test_recipes.moc"

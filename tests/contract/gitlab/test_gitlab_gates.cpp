#include "tests/contract/gitlab/gitlabdesk.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <QTranslator>

using namespace signalbox;
using namespace signalbox::test;
using signalbox::sandbox::ci::Phase;

namespace
{

// Speaks of titles as another language does.
class UpsideDown : public QTranslator
{
public:
    bool isEmpty() const override { return false; }
    QString translate(const char *, const char *source, const char *, int) const override
    {
        return QStringLiteral("\u00bf%1").arg(QString::fromUtf8(source));
    }
};

} // namespace

// Where the practice world's GitLab waits for people, and what becomes of their word.
class TestGitLabGates : public GitLabDesk
{
    Q_OBJECT

private slots:
    void init() { begin(); }
    void cleanup() { end(); }

    void aManualJobIsAGate()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Waiting));
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting, qPrintable(problem(waiting)));
        QCOMPARE(waiting->size(), 1);
        const WaitingGate &gate = waiting->first();
        QCOMPARE(gate.run, refOf(run));
        QCOMPARE(gate.job, QString::number(m_yard->job(run, "release")->id));
        QVERIFY(!gate.canReject);
        QCOMPARE(gate.deciders, (QList<GateDecider>{{u("Developers and those above them"), true}}));
        QCOMPARE(gate.mayDecide, std::optional(true));
        const QStringList asked = m_yard->asked(); // it deploys nothing: its branch decides
        QVERIFY(asked.filter(u("/protected_")).isEmpty());
        QCOMPARE(asked.filter(u("/repository/branches/main")).size(), 1);
        QVERIFY(gate.title.contains(u("release")));
        const auto no = waitFor(gates().plan(decision(gate, false), {}));
        QVERIFY(!no && no.error().kind == ErrorKind::Unsupported);
        const auto plan = waitFor(gates().plan(decision(gate, true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->steps.size(), 1);
        QVERIFY(!plan->isBlocked());
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
        QCOMPARE(m_yard->job(run, "release")->playedBy, std::string("operator"));
        QCOMPARE(waitFor(m_server->runner().tookPlace(plan->steps[0], {})).value_or(false), true);
    }

    // Rules name a gate in whatever language it is shown.
    void whatRulesNameIsNotTranslated()
    {
        UpsideDown translator;
        QVERIFY(QCoreApplication::installTranslator(&translator));
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Waiting));
        const auto waiting = waitFor(gates().waiting({}));
        QCoreApplication::removeTranslator(&translator);
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        QVERIFY(waiting->first().title != u("Start release?"));
        QCOMPARE(waiting->first().jobName, u("release"));
        QCOMPARE(waiting->first().plainTitle, u("Start release?"));
    }

    // Without approvals a deployment waits to be started only; which environment it is for is told all the same.
    void aManualDeploymentIsStarted_data()
    {
        QTest::addColumn<bool>("blocksManual");
        QTest::addColumn<QString>("kind");
        QTest::newRow("a server that calls it created") << false << u("job/");
        QTest::newRow("a server that calls it blocked") << true << u("deployment/");
    }
    void aManualDeploymentIsStarted()
    {
        QFETCH(bool, blocksManual);
        QFETCH(QString, kind);
        end();
        begin({0, blocksManual, false});
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting, qPrintable(problem(waiting)));
        QCOMPARE(waiting->size(), 1);
        const WaitingGate gate = waiting->first();
        QVERIFY2(gate.id.startsWith(kind), qPrintable(gate.id));
        QCOMPARE(gate.environment, u("production"));
        QCOMPARE(gate.jobName, u("deploy"));
        QCOMPARE(gate.run, refOf(run));
        QVERIFY(!gate.canReject);
        const auto no = waitFor(gates().plan(decision(gate, false), {}));
        QVERIFY(!no && no.error().kind == ErrorKind::Unsupported);
        const auto plan = waitFor(gates().plan(decision(gate, true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->environment, u("production"));
        QCOMPARE(plan->steps.size(), 1);
        QVERIFY2(plan->steps[0].call.path.endsWith(u("/play")), qPrintable(plan->steps[0].call.path));
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
        QVERIFY(m_yard->untilPhase(run, Phase::Passed));
    }

    // Without rules of approval the environment says who may start what deploys there.
    void whoMayStartADeploymentIsTold_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("levels");
        QTest::addColumn<QStringList>("deciders");
        QTest::addColumn<std::optional<bool>>("mayDecide");
        using May = std::optional<bool>;
        QTest::addColumn<QByteArray>("user"); // empty: as the practice world has it
        const auto level = [](const char *who, const char *role, const char *user, const char *group) -> QByteArray {
            return QByteArray("{\"access_level_description\":\"") + who + "\",\"access_level\":" + role +
                   ",\"user_id\":" + user + ",\"group_id\":" + group + "}";
        };
        const QByteArray another = level("Wei Zhang", "null", "999999999", "null");
        const QByteArray none;
        const QByteArray admin = "{\"id\":1,\"username\":\"operator\",\"is_admin\":true}";
        QTest::newRow("as the practice world has it")
            << 0 << none << QStringList{u("The Operator"), u("release-managers")} << May(true) << none;
        QTest::newRow("another user") << 200 << another << QStringList{u("Wei Zhang")} << May(false) << none;
        QTest::newRow("another user, for an administrator")
            << 200 << another << QStringList{u("Wei Zhang")} << May(true) << admin;
        QTest::newRow("a group, or another") << 200 << QByteArray(another + "," + level("ops", "null", "null", "7"))
                                             << QStringList{u("Wei Zhang"), u("ops")} << May() << none;
        // doc/api/protected_environments.md
        QTest::newRow("a group, as GitLab says it") << 200 << level("protected-access-group", "40", "null", "9899826")
                                                    << QStringList{u("protected-access-group")} << May() << none;
        QTest::newRow("another user, as GitLab says it") << 200 << level("Wei Zhang", "40", "999999999", "null")
                                                         << QStringList{u("Wei Zhang")} << May(false) << none;
        QTest::newRow("a role below ours") << 200 << level("Developers + Maintainers", "30", "null", "null")
                                           << QStringList{u("Developers + Maintainers")} << May(true) << none;
        QTest::newRow("a role above ours, which a group may give us")
            << 200 << level("Administrators", "60", "null", "null") << QStringList{u("Administrators")} << May()
            << none;
        QTest::newRow("nobody") << 200 << none << QStringList() << May() << none;
        QTest::newRow("no such list: its branch decides")
            << 404 << none << QStringList{u("Developers and those above them")} << May(true) << none;
        QTest::newRow("hidden from us") << 403 << none << QStringList() << May() << none;
    }
    void whoMayStartADeploymentIsTold()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, levels);
        QFETCH(QStringList, deciders);
        using May = std::optional<bool>;
        QFETCH(May, mayDecide);
        QFETCH(QByteArray, user);
        end();
        begin({0, false, false});
        QVERIFY(untilDeployment() != 0);
        m_yard->instead = [=](const sandbox::LoopbackRequest &request) -> std::optional<sandbox::LoopbackReply> {
            const auto endsWith = [&request](const std::string &end) {
                const std::string &path = request.rawPath;
                return path.size() >= end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
            };
            sandbox::LoopbackReply reply;
            if (!user.isEmpty() && endsWith("/user")) {
                reply.status = 200;
                reply.body = user.toStdString();
                return reply;
            }
            if (status == 0 || !endsWith("cart/protected_environments")) // its groups protect nothing
                return std::nullopt;
            reply.status = status;
            reply.body = status == 200
                             ? "[{\"name\":\"production\",\"deploy_access_levels\":[" + levels.toStdString() + "]}]"
                             : std::string("{\"message\":\"no\"}");
            return reply;
        };
        QList<qsizetype> asked;
        for (int look = 0; look < 3; ++look) {
            m_yard->asked();
            const auto waiting = waitFor(gates().waiting({}));
            QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
            const WaitingGate &gate = waiting->first();
            QStringList names;
            for (const GateDecider &one : gate.deciders)
                names.append(one.name);
            QCOMPARE(names, deciders);
            QVERIFY2(gate.mayDecide == mayDecide, qPrintable(gate.whyNot));
            QCOMPARE(gate.whyNot.isEmpty(), mayDecide == May(true) || deciders.isEmpty());
            asked.append(m_yard->asked().filter(u("cart/protected_environments")).size());
        }
        QCOMPARE(asked, (QList<qsizetype>{1, 0, 0}));
    }

    // A group may protect what the project's list does not have: what waits for approvals is not up to its branch.
    void whatWaitsForApprovalsIsNotUpToItsBranch()
    {
        QVERIFY(untilDeployment() != 0);
        sandbox::ci::GitLabApi api(m_yard->world());
        m_yard->instead = [&api](const sandbox::LoopbackRequest &request) -> std::optional<sandbox::LoopbackReply> {
            const QString path = QString::fromStdString(request.rawPath);
            sandbox::LoopbackReply reply;
            if (path.endsWith(u("cart/protected_environments"))) {
                reply.body = "[]";
                return reply;
            }
            if (!path.contains(u("/deployments")))
                return std::nullopt;
            reply = api.answer(request);
            if (reply.status != 200)
                return reply;
            const auto withoutRules = [](QJsonObject deployment) {
                deployment.remove(u("approval_summary"));
                return deployment;
            };
            const QJsonDocument body = QJsonDocument::fromJson(QByteArray::fromStdString(reply.body));
            QJsonArray all;
            for (const QJsonValue &one : body.array())
                all.append(withoutRules(one.toObject()));
            reply.body = (body.isArray() ? QJsonDocument(all) : QJsonDocument(withoutRules(body.object())))
                             .toJson(QJsonDocument::Compact)
                             .toStdString();
            return reply;
        };
        m_yard->asked();
        const auto waiting = waitFor(gates().waiting({}));
        m_yard->instead = {};
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        const WaitingGate &gate = waiting->first();
        QVERIFY(gate.canReject && gate.deciders.isEmpty());
        QVERIFY(gate.mayDecide != std::optional(true));
        const QStringList asked = m_yard->asked();
        QCOMPARE(asked.filter(u("cart/protected_environments")).size(), 1);
        QVERIFY(asked.filter(u("/repository/branches/")).isEmpty());
    }

    // A group protects by tier, in all projects below it; its rules and the project's must admit, each of them.
    void whatAGroupProtectsIsTold_data()
    {
        QTest::addColumn<bool>("isOfProject"); // the project protects it, too, and names us and a group of ours
        QTest::addColumn<int>("access");
        QTest::addColumn<QString>("who"); // whom the group names; "ops" is a group of ours; empty: it is hidden
        QTest::addColumn<QStringList>("deciders");
        QTest::addColumn<std::optional<bool>>("mayDecide");
        QTest::addColumn<bool>("isPlayed");
        using May = std::optional<bool>;
        QTest::newRow("another") << false << 40 << u("wei") << QStringList{u("Wei Zhang")} << May(false) << false;
        QTest::newRow("us") << false << 40 << u("operator") << QStringList{u("The Operator")} << May(true) << true;
        QTest::newRow("a group") << false << 40 << u("ops") << QStringList{u("ops")} << May() << true;
        QTest::newRow("hidden from us") << false << 30 << u("wei") << QStringList() << May() << false;
        QTest::newRow("us by the project, another by the group")
            << true << 40 << u("wei") << QStringList{u("The Operator"), u("release-managers"), u("Wei Zhang")}
            << May(false) << false;
        QTest::newRow("us by the project, and its groups hide theirs")
            << true << 40 << QString() << QStringList{u("The Operator"), u("release-managers")} << May() << true;
        QTest::newRow("us by both") << true << 40 << u("operator")
                                    << QStringList{u("The Operator"), u("release-managers")} << May(true) << true;
    }
    void whatAGroupProtectsIsTold()
    {
        QFETCH(bool, isOfProject);
        QFETCH(int, access);
        QFETCH(QString, who);
        QFETCH(QStringList, deciders);
        using May = std::optional<bool>;
        QFETCH(May, mayDecide);
        QFETCH(bool, isPlayed);
        GitLabYard::Shape shape;
        shape.approvals = 0;
        shape.access = access;
        const bool isGroup = who == u("ops");
        sandbox::ci::Decider decider{who.toStdString(), isGroup, {}};
        if (isGroup)
            decider.members = {"operator"};
        const bool isHidden = who.isEmpty();
        if (!isHidden)
            shape.groupTiers = {{"production", {decider}}};
        end();
        begin(shape);
        QVERIFY(untilDeployment() != 0);
        m_yard->instead = [=](const sandbox::LoopbackRequest &request) -> std::optional<sandbox::LoopbackReply> {
            const QString path = QString::fromStdString(request.rawPath);
            sandbox::LoopbackReply reply;
            if (isHidden && path.contains(u("/groups/"))) {
                reply.status = 403;
                reply.body = "{\"message\":\"403 Forbidden\"}";
                return reply;
            }
            if (isOfProject || !path.endsWith(u("cart/protected_environments")))
                return std::nullopt;
            reply.body = "[]";
            return reply;
        };
        m_yard->asked();
        for (int look = 0; look < 2; ++look) {
            const auto waiting = waitFor(gates().waiting({}));
            QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
            const WaitingGate &gate = waiting->first();
            QStringList names;
            for (const GateDecider &one : gate.deciders)
                names.append(one.name);
            QCOMPARE(names, deciders);
            QVERIFY2(gate.mayDecide == mayDecide, qPrintable(gate.whyNot));
        }
        const QStringList asked = m_yard->asked();
        QVERIFY2(asked.filter(u("/repository/branches/")).isEmpty(), "its branch does not decide");
        QCOMPARE(asked.filter(QRegularExpression(u("/groups/.*/protected_environments$"))).size(), 2); // team/sub, team
        QCOMPARE(asked.filter(QRegularExpression(u("cart/environments$"))).size(),
                 access < 40 || isHidden ? 0 : 1); // its tier
        const auto waiting = waitFor(gates().waiting({}));
        const auto plan = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        const auto receipt = waitFor(m_server->runner().execute(plan->steps.last(), {}));
        QCOMPARE(bool(receipt), isPlayed);
        if (!isPlayed)
            QCOMPARE(receipt.error().kind, ErrorKind::Forbidden);
    }

    // What a server that protects branches and tags tells of them, and refuses.
    void whoMayStartAJobOfAProtectedRefIsTold_data()
    {
        QTest::addColumn<bool>("isTag");
        QTest::addColumn<int>("access");
        QTest::addColumn<int>("push"); // role; -1: it is not protected
        QTest::addColumn<int>("merge");
        QTest::addColumn<QString>("user"); // who may besides
        QTest::addColumn<QStringList>("deciders");
        QTest::addColumn<std::optional<bool>>("mayDecide");
        QTest::addColumn<bool>("isPlayed");
        using May = std::optional<bool>;
        const QStringList maintainers{u("Maintainers")};
        const QStringList developers{u("Developers and those above them")};
        const QStringList wei{u("Wei Zhang")};
        QTest::newRow("a branch") << false << 40 << 40 << 40 << QString() << maintainers << May(true) << true;
        QTest::newRow("a branch of others") << false << 40 << 0 << 0 << u("wei") << wei << May(false) << false;
        QTest::newRow("a branch of nobody")
            << false << 40 << 0 << 0 << QString() << QStringList() << May(false) << false;
        QTest::newRow("a branch, for a developer")
            << false << 30 << 40 << 40 << QString() << QStringList() << May() << false;
        QTest::newRow("a branch that developers merge to")
            << false << 30 << 40 << 30 << QString() << developers << May(true) << true;
        QTest::newRow("a branch that is not protected")
            << false << 30 << -1 << 0 << QString() << developers << May(true) << true;
        QTest::newRow("a tag") << true << 40 << 40 << 0 << QString() << maintainers << May(true) << true;
        QTest::newRow("a tag of others") << true << 40 << 0 << 0 << u("wei") << wei << May(false) << false;
        QTest::newRow("a tag, for a developer")
            << true << 30 << 40 << 0 << QString() << QStringList() << May() << false;
        QTest::newRow("a tag that is not protected")
            << true << 30 << -1 << 0 << QString() << developers << May(true) << true;
    }
    void whoMayStartAJobOfAProtectedRefIsTold()
    {
        QFETCH(bool, isTag);
        QFETCH(int, access);
        QFETCH(int, push);
        QFETCH(int, merge);
        QFETCH(QString, user);
        QFETCH(QStringList, deciders);
        using May = std::optional<bool>;
        QFETCH(May, mayDecide);
        QFETCH(bool, isPlayed);
        GitLabYard::Shape shape;
        shape.tag = "v1.0.0";
        shape.access = access;
        if (push >= 0) {
            sandbox::ci::GitLabApi::ProtectedRef one{isTag ? "v*" : "ma*", isTag, push, merge, {}};
            if (!user.isEmpty())
                one.users = {user.toStdString()};
            // Another that says nothing of it.
            shape.protectedRefs = {one, {isTag ? "main" : "v*", isTag, 0, 0, {}}, {"*", !isTag, 0, 0, {}}};
        }
        end();
        begin(shape);
        sandbox::ci::StartOrder order;
        order.vendor = sandbox::ci::Vendor::GitLab;
        order.project = GitLabYard::project().toStdString();
        order.pipeline = "cart";
        order.cause = sandbox::ci::Cause::Manual;
        order.who = "wei";
        (isTag ? order.tag : order.branch) = isTag ? "v1.0.0" : "main";
        const auto made = m_yard->world().start(order);
        QVERIFY2(made, made.text.c_str());
        QVERIFY(m_yard->untilPhase(made.run, Phase::Waiting));
        m_yard->asked();
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        const WaitingGate &gate = waiting->first();
        QCOMPARE(gate.jobName, u("release"));
        QStringList names;
        for (const GateDecider &one : gate.deciders)
            names.append(one.name);
        QCOMPARE(names, deciders);
        QVERIFY2(gate.mayDecide == mayDecide, qPrintable(gate.whyNot));
        QCOMPARE(gate.whyNot.isEmpty(), mayDecide == May(true));
        const QStringList asked = m_yard->asked();
        QCOMPARE(asked.filter(isTag ? u("/repository/tags/") : u("/repository/branches/")).size(), 1);
        QCOMPARE(asked.filter(isTag ? u("/protected_tags") : u("/protected_branches")).size(), push >= 0 ? 1 : 0);
        const auto plan = waitFor(gates().plan(decision(gate, true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        const auto receipt = waitFor(m_server->runner().execute(plan->steps.last(), {}));
        QCOMPARE(bool(receipt), isPlayed);
        if (!isPlayed)
            QCOMPARE(receipt.error().kind, ErrorKind::Forbidden);
    }

    // A job that no protected environment decides about is started by whoever may push or merge to its branch.
    void whoMayStartAManualJobIsTold_data()
    {
        QTest::addColumn<QByteArray>("branch"); // empty: it is gone
        QTest::addColumn<int>("status");        // of the list of rules
        QTest::addColumn<QByteArray>("rules");
        QTest::addColumn<QStringList>("deciders");
        QTest::addColumn<std::optional<bool>>("mayDecide");
        using May = std::optional<bool>;
        const QByteArray mayPush = "{\"protected\":true,\"can_push\":true}";
        const QByteArray others = "{\"protected\":true,\"can_push\":false}";
        const QByteArray mayMerge = "{\"protected\":true,\"can_push\":false,\"developers_can_merge\":true}";
        const auto level = [](const char *who, const char *role, const char *user, const char *group) -> QByteArray {
            return QByteArray("{\"access_level_description\":\"") + who + "\",\"access_level\":" + role +
                   ",\"user_id\":" + user + ",\"group_id\":" + group + "}";
        };
        const auto rule = [](const char *name, const QByteArray &push, const QByteArray &merge) -> QByteArray {
            return QByteArray("{\"name\":\"") + name + "\",\"push_access_levels\":[" + push +
                   "],\"merge_access_levels\":[" + merge + "]}";
        };
        const QByteArray maintainers = level("Maintainers", "40", "null", "null");
        const QByteArray nobody = level("No one", "0", "null", "null");
        const QByteArray wei = level("Wei Zhang", "40", "999999999", "null");
        const QByteArray key = "{\"access_level_description\":\"Deploy key\",\"access_level\":40,\"deploy_key_id\":1}";
        QTest::newRow("who may push, and merge") << mayPush << 200 << rule("main", maintainers, wei + "," + maintainers)
                                                 << QStringList{u("Maintainers"), u("Wei Zhang")} << May(true);
        QTest::newRow("a pattern, and one that is not its")
            << others << 200 << QByteArray(rule("ma*", nobody, wei) + "," + rule("m", maintainers, maintainers))
            << QStringList{u("Wei Zhang")} << May(false);
        QTest::newRow("a group") << others << 200 << rule("main", nobody, level("ops", "40", "null", "7"))
                                 << QStringList{u("ops")} << May();
        QTest::newRow("nobody, and a key")
            << others << 200 << rule("main", nobody + "," + key, nobody) << QStringList() << May(false);
        QTest::newRow("rules that are hidden from us, and we may")
            << mayPush << 403 << QByteArray() << QStringList() << May(true);
        QTest::newRow("rules that are hidden from us") << others << 403 << QByteArray() << QStringList() << May();
        QTest::newRow("rules that are hidden from us, and developers may")
            << mayMerge << 403 << QByteArray() << QStringList{u("Developers and those above them")} << May(true);
        QTest::newRow("rules of its group alone") << others << 200 << QByteArray() << QStringList() << May();
        QTest::newRow("gone") << QByteArray() << 200 << rule("main", nobody, nobody) << QStringList() << May();
    }
    void whoMayStartAManualJobIsTold()
    {
        QFETCH(QByteArray, branch);
        QFETCH(int, status);
        QFETCH(QByteArray, rules);
        QFETCH(QStringList, deciders);
        using May = std::optional<bool>;
        QFETCH(May, mayDecide);
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Waiting));
        m_yard->instead = [=](const sandbox::LoopbackRequest &request) -> std::optional<sandbox::LoopbackReply> {
            const QString path = QString::fromStdString(request.rawPath);
            sandbox::LoopbackReply reply;
            if (path.endsWith(u("/repository/branches/main"))) {
                reply.status = branch.isEmpty() ? 404 : 200;
                reply.body = branch.isEmpty() ? "{\"message\":\"404 Branch Not Found\"}" : branch.toStdString();
                return reply;
            }
            if (!path.endsWith(u("/protected_branches")))
                return std::nullopt;
            reply.status = status;
            reply.body =
                status == 200 ? "[" + rules.toStdString() + "]" : std::string("{\"message\":\"403 Forbidden\"}");
            return reply;
        };
        m_yard->asked();
        for (int look = 0; look < 2; ++look) {
            const auto waiting = waitFor(gates().waiting({}));
            QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
            const WaitingGate &gate = waiting->first();
            QStringList names;
            for (const GateDecider &one : gate.deciders)
                names.append(one.name);
            QCOMPARE(names, deciders);
            QVERIFY2(gate.mayDecide == mayDecide, qPrintable(gate.whyNot));
            QCOMPARE(gate.whyNot.isEmpty(), mayDecide == May(true) || branch.isEmpty());
        }
        const QStringList asked = m_yard->asked();
        QCOMPARE(asked.filter(u("/repository/branches/")).size(), 1);
        QCOMPARE(asked.filter(u("/protected_branches")).size(), branch.isEmpty() ? 0 : 1);
    }

    void aGateInAChildPipelineIsShown()
    {
        end();
        begin({2, false, true});
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->until([&] { return m_yard->job(run, "bench")->childRun != 0; }));
        const auto child = m_yard->job(run, "bench")->childRun;
        QVERIFY(m_yard->untilPhase(child, Phase::Waiting));
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting, qPrintable(problem(waiting)));
        const auto found = std::find_if(waiting->begin(), waiting->end(),
                                        [&](const WaitingGate &one) { return one.run == refOf(child); });
        QVERIFY(found != waiting->end());
        QCOMPARE(found->jobName, u("measure"));
        const auto plan = waitFor(gates().plan(decision(*found, true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
    }

    // It holds nothing up: nobody is bothered with it but who looks at the run.
    void anOptionalJobIsOfferedOfARunThatIsLookedAt()
    {
        GitLabYard::Shape shape;
        shape.isOptional = true;
        end();
        begin(shape);
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->until([&] { return m_yard->job(run, "release")->phase == Phase::Waiting; }));
        const auto none = waitFor(gates().waiting({}));
        QVERIFY2(none && none->isEmpty(), qPrintable(problem(none)));
        const QString id = u("job/%1@%2").arg(m_yard->job(run, "release")->id).arg(GitLabYard::project());
        const auto named = waitFor(gates().optional(id, {})); // by who has read of it
        QVERIFY2(named, qPrintable(problem(named)));
        QCOMPARE(named->run, refOf(run));
        QCOMPARE(named->jobName, u("release"));
        const auto compile = u("job/%1@%2").arg(m_yard->job(run, "compile")->id).arg(GitLabYard::project());
        for (const QString &other : {compile, u("job/1@team/gone"), u("deployment/1@x"), u("job/x"), QString()}) {
            const auto nothing = waitFor(gates().optional(other, {}));
            QVERIFY2(!nothing && nothing.error().kind == ErrorKind::NotFound, qPrintable(other));
        }
        const auto seen = detail(run);
        QVERIFY2(seen && seen->note.contains(u("signalbox approve lab/") + id), qPrintable(problem(seen)));
        gates().lookAt(refOf(run));
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        QCOMPARE(waiting->first().run, refOf(run));
        QCOMPARE(waiting->first().jobName, u("release"));
        const auto plan = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
        QVERIFY(!waitFor(gates().optional(id, {})));
        const auto started = waitFor(gates().waiting({}));
        QVERIFY2(started && started->isEmpty(), qPrintable(problem(started)));
    }

    // Runs are held for months: their jobs are asked for once, and again when something happened to them.
    void whatIsHeldIsAskedForOnce()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Waiting));
        const auto first = waitFor(gates().waiting({}));
        QVERIFY2(first && first->size() == 1, qPrintable(problem(first)));
        QCOMPARE(m_yard->asked().filter(u("/jobs")).size(), 1);
        const auto second = waitFor(gates().waiting({}));
        QVERIFY2(second && second->size() == 1, qPrintable(problem(second)));
        QCOMPARE(second->first().id, first->first().id);
        QCOMPARE(m_yard->asked().filter(QRegularExpression(u("/(jobs|bridges)$"))), QStringList());
        const auto other = m_yard->start("noor");
        QVERIFY(m_yard->untilPhase(other, Phase::Waiting));
        QVERIFY(m_yard->world().playJob(m_yard->job(run, "release")->id, "noor"));
        const auto third = waitFor(gates().waiting({}));
        QVERIFY2(third && third->size() == 1, qPrintable(problem(third)));
        QCOMPARE(third->first().run, refOf(other));
        QCOMPARE(m_yard->asked().filter(u("/jobs")).size(), 1);
    }

    void whatIsLeftOutIsSaid_data()
    {
        QTest::addColumn<int>("held");
        QTest::addColumn<bool>("isSaid");
        QTest::newRow("all are looked at") << 50 << false;
        QTest::newRow("one is not") << 51 << true;
    }
    void whatIsLeftOutIsSaid()
    {
        QFETCH(int, held);
        QFETCH(bool, isSaid);
        QByteArray runs = "[";
        for (int i = 0; i < held; ++i)
            runs += (i > 0 ? ",{\"id\":" : "{\"id\":") + QByteArray::number(1000 - i) +
                    ",\"status\":\"manual\",\"ref\":\"main\"}";
        runs += "]";
        m_yard->instead = [runs](const sandbox::LoopbackRequest &request) -> std::optional<sandbox::LoopbackReply> {
            const QString path = QString::fromStdString(request.rawPath);
            sandbox::LoopbackReply reply;
            if (path.endsWith(u("/pipelines")))
                reply.body = request.has("source") ? "[]" : runs.toStdString();
            else if (path.endsWith(u("/bridges")))
                reply.body = "[]";
            else if (path.endsWith(u("/jobs"))) {
                const QString run = path.section(u'/', -2, -2);
                reply.body = u("[{\"id\":%1,\"status\":\"manual\",\"name\":\"go\"}]").arg(run).toStdString();
            } else
                return std::nullopt;
            return reply;
        };
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting, qPrintable(problem(waiting)));
        QCOMPARE(waiting->size(), 50);
        QCOMPARE(waiting->last().message.contains(u("Only the newest 50")), isSaid);
    }

    void somebodyElseStartedTheJob()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Waiting));
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        const auto plan = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(m_yard->world().playJob(m_yard->job(run, "release")->id, "noor"));
        m_yard->asked();
        const auto late = waitFor(m_server->runner().execute(plan->steps[0], {}));
        QVERIFY(!late && late.error().kind == ErrorKind::Conflict);
        QVERIFY2(late.error().message.contains(u("noor")), qPrintable(late.error().message));
        QVERIFY(m_yard->asked().filter(u("POST")).isEmpty());
        const auto again = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY(!again && again.error().kind == ErrorKind::Conflict);
    }

    void anApprovalIsFollowedByTheStart() // T9
    {
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting, qPrintable(problem(waiting)));
        QCOMPARE(waiting->size(), 1);
        const WaitingGate gate = waiting->first();
        QCOMPARE(gate.environment, u("production"));
        QCOMPARE(gate.needed, 2);
        QCOMPARE(gate.missing, std::optional(2));
        QVERIFY(gate.given.isEmpty() && gate.canReject);
        QCOMPARE(gate.deciders, (QList<GateDecider>{{u("release-managers"), true}}));
        QCOMPARE(gate.run, refOf(run));
        // The first of two approvals starts nothing.
        const auto first = waitFor(gates().plan(decision(gate, true), {}));
        QVERIFY2(first, qPrintable(problem(first)));
        QCOMPARE(first->steps.size(), 1);
        QVERIFY(first->steps[0].isVote && !first->steps[0].startsWaiting);
        QCOMPARE(first->environment, u("production"));
        const auto one = carriedOut(*first);
        QVERIFY2(one && one->state == Observation::State::Effective, qPrintable(problem(one)));
        QCOMPARE(one->text, u("approved, 1 of 2: still waits"));
        QVERIFY2(first->to.contains(u("1 of 2")) && !first->to.contains(u("deployed")), qPrintable(first->to));
        QCOMPARE(waitFor(m_server->runner().tookPlace(first->steps[0], {})).value_or(false), true);
        QCOMPARE(m_yard->job(run, "deploy")->phase, Phase::Waiting);
        QCOMPARE(m_yard->job(run, "deploy")->decisions.front().comment, std::string("Looks good"));
        // Ours again is no second one.
        const auto twice = waitFor(m_server->runner().execute(first->steps[0], {}));
        QVERIFY(!twice && twice.error().kind == ErrorKind::Conflict);
        const auto seen = waitFor(gates().waiting({}));
        QVERIFY(seen && seen->size() == 1);
        QCOMPARE(seen->first().given.size(), 1);
        QCOMPARE(seen->first().mayDecide, false);
        QVERIFY(!seen->first().whyNot.isEmpty());
    }

    void theLastApprovalStartsTheJob() // T9
    {
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        QVERIFY(m_yard->world().decide(m_yard->job(run, "deploy")->id, {"noor", true, "fine", 0}));
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        QCOMPARE(waiting->first().given.size(), 1);
        QCOMPARE(waiting->first().given.first().who, u("noor"));
        const auto plan = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->steps.size(), 2);
        QVERIFY(plan->steps[0].call.path.endsWith(u("/approval")));
        QVERIFY(plan->steps[1].call.path.endsWith(u("/play")));
        QVERIFY(plan->steps[0].isVote && !plan->steps[0].startsWaiting);
        QVERIFY(!plan->steps[1].isVote && plan->steps[1].startsWaiting);
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
        QVERIFY(m_yard->untilPhase(run, Phase::Passed));
        const auto none = waitFor(gates().waiting({}));
        QVERIFY(none && none->isEmpty());
    }

    // A promotion that gives the first of two approvals starts the job itself once the other is given.
    void oneApprovalWaitsForTheOthers_data()
    {
        QTest::addColumn<bool>("isRejected");
        QTest::newRow("approved") << false;
        QTest::newRow("rejected") << true;
    }
    void oneApprovalWaitsForTheOthers()
    {
        QFETCH(bool, isRejected);
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        GateOrder order = decision(waiting->first(), true);
        order.waitsForOthers = true;
        const auto plan = waitFor(gates().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->steps.size(), 3);
        QVERIFY2(plan->to.contains(u("deployed")), qPrintable(plan->to));
        StepRunner &runner = m_server->runner();
        const auto voted = waitFor(runner.execute(plan->steps[0], {}));
        QVERIFY2(voted, qPrintable(problem(voted)));
        m_yard->asked();
        const auto looked = waitFor(runner.execute(plan->steps[1], {}));
        QVERIFY2(looked, qPrintable(problem(looked)));
        QVERIFY(m_yard->asked().filter(u("POST")).isEmpty()); // it calls nothing
        const auto pending = waitFor(runner.observe(plan->steps[1], *looked, {}));
        QVERIFY2(pending && pending->state == Observation::State::Pending, qPrintable(problem(pending)));
        QCOMPARE(pending->text, u("approved, 1 of 2: still waits"));
        QCOMPARE(waitFor(runner.tookPlace(plan->steps[1], {})).value_or(true), false);
        QVERIFY(m_yard->world().decide(m_yard->job(run, "deploy")->id, {"noor", !isRejected, "hm", 0}));
        const auto seen = watched(plan->steps[1], *looked);
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, isRejected ? Observation::State::Failed : Observation::State::Effective);
        if (isRejected) {
            QVERIFY2(seen->text.contains(u("noor")), qPrintable(seen->text));
            return;
        }
        QCOMPARE(m_yard->job(run, "deploy")->phase, Phase::Waiting); // T9
        QCOMPARE(waitFor(runner.tookPlace(plan->steps[1], {})).value_or(false), true);
        const auto played = waitFor(runner.execute(plan->steps[2], {}));
        QVERIFY2(played, qPrintable(problem(played)));
        const auto end = watched(plan->steps[2], *played);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
        QVERIFY(m_yard->untilPhase(run, Phase::Passed));
    }

    void whatIsApprovedWaitsToBeStarted() // T9
    {
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        const auto deploy = m_yard->job(run, "deploy")->id;
        QVERIFY(m_yard->world().decide(deploy, {"noor", true, {}, 0}));
        QVERIFY(m_yard->world().decide(deploy, {"operator", true, {}, 0}));
        QCOMPARE(m_yard->job(run, "deploy")->phase, Phase::Waiting);
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        QVERIFY(!waiting->first().canReject);
        QCOMPARE(waiting->first().missing, std::optional(0));
        QVERIFY2(waiting->first().title.contains(u("approved")), qPrintable(waiting->first().title));
        const auto no = waitFor(gates().plan(decision(waiting->first(), false), {}));
        QVERIFY(!no && no.error().kind == ErrorKind::Conflict);
        const auto plan = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->steps.size(), 1);
        QVERIFY(plan->steps[0].call.path.endsWith(u("/play")));
        QVERIFY(!plan->isBlocked()); // who gave one of the approvals may start it
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
    }

    // The own approval was given before, at the vendor or in a try that was broken off.
    void whoHasApprovedAlreadyWaitsForTheOthers()
    {
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        QVERIFY(m_yard->world().decide(m_yard->job(run, "deploy")->id, {"operator", true, "mine", 0}));
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        GateOrder order = decision(waiting->first(), true);
        const auto again = waitFor(gates().plan(order, {}));
        QVERIFY2(again && again->isBlocked(), qPrintable(problem(again))); // a vote of its own is none
        order.waitsForOthers = true;
        const auto plan = waitFor(gates().plan(order, {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(!plan->isBlocked());
        QCOMPARE(plan->steps.size(), 2);
        QCOMPARE(plan->steps[0].id, u("1"));
        QCOMPARE(plan->steps[0].call.method, u("LOOK"));
        QVERIFY(!plan->steps[0].isVote && plan->steps[1].startsWaiting);
        QVERIFY2(plan->steps[1].call.path.endsWith(u("/play")), qPrintable(plan->steps[1].call.path));
        QVERIFY2(plan->to.contains(u("deployed")), qPrintable(plan->to));
        StepRunner &runner = m_server->runner();
        const auto looked = waitFor(runner.execute(plan->steps[0], {}));
        QVERIFY2(looked, qPrintable(problem(looked)));
        QVERIFY(m_yard->world().decide(m_yard->job(run, "deploy")->id, {"noor", true, "fine", 0}));
        const auto seen = watched(plan->steps[0], *looked);
        QVERIFY2(seen && seen->state == Observation::State::Effective, qPrintable(problem(seen)));
        const auto played = waitFor(runner.execute(plan->steps[1], {}));
        QVERIFY2(played, qPrintable(problem(played)));
        const auto end = watched(plan->steps[1], *played);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
    }

    void anApprovalMeanwhileMakesOursTheLast()
    {
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        const auto plan = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->steps.size(), 1); // the job stays blocked, it says
        QVERIFY(m_yard->world().decide(m_yard->job(run, "deploy")->id, {"noor", true, "fine", 0}));
        m_yard->asked();
        const auto late = waitFor(m_server->runner().execute(plan->steps[0], {}));
        QVERIFY(!late && late.error().kind == ErrorKind::Conflict);
        QVERIFY2(late.error().message.contains(u("noor")) && late.error().message.contains(u("last approval, 2 of 2")),
                 qPrintable(late.error().message));
        QVERIFY(m_yard->asked().filter(u("POST")).isEmpty());
        const auto again = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(again, qPrintable(problem(again)));
        QCOMPARE(again->steps.size(), 2);
    }

    // An approval that was taken back between the two calls.
    void aJobIsNotStartedWhileApprovalsAreMissing()
    {
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        QVERIFY(m_yard->world().decide(m_yard->job(run, "deploy")->id, {"noor", true, "fine", 0}));
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        const auto plan = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(plan && plan->steps.size() == 2, qPrintable(problem(plan)));
        m_yard->instead = [](const sandbox::LoopbackRequest &request) -> std::optional<sandbox::LoopbackReply> {
            if (request.method != "GET" || request.rawPath.find("/deployments/") == std::string::npos)
                return std::nullopt;
            sandbox::LoopbackReply reply;
            reply.body = "{\"id\":1,\"status\":\"blocked\",\"pending_approval_count\":1,\"approvals\":[{\"user\":"
                         "{\"username\":\"operator\"},\"status\":\"approved\"}]}";
            return reply;
        };
        m_yard->asked();
        const auto late = waitFor(m_server->runner().execute(plan->steps[1], {}));
        QVERIFY(!late && late.error().kind == ErrorKind::Conflict);
        QVERIFY2(late.error().message.startsWith(u("approved, 1 of 2: still waits")), qPrintable(late.error().message));
        QVERIFY(m_yard->asked().filter(u("POST")).isEmpty());
        const auto seen = waitFor(m_server->runner().observe(plan->steps[0], {}, {}));
        QVERIFY2(seen && seen->text == u("approved, 1 of 2: still waits"), qPrintable(problem(seen)));
    }

    void aJobThatIsStartedWithOurCallWasStartedBySomebody()
    {
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        const auto deploy = m_yard->job(run, "deploy")->id;
        QVERIFY(m_yard->world().decide(deploy, {"noor", true, "fine", 0}));
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        const auto plan = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(plan && plan->steps.size() == 2, qPrintable(problem(plan)));
        QVERIFY(waitFor(m_server->runner().execute(plan->steps[0], {})));
        m_yard->instead = [&](const sandbox::LoopbackRequest &request) -> std::optional<sandbox::LoopbackReply> {
            if (request.method == "POST")
                m_yard->world().playJob(deploy, "noor");
            return std::nullopt;
        };
        const auto late = waitFor(m_server->runner().execute(plan->steps[1], {}));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Conflict);
        QVERIFY2(late.error().message.contains(u("faster")), qPrintable(late.error().message));
    }

    void aStartedJobThatIsCancelledIsNotEffective()
    {
        const auto run = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(run, Phase::Waiting));
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        const auto plan = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        const auto receipt = waitFor(m_server->runner().execute(plan->steps[0], {}));
        QVERIFY2(receipt, qPrintable(problem(receipt)));
        QVERIFY(m_yard->world().cancel(run, "noor"));
        const auto seen = waitFor(m_server->runner().observe(plan->steps[0], *receipt, {}));
        QVERIFY2(seen, qPrintable(problem(seen)));
        QCOMPARE(seen->state, Observation::State::Failed);
        QVERIFY2(seen->text.contains(u("cancelled")), qPrintable(seen->text));
    }

    void aRejectionEndsTheJob()
    {
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        const auto plan = waitFor(gates().plan(decision(waiting->first(), false), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QCOMPARE(plan->direction, Direction::Back);
        QCOMPARE(plan->steps.size(), 1);
        const auto end = carriedOut(*plan);
        QVERIFY2(end && end->state == Observation::State::Effective, qPrintable(problem(end)));
        QVERIFY(m_yard->untilPhase(run, Phase::Failed));
        const auto seen = detail(run);
        QVERIFY(seen);
        QCOMPARE(seen->jobs.last().reason, u("deployment_rejected"));
        QCOMPARE(seen->decisions.size(), 1);
        QVERIFY(!seen->decisions.first().approves && seen->decisions.first().environment == u("production"));
    }

    // The run keeps who let it go on; one whose decision is over is not asked for again.
    void decisionsStandWithTheRun()
    {
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        const auto undecided = detail(run);
        QVERIFY2(undecided, qPrintable(problem(undecided)));
        QVERIFY(undecided->decisions.isEmpty());
        const auto deploy = m_yard->job(run, "deploy")->id;
        QVERIFY(m_yard->world().decide(deploy, {"noor", true, "fine", 0}));
        m_yard->pass(60);
        QVERIFY(m_yard->world().decide(deploy, {"operator", true, {}, 0}));
        const auto decided = detail(run);
        QVERIFY2(decided, qPrintable(problem(decided)));
        QCOMPARE(decided->decisions.size(), 2);
        const RunDecision first = decided->decisions.first();
        QCOMPARE(first.who, u("noor"));
        QVERIFY(first.approves && first.at.isValid());
        QCOMPARE(first.environment, u("production"));
        QCOMPARE(decided->decisions.last().who, u("operator"));
        QVERIFY(first.at < decided->decisions.last().at);
        QVERIFY(m_yard->world().playJob(deploy, "noor"));
        QVERIFY(m_yard->untilPhase(run, Phase::Passed));
        const auto ended = detail(run);
        QVERIFY(ended);
        QCOMPARE(ended->decisions, decided->decisions);
        m_yard->asked();
        const auto again = detail(run);
        QVERIFY(again);
        QCOMPARE(again->decisions, decided->decisions);
        QVERIFY(m_yard->asked().filter(QRegularExpression(u("/deployments/\\d+$"))).isEmpty());
    }

    void somebodyElseDecided_data()
    {
        QTest::addColumn<bool>("approves");
        QTest::newRow("no") << false;
        QTest::newRow("yes, and started it") << true;
    }
    void somebodyElseDecided()
    {
        QFETCH(bool, approves);
        const auto run = untilDeployment();
        QVERIFY(run != 0);
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        const auto plan = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        const auto deploy = m_yard->job(run, "deploy")->id;
        QVERIFY(m_yard->world().decide(deploy, {"noor", approves, {}, 0}));
        m_yard->pass(1);
        if (approves) {
            QVERIFY(m_yard->world().decide(deploy, {"operator", true, {}, 0}));
            QVERIFY(m_yard->world().playJob(deploy, "noor"));
        }
        m_yard->asked();
        const auto late = waitFor(m_server->runner().execute(plan->steps[0], {}));
        QVERIFY(!late && late.error().kind == ErrorKind::Conflict);
        QVERIFY2(late.error().message.contains(approves ? u("operator") : u("noor")), qPrintable(late.error().message));
        QVERIFY2(late.error().message.contains(approves ? u("approved") : u("rejected")),
                 qPrintable(late.error().message));
        QVERIFY(m_yard->asked().filter(u("POST")).isEmpty());
    }

    void ourOwnDeploymentIsForOthers()
    {
        const auto run = untilDeployment("operator");
        QVERIFY(run != 0);
        const auto waiting = waitFor(gates().waiting({}));
        QVERIFY2(waiting && waiting->size() == 1, qPrintable(problem(waiting)));
        QCOMPARE(waiting->first().mayDecide, false);
        QVERIFY(!waiting->first().whyNot.isEmpty());
        const auto plan = waitFor(gates().plan(decision(waiting->first(), true), {}));
        QVERIFY2(plan, qPrintable(problem(plan)));
        QVERIFY(plan->isBlocked());
        // GitLab says the same when asked all the same.
        const auto receipt = waitFor(m_server->runner().execute(plan->steps[0], {}));
        QVERIFY(!receipt && receipt.error().kind == ErrorKind::Refused);
        QVERIFY2(receipt.error().message.contains(u("cannot approve your own")), qPrintable(receipt.error().message));
    }
};

QTEST_GUILESS_MAIN(TestGitLabGates)
#include "test_gitlab_gates.moc"

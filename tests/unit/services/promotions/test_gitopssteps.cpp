// A promotion as a commit: which line of which file, signed, and only onto the commit that was seen.
#include "services/operations/preflighttable.h"
#include "services/promotions/gitopssteps.h"
#include "services/promotions/imagetext.h"
#include "services/promotions/modeltext.h"
#include "tests/support/fleetrepository.h"
#include "tests/unit/services/promotions/promotionworld.h"

using namespace signalbox;
using namespace signalbox::test;

class TestGitopsSteps : public QObject
{
    Q_OBJECT

    std::unique_ptr<FleetRepository> m_fleet;
    FakeDeployer m_deployer;
    std::function<void()> m_beforeSigning; // once

    QByteArray git(const QStringList &arguments) const { return m_fleet->git(arguments); }
    void push(const QByteArray &content, const char *message) const
    {
        m_fleet->push(u("apps/cart.yaml"), content, u(message));
    }
    static QByteArray manifest(const QByteArray &image)
    {
        return "# cart, as production has it\nspec:\n  containers:\n    - name: web\n      image: " + image +
               "  # set by promotions\n";
    }
    std::unique_ptr<GitopsSteps> steps()
    {
        GitopsSteps::Sources sources;
        sources.cacheFolder = m_fleet->filePath(u("cache"));
        sources.access = &FleetRepository::access;
        sources.signer = [this](StopToken) {
            if (m_beforeSigning)
                std::exchange(m_beforeSigning, {})();
            return ready(Result<std::shared_ptr<ssh::Signer>>(m_fleet->signer()));
        };
        sources.deployer = [this](const QString &) { return &m_deployer; };
        return std::make_unique<GitopsSteps>(sources);
    }
    GitopsSteps::Order order() const
    {
        GitopsSteps::Order one;
        one.execution = m_fleet->follows(u("apps/cart.yaml"));
        one.connection = u("eu");
        one.ns = u("production");
        one.application = u("cart");
        one.environment = u("production");
        one.target.workload = {u("eu"), u("apps"), u("Deployment"), u("production"), u("cart"), u("u1")};
        one.target.repository = u("registry.example/cart");
        one.target.digest = digestOf('1');
        one.tag = u("1.5.0");
        one.digest = digestOf('7');
        one.promotion = u("01JD2M8RAAAAAAAAAAAAAAAAAA");
        one.requester = u("dan");
        return one;
    }

private slots:
    void init()
    {
        m_fleet = std::make_unique<FleetRepository>();
        QVERIFY(m_fleet->isReady());
        push(manifest("registry.example/cart:1.4.0@" + digestOf('1').toLatin1()), "Start");
    }

    void commitsOneLineAndSeesTheClusterFollow()
    {
        const auto one = steps();
        const QByteArray before = git({u("rev-parse"), u("HEAD")});
        const auto plan = awaited(one->plan(order(), {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY(!plan->isBlocked());
        const PlanStep step = plan->steps.first();
        QCOMPARE(step.diff.size(), qsizetype(3));
        const auto receipt = awaited(one->execute(step, {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        git({u("pull"), u("-q"), u("origin"), u("main")});
        QCOMPARE(git({u("rev-parse"), u("HEAD~1")}), before);
        QCOMPARE(git({u("show"), u("HEAD:apps/cart.yaml")}),
                 manifest("registry.example/cart:1.5.0@" + digestOf('7').toLatin1()).trimmed());
        QVERIFY(git({u("log"), u("-1"), u("--format=%B")}).contains("Promotion: 01JD2M8RAAAAAAAAAAAAAAAAAA"));
        const Ran proven = m_fleet->verified(u("main")); // plain git agrees that it is signed
        QVERIFY2(proven.status == 0, qPrintable(proven.text()));
        RunningRelease now;
        now.digest = digestOf('1');
        now.isSettled = true;
        m_deployer.releases.insert(u("production"), now);
        auto seen = awaited(one->observe(step, *receipt, {}));
        QVERIFY(seen && seen->state == Observation::State::Pending);
        QCOMPARE(m_deployer.asked, u("cart")); // or its container could not be told from sidecars
        now.digest = digestOf('7');
        m_deployer.releases.insert(u("production"), now);
        seen = awaited(one->observe(step, *receipt, {}));
        QVERIFY(seen && seen->state == Observation::State::Effective);
        const auto took = awaited(one->tookPlace(step, {}));
        QVERIFY(took && *took);
    }

    // A model that the file names beside the image goes along with it, and is waited for.
    void commitsTheModelBesideTheImage()
    {
        const QByteArray annotations = "  annotations:\n    signalbox/model-name: cart-net\n"
                                       "    signalbox/model-version: \"7\"  # as trained\n";
        push(manifest("registry.example/cart:1.4.0") + annotations, "Say which model");
        GitopsSteps::Order asked = order();
        asked.model = {u("cart-net"), u("8")};
        asked.target.model = {u("cart-net"), u("7")};
        const auto one = steps();
        const auto plan = awaited(one->plan(asked, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY(!plan->isBlocked());
        const PlanStep step = plan->steps.first();
        QCOMPARE(step.diff.size(), qsizetype(6)); // the name stays
        QCOMPARE(step.diff[5].text, u("    signalbox/model-version: \"8\"  # as trained"));
        QVERIFY2(plan->effect.contains(u("2 ")), qPrintable(plan->effect));
        const auto receipt = awaited(one->execute(step, {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        git({u("pull"), u("-q"), u("origin"), u("main")});
        QVERIFY(git({u("show"), u("HEAD:apps/cart.yaml")}).contains("model-version: \"8\"  # as trained"));
        QVERIFY(git({u("log"), u("-1"), u("--format=%(trailers:key=Model,valueonly)")}).startsWith("cart-net 8"));
        RunningRelease now;
        now.digest = digestOf('7');
        now.isSettled = true;
        now.model = {u("cart-net"), u("7")};
        m_deployer.releases.insert(u("production"), now);
        auto seen = awaited(one->observe(step, *receipt, {}));
        QVERIFY(seen && seen->state == Observation::State::Pending);
        now.model.version = u("8");
        m_deployer.releases.insert(u("production"), now);
        seen = awaited(one->observe(step, *receipt, {}));
        QVERIFY(seen && seen->state == Observation::State::Effective);
    }

    void saysWhereTheModelIsNotWritten_data()
    {
        QTest::addColumn<QByteArray>("annotations");
        QTest::addColumn<QString>("running"); // version, as the cluster says
        QTest::addColumn<int>("state");       // of what is said about the model; -1: nothing
        const QByteArray version = "signalbox/model-version: \"7\"\n";
        QTest::newRow("nobody says one") << QByteArray() << QString() << -1;
        QTest::newRow("the cluster says it already") << QByteArray() << u("8") << -1;
        QTest::newRow("somebody else says it") << QByteArray() << u("7") << static_cast<int>(CheckState::Warn);
        QTest::newRow("twice") << QByteArray(version + version) << u("7") << static_cast<int>(CheckState::Block);
    }
    void saysWhereTheModelIsNotWritten()
    {
        QFETCH(QByteArray, annotations);
        QFETCH(QString, running);
        QFETCH(int, state);
        push(manifest("registry.example/cart:1.4.0") + annotations, "Say which model, or not");
        GitopsSteps::Order asked = order();
        asked.model.version = u("8");
        asked.target.model.version = running;
        const auto plan = awaited(steps()->plan(asked, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QList<int> said;
        for (const Check &check : PreflightTable::standard().apply(plan->kind, plan->direction, plan->checks)) {
            if ((check.text + check.detail).contains(u("model")))
                said.append(static_cast<int>(check.state));
        }
        QCOMPARE(said, state < 0 ? QList<int>() : QList<int>{state});
    }

    void modelsAreFound_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QString>("version");
        QTest::addColumn<QString>("after"); // empty: there is none
        const auto row = [](const char *name, const char *before, const char *version, const char *after) {
            QTest::newRow(name) << QByteArray(before) << u(version) << u(after);
        };
        row("double quotes", "  signalbox/model-version: \"7\"", "8", "  signalbox/model-version: \"8\"");
        row("single quotes", "  signalbox/model-version: '7' # x", "8'", "  signalbox/model-version: '8''' # x");
        row("plain", "signalbox/model-version: v7", "v8", "signalbox/model-version: v8");
        row("to what YAML takes for a number", "signalbox/model-version: v7", "8", "signalbox/model-version: \"8\"");
        row("to what YAML takes for a truth", "signalbox/model-version: v7", "on", "signalbox/model-version: \"on\"");
        row("quotes within", "signalbox/model-version: \"7\"", "a\"b\\", "signalbox/model-version: \"a\\\"b\\\\\"");
        row("the key in quotes", "\"signalbox/model-version\": \"7\"", "8", "\"signalbox/model-version\": \"8\"");
        row("as it is", "signalbox/model-version: v8", "v8", "signalbox/model-version: v8");
        row("a comment", "# signalbox/model-version: v7", "v8", "");
        row("another key", "x-signalbox/model-version: v7", "v8", "");
        row("no value", "signalbox/model-version:", "v8", "");
    }
    void modelsAreFound()
    {
        QFETCH(QByteArray, before);
        QFETCH(QString, version);
        QFETCH(QString, after);
        const auto found = findModel("a: b\n" + before + "\nc: d\n", {u("other"), version});
        QVERIFY(found);
        QCOMPARE(found->size(), after.isEmpty() ? 0 : 1);
        if (after.isEmpty())
            return;
        QCOMPARE(found->first().line, 2);
        QCOMPARE(found->first().after, after);
    }

    // Whoever fetches into the same copy prunes what the remote does not have, while somebody touches a key.
    void aFetchBetweenTakesNothingAway()
    {
        const auto one = steps();
        const auto other = steps();
        const auto plan = awaited(one->plan(order(), {}));
        QVERIFY(plan);
        m_beforeSigning = [&] { QVERIFY(awaited(other->plan(order(), {}))); };
        const auto receipt = awaited(one->execute(plan->steps.first(), {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        QVERIFY(!m_beforeSigning);
        git({u("fetch"), u("-q"), u("origin")});
        QCOMPARE(git({u("rev-parse"), u("origin/main")}), receipt->state);
        QCOMPARE(git({u("ls-remote"), u("--heads"), u("origin")}).count('\n'), qsizetype(0)); // main alone
    }

    void aBranchThatMovedIsAConflict()
    {
        const auto one = steps();
        const auto plan = awaited(one->plan(order(), {}));
        QVERIFY(plan);
        const auto notYet = awaited(one->tookPlace(plan->steps.first(), {}));
        QVERIFY(notYet && !*notYet);
        push(manifest("registry.example/cart:1.4.1@" + digestOf('2').toLatin1()), "Hotfix");
        const QByteArray tip = git({u("rev-parse"), u("HEAD")});
        const auto receipt = awaited(one->execute(plan->steps.first(), {}));
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::Conflict);
        git({u("fetch"), u("-q"), u("origin")});
        QCOMPARE(git({u("rev-parse"), u("origin/main")}), tip);
    }

    void promotingTwiceReplacesTheDigest_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("manifest") << QByteArray("image: registry.example/cart:1.4.0\n");
        QTest::newRow("kustomize") << QByteArray("images:\n- name: registry.example/cart\n  newTag: 1.4.0\n");
        QTest::newRow("chart") << QByteArray("repository: registry.example/cart\ntag: 1.4.0\n");
        QTest::newRow("chart, digest") << QByteArray("repository: registry.example/cart\ndigest: sha256:00\n");
    }
    void promotingTwiceReplacesTheDigest()
    {
        QFETCH(QByteArray, text);
        for (const QString &tag : {u("1.5.0"), QString(), QString()}) { // no tag: the version was no image tag
            const char digit = tag.isEmpty() ? '8' : '7';
            const auto found = findImage(text, u("registry.example/cart"), tag, digestOf(digit));
            QVERIFY2(found, qPrintable(found ? QString() : found.error().message));
            text = withImage(text, *found);
            QCOMPARE(text.count("sha256:"), qsizetype(1));
            QVERIFY(text.contains(digestOf(digit).toLatin1()));
        }
    }

    // Another image of the file has the digest already: that is not our commit.
    void aDigestThatWasThereIsNoCommitOfOurs()
    {
        const QByteArray other = "other: sha256:" + QByteArray(64, '7') + '\n';
        push(other + manifest("registry.example/cart:1.4.0"), "Another image");
        const auto one = steps();
        const auto plan = awaited(one->plan(order(), {}));
        QVERIFY(plan);
        const auto notYet = awaited(one->tookPlace(plan->steps.first(), {}));
        QVERIFY(notYet && !*notYet);
        push(other + manifest("registry.example/cart:1.4.1"), "Hotfix");
        const auto unclear = awaited(one->tookPlace(plan->steps.first(), {}));
        QVERIFY(!unclear);
        QCOMPARE(unclear.error().kind, ErrorKind::Conflict);
    }

    void imagesAreFound_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("line"); // 0: refused
        QTest::addColumn<QString>("after");
        const QString image = u("registry.example/cart:1.5.0@") + digestOf('7');
        QTest::newRow("manifest") << QByteArray("a: 1\n  image: registry.example/cart:1.4.0\n") << 2
                                  << u("  image: ") + image;
        QTest::newRow("quoted, in a list")
            << QByteArray("- image: \"registry.example/cart@sha256:00\"\n") << 1 << u("- image: \"") + image + u'"';
        QTest::newRow("another image") << QByteArray("image: registry.example/cart-worker:1.4.0\n") << 0 << QString();
        QTest::newRow("twice") << QByteArray("image: registry.example/cart:1\nimage: registry.example/cart:1\n") << 0
                               << QString();
        QTest::newRow("kustomize, tag") << QByteArray("images:\n- name: registry.example/web\n  newTag: 1\n- name: "
                                                      "registry.example/cart\n  newTag: 1.4.0\n")
                                        << 5 << u("  digest: ") + digestOf('7');
        QTest::newRow("kustomize, digest")
            << QByteArray(
                   "images:\n- name: registry.example/cart\n  digest: sha256:00\n- name: x\n  digest: sha256:11\n")
            << 3 << u("  digest: ") + digestOf('7');
        QTest::newRow("chart")
            << QByteArray("image:\n  repository: registry.example/cart\n  tag: \"1.4.0\"\nother:\n  tag: 2\n") << 3
            << u("  tag: \"1.5.0@") + digestOf('7') + u'"';
        QTest::newRow("nothing") << QByteArray("a: b\n") << 0 << QString();
    }
    void imagesAreFound()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, line);
        QFETCH(QString, after);
        const auto found = findImage(text, u("registry.example/cart"), u("1.5.0"), digestOf('7'));
        QCOMPARE(found.has_value(), line > 0);
        if (!found)
            return;
        QCOMPARE(found->line, line);
        QCOMPARE(found->after, after);
        const QList<QByteArray> before = text.split('\n');
        const QList<QByteArray> now = withImage(text, *found).split('\n');
        QCOMPARE(now.size(), before.size());
        for (qsizetype i = 0; i < now.size(); ++i)
            QCOMPARE(now.at(i) != before.at(i), i + 1 == line);
    }
};

QTEST_GUILESS_MAIN(TestGitopsSteps)
#include "test_gitopssteps.moc"

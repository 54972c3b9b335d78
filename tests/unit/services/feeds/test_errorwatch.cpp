#include "services/feeds/errorwatch.h"

#include "models/stores/deployedstore.h"
#include "services/feeds/metricset.h"
#include "tests/support/fakemetricsource.h"

#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using signalbox::test::FakeMetricSource;

namespace
{

constexpr ErrorWatch::Times hurried{std::chrono::milliseconds(0), std::chrono::milliseconds(5), std::chrono::hours(1),
                                    std::chrono::milliseconds(20)};

Deployed running(const QString &application, const QString &connection = QStringLiteral("prod-eu"))
{
    Deployed made;
    made.application = application;
    made.environment = QStringLiteral("production");
    made.connection = connection;
    made.ns = QStringLiteral("production");
    made.isProtected = true;
    made.freshness.state = Freshness::State::Live;
    for (const char *name : {"blue", "green"}) {
        Track track;
        track.name = QLatin1String(name);
        track.share = 0.5;
        made.tracks.append(track);
    }
    return made;
}

QList<MetricPanel> panelsIn(const QString &unit)
{
    QList<MetricPanel> panels{
        FakeMetricSource::panel(QStringLiteral("errors"), QStringLiteral("Error rate"), unit),
        FakeMetricSource::panel(QStringLiteral("requests"), QStringLiteral("Requests"), QStringLiteral("per second"))};
    for (MetricPanel &panel : panels)
        panel.trackNames = {{QStringLiteral("1.5.0"), QStringLiteral("green")}};
    return panels;
}

MetricSeries failingSeries(const QString &slot, int place, double value)
{
    return {{{QStringLiteral("slot"), slot}, {QStringLiteral("signalbox_place"), QString::number(place)}},
            {{1'790'000'000'000, value}}};
}

// What is watched, and by what.
struct Watched
{
    Watched()
        : source(static_cast<FakeMetricSource &>(sources.add(std::make_unique<FakeMetricSource>())))
    {
        source.suggestions = panelsIn(QStringLiteral("percent"));
    }
    MetricSet sources;
    DeployedStore deployed;
    FakeMetricSource &source;
};

} // namespace

class TestErrorWatch : public QObject
{
    Q_OBJECT
private slots:
    void whatFailsIsTold_data()
    {
        QTest::addColumn<QString>("unit");
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("limit");
        QTest::newRow("percent") << QStringLiteral("percent") << 7.2 << QStringLiteral(" >= 5)");
        QTest::newRow("ratio") << QStringLiteral("ratio") << 0.072 << QStringLiteral(" >= 0.05)");
    }
    void whatFailsIsTold()
    {
        QFETCH(QString, unit);
        QFETCH(double, value);
        QFETCH(QString, limit);
        Watched world;
        world.source.suggestions = panelsIn(unit);
        world.deployed.apply({running(QStringLiteral("cart")), running(QStringLiteral("search"))}, {});
        world.source.figures.series = {failingSeries(QStringLiteral("1.5.0"), 1, value),
                                       failingSeries(QString(), 1, value)}; // of no track: whose, nobody knows
        ErrorWatch watch(world.sources, world.deployed, hurried);
        QTRY_COMPARE(watch.failing().size(), 1);
        const FailingTrack first = watch.failing().first();
        QCOMPARE(first.deployedKey, running(QStringLiteral("search")).key());
        QCOMPARE(first.track, QStringLiteral("green")); // by what its label means
        QCOMPARE(first.percent, 7.2);
        QVERIFY(first.isKnown && first.since.isValid());
        // One question for both, of rates over two minutes, and with requests enough.
        const QString question = world.source.instants.first();
        QCOMPARE(question.count(QStringLiteral("label_replace(")), 2);
        QVERIFY2(question.contains(QStringLiteral("((errors[120s])") + limit +
                                   QStringLiteral(" + 0 * ((requests[120s]) * 120 >= 30)")),
                 qPrintable(question));
        QCOMPARE(world.source.subjects.size(), 2); // which figures there are is asked once

        const auto rounds = world.source.instants.size();
        QSignalSpy changed(&watch, &ErrorWatch::changed);
        QTRY_VERIFY(world.source.instants.size() > rounds + 2);
        QCOMPARE(changed.count(), 0); // the same again is no news
        QCOMPARE(watch.failing().first().since, first.since);
        world.source.figures = {};
        QTRY_VERIFY(watch.failing().isEmpty());
        QCOMPARE(changed.count(), 1);
    }

    // For who asks once: an end is told with news and without, and what failed leaves nothing that looks known.
    void theEndOfARoundIsTold_data()
    {
        QTest::addColumn<QList<MetricSeries>>("answer");
        QTest::addColumn<bool>("isKnown");
        QTest::addColumn<QMap<QString, QString>>("shares");
        const QList<MetricSeries> failing{failingSeries(QStringLiteral("1.5.0"), 0, 7.2)};
        QTest::newRow("one fails") << failing << true
                                   << QMap<QString, QString>{{QStringLiteral("green"), QStringLiteral("7.2 %")}};
        QTest::newRow("none does") << QList<MetricSeries>() << true << QMap<QString, QString>();
        QTest::newRow("no answer") << failing << false << QMap<QString, QString>();
    }
    void theEndOfARoundIsTold()
    {
        QFETCH(QList<MetricSeries>, answer);
        QFETCH(bool, isKnown);
        Watched world;
        const Deployed cart = running(QStringLiteral("cart"));
        world.deployed.apply({cart}, {});
        world.source.figures.series = answer;
        if (!isKnown)
            world.source.error = Error{ErrorKind::Unreachable, QStringLiteral("No route."), {}};
        ErrorWatch watch(world.sources, world.deployed, hurried);
        QSignalSpy asked(&watch, &ErrorWatch::asked);
        QTRY_VERIFY(asked.count() > 0);
        QCOMPARE(watch.problem().has_value(), !isKnown);
        QTEST(watch.sharesOf(cart.key()), "shares");
        QVERIFY(watch.sharesOf(QStringLiteral("another")).isEmpty());
    }

    void onlyWhatIsWantedIsAskedFor()
    {
        Watched world;
        const Deployed search = running(QStringLiteral("search"));
        world.deployed.apply({running(QStringLiteral("cart")), search}, {});
        ErrorWatch watch(world.sources, world.deployed, hurried);
        watch.askOnlyOf({search.key()});
        QTRY_VERIFY(!world.source.instants.isEmpty());
        QCOMPARE(world.source.instants.first().count(QStringLiteral("label_replace(")), 1);
        QCOMPARE(world.source.subjects.size(), 1);
        QCOMPARE(world.source.subjects.first().application, QStringLiteral("search"));
    }

    void whatCannotBeToldApartIsLeftOut_data()
    {
        QTest::addColumn<Deployed>("other");
        QTest::addColumn<QList<MetricPanel>>("panels");
        const QList<MetricPanel> good = panelsIn(QStringLiteral("percent"));
        QList<MetricPanel> noted = good;
        noted[0].note = QStringLiteral("This is everything the server has of this metric.");
        QList<MetricPanel> apart = good;
        apart[1].trackLabel = QStringLiteral("version");
        Deployed open = running(QStringLiteral("search"));
        open.isProtected = false;
        QTest::newRow("nobody is hurt by it") << open << good;
        QTest::newRow("one name in two clusters") << running(QStringLiteral("cart"), QStringLiteral("prod-us")) << good;
        QTest::newRow("others' requests are among them") << running(QStringLiteral("search")) << noted;
        QTest::newRow("errors of all, requests of each") << running(QStringLiteral("search")) << apart;
        QTest::newRow("no requests") << running(QStringLiteral("search")) << QList<MetricPanel>{good[0]};
        QTest::newRow("errors a second") << running(QStringLiteral("search")) << panelsIn(QStringLiteral("per second"));
    }
    void whatCannotBeToldApartIsLeftOut()
    {
        QFETCH(Deployed, other);
        QFETCH(QList<MetricPanel>, panels);
        Watched world;
        world.source.suggestionsOf.insert(other.application, panels);
        world.deployed.apply({running(QStringLiteral("guide")), other}, {}); // the guide is well measured
        if (other.application == QLatin1String("cart"))
            world.deployed.apply({running(QStringLiteral("cart"))}, {});
        ErrorWatch watch(world.sources, world.deployed, hurried);
        QTRY_VERIFY(!world.source.instants.isEmpty());
        QCOMPARE(world.source.instants.first().count(QStringLiteral("label_replace(")), 1);
        QVERIFY(watch.failing().isEmpty());
    }

    void whatRunsInAnotherNamespaceIsNotAmongIt_data()
    {
        QTest::addColumn<QString>("ns");
        QTest::addColumn<QString>("selector");
        QTest::addColumn<int>("asked");
        const QString production = QStringLiteral("production");
        const QString cart = QStringLiteral("cart");
        QTest::newRow("nothing tells them apart") << production << QStringLiteral("{app=\"cart\"}") << 1;
        QTest::newRow("by their namespaces")
            << production << QStringLiteral("{namespace=\"production\",app=\"cart\"}") << 2;
        QTest::newRow("a namespace of its name") << cart << QStringLiteral("{app=\"cart\"}") << 1;
        QTest::newRow("of its name, and told") << cart << QStringLiteral("{namespace_name=\"cart\",app=\"cart\"}") << 2;
    }
    void whatRunsInAnotherNamespaceIsNotAmongIt()
    {
        QFETCH(QString, ns);
        QFETCH(QString, selector);
        Watched world;
        QList<MetricPanel> panels = panelsIn(QStringLiteral("percent"));
        for (MetricPanel &panel : panels)
            panel.expression = panel.id + selector + QStringLiteral("[{window}]");
        world.source.suggestionsOf.insert(QStringLiteral("cart"), panels);
        Deployed protectedOne = running(QStringLiteral("cart"));
        protectedOne.ns = ns;
        Deployed staging = running(QStringLiteral("cart"));
        staging.ns = staging.environment = QStringLiteral("staging");
        staging.isProtected = false;
        world.deployed.apply({protectedOne, running(QStringLiteral("guide")), staging}, {});
        ErrorWatch watch(world.sources, world.deployed, hurried);
        QTRY_VERIFY(!world.source.instants.isEmpty());
        QTEST(static_cast<int>(world.source.instants.first().count(QStringLiteral("label_replace("))), "asked");
    }

    // Its last word stays, and is not taken for the present.
    void aSourceThatFailsSaysNothingOfNow()
    {
        Watched world;
        world.deployed.apply({running(QStringLiteral("cart"))}, {});
        world.source.figures.series = {failingSeries(QStringLiteral("blue"), 0, 12)};
        ErrorWatch watch(world.sources, world.deployed, hurried);
        QTRY_COMPARE(watch.failing().size(), 1);
        world.source.error = Error{ErrorKind::Unreachable, QStringLiteral("Prometheus refused the connection."), {}};
        QTRY_VERIFY(!watch.failing().first().isKnown);
        QCOMPARE(watch.failing().first().percent, 12.0);
        world.source.error.reset();
        QTRY_VERIFY(watch.failing().first().isKnown);
        world.sources.remove(world.source.connection());
        QVERIFY(watch.failing().isEmpty());
    }

    // Once: no line at the bottom says it, for the source answers.
    void whatASourceDoesNotUnderstandIsLogged_data()
    {
        QTest::addColumn<ErrorKind>("kind");
        QTest::newRow("it cannot read it") << ErrorKind::Invalid;
        QTest::newRow("it cannot work it out") << ErrorKind::Refused;
    }
    void whatASourceDoesNotUnderstandIsLogged()
    {
        QFETCH(ErrorKind, kind);
        QTest::failOnWarning(QRegularExpression(QStringLiteral("which tracks fail")));
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("which tracks fail is not known: no")));
        Watched world;
        world.source.error = Error{kind, QStringLiteral("no such function"), {}};
        world.deployed.apply({running(QStringLiteral("cart"))}, {});
        ErrorWatch watch(world.sources, world.deployed, hurried);
        QTRY_VERIFY(world.source.subjects.size() > 3);
        QVERIFY(watch.failing().isEmpty());
    }

    // Another roll-out may be measured in other words.
    void whatRollsOutIsLookedAtAgain()
    {
        Watched world;
        Deployed cart = running(QStringLiteral("cart"));
        world.deployed.apply({cart}, {});
        ErrorWatch watch(world.sources, world.deployed, hurried);
        QTRY_COMPARE(world.source.subjects.size(), 1);
        cart.tracks[1].version = QStringLiteral("1.6.0");
        world.deployed.apply({cart}, {});
        QTRY_COMPARE(world.source.subjects.size(), 2);
    }

    // Nor is it asked for in the old words while nobody can look.
    void whatCouldNotBeLookedAtIsNotAskedFor()
    {
        Watched world;
        Deployed cart = running(QStringLiteral("cart"));
        world.deployed.apply({cart}, {});
        ErrorWatch watch(world.sources, world.deployed, hurried);
        QTRY_VERIFY(!world.source.instants.isEmpty());
        world.source.error = Error{ErrorKind::Unreachable, QStringLiteral("Prometheus refused the connection."), {}};
        cart.tracks[1].version = QStringLiteral("1.6.0");
        world.deployed.apply({cart}, {});
        const auto asked = world.source.instants.size();
        QTRY_VERIFY(world.source.subjects.size() > 3);
        QCOMPARE(world.source.instants.size(), asked);
    }

    void theNextSourceIsAskedSoon()
    {
        Watched world;
        auto &next = static_cast<FakeMetricSource &>(
            world.sources.add(std::make_unique<FakeMetricSource>(QStringLiteral("next"))));
        next.suggestions = panelsIn(QStringLiteral("percent"));
        world.deployed.apply({running(QStringLiteral("cart"))}, {});
        const std::chrono::hours seldom(1);
        ErrorWatch watch(world.sources, world.deployed, {std::chrono::milliseconds(0), seldom, seldom, seldom});
        QTRY_VERIFY(!world.source.instants.isEmpty());
        QVERIFY(next.instants.isEmpty());
        world.sources.remove(world.source.connection());
        QTRY_VERIFY(!next.instants.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestErrorWatch)
#include "test_errorwatch.moc"

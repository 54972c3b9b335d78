#include "services/adapters/prometheus/metricfamilies.h"

#include <QTest>

using namespace signalbox;

namespace
{
Labels labels(std::initializer_list<std::pair<const char *, const char *>> pairs)
{
    Labels all;
    for (const auto &[name, value] : pairs)
        all.insert(QLatin1String(name), QLatin1String(value));
    return all;
}

MetricSubject cart()
{
    return {QStringLiteral("cart"),
            QStringLiteral("shop"),
            {{QStringLiteral("blue"), {QStringLiteral("cart-blue")}, QStringLiteral("1.4.0")},
             {QStringLiteral("green"), {QStringLiteral("cart-green")}, QStringLiteral("1.5.0")}}};
}

MetricFamily family(const QString &name)
{
    for (const MetricFamily &one : builtInMetricFamilies().families) {
        if (one.name == name)
            return one;
    }
    return {};
}

const char *smallest =
    "{\"version\":1,\"applicationLabels\":[\"app\"],\"weakApplicationLabels\":[\"job\"],"
    "\"namespaceLabels\":[\"namespace\"],\"trackLabels\":[\"slot\"],\"ownTrackLabels\":[\"slot\"],"
    "\"podLabels\":[\"pod\"],\"families\":[{\"name\":\"f\",\"title\":\"F\",\"probe\":\"m\",\"panels\":["
    "{\"id\":\"p\",\"title\":\"P\",\"unit\":\"ms\",\"expression\":\"m{{selector}}\"}]}]}";
} // namespace

class TestMetricFamilies : public QObject
{
    Q_OBJECT
private slots:
    void theBuiltInFileIsRead()
    {
        const MetricFamilies &families = builtInMetricFamilies();
        QVERIFY(families.families.size() >= 15);
        for (const char *name :
             {"http_requests", "http_duration", "otel_http", "spring", "istio", "linkerd", "ingress_nginx", "process",
              "triton", "tensorflow_serving", "torchserve", "vllm", "kserve", "dcgm"})
            QVERIFY2(!family(QLatin1String(name)).panels.isEmpty(), name);
    }

    void readsStrictly_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("unknown member") << QByteArray("\"probe\"") << QByteArray("\"x\":1,\"probe\"")
                                        << "f.json: at /families/0/x expected no member of this name.";
        QTest::newRow("missing member") << QByteArray("\"unit\":\"ms\",") << QByteArray()
                                        << "f.json: at /families/0/panels/0/unit expected this member.";
        QTest::newRow("wrong type") << QByteArray("\"title\":\"P\"") << QByteArray("\"title\":7")
                                    << "f.json: at /families/0/panels/0/title expected a text that is not empty.";
        QTest::newRow("wrong version") << QByteArray("\"version\":1") << QByteArray("\"version\":2")
                                       << "f.json: at /version expected 1.";
        QTest::newRow("unknown placeholder") << QByteArray("m{{selector}}") << QByteArray("m{{selector}} + {sum}")
                                             << "f.json: at /families/0/panels/0/expression expected only the "
                                                "placeholders {selector}, {by}, {code} and {window}.";
        QTest::newRow("no selector")
            << QByteArray("m{{selector}}") << QByteArray("m")
            << "f.json: at /families/0/panels/0/expression expected the placeholder {selector}.";
        QTest::newRow("code without labels")
            << QByteArray("m{{selector}}") << QByteArray("m{{code}=~'5..',{selector}}")
            << "f.json: at /families/0/panels/0/expression expected codeLabels beside {code}.";
        QTest::newRow("empty list") << QByteArray("\"podLabels\":[\"pod\"]") << QByteArray("\"podLabels\":[]")
                                    << "f.json: at /podLabels expected a list that is not empty.";
        QTest::newRow("limit is no number") << QByteArray("\"unit\":") << QByteArray("\"limit\":\"1\",\"unit\":")
                                            << "f.json: at /families/0/panels/0/limit expected a number.";
        QTest::newRow("not JSON") << QByteArray("{\"version\"") << QByteArray("version") << "f.json is not JSON.";
    }
    void readsStrictly()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QVERIFY(parseMetricFamilies(smallest, QStringLiteral("f.json")));
        const auto families = parseMetricFamilies(QByteArray(smallest).replace(from, to), QStringLiteral("f.json"));
        QVERIFY(!families);
        QTEST(families.error().message, "sentence");
    }

    void idsAreUniqueWithinAFamily()
    {
        QByteArray json(smallest);
        const QByteArray panel = "{\"id\":\"p\",\"title\":\"P\",\"unit\":\"ms\",\"expression\":\"m{{selector}}\"}";
        json.replace(panel, panel + "," + panel);
        QVERIFY(parseMetricFamilies(json, QStringLiteral("f.json"))
                    .error()
                    .message.contains(QStringLiteral("panels/1/id")));
    }

    void bindsByLabels_data()
    {
        QTest::addColumn<QList<Labels>>("sets");
        QTest::addColumn<bool>("isOurs");
        QTest::addColumn<QString>("selector");
        QTest::addColumn<QString>("trackLabel");
        QTest::newRow("app and slot")
            << QList<Labels>{labels({{"app", "cart"}, {"namespace", "shop"}, {"slot", "blue"}}),
                             labels({{"app", "cart"}, {"namespace", "shop"}, {"slot", "green"}}),
                             labels({{"app", "pay"}, {"namespace", "shop"}, {"slot", "blue"}})}
            << true << "namespace=\"shop\",app=\"cart\""
            << "slot";
        QTest::newRow("workloads of a mesh")
            << QList<Labels>{labels(
                                 {{"destination_workload", "cart-blue"}, {"destination_workload_namespace", "shop"}}),
                             labels(
                                 {{"destination_workload", "cart-green"}, {"destination_workload_namespace", "shop"}}),
                             labels(
                                 {{"destination_workload", "cart-green"}, {"destination_workload_namespace", "test"}})}
            << true << "destination_workload_namespace=\"shop\",destination_workload=~\"cart-blue|cart-green\""
            << "destination_workload";
        QTest::newRow("version") << QList<Labels>{labels({{"app", "cart"}, {"version", "1.4.0"}}),
                                                  labels({{"app", "cart"}, {"version", "v1.5.0"}})}
                                 << true << "app=\"cart\""
                                 << "version";
        QTest::newRow("other application") << QList<Labels>{labels({{"app", "pay"}})} << false << ""
                                           << "";
        QTest::newRow("other namespace") << QList<Labels>{labels({{"app", "cart"}, {"namespace", "test"}})} << false
                                         << ""
                                         << "";
        QTest::newRow("nothing tells") << QList<Labels>{labels({{"job", "web"}, {"slot", "blue"}}),
                                                        labels({{"job", "web"}, {"slot", "green"}})}
                                       << true << ""
                                       << "slot";
        QTest::newRow("only one track") << QList<Labels>{labels({{"app", "cart"}})} << true << "app=\"cart\""
                                        << "";
        QTest::newRow("nothing there") << QList<Labels>{} << false << ""
                                       << "";
    }
    void bindsByLabels()
    {
        QFETCH(QList<Labels>, sets);
        QFETCH(bool, isOurs);
        const auto binding = bindFamily(builtInMetricFamilies(), family(QStringLiteral("istio")), cart(), sets);
        QCOMPARE(binding.has_value(), isOurs);
        if (!isOurs)
            return;
        QTEST(binding->selector, "selector");
        QTEST(binding->trackLabel, "trackLabel");
        QCOMPARE(binding->note.isEmpty(), !binding->selector.isEmpty());
    }

    void bindsByNamesOfPods()
    {
        const QList<Labels> sets = {labels({{"pod", "cart-blue-6d4f8b9c7d-x2x9z"}, {"namespace", "shop"}}),
                                    labels({{"pod", "cart-green-5c8b7d6f9-ab1cd"}, {"namespace", "shop"}}),
                                    labels({{"pod", "pay-6d4f8b9c7d-x2x9z"}, {"namespace", "shop"}})};
        const MetricFamily process = family(QStringLiteral("process"));
        const auto binding = bindFamily(builtInMetricFamilies(), process, cart(), sets);
        QVERIFY(binding);
        QCOMPARE(binding->podMatchers.keys(), (QStringList{QStringLiteral("blue"), QStringLiteral("green")}));
        const auto panels = boundPanels(process, *binding, {});
        QCOMPARE(panels.size(), 1); // CPU and files have metrics of their own, which are not there
        QCOMPARE(panels.first().trackLabel, QStringLiteral("track"));
        QVERIFY(panels.first().expression.startsWith(
            QStringLiteral("label_replace(sum (process_resident_memory_bytes{namespace=\"shop\",pod=~\"")));
        QVERIFY(panels.first().expression.contains(QStringLiteral("\"track\", \"green\", \"\", \"\")")));
    }

    // Right after a release one track has been scraped and the other has not: what is asked holds for both.
    void aTrackThatIsYetToComeIsAskedFor_data()
    {
        QTest::addColumn<QList<Labels>>("both");
        const auto row = [](const char *name, const char *label, const char *blue, const char *green) {
            QTest::newRow(name) << QList<Labels>{labels({{label, blue}}), labels({{label, green}})};
        };
        row("workloads of a mesh", "destination_workload", "cart-blue", "cart-green");
        row("slots", "slot", "blue", "green");
        row("versions", "version", "1.4.0", "1.5.0");
        row("pods", "pod", "cart-blue-6d4f8b9c7d-x2x9z", "cart-green-5c8b7d6f9-ab1cd");
    }
    void aTrackThatIsYetToComeIsAskedFor()
    {
        QFETCH(QList<Labels>, both);
        const MetricFamily process = family(QStringLiteral("process"));
        const auto whole = bindFamily(builtInMetricFamilies(), process, cart(), both);
        QVERIFY(whole);
        for (const Labels &first : std::as_const(both)) {
            const auto early = bindFamily(builtInMetricFamilies(), process, cart(), {first});
            QVERIFY(early);
            QCOMPARE(*early, *whole);
        }
    }

    void podsOfALongerNameAreNotOurs()
    {
        const auto binding = bindFamily(builtInMetricFamilies(), family(QStringLiteral("process")),
                                        {QStringLiteral("cart"), {}, {{{}, {QStringLiteral("cart")}, {}}}},
                                        {labels({{"pod", "cart-worker-blue-6d4f8b9c7d-x2x9z"}})});
        QVERIFY(!binding);
    }

    void theStatusLabelIsTheOneThatIsThere()
    {
        const MetricFamily http = family(QStringLiteral("http_requests"));
        const auto binding =
            bindFamily(builtInMetricFamilies(), http, cart(), {labels({{"app", "cart"}, {"status", "200"}})});
        QCOMPARE(binding->codeLabel, QStringLiteral("status"));
        const auto panels = boundPanels(http, *binding, {});
        QCOMPARE(panels.size(), 2);
        QVERIFY(panels[1].expression.contains(QStringLiteral("{status=~\"5..\",app=\"cart\"}")));
        const auto blind = bindFamily(builtInMetricFamilies(), http, cart(), {labels({{"app", "cart"}})});
        QCOMPARE(boundPanels(http, *blind, {}).size(), 1); // no error rate where nobody counts errors
    }

    void quotesAndEscapes()
    {
        QCOMPARE(promQuoted(QStringLiteral("a\"b\\c")), QStringLiteral("\"a\\\"b\\\\c\""));
        QCOMPARE(promRegexEscaped(QStringLiteral("v1.2+x")), QStringLiteral("v1\\.2\\+x"));
    }
};

QTEST_GUILESS_MAIN(TestMetricFamilies)
#include "test_metricfamilies.moc"

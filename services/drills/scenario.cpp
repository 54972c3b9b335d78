#include "services/drills/scenario.h"

#include "services/ledger/operationjson.h"

#include <QCoreApplication>
#include <QFile>

// A static library's resources are not registered by themselves; the macro must stand outside of any namespace.
static void initResources()
{
    Q_INIT_RESOURCE(drills);
}

namespace signalbox::drills
{

namespace
{

using operationjson::Fields;
using operationjson::Json;

template <typename T>
T oneOf(const Fields &fields, const char *key, const std::map<QString, T> &values)
{
    const auto found = values.find(fields.text(key));
    if (found == values.end())
        fields.fail(key, "a known word, not " + fields.text(key).toStdString());
    return found->second;
}

TrackShares sharesOf(const Json &object, const Fields &fields, const char *key)
{
    TrackShares shares;
    if (!fields.has(key))
        return shares;
    for (const auto &[track, share] : object.at(key).items()) {
        if (!share.is_number_integer())
            fields.fail(key, "whole numbers by track");
        shares[QString::fromStdString(track)] = share.get<int>();
    }
    return shares;
}

Condition conditionOf(const Fields &fields)
{
    return {fields.text("query").toStdString(), fields.has("whenEmpty") && fields.flag("whenEmpty"),
            fields.text("text")};
}

ShownFault shownOf(const Fields &fields)
{
    if (!fields.hasOnly({"panel", "track", "above", "below", "risesBy", "ends"}))
        fields.fail("panel", "nothing but panel, track, above, below, risesBy, ends");
    ShownFault shown;
    shown.panel = fields.text("panel", {});
    shown.track = fields.text("track", {});
    shown.above = fields.maybeNumber("above");
    shown.below = fields.maybeNumber("below");
    shown.risesBy = fields.maybeNumber("risesBy");
    shown.ends = fields.has("ends") && fields.flag("ends");
    if (!shown.above && !shown.below && !shown.risesBy && !shown.ends)
        fields.fail("above", "one of above, below, risesBy, ends");
    return shown;
}

DrillFault faultOf(const Fields &fields, const DrillInfo &info)
{
    using Kind = sandbox::FaultSpec::Kind;
    static const std::map<QString, Kind> kinds = {{QStringLiteral("errorsAfterFullShift"), Kind::ErrorsAfterFullShift},
                                                  {QStringLiteral("memoryLeak"), Kind::MemoryLeak},
                                                  {QStringLiteral("zoneLatency"), Kind::ZoneLatency},
                                                  {QStringLiteral("qualityDrop"), Kind::QualityDrop},
                                                  {QStringLiteral("imageGone"), Kind::ImageGone},
                                                  {QStringLiteral("metricsDark"), Kind::MetricsDark},
                                                  {QStringLiteral("falseAlarm"), Kind::FalseAlarm}};
    DrillFault fault;
    fault.spec.kind = oneOf(fields, "kind", kinds);
    fault.spec.application = info.application.toStdString();
    fault.spec.ns = info.ns.toStdString();
    fault.spec.track = fields.text("track", {}).toStdString();
    fault.spec.zone = fields.text("zone", {}).toStdString();
    fault.spec.tag = fields.text("tag", {}).toStdString();
    fault.isBeforehand = fields.has("beforehand") && fields.flag("beforehand");
    fault.afterSeconds = static_cast<int>(fields.maybeNumber("afterSeconds").value_or(0));
    fault.lastsSeconds = static_cast<int>(fields.maybeNumber("lastsSeconds").value_or(0));
    return fault;
}

Rule ruleOf(const Fields &fields)
{
    using On = Rule::On;
    static const std::map<QString, On> ons = {
        {QStringLiteral("shares"), On::Shares},   {QStringLiteral("rollout"), On::Rollout},
        {QStringLiteral("restart"), On::Restart}, {QStringLiteral("scale"), On::Scale},
        {QStringLiteral("pause"), On::Pause},     {QStringLiteral("standDown"), On::StandDown}};
    Rule rule;
    rule.on = oneOf(fields, "on", ons);
    rule.track = fields.text("track", {});
    rule.to = fields.text("to", {});
    if (const auto is = fields.maybeNumber("is"))
        rule.is = static_cast<int>(*is);
    if (fields.has("rises"))
        rule.rises = fields.flag("rises");
    rule.whileBad = fields.has("whileBad") && fields.flag("whileBad");
    rule.mark = fields.named("mark", allDrillMarks(), drillMarkName);
    rule.text = fields.text("text");
    return rule;
}

DrillInfo infoOf(const Fields &fields)
{
    DrillInfo info;
    info.name = fields.text("name");
    info.title = fields.text("title");
    info.briefing = fields.text("briefing");
    info.task = fields.text("task");
    info.application = fields.text("application");
    info.ns = fields.text("namespace");
    info.connection = fields.text("cluster");
    info.limitSeconds = static_cast<int>(fields.number("limitSeconds"));
    return info;
}

Scenario scenarioOf(const Json &json, const Fields &fields)
{
    Scenario scenario;
    scenario.info = infoOf(fields);
    const Fields setup = fields.object("setup");
    scenario.shares = sharesOf(json.at("setup"), setup, "shares");
    scenario.probeTag = setup.text("probeTag", {});
    fields.each("faults", [&](const Fields &fault) {
        const Json &one = json.at("faults").at(scenario.faults.size());
        scenario.faults.push_back(faultOf(fault, scenario.info));
        if (fault.has("magnitude"))
            scenario.faults.back().spec.magnitude = one.at("magnitude").get<double>();
    });
    scenario.faultText = fields.text("fault");
    scenario.bad = conditionOf(fields.object("bad"));
    scenario.sign = conditionOf(fields.object("sign"));
    scenario.shown = shownOf(fields.object("shown"));
    fields.each("rules", [&scenario](const Fields &rule) { scenario.rules.push_back(ruleOf(rule)); });
    const Fields recovery = fields.object("recovery");
    scenario.recovery.byStandDown = recovery.has("byStandDown") && recovery.flag("byStandDown");
    scenario.recovery.quietSeconds = static_cast<int>(recovery.maybeNumber("quietSeconds").value_or(8));
    if (recovery.has("any")) {
        recovery.each("any", [&](const Fields &way) {
            const Json &one = json.at("recovery").at("any").at(scenario.recovery.any.size());
            scenario.recovery.any.push_back({sharesOf(one, way, "shares"), way.has("quiet") && way.flag("quiet")});
        });
    }
    scenario.fasterPath = fields.text("fasterPath");
    return scenario;
}

} // namespace

Result<std::vector<Scenario>> parseScenarios(const QByteArray &json, const QString &fileName)
{
    const Json tree = Json::parse(json.begin(), json.end(), nullptr, false);
    return operationjson::decode<std::vector<Scenario>>(fileName, [&tree] {
        const Fields fields(tree);
        if (fields.number("version") != 1)
            fields.fail("version", "1");
        std::vector<Scenario> all;
        fields.each("drills",
                    [&](const Fields &drill) { all.push_back(scenarioOf(tree.at("drills").at(all.size()), drill)); });
        return all;
    });
}

Scenario inWords(Scenario scenario)
{
    const auto say = [](QString &text) { text = QCoreApplication::translate("DrillStory", qUtf8Printable(text)); };
    for (QString *text : {&scenario.info.title, &scenario.info.briefing, &scenario.info.task, &scenario.faultText,
                          &scenario.bad.text, &scenario.sign.text, &scenario.fasterPath})
        say(*text);
    for (Rule &rule : scenario.rules)
        say(rule.text);
    return scenario;
}

const std::vector<Scenario> &builtInScenarios()
{
    static const std::vector<Scenario> all = [] {
        initResources();
        QFile file(QStringLiteral(":/signalbox/drills/drills.json"));
        const bool isOpen = file.open(QIODevice::ReadOnly);
        const auto parsed =
            parseScenarios(isOpen ? file.readAll() : QByteArray(), QStringLiteral("resources/drills.json"));
        if (!parsed)
            qFatal("%s", qPrintable(parsed.error().message));
        return *parsed;
    }();
    return all;
}

} // namespace signalbox::drills

#include "services/adapters/prometheus/metricfamilies.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QFile>
#include <QSet>

#include <algorithm>

static void initFamiliesResource()
{
    Q_INIT_RESOURCE(prometheus); // a static library's resources are not registered by themselves
}

namespace signalbox
{
namespace
{

using Json = nlohmann::json;

// Thrown within this file only: parseMetricFamilies() turns it into an Error.
struct Misplaced
{
    QString path;
    QString expected;
};

QString textOf(const std::string &text)
{
    return QString::fromStdString(text);
}

// One object of the file, read strictly: every member is asked for by name, what was not asked for is refused.
class StrictObject
{
public:
    StrictObject(const Json &json, QString path)
        : m_json(json)
        , m_path(std::move(path))
    {
        if (!json.is_object())
            throw Misplaced{m_path, QStringLiteral("an object")};
    }

    QString text(const char *name)
    {
        const Json &value = member(name);
        if (!value.is_string() || value.get_ref<const std::string &>().empty())
            throw Misplaced{pathOf(name), QStringLiteral("a text that is not empty")};
        return textOf(value.get_ref<const std::string &>());
    }
    QString optionalText(const char *name) { return has(name) ? text(name) : QString(); }

    QStringList texts(const char *name)
    {
        QStringList all;
        for (const Json &value : array(name)) {
            if (!value.is_string())
                throw Misplaced{pathOf(name), QStringLiteral("a list of texts")};
            all.append(textOf(value.get_ref<const std::string &>()));
        }
        return all;
    }
    QStringList optionalTexts(const char *name) { return has(name) ? texts(name) : QStringList(); }

    std::optional<double> optionalNumber(const char *name)
    {
        if (!has(name))
            return std::nullopt;
        if (!member(name).is_number())
            throw Misplaced{pathOf(name), QStringLiteral("a number")};
        return member(name).get<double>();
    }

    bool optionalBool(const char *name, bool otherwise)
    {
        if (!has(name))
            return otherwise;
        if (!member(name).is_boolean())
            throw Misplaced{pathOf(name), QStringLiteral("true or false")};
        return member(name).get<bool>();
    }

    const Json &array(const char *name)
    {
        const Json &value = member(name);
        if (!value.is_array() || value.empty())
            throw Misplaced{pathOf(name), QStringLiteral("a list that is not empty")};
        return value;
    }

    QString pathOf(const char *name) const { return m_path + u'/' + QLatin1String(name); }

    void refuseOthers() const
    {
        for (const auto &[name, value] : m_json.items()) {
            if (!m_asked.contains(textOf(name)))
                throw Misplaced{m_path + u'/' + textOf(name), QStringLiteral("no member of this name")};
        }
    }

private:
    bool has(const char *name)
    {
        m_asked.insert(QLatin1String(name));
        return m_json.contains(name);
    }
    const Json &member(const char *name)
    {
        if (!has(name))
            throw Misplaced{pathOf(name), QStringLiteral("this member")};
        return m_json.at(name);
    }

    const Json &m_json;
    QString m_path;
    QSet<QString> m_asked;
};

void checkPlaceholders(const PanelTemplate &panel, const QString &path)
{
    QString rest = panel.expression;
    for (const char *name : {"{selector}", "{by}", "{code}", "{window}"})
        rest.remove(QLatin1String(name));
    // What is left in braces are matchers; a lone word would be a placeholder nobody fills in.
    for (qsizetype open = rest.indexOf(u'{'); open >= 0; open = rest.indexOf(u'{', open + 1)) {
        const qsizetype close = rest.indexOf(u'}', open);
        const QString inside = rest.mid(open + 1, close - open - 1);
        if (close < 0 || (!inside.isEmpty() && !inside.contains(u'=')))
            throw Misplaced{path, QStringLiteral("only the placeholders {selector}, {by}, {code} and {window}")};
    }
    if (!panel.expression.contains(QStringLiteral("{selector}")))
        throw Misplaced{path, QStringLiteral("the placeholder {selector}")};
}

PanelTemplate readPanel(const Json &json, const QString &path)
{
    StrictObject object(json, path);
    PanelTemplate panel;
    panel.id = object.text("id");
    panel.title = object.text("title");
    panel.unit = object.text("unit");
    panel.expression = object.text("expression");
    panel.requiredMetric = object.optionalText("requires");
    panel.unlessMetric = object.optionalText("unless");
    panel.limit = object.optionalNumber("limit");
    panel.higherIsWorse = object.optionalBool("higherIsWorse", true);
    object.refuseOthers();
    checkPlaceholders(panel, object.pathOf("expression"));
    return panel;
}

MetricFamily readFamily(const Json &json, const QString &path)
{
    StrictObject object(json, path);
    MetricFamily family;
    family.name = object.text("name");
    family.title = object.text("title");
    family.probe = object.text("probe");
    family.codeLabels = object.optionalTexts("codeLabels");
    QSet<QString> ids;
    int index = 0;
    for (const Json &entry : object.array("panels")) {
        const QString place = object.pathOf("panels") + QStringLiteral("/%1").arg(index++);
        PanelTemplate panel = readPanel(entry, place);
        if (ids.contains(panel.id))
            throw Misplaced{place + QStringLiteral("/id"),
                            QStringLiteral("an id that no other panel of the family has")};
        if (panel.expression.contains(QStringLiteral("{code}")) && family.codeLabels.isEmpty())
            throw Misplaced{place + QStringLiteral("/expression"), QStringLiteral("codeLabels beside {code}")};
        ids.insert(panel.id);
        family.panels.append(std::move(panel));
    }
    object.refuseOthers();
    return family;
}

MetricFamilies readFamilies(const Json &json)
{
    StrictObject object(json, QString());
    if (object.optionalNumber("version") != 1.0)
        throw Misplaced{object.pathOf("version"), QStringLiteral("1")};
    MetricFamilies families;
    families.applicationLabels = object.texts("applicationLabels");
    families.weakApplicationLabels = object.texts("weakApplicationLabels");
    families.namespaceLabels = object.texts("namespaceLabels");
    families.trackLabels = object.texts("trackLabels");
    families.ownTrackLabels = object.texts("ownTrackLabels");
    families.podLabels = object.texts("podLabels");
    QSet<QString> names;
    int index = 0;
    for (const Json &entry : object.array("families")) {
        const QString place = QStringLiteral("/families/%1").arg(index++);
        MetricFamily family = readFamily(entry, place);
        if (names.contains(family.name))
            throw Misplaced{place + QStringLiteral("/name"), QStringLiteral("a name that no other family has")};
        names.insert(family.name);
        families.families.append(std::move(family));
    }
    object.refuseOthers();
    return families;
}

} // namespace

QStringList MetricFamilies::metricNames() const
{
    QStringList names;
    for (const MetricFamily &family : families) {
        names.append(family.probe);
        for (const PanelTemplate &panel : family.panels) {
            if (!panel.requiredMetric.isEmpty())
                names.append(panel.requiredMetric);
        }
    }
    names.removeDuplicates();
    return names;
}

Result<MetricFamilies> parseMetricFamilies(const QByteArray &json, const QString &fileName)
{
    try {
        return readFamilies(Json::parse(json.toStdString()));
    } catch (const Misplaced &wrong) {
        return Error{ErrorKind::Invalid,
                     QCoreApplication::translate("MetricFamilies", "%1: at %2 expected %3.")
                         .arg(fileName, wrong.path.isEmpty() ? QStringLiteral("/") : wrong.path, wrong.expected),
                     {}};
    } catch (const Json::exception &error) {
        return Error{ErrorKind::Invalid, QCoreApplication::translate("MetricFamilies", "%1 is not JSON.").arg(fileName),
                     QString::fromUtf8(error.what())};
    }
}

const MetricFamilies &builtInMetricFamilies()
{
    static const MetricFamilies families = [] {
        initFamiliesResource();
        QFile file(QStringLiteral(":/signalbox/metric-families.json"));
        const bool isOpen = file.open(QIODevice::ReadOnly);
        auto parsed =
            parseMetricFamilies(isOpen ? file.readAll() : QByteArray(), QStringLiteral("metric-families.json"));
        if (!parsed)
            qFatal("%s", qUtf8Printable(parsed.error().message)); // a broken build: its test reads the same file
        return *std::move(parsed);
    }();
    return families;
}

QString promQuoted(const QString &text)
{
    QString quoted = text;
    quoted.replace(u'\\', QStringLiteral("\\\\"))
        .replace(u'"', QStringLiteral("\\\""))
        .replace(u'\n', QStringLiteral("\\n"));
    return u'"' + quoted + u'"';
}

QString promRegexEscaped(const QString &text)
{
    static const QString special = QStringLiteral("\\.+*?()|[]{}^$");
    QString escaped;
    for (const QChar c : text) {
        if (special.contains(c))
            escaped += u'\\';
        escaped += c;
    }
    return escaped;
}

} // namespace signalbox

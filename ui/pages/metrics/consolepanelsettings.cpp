#include "ui/pages/metrics/consolepanelsettings.h"

#include "ui/shell/consolesettings.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace signalbox
{
namespace
{

QString keyOf(const QString &connection, const QString &application)
{
    return QStringLiteral("metrics/panels/") + connection + u'/' + application;
}

QJsonObject jsonOf(const MetricPanel &panel)
{
    QJsonObject json{{QStringLiteral("id"), panel.id},
                     {QStringLiteral("title"), panel.title},
                     {QStringLiteral("unit"), panel.unit},
                     {QStringLiteral("expression"), panel.expression},
                     {QStringLiteral("trackLabel"), panel.trackLabel}};
    if (panel.limit)
        json.insert(QStringLiteral("limit"), *panel.limit);
    QJsonObject tracks;
    for (auto it = panel.trackNames.begin(); it != panel.trackNames.end(); ++it)
        tracks.insert(it.key(), it.value());
    json.insert(QStringLiteral("trackNames"), tracks);
    return json;
}

MetricPanel panelOf(const QJsonObject &json)
{
    MetricPanel panel;
    panel.id = json.value(QStringLiteral("id")).toString();
    panel.title = json.value(QStringLiteral("title")).toString();
    panel.unit = json.value(QStringLiteral("unit")).toString();
    panel.expression = json.value(QStringLiteral("expression")).toString();
    panel.trackLabel = json.value(QStringLiteral("trackLabel")).toString();
    if (const QJsonValue limit = json.value(QStringLiteral("limit")); limit.isDouble())
        panel.limit = limit.toDouble();
    const QJsonObject tracks = json.value(QStringLiteral("trackNames")).toObject();
    for (auto it = tracks.begin(); it != tracks.end(); ++it)
        panel.trackNames.insert(it.key(), it.value().toString());
    return panel;
}

} // namespace

ConsolePanelSettings::ConsolePanelSettings(ConsoleSettings &settings)
    : m_settings(settings)
{}

QList<MetricPanel> ConsolePanelSettings::panels(const QString &connection, const QString &application) const
{
    QList<MetricPanel> panels;
    const QByteArray text = m_settings.choice(keyOf(connection, application)).toUtf8();
    const QJsonArray entries = QJsonDocument::fromJson(text).array();
    for (const QJsonValue &entry : entries) {
        const MetricPanel panel = panelOf(entry.toObject());
        if (!panel.id.isEmpty() && !panel.expression.isEmpty())
            panels.append(panel);
    }
    return panels;
}

Result<void> ConsolePanelSettings::save(const QString &connection, const QString &application, const MetricPanel &panel)
{
    QList<MetricPanel> all = panels(connection, application);
    const auto same =
        std::find_if(all.begin(), all.end(), [&panel](const MetricPanel &one) { return one.id == panel.id; });
    if (same != all.end())
        *same = panel;
    else
        all.append(panel);
    store(connection, application, all);
    return {};
}

Result<void> ConsolePanelSettings::remove(const QString &connection, const QString &application, const QString &id)
{
    QList<MetricPanel> all = panels(connection, application);
    all.removeIf([&id](const MetricPanel &panel) { return panel.id == id; });
    store(connection, application, all);
    return {};
}

void ConsolePanelSettings::store(const QString &connection, const QString &application,
                                 const QList<MetricPanel> &panels)
{
    QJsonArray entries;
    for (const MetricPanel &panel : panels)
        entries.append(jsonOf(panel));
    m_settings.setChoice(keyOf(connection, application),
                         QString::fromUtf8(QJsonDocument(entries).toJson(QJsonDocument::Compact)));
}

} // namespace signalbox

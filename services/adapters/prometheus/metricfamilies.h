#pragma once

#include "models/domain/metric.h"
#include "models/domain/result.h"

#include <QByteArray>
#include <QStringList>

#include <optional>

// The metric families that release people meet, and what to draw of each: resources/metric-families.json. Adding one is
// an entry in that file; its test asks a real Prometheus whether it can read every expression.
namespace signalbox
{

// A panel as the file has it. Placeholders of `expression`: {selector} matchers that pick the application, {by} the
// label that tells tracks apart, {code} the label with the HTTP status, {window} what rates look back over (left in).
struct PanelTemplate
{
    QString id;
    QString title;
    QString unit;
    QString expression;
    QString requiredMetric; // besides the family's probe; empty: none
    QString unlessMetric;   // where this one is there, others tell more; empty: none
    std::optional<double> limit;
    bool higherIsWorse = true;
};

struct MetricFamily
{
    QString name;
    QString title;
    QString probe; // the metric that tells whether the family is there
    QStringList codeLabels;
    QList<PanelTemplate> panels;
};

struct MetricFamilies
{
    QStringList applicationLabels;     // may hold the application's or a workload's name, best first
    QStringList weakApplicationLabels; // of these: a different value does not mean a different application
    QStringList namespaceLabels;
    QStringList trackLabels;    // may hold a track's name, version or workload
    QStringList ownTrackLabels; // of these: whatever value they have names a track
    QStringList podLabels;
    QList<MetricFamily> families; // where two offer a panel of the same id, the first one's is taken

    QStringList metricNames() const; // every probe and required metric, each once
};

// Strict: what is missing, unknown, of the wrong type or twice is an error that names its place in the file.
Result<MetricFamilies> parseMetricFamilies(const QByteArray &json, const QString &fileName);
// The ones built into the program.
const MetricFamilies &builtInMetricFamilies();

// Which labels of one family pick the application and tell its tracks apart, found from the label sets in which its
// probe exists; nothing if the family is there but belongs to others.
struct FamilyBinding
{
    QString selector; // "app=\"cart\",namespace=\"shop\""; may be empty
    QString trackLabel;
    QMap<QString, QString> trackNames;
    QMap<QString, QString> podMatchers; // track -> matcher of its pods, where only pod names tell
    QString codeLabel;
    QString note;
    bool operator==(const FamilyBinding &) const = default;
};
std::optional<FamilyBinding> bindFamily(const MetricFamilies &families, const MetricFamily &family,
                                        const MetricSubject &subject, const QList<Labels> &labelSets);

// The labels that bindFamily() wants to see of a family's probe: count by (these) (probe).
QStringList bindingLabels(const MetricFamilies &families, const MetricFamily &family);

// The family's panels with everything but {window} filled in; those whose required metric is not `present` or that need
// a status label nobody has are left out.
QList<MetricPanel> boundPanels(const MetricFamily &family, const FamilyBinding &binding, const QStringList &present);

// A PromQL string literal, and a name as part of a regular expression of RE2.
QString promQuoted(const QString &text);
QString promRegexEscaped(const QString &text);

} // namespace signalbox

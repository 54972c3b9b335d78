#include "services/adapters/prometheus/panelsuggestion.h"

#include "services/async/deliver.h"

#include <QSet>

namespace signalbox
{

PanelSuggestion::PanelSuggestion(const MetricFamilies &families, MetricSubject subject, StopToken stop, QObject *parent)
    : QObject(parent)
    , m_families(families)
    , m_subject(std::move(subject))
    , m_stop(std::move(stop))
{
    m_promise.start();
}

PanelSuggestion::~PanelSuggestion()
{
    answer(Error{ErrorKind::Cancelled, {}, {}});
}

void PanelSuggestion::start(const AskNames &askNames, AskInstant askInstant)
{
    QStringList escaped;
    for (const QString &name : m_families.metricNames())
        escaped.append(promRegexEscaped(name));
    const QString match = QStringLiteral("{__name__=~%1}").arg(promQuoted(escaped.join(u'|')));
    deliver(askNames(match, m_stop), m_stop, this,
            [this, askInstant = std::move(askInstant)](const Result<QStringList> &names) {
                if (names)
                    countLabels(*names, askInstant);
                else
                    answer(names.error());
            });
}

void PanelSuggestion::countLabels(const QStringList &present, const AskInstant &askInstant)
{
    m_present = present;
    for (qsizetype i = 0; i < m_families.families.size(); ++i) {
        const MetricFamily &family = m_families.families[i];
        if (!present.contains(family.probe))
            continue;
        ++m_pending;
        const QString expression = QStringLiteral("count by (%1) ({__name__=%2})")
                                       .arg(bindingLabels(m_families, family).join(u','), promQuoted(family.probe));
        deliver(askInstant(expression, m_stop), m_stop, this, [this, i](const Result<MetricAnswer> &result) {
            if (result) {
                for (const MetricSeries &series : result->series)
                    m_labelSets[i].append(series.labels);
            } else {
                m_error = result.error();
            }
            if (--m_pending == 0)
                answerWithPanels();
        });
    }
    if (m_pending == 0)
        answerWithPanels();
}

void PanelSuggestion::answerWithPanels()
{
    QList<MetricPanel> panels;
    QSet<QString> ids;
    for (auto it = m_labelSets.begin(); it != m_labelSets.end(); ++it) {
        const MetricFamily &family = m_families.families[it.key()];
        const auto binding = bindFamily(m_families, family, m_subject, it.value());
        if (!binding)
            continue;
        for (MetricPanel &panel : boundPanels(family, *binding, m_present)) {
            if (!ids.contains(panel.id)) {
                ids.insert(panel.id);
                panels.append(std::move(panel));
            }
        }
    }
    if (panels.isEmpty() && m_labelSets.isEmpty() && m_error)
        answer(*m_error);
    else
        answer(std::move(panels));
}

void PanelSuggestion::answer(Result<QList<MetricPanel>> result)
{
    if (m_isAnswered)
        return;
    m_isAnswered = true;
    m_promise.addResult(std::move(result));
    m_promise.finish();
    deleteLater();
}

} // namespace signalbox

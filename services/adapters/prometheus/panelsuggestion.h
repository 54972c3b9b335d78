#pragma once

#include "models/domain/result.h"
#include "services/adapters/prometheus/metricfamilies.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QObject>
#include <QPromise>

#include <functional>

namespace signalbox
{

// Finds the panels for one application: first which known metrics exist at all (an index look-up, no samples read),
// then per family found, by which labels it is sorted (one count). Deletes itself when it has answered. GUI thread.
//
//   names ──> one count per family ──> bind ──> panels
//     └── error ──────────────┴──────────────> error (only if no family answered)
class PanelSuggestion : public QObject
{
    Q_OBJECT
public:
    using AskNames = std::function<QFuture<Result<QStringList>>(const QString &match, const StopToken &stop)>;
    using AskInstant = std::function<QFuture<Result<MetricAnswer>>(const QString &expression, const StopToken &stop)>;

    PanelSuggestion(const MetricFamilies &families, MetricSubject subject, StopToken stop, QObject *parent);
    ~PanelSuggestion() override; // ends the future as Cancelled if it has no answer yet

    QFuture<Result<QList<MetricPanel>>> future() { return m_promise.future(); }
    void start(const AskNames &askNames, AskInstant askInstant);

private:
    void countLabels(const QStringList &present, const AskInstant &askInstant);
    void answer(Result<QList<MetricPanel>> result);
    void answerWithPanels();

    const MetricFamilies &m_families;
    MetricSubject m_subject;
    StopToken m_stop;
    QPromise<Result<QList<MetricPanel>>> m_promise;
    QStringList m_present;
    QMap<qsizetype, QList<Labels>> m_labelSets; // by place in m_families
    std::optional<Error> m_error;
    int m_pending = 0;
    bool m_isAnswered = false;
};

} // namespace signalbox

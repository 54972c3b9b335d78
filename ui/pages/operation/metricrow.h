#pragma once

#include "models/domain/application.h"
#include "services/async/latestonly.h"
#include "services/feeds/metricfeed.h"
#include "ui/charts/chartgroup.h"
#include "ui/pages/operation/trackverdict.h"

#include <QHash>
#include <QSet>
#include <QTimer>
#include <QWidget>

#include <optional>

class QHBoxLayout;

namespace signalbox
{

class ChartPanel;
class ClusterSet;
class LedgerFeed;
class MetricSet;
class MetricSource;
class OperationCenter;

// A few charts of one application side by side, with its roll-outs and operations as markers. Asks the first metric
// source for the panels it suggests and shows those that are wanted; without a source, or where it knows none of them,
// the row is not there at all; where they could not be looked for, it says why. Polls only while it is looked at.
class MetricRow : public QWidget
{
    Q_OBJECT
public:
    // `wanted`: ids of MetricPanel in the order of the charts, each with what may stand in for it: "latency-p95",
    // "latency-p95|latency-mean". `operations` may be null: then only roll-outs are marked.
    MetricRow(MetricSet &sources, OperationCenter *operations, const QStringList &wanted, QWidget *parent = nullptr);
    ~MetricRow() override;

    void setSubject(const std::optional<Deployed> &deployed);
    // Everything in a namespace instead of one application. `marked`: whose roll-outs and operations are shown.
    void setSubject(const MetricSubject &subject, const QList<Deployed> &marked);
    // One chart that is there as soon as there is a source, and says itself that it is looked for, that there is no
    // such metric or that the search failed. Fills the row's height. Before the first subject.
    void setAlwaysShown();
    void setTitle(const QString &title); // of the chart that is always shown
    // What marks the past of whoever is marked, besides its present roll-outs; each may be null. Before the first
    // subject; they outlive the row.
    void setHistory(const ClusterSet *clusters, const LedgerFeed *entries);
    // The track that the others are judged by; empty: none, only a panel's own limit counts.
    void setStable(const QString &track);
    void setActive(bool isActive);
    void setLookAgainEvery(std::chrono::milliseconds interval) { m_lookAgainEvery = interval; }

    // The newest value of a track (the only series, where there is one track and it has no label), with its unit:
    // "0.44 %". Empty: none, or it is not of now.
    QString latest(const QString &panelId, const QString &track) const;
    std::optional<double> latestValue(const QString &panelId, const QString &track) const;
    TrackVerdict verdict(const QString &panelId, const QString &track) const; // Unknown of what gets no traffic
    bool hasCharts() const { return !m_panels.isEmpty(); }
    const QList<ChartMarker> &markers() const { return m_group.markers(); }

signals:
    void changed(); // charts came or went, or a value moved

private:
    void adoptSource();
    void search();
    void showPlaceholder(Freshness::State state, const std::optional<Error> &error = {});
    void showFailure(const Error &error);
    ChartPanel *makePanel();
    void adopt(const QList<MetricPanel> &suggested);
    void rebuild(const QList<MetricPanel> &panels);
    void showPanel(const QString &id);
    void showVerdict(ChartPanel &panel, const PanelData &data) const;
    void showVerdicts();
    void showPanels();
    void note(const QString &panelId);
    QString noteKey(const QString &panelId, const QString &track) const;
    QList<MetricPanel> withRequests(QList<MetricPanel> panels) const;
    TrackVerdict judged(const PanelData &data, const QString &track) const;
    TrackMeasure measure(const QString &panelId) const;
    const Track *trackOf(const QString &name) const;
    bool getsTraffic(const QString &track) const; // known to
    bool isIdle(const QString &track) const;      // known to get none
    bool hasFailed(const QString &panelId, const QString &track) const;
    QString othersThan(const QString &track) const;
    void noteTraffic();
    void markersChanged();
    void refreshMarkers();
    qsizetype knownRevisions() const;

    MetricSet &m_sources;
    OperationCenter *m_operations;
    const ClusterSet *m_clusters = nullptr;
    const LedgerFeed *m_entries = nullptr;
    QStringList m_wanted;
    MetricSource *m_source = nullptr;
    MetricFeed m_feed;
    ChartGroup m_group;
    LatestOnly m_search;
    QTimer m_ticks;
    std::chrono::milliseconds m_lookAgainEvery;
    QTimer m_again;              // after a failure, and for what has begun to be measured since
    QTimer m_marking;            // what changes at once is marked at once
    bool m_isMarkingDue = false; // something changed while nobody looked
    qsizetype m_revisions = 0;   // of the clusters, when it was marked
    QList<MetricPanel> m_suggested;
    QList<Deployed> m_marked;
    MetricSubject m_subject;
    QHBoxLayout *m_row = nullptr;
    QHash<QString, ChartPanel *> m_panels;
    ChartPanel *m_placeholder = nullptr; // null: the row is there only with charts
    ChartPanel *m_failure = nullptr;     // in the place of charts that could not be looked for
    QString m_stable;                    // the track that others are judged by
    struct Reference
    {
        double figure = 0;
        QDateTime at;   // when it was of now
        QString others; // the versions that were beside it
    };
    QHash<QString, Reference> m_references; // what is usual of a stable track: it may get no traffic any more
    QSet<QString> m_failed;                 // what failed when it was judged last: no measure for others
    QSet<QString> m_served;                 // tracks that got traffic when that was known last
    QHash<QString, QDateTime> m_idleSince;  // of tracks that were seen to lose it
    QString m_title;                        // of the only chart; empty: its own
    bool m_isActive = false;
    bool m_isDue = false; // the charts are not yet, or no longer, those of the subject
};

} // namespace signalbox

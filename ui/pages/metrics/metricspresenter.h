#pragma once

#include "models/stores/deployedstore.h"
#include "services/async/latestonly.h"
#include "services/feeds/metricfeed.h"
#include "services/feeds/metricset.h"
#include "services/ports/panelsettings.h"
#include "ui/pages/operation/knownpanels.h"

#include <QTimer>

namespace signalbox
{

// What the Metrics page shows and does, without widgets. GUI thread.
class MetricsPresenter : public QObject
{
    Q_OBJECT
public:
    enum class State {
        NoSource,  // no Prometheus is configured
        Searching, // which metrics are there?
        NoPanels,  // none that this program knows, none of the operator's own
        Failed,    // the search failed: error() says why; it is tried again
        Ready,
    };
    struct Choice
    {
        QString id;
        QString text;
    };

    MetricsPresenter(MetricSet &sources, DeployedStore &deployed, PanelSettings &settings, QObject *parent = nullptr);
    ~MetricsPresenter() override;

    State state() const { return m_state; }
    const Error &error() const { return m_error; }
    const QDateTime &since() const { return m_since; }
    MetricFeed &feed() { return m_feed; }
    const MetricFeed &feed() const { return m_feed; }
    MetricSource *source() const { return m_source; }

    QList<Choice> sources() const;
    void chooseSource(const QString &connection);
    // "cart / production"; the last one, with an empty id, is everything the source has.
    QList<Choice> applications() const;
    QString application() const { return m_key; }
    QString likelyApplication() const; // with tracks to compare where there is one; empty: everything
    QString applicationText() const;
    void chooseApplication(const QString &key);

    // Polls only while somebody looks.
    void setActive(bool isActive);
    void setLookAgainEvery(std::chrono::milliseconds interval) { m_lookAgainEvery = interval; }
    void searchAgain();

    QList<MetricPanel> panels() const { return m_panels; }
    bool isOwn(const QString &id) const; // changed or added by the operator
    Result<void> savePanel(const MetricPanel &panel);
    Result<void> removePanel(const QString &id); // an own one; a suggested one comes back as it was
    MetricPanel newPanel() const;
    const MetricPanel *panel(const QString &id) const; // as it was written; null: none
    void settingsChanged();                            // own panels may be others

    // What an edited panel would show now; only the newest question is answered.
    void preview(const MetricPanel &panel);

    // Roll-outs of the application that is shown, and what else was told.
    QList<ChartMarker> markers() const;
    void setOperationMarkers(const QList<ChartMarker> &markers);

    // Mean age of what the panels show, in ms; nothing: nothing was heard yet.
    std::optional<qint64> meanAge(const QDateTime &now) const;
    QString csv(qint64 start, qint64 end) const;

signals:
    void changed(); // state, source, application, list of panels
    void markersChanged();
    void applicationChosen();
    void previewed(const signalbox::PanelData &data); // error in its freshness

private:
    void adoptSource();
    void forgetPanels();
    void search();
    void compose(const QList<MetricPanel> &suggested);
    void enter(State state);
    MetricPanel filledIn(MetricPanel panel) const;
    MetricSubject subject() const;
    QString applicationName() const;

    MetricSet &m_sources;
    DeployedStore &m_deployed;
    PanelSettings &m_settings;
    MetricFeed m_feed;
    QPointer<MetricSource> m_source;
    QString m_key;
    MetricSubject m_searched;
    MetricSubject m_composed; // whom the panels are of
    State m_state = State::NoSource;
    Error m_error;
    QDateTime m_since;
    QList<MetricPanel> m_suggested;
    QList<MetricPanel> m_panels;
    QList<ChartMarker> m_operations;
    LatestOnly m_search;
    LatestOnly m_preview;
    QTimer m_again; // after a failure, and for what has begun to be measured since
    std::chrono::milliseconds m_lookAgainEvery = lookForPanelsEvery;
    bool m_isActive = false;
};

} // namespace signalbox

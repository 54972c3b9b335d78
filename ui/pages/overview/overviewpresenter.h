#pragma once

#include "models/domain/freshness.h"
#include "models/domain/health.h"
#include "models/items/attentionmodel.h"
#include "models/items/releasesmodel.h"
#include "services/feeds/alertwatch.h"
#include "services/feeds/errorwatch.h"
#include "ui/pages/changes/pathdistances.h"
#include "ui/shell/consolecontext.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <map>
#include <memory>

namespace signalbox
{

// What the Overview says, without widgets: listens to the stores and tells at most a few times a second.
class OverviewPresenter : public QObject
{
    Q_OBJECT
public:
    struct Figures
    {
        int applications = 0;
        int environments = 0;
        int failing = 0; // applications in an environment
        int warning = 0;
        int moving = 0;
        qint64 pods = 0;
        qint64 podsReady = 0;
        bool arePodsOurs = true; // to list, in every cluster
        bool hasOperations = false;
        int operationsToday = 0;
        int operationsRunning = 0;
        int operationsNotDone = 0; // of today's: refused, not effective, failed, unknown ...

        bool operator==(const Figures &) const = default;
    };

    // What of the operator's own is not known: where nothing waits, something may.
    struct Unread
    {
        QStringList servers;          // whose gates are not known now, by title
        bool areGatesAwaited = false; // a server was not heard yet
        bool isLedger = false;        // that promotions wait in
        QStringList alerts;           // sources whose alerts are not known now, by title
        bool isNothing() const { return *this == Unread(); }
        bool operator==(const Unread &) const = default;
    };

    explicit OverviewPresenter(ConsoleContext &context, QObject *parent = nullptr);
    ~OverviewPresenter() override;

    ReleasesModel &releases() { return m_releases; }
    AttentionModel &attention() { return m_attention; }
    const Figures &figures() const { return m_figures; }
    const Unread &unread() const { return m_unread; }
    // Releases, by their pods or their errors, and grave alerts, whether or not somebody looks.
    int failing() const { return m_failing; }
    // There is nothing to show yet: the first page offers what could be opened.
    bool needsWelcome() const;
    std::optional<Error> readFailure() const; // why a cluster could not be read at all
    Freshness freshness() const;              // of the clusters together, the worst

    ReleasesModel::Order order() const { return m_order; }
    void setOrder(ReleasesModel::Order order);
    bool showsOnlyAttention() const { return m_onlyAttention; }
    void setOnlyAttention(bool only);
    void setFilter(const QString &filter);
    void retry();                  // reads everything again
    void setLooked(bool isLooked); // false: nobody sees it, and nothing is worked out until somebody does

signals:
    void changed();
    void failingChanged(int failing); // whether or not somebody looks

private:
    void refreshSoon();
    void tellSoon(); // even where no figure and no row is another
    void refresh();
    void reviewSoon();
    bool compute(); // true: something is another than it was
    void measurePaths(const QList<Deployed> &all);
    bool review(const QList<Deployed> &all); // what needs attention alone; true: it is another
    void countFailing();
    Freshness worstFreshness() const;
    void watch(const QString &clusterId);
    void countOperations();

    ConsoleContext &m_context;
    std::map<QString, std::unique_ptr<PathDistances>> m_paths; // by application; none without sources
    ReleasesModel m_releases;
    AttentionModel m_attention;
    AlertWatch m_alerts;
    ErrorWatch m_errors;
    QList<FiringAlert> m_firing;
    QList<AttentionRow> m_alertRows; // of what fires, as it was told last
    Figures m_figures;
    ReleasesModel::Order m_order = ReleasesModel::Order::ByName;
    bool m_onlyAttention = false;
    QString m_filter;
    QTimer m_soon;
    QTimer m_soonReviewed;
    Unread m_unread;
    int m_failing = 0; // as it was told last
    QElapsedTimer m_sinceRefresh;
    Freshness m_told;
    bool m_mustTell = true;
    bool m_isLooked = true; // until somebody looks away
    bool m_isLate = false;  // something changed meanwhile
    bool m_isFirstListing = true;
    qint64 m_costMs = 0; // of the last refresh, its views included
};

} // namespace signalbox

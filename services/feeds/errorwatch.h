#pragma once

#include "models/domain/failingtrack.h"
#include "models/domain/metric.h"
#include "models/domain/result.h"
#include "services/async/latestonly.h"

#include <QElapsedTimer>
#include <QMap>
#include <QObject>
#include <QStringList>
#include <QTimer>

#include <chrono>
#include <map>
#include <optional>

namespace signalbox
{

class DeployedStore;
class MetricSet;
class MetricSource;
struct Deployed;

// Which live tracks of protected environments fail by their figures alone, whichever page is shown: not everybody has a
// rule for it. A track fails where at least one request in twenty did, of at least thirty in two minutes. All of them
// are one question a minute, answered by those that fail and nothing else; which figures an application has is asked
// seldom. Of the first metric source, as the charts are. An application whose figures cannot be told from those of
// others is left out. GUI thread; both must outlive it.
class ErrorWatch : public QObject
{
    Q_OBJECT
public:
    struct Times
    {
        std::chrono::milliseconds first = std::chrono::seconds(20); // what is looked at comes before
        std::chrono::milliseconds every = std::chrono::minutes(1);
        std::chrono::milliseconds lookAgain = std::chrono::minutes(15);  // which figures there are
        std::chrono::milliseconds longestWait = std::chrono::minutes(8); // after failures
    };

    ErrorWatch(MetricSet &sources, DeployedStore &deployed, QObject *parent = nullptr); // with the usual times
    ErrorWatch(MetricSet &sources, DeployedStore &deployed, Times times, QObject *parent = nullptr);
    ~ErrorWatch() override;

    // As they were heard last; who has lost its traffic since is still among them.
    const QList<FailingTrack> &failing() const { return m_failing; }
    // Of one place, by track: the share of its requests that fail, as it is read ("7.2 %"); what is known now alone.
    QMap<QString, QString> sharesOf(const QString &deployedKey) const;
    // Why nothing is known now; nullopt: it was answered, or not yet asked.
    const std::optional<Error> &problem() const { return m_problem; }
    // Asks about no other places than these: for who wants one answer about few.
    void askOnlyOf(const QStringList &deployedKeys) { m_only = deployedKeys; }

signals:
    void changed(); // failing()
    void asked();   // a round ended: failing() is of now, or problem() says why not

private:
    struct Known
    {
        MetricSubject subject;
        QString expression; // answers for tracks that fail; empty: it has no such figures
        QString trackLabel;
        QMap<QString, QString> trackNames; // by value of that label
        double whole = 100;                // what all requests are, in its unit
        std::optional<qint64> lookedMs;    // when it was asked which figures it has
    };

    MetricSource *source() const; // null: none
    QList<Deployed> watched() const;
    bool isAlone(const Known &known, const QList<Deployed> &all) const;
    void begin(); // a round: figures that are not known yet, one application at a time, then the question
    void lookNext();
    void take(const QString &key, const QList<MetricPanel> &panels);
    void ask();
    void heard(const MetricAnswer &answer);
    void failed(const Error &error);
    void settle(QList<FailingTrack> failing);

    MetricSet &m_sources;
    DeployedStore &m_deployed;
    const Times m_times;
    QTimer m_timer;
    QElapsedTimer m_clock;
    LatestOnly m_look;
    LatestOnly m_question;
    std::map<QString, Known> m_known; // by Deployed::key()
    QStringList m_asked;              // keys, by their place in the question
    QList<FailingTrack> m_failing;
    int m_failures = 0;
    std::optional<Error> m_problem;
    QStringList m_only; // keys; empty: all
};

} // namespace signalbox

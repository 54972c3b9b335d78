#pragma once

#include "services/feeds/sourceset.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QStringList>

namespace signalbox
{

// How far each release of a path is ahead of the one after it: staging of production. By tag, version or commit; what
// the repository does not know is left out. GUI thread.
class PathDistances : public QObject
{
    Q_OBJECT
public:
    explicit PathDistances(SourceSet *sources, QObject *parent = nullptr);
    ~PathDistances() override;

    // In the path's order; empty: not known.
    void setReleases(const QString &application, const QStringList &releases);
    // Of the release at `place` before the one at `place` + 1; none: not known (yet).
    std::optional<Distance> at(int place) const;

signals:
    void changed();

private:
    void read();
    void measure(int place, const QString &from, const QString &to);

    QPointer<SourceSet> m_sources;
    QString m_application;
    QStringList m_releases;
    QDateTime m_readOf;
    QHash<int, Distance> m_known;
    StopSource m_stop;
};

} // namespace signalbox

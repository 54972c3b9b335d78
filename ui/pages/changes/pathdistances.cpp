#include "ui/pages/changes/pathdistances.h"

#include "services/async/deliver.h"

namespace signalbox
{

PathDistances::PathDistances(SourceSet *sources, QObject *parent)
    : QObject(parent)
    , m_sources(sources)
{
    if (!sources)
        return;
    connect(sources, &SourceSet::changed, this, [this](const QString &id) {
        SourceRepository *const source = m_sources->of(m_application);
        if (source && source->id() == id && source->updatedAt() != m_readOf)
            read();
    });
}

PathDistances::~PathDistances()
{
    m_stop.request_stop();
}

void PathDistances::setReleases(const QString &application, const QStringList &releases)
{
    if (application == m_application && releases == m_releases)
        return;
    m_application = application;
    m_releases = releases;
    m_known.clear();
    read();
    emit changed();
}

std::optional<Distance> PathDistances::at(int place) const
{
    const auto it = m_known.constFind(place);
    return it == m_known.constEnd() ? std::nullopt : std::optional(*it);
}

void PathDistances::read()
{
    m_stop.request_stop();
    m_stop = StopSource();
    SourceRepository *const source = m_sources ? m_sources->of(m_application) : nullptr;
    if (!source)
        return;
    m_readOf = source->updatedAt();
    for (int i = 0; i + 1 < m_releases.size(); ++i) {
        if (!m_releases[i].isEmpty() && !m_releases[i + 1].isEmpty())
            measure(i, m_releases[i + 1], m_releases[i]);
    }
}

void PathDistances::measure(int place, const QString &from, const QString &to)
{
    const QPointer<SourceRepository> source = m_sources->of(m_application);
    const StopToken stop = m_stop.get_token();
    const QString application = m_application;
    deliver(source->resolve(from, application, stop), stop, this,
            [this, source, place, to, application, stop](const Result<ResolvedRelease> &before) {
                if (!before || !source || stop.stop_requested())
                    return;
                deliver(source->resolve(to, application, stop), stop, this,
                        [this, source, place, stop, before](const Result<ResolvedRelease> &after) {
                            if (!after || !source || stop.stop_requested())
                                return;
                            deliver(source->distance(before->commit, after->commit, stop), stop, this,
                                    [this, place, stop](const Result<Distance> &distance) {
                                        if (!distance || stop.stop_requested())
                                            return;
                                        m_known.insert(place, *distance);
                                        emit changed();
                                    });
                        });
            });
}

} // namespace signalbox

#include "services/sandbox/story/rollouts.h"

#include "services/sandbox/world/chance.h"

#include <QHash>

#include <algorithm>

namespace signalbox::sandbox
{

namespace
{

struct Event
{
    PracticeRollout rollout;
    bool isReturn = false;
};

class Collector
{
public:
    Collector(const Catalogue &catalogue, const ServiceSpec &service, const SourcePlan &plan)
        : m_catalogue(catalogue)
        , m_service(service)
    {
        m_application = QString::fromStdString(service.name);
        for (const EarlierRelease &one : plan.earlier)
            m_events.append({{m_application,
                              one.tag,
                              {},
                              QStringLiteral("production"),
                              firstTrack(),
                              one.daysAgo,
                              true,
                              one.hasFailed},
                             false});
        for (const Placement &placement : service.placements)
            take(placement);
        lead(QStringLiteral("staging"), QStringLiteral("production"),
             service.kind == ServiceSpec::Kind::StatefulSet ? 2.2 : 0.8);
        lead(QStringLiteral("dev"), QStringLiteral("staging"), 0.6);
    }

    QList<PracticeRollout> rollouts()
    {
        std::stable_sort(m_events.begin(), m_events.end(),
                         [](const Event &a, const Event &b) { return a.rollout.daysAgo > b.rollout.daysAgo; });
        QHash<QString, QString> running; // by place
        QList<PracticeRollout> all;
        for (Event &event : m_events) {
            QString &there = running[event.rollout.environment + u'/' + event.rollout.track];
            event.rollout.before = there;
            there = event.rollout.tag;
            if (!event.isReturn)
                all.append(event.rollout);
        }
        return all;
    }

private:
    QString firstTrack() const
    {
        for (const Placement &one : m_service.placements) {
            if (one.ns == "production")
                return QString::fromStdString(one.track);
        }
        return {};
    }

    void take(const Placement &placement)
    {
        QStringList seen;
        for (const PastRollout &past : placement.history) {
            const QString tag = QString::fromStdString(past.tag);
            const Version *version = m_service.version(past.tag);
            m_events.append({{m_application,
                              tag,
                              {},
                              QString::fromStdString(placement.ns),
                              QString::fromStdString(placement.track),
                              past.daysAgo,
                              false,
                              version && version->behaviour.crashAfterSeconds > 0},
                             seen.contains(tag)});
            seen.append(tag);
        }
    }

    // Whatever goes to `next` was in `environment` some time before. Where the clusters show it there only later, that
    // was no news any more.
    void lead(const QString &environment, const QString &next, double days)
    {
        const std::string name = environment.toStdString();
        const bool isThere = std::any_of(m_service.placements.begin(), m_service.placements.end(),
                                         [&](const Placement &one) { return one.ns == name; });
        if (!isThere)
            return;
        QHash<QString, double> needed; // by tag: when it went on
        for (const Event &event : std::as_const(m_events)) {
            const PracticeRollout &one = event.rollout;
            if (one.environment == next && !one.isEarlier && !event.isReturn)
                needed[one.tag] = std::max(needed.value(one.tag), one.daysAgo);
        }
        QStringList had;
        for (auto it = m_events.begin(); it != m_events.end();) {
            const PracticeRollout &one = it->rollout;
            const bool isHere = one.environment == environment;
            const bool isLate = isHere && needed.contains(one.tag) && one.daysAgo <= needed.value(one.tag);
            if (isHere && !isLate)
                had.append(one.tag);
            it = isLate ? m_events.erase(it) : it + 1;
        }
        for (auto it = needed.cbegin(); it != needed.cend(); ++it) {
            const double more = days + 0.5 * chance(m_catalogue.seed, name + m_service.name + it.key().toStdString());
            if (!had.contains(it.key()))
                m_events.append(
                    {{m_application, it.key(), {}, environment, {}, it.value() + more, false, false}, false});
        }
    }

    const Catalogue &m_catalogue;
    const ServiceSpec &m_service;
    QString m_application;
    QList<Event> m_events;
};

} // namespace

QList<PracticeRollout> practiceRollouts(const Catalogue &catalogue, const Storybook &book)
{
    QList<PracticeRollout> all;
    for (const ServiceSpec &service : catalogue.services)
        all += Collector(catalogue, service, book.sources.value(QString::fromStdString(service.name))).rollouts();
    std::stable_sort(all.begin(), all.end(),
                     [](const PracticeRollout &a, const PracticeRollout &b) { return a.daysAgo > b.daysAgo; });
    return all;
}

} // namespace signalbox::sandbox

#include "models/pipelines/stagerelations.h"

#include <QHash>

namespace signalbox::stages
{

namespace
{

using Flags = std::vector<char>; // as a set of indices

bool hasNeeds(const QList<Job> &jobs)
{
    return std::any_of(jobs.cbegin(), jobs.cend(), [](const Job &job) { return !job.needs.isEmpty(); });
}

QStringList stagesOf(const QList<Job> &jobs)
{
    QStringList names;
    for (const Job &job : jobs) {
        if (!names.contains(job.stage))
            names.append(job.stage);
    }
    return names;
}

void relateByNeeds(const QList<Job> &jobs, Relations &relations, int &unknown)
{
    QHash<QString, int> byId;
    for (int i = 0; i < jobs.size(); ++i) {
        if (!byId.contains(jobs[i].id))
            byId.insert(jobs[i].id, i);
    }
    for (int i = 0; i < jobs.size(); ++i) {
        for (const QString &need : jobs[i].needs) {
            const int from = byId.value(need, -1);
            if (from < 0)
                ++unknown;
            else if (from != i)
                relations.add(from, i);
        }
    }
}

void relateByStages(const QList<Job> &jobs, const QStringList &names, Relations &relations)
{
    for (int i = 0; i < jobs.size(); ++i) {
        for (int j = 0; j < jobs.size(); ++j) {
            if (names.indexOf(jobs[i].stage) + 1 == names.indexOf(jobs[j].stage))
                relations.add(i, j);
        }
    }
}

void relateByTimes(const QList<Job> &jobs, Relations &relations)
{
    for (int i = 0; i < jobs.size(); ++i) {
        const QDateTime end = jobs[i].finishedAt;
        if (!end.isValid() || !jobs[i].startedAt.isValid())
            continue; // one that never ran holds up nobody
        for (int j = 0; j < jobs.size(); ++j) {
            const QDateTime begin = jobs[j].startedAt;
            // Two that took no time at all are not before one another: no circles.
            if (i != j && (begin.isValid() ? end <= begin && jobs[i].startedAt < begin : !isEnded(jobs[j].state)))
                relations.add(i, j);
        }
    }
}

Indices topologicalOrder(const Relations &relations)
{
    const std::size_t size = relations.after.size();
    std::vector<std::size_t> open(size);
    Indices order;
    for (std::size_t i = 0; i < size; ++i) {
        open[i] = relations.before[i].size();
        if (open[i] == 0)
            order.push_back(static_cast<int>(i));
    }
    for (std::size_t done = 0; done < order.size(); ++done) {
        for (const int to : relations.after[static_cast<std::size_t>(order[done])]) {
            if (--open[static_cast<std::size_t>(to)] == 0)
                order.push_back(to);
        }
    }
    return order;
}

} // namespace

Order relate(const RunDetail &detail, Relations &relations, int &unknown)
{
    if (hasNeeds(detail.jobs)) {
        relateByNeeds(detail.jobs, relations, unknown);
        return Order::Needs;
    }
    if (const QStringList names = stagesOf(detail.jobs); names.size() > 1) {
        relateByStages(detail.jobs, names, relations);
        return Order::Stages;
    }
    if (!detail.graphNote.isEmpty()) { // the vendor does not tell
        relateByTimes(detail.jobs, relations);
        return Order::Times;
    }
    return Order::Needs; // it does: they need nothing
}

std::vector<std::pair<int, int>> backEdges(const Relations &relations)
{
    enum class Mark : char { New, OnTheWay, Done };
    const std::size_t size = relations.after.size();
    std::vector<Mark> marks(size, Mark::New);
    std::vector<std::size_t> nextOf(size, 0);
    std::vector<std::pair<int, int>> back;
    for (std::size_t root = 0; root < size; ++root) {
        if (marks[root] != Mark::New)
            continue;
        Indices way{static_cast<int>(root)};
        marks[root] = Mark::OnTheWay;
        while (!way.empty()) {
            const auto at = static_cast<std::size_t>(way.back());
            if (nextOf[at] == relations.after[at].size()) {
                marks[at] = Mark::Done;
                way.pop_back();
                continue;
            }
            const int to = relations.after[at][nextOf[at]++];
            Mark &mark = marks[static_cast<std::size_t>(to)];
            if (mark == Mark::OnTheWay) {
                back.emplace_back(static_cast<int>(at), to);
            } else if (mark == Mark::New) {
                mark = Mark::OnTheWay;
                way.push_back(to);
            }
        }
    }
    return back;
}

QList<graph::Edge> reduced(const Relations &relations)
{
    const std::size_t size = relations.after.size();
    const Indices order = topologicalOrder(relations);
    std::vector<int> placeOf(size, 0);
    for (std::size_t i = 0; i < order.size(); ++i)
        placeOf[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
    std::vector<Flags> reaches(size, Flags(size, 0));
    std::vector<Indices> kept(size);
    for (auto node = order.crbegin(); node != order.crend(); ++node) {
        const auto at = static_cast<std::size_t>(*node);
        Indices nearestFirst = relations.after[at];
        std::sort(nearestFirst.begin(), nearestFirst.end(), [&placeOf](int a, int b) {
            return placeOf[static_cast<std::size_t>(a)] < placeOf[static_cast<std::size_t>(b)];
        });
        Flags &reach = reaches[at];
        for (const int to : nearestFirst) {
            if (reach[static_cast<std::size_t>(to)] != 0)
                continue;
            kept[at].push_back(to);
            const Flags &further = reaches[static_cast<std::size_t>(to)];
            std::transform(reach.begin(), reach.end(), further.begin(), reach.begin(),
                           [](char a, char b) { return static_cast<char>(a | b); });
            reach[static_cast<std::size_t>(to)] = 1;
        }
        std::sort(kept[at].begin(), kept[at].end());
    }
    QList<graph::Edge> edges;
    for (std::size_t from = 0; from < size; ++from) {
        for (const int to : kept[from])
            edges.append({static_cast<int>(from), to});
    }
    return edges;
}

Relations without(const Relations &relations, const std::vector<std::pair<int, int>> &left)
{
    Relations rest(relations.after.size());
    for (std::size_t from = 0; from < relations.after.size(); ++from) {
        for (const int to : relations.after[from]) {
            if (std::find(left.begin(), left.end(), std::pair(static_cast<int>(from), to)) == left.end())
                rest.add(static_cast<int>(from), to);
        }
    }
    rest.settle();
    return rest;
}

} // namespace signalbox::stages

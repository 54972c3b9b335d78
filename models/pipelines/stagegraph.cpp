#include "models/pipelines/stagegraph.h"

#include "models/pipelines/stagerelations.h"

#include <QMap>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

namespace signalbox::stages
{

namespace
{

// "test" and "ubuntu, 3.11" of "test (ubuntu, 3.11)"; nothing behind: the name is whole.
std::pair<QString, QString> partsOf(const QString &name)
{
    static const QRegularExpression matrix(
        QStringLiteral("^(.*\\S)\\s*(?:\\((.+)\\)|:\\s*\\[(.+)\\]|\\s(\\d+/\\d+))$"));
    const auto match = matrix.match(name.trimmed());
    if (!match.hasMatch())
        return {name, {}};
    QString rest;
    for (int i = 2; i <= match.lastCapturedIndex(); ++i)
        rest += match.captured(i);
    return {match.captured(1), rest};
}

bool hasStarted(const Job &job)
{
    return job.startedAt.isValid() || (isEnded(job.state) && job.state != RunState::Skipped);
}

Node nodeOfJobs(const QList<Job> &jobs)
{
    Node node;
    node.id = jobs.size() == 1 ? jobs.first().id : QStringLiteral("group:") + jobs.first().id;
    node.title = jobs.size() == 1 ? jobs.first().name : partsOf(jobs.first().name).first;
    node.stage = jobs.first().stage;
    node.state = stateOf(jobs);
    node.mayFail = true;
    for (const Job &job : jobs) {
        node.jobs.append(job.id);
        if (jobs.size() > 1)
            node.titles.append(partsOf(job.name).second);
        node.ended += isEnded(job.state) ? 1 : 0;
        node.mayFail = node.mayFail && job.mayFail;
        if (job.startedAt.isValid() && (!node.startedAt.isValid() || job.startedAt < node.startedAt))
            node.startedAt = job.startedAt;
        if (job.finishedAt.isValid() && (!node.finishedAt.isValid() || job.finishedAt > node.finishedAt))
            node.finishedAt = job.finishedAt;
    }
    if (node.ended < jobs.size())
        node.finishedAt = {};
    return node;
}

// Which jobs make which node, in the order of the first of each.
std::vector<Indices> grouped(const QList<Job> &jobs, const Relations &relations, const Options &options)
{
    struct Likeness
    {
        QString base;
        QString stage;
        Indices before;
        Indices after;
        bool operator==(const Likeness &) const = default;
    };
    std::vector<std::pair<Likeness, Indices>> groups;
    QHash<QString, QList<std::size_t>> byBase; // places in `groups`
    for (int i = 0; i < jobs.size(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        const auto [base, rest] = partsOf(jobs[i].name);
        const Likeness likeness{base, jobs[i].stage, relations.before[at], relations.after[at]};
        QList<std::size_t> &candidates = byBase[base];
        const auto found = rest.isEmpty() ? candidates.cend()
                                          : std::find_if(candidates.cbegin(), candidates.cend(), [&](std::size_t one) {
                                                return groups[one].first == likeness &&
                                                       !partsOf(jobs[groups[one].second.front()].name).second.isEmpty();
                                            });
        if (found != candidates.cend()) {
            groups[*found].second.push_back(i);
            continue;
        }
        candidates.append(groups.size());
        groups.push_back({likeness, {i}});
    }
    std::vector<Indices> members;
    for (const auto &[likeness, some] : groups) {
        const bool isMany = options.groupFrom > 0 && static_cast<int>(some.size()) >= std::max(2, options.groupFrom);
        const QString id = QStringLiteral("group:") + jobs[some.front()].id;
        if (isMany && !options.opened.contains(id)) {
            members.push_back(some);
        } else {
            for (const int one : some)
                members.push_back({one});
        }
    }
    std::sort(members.begin(), members.end());
    return members;
}

// Of the neighbours the one nearest in height, then the upper; -1: there are none.
int nearest(const Indices &neighbours, const graph::Layout &layout, int node)
{
    int best = -1;
    const auto distance = [&](int other) { return std::abs(layout.places[other].row - layout.places[node].row); };
    for (const int one : neighbours) {
        if (best < 0 ||
            std::pair(distance(one), layout.places[one].row) < std::pair(distance(best), layout.places[best].row))
            best = one;
    }
    return best;
}

} // namespace

int Graph::nodeOf(const QString &jobId) const
{
    for (int i = 0; i < nodes.size(); ++i) {
        if (nodes[i].jobs.contains(jobId))
            return i;
    }
    return -1;
}

RunState stateOf(const QList<Job> &jobs)
{
    if (jobs.size() == 1)
        return jobs.first().state;
    const auto any = [&jobs](RunState state) {
        return std::any_of(jobs.cbegin(), jobs.cend(), [state](const Job &job) { return job.state == state; });
    };
    const bool failedForAll = std::any_of(jobs.cbegin(), jobs.cend(),
                                          [](const Job &job) { return job.state == RunState::Failed && !job.mayFail; });
    if (failedForAll)
        return RunState::Failed;
    for (const RunState state : {RunState::Waiting, RunState::Running}) {
        if (any(state))
            return state;
    }
    const bool isBegun = std::any_of(jobs.cbegin(), jobs.cend(), hasStarted);
    if (isBegun && (any(RunState::Queued) || any(RunState::NotStarted)))
        return RunState::Running;
    for (const RunState state : {RunState::Queued, RunState::Cancelled, RunState::Unknown, RunState::Unstable}) {
        if (any(state))
            return state;
    }
    if (any(RunState::Failed)) // those that may
        return RunState::Unstable;
    if (any(RunState::Passed))
        return RunState::Passed;
    return any(RunState::NotStarted) ? RunState::NotStarted : RunState::Skipped;
}

Graph graphOf(const RunDetail &detail, const Options &options)
{
    const QList<Job> &jobs = detail.jobs;
    Graph made;
    Relations ofJobs(static_cast<std::size_t>(jobs.size()));
    made.order = relate(detail, ofJobs, made.unknownNeeds);
    ofJobs.settle();

    const std::vector<Indices> members = grouped(jobs, ofJobs, options);
    std::vector<int> nodeOfJob(static_cast<std::size_t>(jobs.size()), 0);
    for (std::size_t node = 0; node < members.size(); ++node) {
        QList<Job> some;
        for (const int job : members[node]) {
            nodeOfJob[static_cast<std::size_t>(job)] = static_cast<int>(node);
            some.append(jobs[job]);
        }
        made.nodes.append(nodeOfJobs(some));
    }
    Relations ofNodes(members.size());
    for (std::size_t from = 0; from < ofJobs.after.size(); ++from) {
        for (const int to : ofJobs.after[from]) {
            const int fromNode = nodeOfJob[from];
            const int toNode = nodeOfJob[static_cast<std::size_t>(to)];
            if (fromNode != toNode)
                ofNodes.add(fromNode, toNode);
        }
    }
    ofNodes.settle();

    const auto back = backEdges(ofNodes);
    made.hasCircle = !back.empty();
    made.edges = reduced(made.hasCircle ? without(ofNodes, back) : ofNodes);
    for (const auto &[from, to] : back)
        made.edges.append({from, to});
    return made;
}

graph::Layout layoutOf(const Graph &graph)
{
    return graph::layOut(static_cast<int>(graph.nodes.size()), graph.edges);
}

QList<int> readingOrder(const graph::Layout &layout)
{
    QList<int> order(layout.places.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&layout](int a, int b) {
        const graph::Place &one = layout.places[a];
        const graph::Place &other = layout.places[b];
        return std::tuple(one.layer, one.row, a) < std::tuple(other.layer, other.row, b);
    });
    return order;
}

int next(const Graph &graph, const graph::Layout &layout, int node, Move move)
{
    const QList<int> order = readingOrder(layout);
    if (order.isEmpty())
        return -1;
    if (node < 0 || node >= layout.places.size() || move == Move::First)
        return order.first();
    if (move == Move::Last)
        return order.last();
    if (move == Move::Up || move == Move::Down) {
        const qsizetype at = order.indexOf(node) + (move == Move::Up ? -1 : 1);
        const bool isThere =
            at >= 0 && at < order.size() && layout.places[order[at]].layer == layout.places[node].layer;
        return isThere ? order[at] : node;
    }
    Indices neighbours;
    for (const graph::Edge &edge : graph.edges) {
        if (move == Move::Right && edge.from == node)
            neighbours.push_back(edge.to);
        else if (move == Move::Left && edge.to == node)
            neighbours.push_back(edge.from);
    }
    const int found = nearest(neighbours, layout, node);
    return found < 0 ? node : found;
}

} // namespace signalbox::stages

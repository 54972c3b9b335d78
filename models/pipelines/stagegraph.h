#pragma once

#include "models/graph/layeredlayout.h"
#include "models/pipelines/run.h"

#include <QHash>
#include <QSet>

// A run's jobs as a graph to be drawn: what needs what, without what follows from the rest, and many jobs of one matrix
// as one node. Where the nodes stand is models/graph/layeredlayout.h's. Pure.
namespace signalbox::stages
{

struct Node
{
    // Of the job; of a group "group:" and the id of its first job. The same as long as the run's jobs are.
    QString id;
    QString title;      // "build"; of a group what its jobs have in common: "test"
    QStringList titles; // of a group: what tells its jobs apart, as `jobs`: "ubuntu, 3.11"
    QStringList jobs;   // ids, in the vendor's order; several: a group
    QString stage;
    RunState state = RunState::Unknown; // of a group: what matters most of it, see stateOf()
    int ended = 0;                      // of its jobs
    bool mayFail = false;               // all of them may
    QDateTime startedAt;                // the first of them
    QDateTime finishedAt;               // the last; invalid: not all have ended
    bool isGroup() const { return jobs.size() > 1; }
    bool operator==(const Node &) const = default;
};

// Where the edges come from.
enum class Order {
    Needs,  // the vendor, or its adapter, says what a job needs
    Stages, // nothing is needed, but there are stages: each job waits for all of the stage before
    Times,  // nothing is known but times: a job comes after those that had ended when it started. A guess: it is told
};

struct Graph
{
    QList<Node> nodes;        // in the vendor's order, a group at its first job
    QList<graph::Edge> edges; // from what is needed to what needs it; transitively reduced, but for circles
    Order order = Order::Needs;
    bool hasCircle = false;                 // what cannot be; drawn backwards
    int unknownNeeds = 0;                   // ids in `needs` that no job has; left out
    int nodeOf(const QString &jobId) const; // -1: none
    bool operator==(const Graph &) const = default;
};

struct Options
{
    int groupFrom = 3;    // jobs of one matrix that become a group; 0: none do
    QSet<QString> opened; // ids of groups that are shown as their jobs
};

// Jobs are of one matrix when they are named alike but for what stands behind the name ("test (a, b)" of GitHub,
// "test: [a, b]" and "test 2/5" of GitLab), are of one stage, need the same and are needed by the same.
Graph graphOf(const RunDetail &detail, const Options &options = {});
graph::Layout layoutOf(const Graph &graph);

// What several jobs are together: failed when one of them failed (and may not), else waiting, running, queued,
// cancelled, unknown, unstable as soon as one is; begun but not yet started in part is running; else passed, when one
// passed, else skipped or not started.
RunState stateOf(const QList<Job> &jobs);

enum class Move { Left, Right, Up, Down, First, Last };
// The node that a key goes to: left to what is needed, right to what needs it, of several the one nearest in height
// (then the upper); up and down within the layer. `node` itself where there is none; without a node (-1) the first of
// readingOrder(); -1 when there is no node at all. `layout` is of `graph`.
int next(const Graph &graph, const graph::Layout &layout, int node, Move move);
// Layer by layer from the left, each from above: for screen readers and the Tab key.
QList<int> readingOrder(const graph::Layout &layout);

} // namespace signalbox::stages

#pragma once

#include "models/pipelines/run.h"

#include <QStringList>

#include <memory>

namespace signalbox
{

// One row of the list of runs: a heading, a run, or what asks for older ones.
struct RunRow
{
    enum class Kind { Heading, Run, More };
    Kind kind = Kind::Run;
    QString key;     // stable
    QString heading; // of Heading
    int count = 0;   // of Heading: the runs below it
    Run run;
    QString pipeline; // title
    QString application;
    QString vendor;
    QStringList more;    // of More: keys of the pipelines that have older runs
    QDateTime staleFrom; // when what the row says was true; invalid: it is live
    QString id() const { return key; }
    bool operator==(const RunRow &) const = default;
};
// Rows are large and there are thousands: lists of them are lists of pointers. Never null.
using RunRowPtr = std::shared_ptr<const RunRow>;

// What a chip stands for; the seven states are too many to choose from.
enum class RunFilter { Running, Waiting, Failed, Passed, Other };
RunFilter runFilterOf(RunState state);
size_t qHash(RunFilter filter, size_t seed = 0);

enum class RunGroup { None, Pipeline, State, Application };

bool isLater(const RunRow &a, const RunRow &b); // the order of runs: newest first

QString runTitle(const QString &pipeline, const Run &run); // "image-classifier #1290"
QString runWhere(const Run &run);                          // branch, tag or short commit
QString spokenRun(const RunRow &row, const QDateTime &now);

} // namespace signalbox

Q_DECLARE_TYPEINFO(signalbox::RunRow, Q_RELOCATABLE_TYPE);
Q_DECLARE_METATYPE(signalbox::RunRow)

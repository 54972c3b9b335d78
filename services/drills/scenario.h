#pragma once

#include "models/domain/drill.h"
#include "models/domain/result.h"
#include "services/sandbox/world/faults.h"

#include <QByteArray>

#include <map>
#include <vector>

namespace signalbox::drills
{

using TrackShares = std::map<QString, int>; // per cent by track

// A question to the practice Prometheus; true when it has an answer, or when it has none.
struct Condition
{
    std::string query;
    bool whenEmpty = false;
    QString text; // what it means when it is true, for people
};

// What a chart of the window must have painted to show the fault: the latest value of a line, or that the lines ended.
struct ShownFault
{
    QString panel;               // MetricPanel::id; empty: any of the application's
    QString track;               // empty: any
    std::optional<qint64> above; // in the panel's unit
    std::optional<qint64> below;
    std::optional<qint64> risesBy; // per cent over what it was when the drill began
    bool ends = false;
};

struct DrillFault
{
    sandbox::FaultSpec spec;
    bool isBeforehand = false; // there before the drill begins
    int afterSeconds = 0;
    int lastsSeconds = 0; // 0: to the end of the drill
};

// What an action was worth. The first rule that fits counts.
struct Rule
{
    enum class On { Shares, Rollout, Restart, Scale, Pause, StandDown };
    On on = On::Shares;
    QString track;             // empty: any
    QString to;                // Rollout: the version; empty: any
    std::optional<int> is;     // Shares: what `track` has now
    std::optional<bool> rises; // Shares: `track` has more than before (false: less)
    bool whileBad = false;
    DrillMoment::Mark mark = DrillMoment::Mark::None;
    QString text; // why
};

struct Recovery
{
    struct Way
    {
        TrackShares shares;   // these tracks have that much
        bool isQuiet = false; // nothing is bad any more
    };
    bool byStandDown = false; // it was nobody's to repair
    std::vector<Way> any;
    int quietSeconds = 8; // it must hold so long
};

struct Scenario
{
    DrillInfo info;
    TrackShares shares; // at the beginning; empty: as they were at the start of the world
    QString probeTag;   // a pod that tries to pull this image is there, so that it can be known that it cannot
    std::vector<DrillFault> faults;
    QString faultText; // what was done, told afterwards
    Condition bad;
    Condition sign; // what the metrics show of it; a screen that reads them shows it some seconds later
    ShownFault shown;
    std::vector<Rule> rules;
    Recovery recovery;
    QString fasterPath;
};

// An error names its place.
Result<std::vector<Scenario>> parseScenarios(const QByteArray &json, const QString &fileName);
// Those built into the program.
const std::vector<Scenario> &builtInScenarios();
// With its texts for people in the language of the moment; the table is English.
Scenario inWords(Scenario scenario);

} // namespace signalbox::drills

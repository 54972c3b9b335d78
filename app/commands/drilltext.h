#pragma once

#include "app/exitstatus.h"
#include "models/domain/drill.h"

// What `signalbox drill` prints: for people, and as --json.
namespace signalbox::commands
{

QString drillsText(const QList<DrillInfo> &drills, const QList<Debrief> &history);
QString attemptsText(const QList<Debrief> &history);
QString debriefText(const Debrief &debrief);
QString drillsJson(const QList<DrillInfo> &drills, const QList<Debrief> &history);
QString debriefJson(const Debrief &debrief, ExitStatus status);

} // namespace signalbox::commands

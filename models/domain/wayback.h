#pragma once

#include "models/domain/application.h"

// What going back goes away from, and which running track it goes to: one choice for whoever suggests or rehearses it.
namespace signalbox
{

// Of the tracks that get traffic the one rolled out last; a newer one that gets none is a way on. Where nothing tells
// who gets any, the first that has workloads. Null: there is none.
const Track *newestLiveTrack(const Deployed &deployed);
// The newest other track that runs, could take everything and was rolled out before that one. Null: none, or nothing
// tells that this one gets any traffic: then moving traffic is no way away from it.
const Track *trackToGoBackTo(const Deployed &deployed);
// Where one version has all traffic and a newer one waits, that is a way on. Unless what is live fails, by its pods or
// by its figures, nothing asks to go back.
bool hasNothingToLeave(const Deployed &of, const QStringList &failing);

} // namespace signalbox

#include "services/feeds/metricsubject.h"

#include <algorithm>

namespace signalbox
{

MetricSubject subjectOf(const Deployed &deployed)
{
    MetricSubject subject;
    subject.application = deployed.application;
    subject.ns = deployed.ns;
    for (const Track &track : deployed.tracks) {
        MetricTrack known{track.name, {}, track.version};
        for (const ObjectRef &workload : track.workloads)
            known.workloads.append(workload.name);
        subject.tracks.append(known);
    }
    std::sort(subject.tracks.begin(), subject.tracks.end(),
              [](const MetricTrack &a, const MetricTrack &b) { return a.name < b.name; });
    return subject;
}

} // namespace signalbox

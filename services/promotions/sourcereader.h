#pragma once

#include "services/ports/sourcerepository.h"
#include "services/promotions/worldreader.h"

namespace signalbox
{

// What the source repository says of one promotion: which commit its release is now, which one the target's users
// get (whatever an idle track has), and what lies between them. In this order a release's commit is told by: the
// image's own label, in its registry or as the running workload repeats it (the digest stands for it; where it names a
// commit nothing else is believed), its version as a tag of the repository now, the commit that was asked for, what the
// ledger knows of the digest. A branch is no release: it goes on. Without a repository (null) the request's own list of
// commits is what is known of authors, as for `signalbox gate`.
[[nodiscard]] QFuture<Result<SourceReading>> readPromotionSource(QObject *context, SourceRepository *repository,
                                                                 const PromotionInQuestion &question,
                                                                 const ApplicationReading &application, bool fetches,
                                                                 const StopToken &stop);

} // namespace signalbox

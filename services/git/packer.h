#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"

namespace signalbox::git
{

// Whether a repository has more than about `most` loose objects. Looks into one of 256 folders, as git's own gc does:
// cheap enough after every commit.
bool hasManyLooseObjects(const QString &repository, qsizetype most);

// Puts the loose objects of a bare repository into one pack and removes them, once every one of them has been read back
// from it; how many. Blocks. May be killed at any moment, and others may read and write meanwhile: an object is in at
// least one of both places all the time. Whatever fails leaves the loose ones where they are; so is one left that is
// damaged.
Result<qsizetype> packLooseObjects(const QString &repository, const StopToken &stop);

} // namespace signalbox::git

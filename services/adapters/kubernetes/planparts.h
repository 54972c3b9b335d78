#pragma once

#include <nlohmann/json.hpp>

// What a call sets, told apart from what a server adds to it. A default that it fills in or a webhook's annotation does
// not make a write somebody else's; nothing of the written values is kept, for it goes to the journal.
namespace signalbox::kubernetes
{

// Of a value that is written in the place of `before` (null: nothing): the names of its members, one digest of what is
// in them, and the members that have to be gone.
nlohmann::json partsOf(const nlohmann::json &before, const nlohmann::json &written);
// `live` has all that was written, and nothing that has to be gone. It may have members more, not elements more.
bool holdsParts(const nlohmann::json &parts, const nlohmann::json &live);

} // namespace signalbox::kubernetes

#pragma once

#include "services/ledger/canonicaldocument.h"
#include "services/ledger/canonicaljson.h"
#include "services/ledger/ledgerentry.h"

namespace signalbox::test
{

// Read the other way: proven to be canonical and taken apart in one pass.
inline Result<LedgerEntry> readInOnePass(const nlohmann::json &json)
{
    CanonicalDocument document;
    const auto bytes = canonicalJson(json);
    if (!bytes || !document.parse(*bytes))
        return Error{ErrorKind::Internal, QStringLiteral("not proven"), {}};
    return ledgerEntryFrom(document);
}

} // namespace signalbox::test

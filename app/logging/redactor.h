#pragma once

#include <QString>

namespace signalbox
{

// The last line of defence of the log: hides what looks like a credential (Authorization headers, bearer and basic
// values, token=..., password: ..., JSON web tokens, private keys in PEM, user information in URLs). Nothing may rely
// on it: what is secret is a Secret and never reaches a message. Thread-safe; costs one scan when there is nothing to
// hide.
QString redacted(const QString &text);

} // namespace signalbox

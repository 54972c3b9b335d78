#pragma once

#include <QByteArray>
#include <QString>

namespace signalbox::ledger
{

// Someone else's text in one line: its first `most` bytes, with a ? for whatever a screen or a terminal could take for
// something else.
QString printable(const QByteArray &text, qsizetype most = 200);

} // namespace signalbox::ledger

#pragma once

#include <memory>

class QString;
class QTranslator;

namespace signalbox
{

// Our texts in the language of this tag ("en", "zh_CN"), to be installed by whoever speaks it; null where there are
// none. English is one of them: "1 job", "2 jobs" for what the sources call "%n job(s)". Needs no window, so the
// command line has its plurals from here too. GUI thread; the caller owns it and keeps it while it is installed.
std::unique_ptr<QTranslator> loadTexts(const QString &tag);

} // namespace signalbox

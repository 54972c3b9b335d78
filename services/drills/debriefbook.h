#pragma once

#include "models/domain/drill.h"
#include "models/domain/result.h"
#include "services/async/serialqueue.h"

#include <QFuture>

namespace signalbox::drills
{

// Where debriefs are kept, below the program's data folder: drills.git, a ledger of their own. The operator's ledger
// may be signed, and shared, with a key that a drill has no business to ask for; of it only the debriefs that were
// written there before are read. A debrief is first put into a file of drills.unwritten, which goes once it is in
// drills.git: what could not be written, or was cut off, is written at the next call. Calls from any thread; works on
// a thread of its own. The destructor waits for what was asked.
class DebriefBook
{
public:
    explicit DebriefBook(QString dataFolder);

    static QString path(const QString &dataFolder);          // drills.git
    static QString olderPath(const QString &dataFolder);     // ledger.git
    static QString unwrittenPath(const QString &dataFolder); // the folder

    struct Pages
    {
        QList<Debrief> debriefs; // oldest first, each once, the unwritten ones too
        QList<Error> problems;   // what could not be read, or still not be written: the others are there
    };
    [[nodiscard]] QFuture<Result<Pages>> read(int most);
    // An error says why, and where the debrief is kept meanwhile.
    [[nodiscard]] QFuture<Result<void>> keep(Debrief debrief);

private:
    QString m_folder;
    SerialQueue m_queue;
};

} // namespace signalbox::drills

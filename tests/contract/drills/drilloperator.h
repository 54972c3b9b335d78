#pragma once

#include "app/wiring/session.h"
#include "services/drills/practicedrills.h"
#include "services/ports/rollbackprovider.h"
#include "services/sandbox/sandbox.h"

#include <QTemporaryDir>

namespace signalbox::test
{

// Somebody at the console of a practice world whose time runs fast: the real session on its servers, and the drills.
class DrillOperator
{
public:
    static constexpr double pace = 12;

    DrillOperator();
    ~DrillOperator();

    bool open(); // false: the applications were not listed
    // Starts the drill and waits until it is running.
    bool begin(const QString &drill);
    // Until the world shows the trouble as an operator could see it; then says so.
    bool see();
    // The share of a track in per cent, in one move; the rest to the other one.
    bool goBackTo(const QString &track);          // all of the traffic
    bool goOn(const QString &track, int percent); // a step forward
    bool rollBack(const QString &to);             // a version; of the application's only workload. False: not effective
    QString suggested() const; // the version that going back without naming one takes; empty: none, or not agreed on
    bool restart();
    bool isStuck() const;              // a pod of the application cannot pull its image
    bool waitForEnd(int seconds = 40); // of the wall's time

    drills::PracticeDrills &yard() { return *m_drills; }
    Debrief debrief() const { return m_drills->debrief().value_or(Debrief{}); }
    QString dataFolder() const { return m_folder.filePath(QStringLiteral("own")); }
    QString ledgerPath() const { return drills::DebriefBook::path(dataFolder()); }

private:
    const Deployed *deployed() const; // of the drill's application
    template <typename T>
    std::optional<T> wait(const QFuture<Result<T>> &future) const;
    bool shift(const QString &track, int percent, Direction direction);
    bool carryOut(const Plan &plan, bool isLong);
    RollbackOrder rollbackOrder(const Deployed &where) const; // names no revision
    DrillInfo info() const;

    QTemporaryDir m_folder;
    std::unique_ptr<sandbox::Sandbox> m_world;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<drills::PracticeDrills> m_drills;
    QString m_drill;
};

} // namespace signalbox::test

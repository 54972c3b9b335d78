#pragma once

#include "app/console/tour/operator.h"
#include "ui/shell/page.h"

#include <QList>

#include <chrono>

namespace signalbox
{

// One thing the operator does, and what must be seen after it.
struct TourStep
{
    // Done, or why not yet: tried again until the limit. May be empty: only looks.
    using Act = std::function<TourOperator::Doubt(TourOperator &)>;
    // Seen, or what is there instead.
    using Look = std::function<TourOperator::Doubt(const TourOperator &)>;
    // What is there now, in words, for the report.
    using Tell = std::function<QString(const TourOperator &)>;

    QString title;
    Act act = {};
    Look look = {};
    Tell tell = {};
    std::chrono::milliseconds limit = std::chrono::seconds(20);
    QString picture = {}; // taken when it is seen; empty: none
    bool letsGo = false;  // what is held down is let go then
};

// The practice world's story as an operator lives it: a release waits, traffic is shifted to it in steps, it turns out
// to be bad, the way back is taken, and the numbers recover. Meanwhile a promotion is approved and carried out, a run
// at a vendor is let through its gate, and every screen of `pages` is seen.
QList<TourStep> tourScript(const QList<PageEntry> &pages);
// What a window shows in which nothing is open yet, where the kubeconfig found on the machine has `contexts`.
QList<TourStep> firstStartScript(const QStringList &contexts);
// The story's part that goes back, for others' stories: the chord from any screen, Enter to the button, Enter held
// until the rollback is under way, and its end observed.
QList<TourStep> stepsBack();

} // namespace signalbox

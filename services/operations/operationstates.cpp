#include "services/operations/operationstates.h"

#include <QCoreApplication>
#include <QMetaEnum>

#include <algorithm>
#include <array>

namespace signalbox
{
namespace
{

using S = OperationState;
using E = OperationEvent;

constexpr std::array transitions{
    OperationTransition{S::Planned, E::Started, S::Preflight},
    OperationTransition{S::Planned, E::CancelRequested, S::Finished},

    OperationTransition{S::Preflight, E::ChecksPassed, S::AwaitingConfirmation},
    OperationTransition{S::Preflight, E::ChecksBlocked, S::Finished},
    OperationTransition{S::Preflight, E::DryRunEnded, S::Finished},
    OperationTransition{S::Preflight, E::Replanned, S::Preflight},
    OperationTransition{S::Preflight, E::CancelRequested, S::Finished},

    OperationTransition{S::AwaitingConfirmation, E::HoldBegan, S::Journaling},
    OperationTransition{S::AwaitingConfirmation, E::Replanned, S::Preflight},
    OperationTransition{S::AwaitingConfirmation, E::CancelRequested, S::Finished},

    OperationTransition{S::Journaling, E::Ready, S::Armed},
    OperationTransition{S::Journaling, E::LockRefused, S::Finished},
    OperationTransition{S::Journaling, E::JournalFailed, S::Finished},

    OperationTransition{S::Armed, E::Confirmed, S::Executing},
    OperationTransition{S::Armed, E::HoldReleased, S::AwaitingConfirmation},
    OperationTransition{S::Armed, E::CancelRequested, S::Recording},
    OperationTransition{S::Armed, E::PreemptRequested, S::Recording},

    OperationTransition{S::Executing, E::Accepted, S::Observing},
    OperationTransition{S::Executing, E::CallRefused, S::Recording},
    OperationTransition{S::Executing, E::AnswerLost, S::Resolving},
    OperationTransition{S::Executing, E::PreemptOverdue, S::Recording},

    OperationTransition{S::Resolving, E::TookPlace, S::Observing},
    OperationTransition{S::Resolving, E::DidNotTakePlace, S::Recording},
    OperationTransition{S::Resolving, E::CannotTell, S::Recording},
    OperationTransition{S::Resolving, E::PreemptRequested, S::Recording},

    OperationTransition{S::Observing, E::EffectiveDwell, S::Dwelling},
    OperationTransition{S::Observing, E::EffectivePaused, S::Paused},
    OperationTransition{S::Observing, E::EffectiveNext, S::Executing},
    OperationTransition{S::Observing, E::EffectiveLast, S::Recording},
    OperationTransition{S::Observing, E::NotEffective, S::Recording},
    OperationTransition{S::Observing, E::CannotTell, S::Recording},
    OperationTransition{S::Observing, E::AbandonRequested, S::PlanningReversal},
    OperationTransition{S::Observing, E::CancelRequested, S::Recording},
    OperationTransition{S::Observing, E::PreemptRequested, S::Recording},

    OperationTransition{S::Dwelling, E::DwellOver, S::Executing},
    OperationTransition{S::Dwelling, E::DwellSkipped, S::Executing},
    OperationTransition{S::Dwelling, E::PauseRequested, S::Paused},
    OperationTransition{S::Dwelling, E::ClockJumped, S::Paused},
    OperationTransition{S::Dwelling, E::AbandonRequested, S::PlanningReversal},
    OperationTransition{S::Dwelling, E::CancelRequested, S::Recording},
    OperationTransition{S::Dwelling, E::PreemptRequested, S::Recording},

    OperationTransition{S::Paused, E::Resumed, S::Dwelling},
    OperationTransition{S::Paused, E::DwellSkipped, S::Executing},
    OperationTransition{S::Paused, E::AbandonRequested, S::PlanningReversal},
    OperationTransition{S::Paused, E::CancelRequested, S::Recording},
    OperationTransition{S::Paused, E::PreemptRequested, S::Recording},

    OperationTransition{S::PlanningReversal, E::ReversalPlanned, S::Reversing},
    OperationTransition{S::PlanningReversal, E::ReversalUnplannable, S::Recording},
    OperationTransition{S::PlanningReversal, E::PreemptRequested, S::Recording},

    OperationTransition{S::Reversing, E::Accepted, S::ObservingReversal},
    OperationTransition{S::Reversing, E::CallRefused, S::Recording},
    OperationTransition{S::Reversing, E::AnswerLost, S::ResolvingReversal},
    OperationTransition{S::Reversing, E::PreemptOverdue, S::Recording},

    OperationTransition{S::ResolvingReversal, E::TookPlace, S::ObservingReversal},
    OperationTransition{S::ResolvingReversal, E::DidNotTakePlace, S::Recording},
    OperationTransition{S::ResolvingReversal, E::CannotTell, S::Recording},
    OperationTransition{S::ResolvingReversal, E::PreemptRequested, S::Recording},

    OperationTransition{S::ObservingReversal, E::EffectiveNext, S::PlanningReversal},
    OperationTransition{S::ObservingReversal, E::EffectiveLast, S::Recording},
    OperationTransition{S::ObservingReversal, E::NotEffective, S::Recording},
    OperationTransition{S::ObservingReversal, E::CannotTell, S::Recording},
    OperationTransition{S::ObservingReversal, E::PreemptRequested, S::Recording},

    OperationTransition{S::Recording, E::Recorded, S::Finished},
};

QString text(const char *source)
{
    return QCoreApplication::translate("signalbox::OperationState", source);
}

} // namespace

std::span<const OperationTransition> operationTransitions()
{
    return transitions;
}

std::optional<OperationState> nextState(OperationState state, OperationEvent event)
{
    const auto found = std::find_if(transitions.begin(), transitions.end(),
                                    [&](const OperationTransition &t) { return t.from == state && t.event == event; });
    if (found == transitions.end())
        return std::nullopt;
    return found->to;
}

QString operationStateName(OperationState state)
{
    QString name = QString::fromLatin1(QMetaEnum::fromType<OperationState>().valueToKey(static_cast<int>(state)));
    if (!name.isEmpty())
        name[0] = name.at(0).toLower();
    return name;
}

QString operationStateLabel(OperationState state)
{
    switch (state) {
    case S::Planned:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "Planned"));
    case S::Preflight:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "Checking"));
    case S::AwaitingConfirmation:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "Waiting for your confirmation"));
    case S::Journaling:
    case S::Armed:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "Being confirmed"));
    case S::Executing:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "Sending"));
    case S::Resolving:
    case S::ResolvingReversal:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "The answer was lost: reading what happened"));
    case S::Observing:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "Accepted: waiting for the effect"));
    case S::Dwelling:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "Waiting before the next step"));
    case S::Paused:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "Paused"));
    case S::PlanningReversal:
    case S::Reversing:
    case S::ObservingReversal:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "Taking it back"));
    case S::Recording:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "Recording"));
    case S::Finished:
        return text(QT_TRANSLATE_NOOP("signalbox::OperationState", "Finished"));
    }
    return {};
}

} // namespace signalbox

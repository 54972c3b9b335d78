#pragma once

#include <optional>

class QString;

namespace signalbox::commands
{

// What an operator can tell an operation under way, as the window's buttons do.
enum class SteeringWord { Pause, Resume, Skip, Abandon };
std::optional<SteeringWord> steeringWordOfKey(char key);

// A line of somebody's, perhaps with the step whose wait is meant.
struct SteeringOrder
{
    SteeringWord word;
    int step = 0; // from 1; 0: whichever waits
};
// "pause", "resume", "skip", "skip 2", "abandon"
std::optional<SteeringOrder> steeringOrderOf(const QString &line);

} // namespace signalbox::commands

#pragma once

#include <QTest>

#include <chrono>

namespace signalbox::test
{

// For what must not happen where no later event could show it: whether `holds` is true all that time. It is looked at
// whenever the event loop turns, so that a test fails at the moment when it happens and not at the end of a wait.
template <typename Condition>
bool stays(Condition holds, std::chrono::milliseconds time)
{
    return !QTest::qWaitFor([&holds] { return !holds(); }, static_cast<int>(time.count()));
}

} // namespace signalbox::test

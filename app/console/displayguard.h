#pragma once

#include <QtGlobal>

namespace signalbox
{

// While QApplication is made: where there is no display, or a dead one, Qt ends the program with an abort and advice
// about installing it again. This says in one sentence what is missing and ends with a status of its own, by
// which ./run makes its tour instead. Gone, everything is as before.
class DisplayGuard
{
public:
    static constexpr int noDisplay = 69; // EX_UNAVAILABLE of sysexits.h; ./run knows it

    DisplayGuard();
    ~DisplayGuard();
    DisplayGuard(const DisplayGuard &) = delete;
    DisplayGuard &operator=(const DisplayGuard &) = delete;

private:
    QtMessageHandler m_before;
};

} // namespace signalbox

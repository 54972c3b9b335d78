#pragma once

#include <QString>

// Shares of traffic in words. What is not none and not all is never rounded to either: a version that gets 4 of 1,000
// requests still hurts somebody, and 996 of them are not everything.
namespace signalbox
{

// In whole per cent: 1 for the smallest share above 0, 99 for the largest below 1.
int wholePercent(double share);
// "25 %", "0.4 %", "<0.1 %", ">99.9 %"; `decimals` for what lies between 1 and 99 % and is not whole.
QString shareText(double share, int decimals = 0);

} // namespace signalbox

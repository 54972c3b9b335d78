#pragma once

#include <QString>

namespace signalbox::policy
{

struct RiskFigure;

// What the figure says, as the beginning of RiskFigure::text: for those who tell how good it is beside it. Without a
// figure, or with one that was only recorded, all of that text.
QString riskOdds(const RiskFigure &figure);

} // namespace signalbox::policy

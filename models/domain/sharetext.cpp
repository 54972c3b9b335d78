#include "models/domain/sharetext.h"

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{
constexpr double tiny = 1e-9; // what is left over by adding shares up
}

int wholePercent(double share)
{
    if (share <= tiny)
        return 0;
    if (share >= 1 - tiny)
        return 100;
    return static_cast<int>(std::clamp(std::lround(share * 100), 1L, 99L));
}

QString shareText(double share, int decimals)
{
    const double percent = share * 100;
    if (share <= tiny || share >= 1 - tiny || std::abs(percent - wholePercent(share)) < 0.05)
        return QStringLiteral("%1 %").arg(wholePercent(share));
    if (percent < 0.05)
        return QStringLiteral("<0.1 %");
    if (percent > 99.95)
        return QStringLiteral(">99.9 %");
    return QStringLiteral("%1 %").arg(percent, 0, 'f', percent < 1 || percent > 99 ? 1 : decimals);
}

} // namespace signalbox

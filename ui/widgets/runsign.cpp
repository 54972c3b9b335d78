#include "ui/widgets/runsign.h"

#include "ui/theme/icons.h"

#include <QPainter>

#include <algorithm>

namespace signalbox
{

void paintRunState(QPainter *painter, RunState state, const QRectF &rect)
{
    if (state != RunState::Cancelled)
        return paintState(painter, healthOf(state), rect);
    const qreal side = std::min(rect.width(), rect.height());
    QRectF square(0, 0, side - 2, side - 2);
    square.moveCenter(rect.center());
    painter->fillRect(square, tokens().textFaint);
}

const Tone &runStateTone(RunState state)
{
    return state == RunState::Cancelled ? tokens().neutral : stateTone(healthOf(state));
}

} // namespace signalbox

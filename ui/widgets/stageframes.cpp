#include "ui/widgets/stageframes.h"

#include "ui/widgets/painting.h"
#include "ui/widgets/runsign.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

constexpr qreal largeSign = 30;

QRectF signRect(const StageFrames::Kind &kind, const QSizeF &size)
{
    if (kind.hasWords)
        return {10, 8, 10, 15};
    return {(size.width() - largeSign) / 2, (size.height() - largeSign) / 2, largeSign, largeSign};
}

QPixmap drawFrame(const StageFrames::Kind &kind, const QSizeF &size, double scale)
{
    const Tokens &t = tokens();
    QPixmap pixmap(int(std::ceil(size.width() * scale)), int(std::ceil(size.height() * scale)));
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.scale(scale, scale); // a picture's own ratio would not do: a painter takes none below 1
    const Health health = healthOf(kind.state);
    const bool isQuiet = health == Health::NotStarted || health == Health::Unknown;
    const QColor ground = kind.isChosen ? t.selected : kind.isHovered ? t.line : t.raised;
    // However small the box, its frame is a pixel wide.
    const qreal width = kind.isChosen ? std::max(2.2, 2 / scale) : std::max(1.5, 1 / scale);
    paintRoundedFrame(&painter, QRectF(QPointF(), size), radius::panel, ground,
                      isQuiet ? t.outline : runStateTone(kind.state).text, width);
    const QRectF sign = signRect(kind, size);
    painter.resetTransform(); // made for the pixels it takes, not scaled
    paintRunState(&painter, kind.state, QRectF(sign.topLeft() * scale, sign.size() * scale));
    painter.end();
    return pixmap;
}

} // namespace

QPixmap StageFrames::picture(const Kind &kind, const QSizeF &size, double zoom, double devicePixelRatio)
{
    if (size != m_size || zoom != m_zoom || devicePixelRatio != m_ratio || &tokens() != m_tokens) {
        m_pictures.clear();
        m_size = size;
        m_zoom = zoom;
        m_ratio = devicePixelRatio;
        m_tokens = &tokens();
    }
    const int key =
        static_cast<int>(kind.state) * 8 + (kind.isChosen ? 4 : 0) + (kind.isHovered ? 2 : 0) + (kind.hasWords ? 1 : 0);
    QPixmap &known = m_pictures[key];
    if (known.isNull()) {
        known = drawFrame(kind, size, zoom * devicePixelRatio);
        known.setDevicePixelRatio(devicePixelRatio);
    }
    return known;
}

} // namespace signalbox

#pragma once

#include <QImage>
#include <QSet>

namespace signalbox::test
{

// Colours in a part of the picture; a blank one has one or two.
inline qsizetype coloursIn(const QImage &image, const QRect &part)
{
    QSet<QRgb> colours;
    for (int y = part.top(); y <= part.bottom(); y += 2) {
        for (int x = part.left(); x <= part.right(); x += 2)
            colours.insert(image.pixel(x, y));
    }
    return colours.size();
}

} // namespace signalbox::test

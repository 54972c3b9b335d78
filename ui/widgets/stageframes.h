#pragma once

#include "models/pipelines/run.h"
#include "ui/theme/tokens.h"

#include <QHash>
#include <QPixmap>
#include <QSizeF>

namespace signalbox
{

// The boxes of a graph of stages without their words: ground, frame and sign. There are few kinds of them, so each is
// drawn once and copied. A picture belongs to its kind, not to a box: it cannot show what a box no longer is.
class StageFrames
{
public:
    struct Kind
    {
        RunState state = RunState::Unknown;
        bool isChosen = false;
        bool isHovered = false;
        bool hasWords = true; // else its sign is large and in the middle
    };
    // `size` at zoom 1. What was drawn for another size, zoom, screen or theme is dropped.
    QPixmap picture(const Kind &kind, const QSizeF &size, double zoom, double devicePixelRatio);
    qsizetype count() const { return m_pictures.size(); }

private:
    QHash<int, QPixmap> m_pictures;
    QSizeF m_size;
    double m_zoom = 0;
    double m_ratio = 0;
    const Tokens *m_tokens = nullptr; // of the theme they were drawn in
};

} // namespace signalbox

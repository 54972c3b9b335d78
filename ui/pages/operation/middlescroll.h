#pragma once

#include <QScrollArea>

namespace signalbox
{

// The part of a page that scrolls where there is no room, without frame and without taking the focus itself: what is in
// it does, and comes into view with it.
class MiddleScroll : public QScrollArea
{
    Q_OBJECT
public:
    // Takes `inner` over.
    explicit MiddleScroll(QWidget *inner, QWidget *parent = nullptr);
};

} // namespace signalbox

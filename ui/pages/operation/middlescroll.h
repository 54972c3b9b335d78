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

    // Its bar lies in a gutter of so many pixels at its right: what is in it keeps its width and its edge, with and
    // without a bar. What stands above or below it has to leave that gutter free: besideGutter().
    void setGutter(int pixels);
    static QLayout *besideGutter(QWidget *widget, int pixels);

    // Scrolls as far as needed; what is higher than the view is shown from its top.
    void bringIntoView(QWidget *part);

private:
    void keepEdge();

    int m_gutter = 0;
};

// The last row of what scrolls: takes the height that is left and asks for no more than its minimum, however much what
// is in it would like to have.
class FillingRow : public QWidget
{
    Q_OBJECT
public:
    FillingRow(int minimumHeight, QWidget *parent);

    bool hasHeightForWidth() const override { return false; }
    QSize sizeHint() const override { return {QWidget::sizeHint().width(), minimumHeight()}; }
};

} // namespace signalbox

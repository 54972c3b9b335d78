#pragma once

#include <QSlider>

namespace signalbox
{

// The name of a track as a title begins.
QString capitalised(const QString &name);

// The split of now as one bar, the candidate at the right, with a handle for what is wanted; what would move until
// there is hatched. Value: per cent of the candidate. A slider for mouse, keyboard and screen readers.
class SplitSlider : public QSlider
{
    Q_OBJECT
public:
    explicit SplitSlider(QWidget *parent = nullptr);

    void setTracks(const QString &stable, const QString &candidate);
    void setLive(int percent);                 // of the candidate; -1: unknown
    void setAllOrNothing(bool isAllOrNothing); // the router cannot divide
    QSize sizeHint() const override { return {400, 34}; }
    QSize minimumSizeHint() const override { return {200, 34}; }

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void paintHatch(QPainter &painter, const QRectF &moving, const QColor &to) const;
    void paintPlanned(QPainter &painter, const QRectF &moving) const;
    int percentAt(int x) const;
    void updateName();

    QString m_stable;
    QString m_candidate;
    int m_live = -1;
    bool m_isAllOrNothing = false;
};

} // namespace signalbox

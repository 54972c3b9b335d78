#pragma once

#include "models/domain/health.h"

#include <QList>
#include <QString>
#include <QWidget>

namespace signalbox
{

// One square: a pod.
struct PodCell
{
    QString uid;
    QString name;
    QString text; // "CrashLoopBackOff, 12 restarts": for the tool tip and screen readers
    Health health = Health::Unknown;
    float load = -1; // 0..1 of its node's mean; negative: not known

    bool operator==(const PodCell &) const = default;
};

// Thousands of pods as squares, painted in one widget. Ok pods are plain squares, all others carry the sign of their
// state. Mouse hover and arrow keys move; Enter or a click opens. Its height follows from its width.
class PodGrid : public QWidget
{
    Q_OBJECT
public:
    explicit PodGrid(QWidget *parent = nullptr);
    ~PodGrid() override;

    void setCells(const QList<PodCell> &cells);
    const QList<PodCell> &cells() const { return m_cells; }
    int currentIndex() const { return m_current; }
    void setCurrentUid(const QString &uid);
    QRect cellRect(int index) const;
    int indexAt(const QPoint &point) const; // -1: none

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    static constexpr int cellSize = 12;
    static constexpr int pitch = 15;

signals:
    void activated(const QString &uid);
    void currentChanged(const QString &uid);
    void contextMenuRequested(const QString &uid, const QPoint &globalPosition);

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    int columns(int width) const;
    void setCurrent(int index);
    QString cellText(int index) const;

    QList<PodCell> m_cells;
    int m_current = -1;
    int m_hovered = -1;
};

} // namespace signalbox

#pragma once

#include <QList>
#include <QPointer>
#include <QWidget>

#include <functional>

class QLabel;
class QPushButton;

namespace signalbox
{

// What the guide points at, and what it says there.
struct GuideStep
{
    std::function<QWidget *()> target; // asked when the step is shown; null or not visible: the step is left out
    QString title;
    QString text;
};

// The guide of the first use: a few steps, each pointing at a part of the window. Enter and Right go on, Left goes
// back, Esc skips the rest.
class GuideOverlay : public QWidget
{
    Q_OBJECT
public:
    static constexpr int mostSteps = 5;

    explicit GuideOverlay(QWidget *window);
    void start(const QList<GuideStep> &steps);
    int step() const { return m_at; } // from 0; -1: not shown
    QWidget *target() const;

signals:
    void finished(); // seen to its end, or skipped

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;

private:
    void build();
    void go(int step);
    void place();
    void leave();
    QRect hole() const; // around the target; null: none

    QList<GuideStep> m_steps;
    int m_at = -1;
    QWidget *m_card = nullptr;
    QLabel *m_count = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_text = nullptr;
    QPushButton *m_skip = nullptr;
    QPushButton *m_back = nullptr;
    QPushButton *m_next = nullptr;
    QPointer<QWidget> m_before; // had the focus
};

} // namespace signalbox

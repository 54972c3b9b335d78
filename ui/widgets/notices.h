#pragma once

#include "models/domain/health.h"

#include <QWidget>

#include <functional>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace signalbox
{

class StateSign;

// A line across the page that stays until its cause is gone: insecure TLS, an incident, stale data.
class Banner : public QWidget
{
    Q_OBJECT
public:
    explicit Banner(QWidget *parent = nullptr);

    // `strong` is set in bold before `text`. Hidden when both are empty.
    void setMessage(Health kind, const QString &strong, const QString &text);
    void setAction(const QString &label, std::function<void()> run); // empty: none
    QString text() const;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Health m_kind = Health::Warning;
    StateSign *m_sign = nullptr;
    QLabel *m_text = nullptr;
    QPushButton *m_button = nullptr;
    std::function<void()> m_run;
};

// Short notices. They lie in the room that is free for them, at its bottom; where that is little, long ones are cut
// (the tool tip has all of them) and failing ones come first, then the newest; where there is none, over the page,
// where they cover no button, no field and nothing that has the property "keepsClear": as low as that can be had and
// rather on the left, and elsewhere when the focus comes below them. Each goes by itself some time after it was first
// seen, failing ones stay until closed. One that has the focus is not put aside for others. What finds room only a
// while after it happened says when that was, or is left out where it only told of success.
class NoticeArea : public QWidget
{
    Q_OBJECT
public:
    // `room`: what is free for them, in the window's coordinates; asked each time. Empty: nothing is.
    explicit NoticeArea(QWidget *window, std::function<QRect()> room = {});

    void show(const QString &text, Health kind, const QString &action = {}, std::function<void()> run = {},
              int milliseconds = 6000);
    int count() const;
    // Anew, since what lies below may have changed: another page.
    void place();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void ageUnseen();
    int heightFor(int width) const;
    bool lieInRoom();
    void showFirst(int notices, int lines); // so many lines of each; 0: all
    void lieOverPage();
    QList<QRect> operated() const; // where a button or a field shows, and what else is not to be covered

    std::function<QRect()> m_room;
    QVBoxLayout *m_layout = nullptr;
};

} // namespace signalbox

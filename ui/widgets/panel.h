#pragma once

#include "models/domain/error.h"
#include "models/domain/freshness.h"

#include <QDateTime>
#include <QFrame>

#include <functional>

class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedLayout;

namespace signalbox
{

class AgeLabel;
class Badge;
class ElidedLabel;
class StateSign;

// A card: title, subtitle, room for controls at the right, and a body that is always in one of four states drawn on
// purpose: loading (skeleton), empty (says what to do), error (what, since when, retry), content; content may be stale.
class Panel : public QFrame
{
    Q_OBJECT
public:
    enum class State { Content, Loading, Empty, Error };

    explicit Panel(const QString &title = {}, QWidget *parent = nullptr);
    ~Panel() override;

    void setTitle(const QString &title);
    QString title() const;
    void setSubtitle(const QString &subtitle);
    QString subtitle() const;
    void setHeaderLine(bool isShown);      // between header and body; shown unless told otherwise
    void addTitleWidget(QWidget *widget);  // right behind the title: a badge
    void addHeaderWidget(QWidget *widget); // at the right end
    void setContent(QWidget *content);     // takes it over
    QWidget *content() const { return m_content; }
    // For content that consists of cards: no ground and no border while it is shown.
    void setFrameless(bool isFrameless);

    State state() const { return m_state; }
    void showContent();
    void showLoading(int rows = 4);
    // `action` empty: no button.
    void showEmpty(const QString &title, const QString &whatToDo, const QString &action = {},
                   std::function<void()> run = {});
    // `retry` empty: no button.
    void showError(const QString &title, const Error &error, const QDateTime &since, std::function<void()> retry = {});
    // Greys the content and says since when; an invalid time takes that back.
    void setStale(const QDateTime &since, const QString &reason = {});
    bool isStale() const { return m_isStale; }
    // The state a source's freshness asks for. Live and Stale show content; Denied and Failed show the error; Absent
    // the empty state with `absent` as text.
    void follow(const Freshness &freshness, const QString &absent, std::function<void()> retry);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    class Message;
    class Skeleton;
    class Title;
    class Veil;
    void fitBorder();
    void setState(State state);

    QWidget *m_header = nullptr;
    QHBoxLayout *m_headerLayout = nullptr;
    QHBoxLayout *m_titleLayout = nullptr;
    QLabel *m_title = nullptr;
    ElidedLabel *m_subtitle = nullptr;
    AgeLabel *m_staleAge = nullptr;
    StateSign *m_staleSign = nullptr;
    QWidget *m_body = nullptr;
    QStackedLayout *m_stack = nullptr;
    QWidget *m_content = nullptr;
    Message *m_message = nullptr;
    Skeleton *m_skeleton = nullptr;
    Veil *m_veil = nullptr;
    State m_state = State::Content;
    QDateTime m_staleSince;
    bool m_isStale = false;
    bool m_hasHeaderLine = true;
    bool m_isFrameless = false;
};

} // namespace signalbox

#include "ui/widgets/panel.h"

#include "ui/theme/icons.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QAbstractItemView>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QStackedLayout>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

// Bars where rows will be. Does not move: nothing is explained by a shimmer.
class Panel::Skeleton : public QWidget
{
public:
    explicit Skeleton(QWidget *parent)
        : QWidget(parent)
    {
        setObjectName(QStringLiteral("panelLoading"));
        setAccessibleName(Panel::tr("Loading"));
    }
    void setRows(int rows)
    {
        if (rows == m_rows)
            return;
        m_rows = rows;
        update();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(tokens().raised);
        static const int widths[] = {62, 48, 70, 38, 56};
        int top = space::l;
        for (int row = 0; row < m_rows && top + 10 < height(); ++row, top += size::row) {
            painter.drawEllipse(QRectF(space::l, top, 10, 10));
            const int room = width() - 2 * space::l - 22;
            painter.drawRoundedRect(QRectF(space::l + 22, top, room * widths[row % 5] / 100.0, 10), 4, 4);
        }
    }

private:
    int m_rows = 4;
};

// What stands in for content: empty or error.
class Panel::Message : public QWidget
{
public:
    explicit Message(QWidget *parent)
        : QWidget(parent)
    {
        auto *layout = new QVBoxLayout(this);
        layout->setContentsMargins(space::xl, space::s, space::xl, space::s);
        layout->setSpacing(space::xs);
        layout->addStretch();
        m_title = new QLabel(this);
        m_title->setAlignment(Qt::AlignHCenter);
        m_title->setWordWrap(true);
        m_title->setProperty("role", QStringLiteral("title"));
        m_text = new QLabel(this);
        m_text->setObjectName(QStringLiteral("panelMessageText"));
        m_text->setAlignment(Qt::AlignHCenter);
        m_text->setWordWrap(true);
        m_text->setTextFormat(Qt::PlainText);
        m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        m_text->setProperty("role", QStringLiteral("soft"));
        m_since = new AgeLabel(this);
        m_since->setAlignment(Qt::AlignHCenter);
        m_since->setProperty("role", QStringLiteral("faint"));
        m_button = new QPushButton(this);
        m_button->setObjectName(QStringLiteral("panelAction"));
        m_button->setFocusPolicy(Qt::StrongFocus);
        layout->addWidget(m_title);
        layout->addWidget(m_text);
        layout->addWidget(m_since);
        layout->addWidget(m_button, 0, Qt::AlignHCenter);
        layout->addStretch();
        connect(m_button, &QPushButton::clicked, this, [this] {
            const auto run = m_run; // it may replace itself
            if (run)
                run();
        });
    }

    void show(const QString &title, const QString &text, const QDateTime &since, const QString &action,
              std::function<void()> run)
    {
        m_title->setText(title);
        m_text->setText(text);
        m_text->setVisible(!text.isEmpty());
        m_since->setTime(since, Panel::tr("for %1"), true);
        m_since->setVisible(since.isValid());
        m_button->setText(action);
        m_button->setVisible(!action.isEmpty() && run);
        m_run = std::move(run);
    }

protected:
    void resizeEvent(QResizeEvent *event) override
    {
        constexpr int readableWidth = 560;
        const int side = std::max<int>(space::xl, (width() - readableWidth) / 2);
        layout()->setContentsMargins(side, space::s, side, space::s);
        QWidget::resizeEvent(event);
    }

private:
    QLabel *m_title = nullptr;
    QLabel *m_text = nullptr;
    AgeLabel *m_since = nullptr;
    QPushButton *m_button = nullptr;
    std::function<void()> m_run;
};

// Names of jobs and pods have no end: a long one is cut before the panel becomes wider than its place.
class Panel::Title : public QLabel
{
public:
    explicit Title(QWidget *parent)
        : QLabel(parent)
    {
        setProperty("role", QStringLiteral("title"));
        setTextFormat(Qt::PlainText);
    }
    QSize minimumSizeHint() const override
    {
        constexpr int readable = 72;
        const QSize whole = QLabel::minimumSizeHint();
        return {std::min(whole.width(), readable), whole.height()};
    }

protected:
    void paintEvent(QPaintEvent *event) override
    {
        const bool fits = fontMetrics().horizontalAdvance(text()) <= contentsRect().width();
        setToolTip(fits ? QString() : text());
        if (fits) {
            QLabel::paintEvent(event);
            return;
        }
        QPainter painter(this);
        style()->drawItemText(&painter, contentsRect(), static_cast<int>(alignment()), palette(), isEnabled(),
                              fontMetrics().elidedText(text(), Qt::ElideMiddle, contentsRect().width()),
                              foregroundRole());
    }
};

// Greys stale content without hiding it, and lets the mouse through.
class Panel::Veil : public QWidget
{
public:
    explicit Veil(QWidget *parent)
        : QWidget(parent)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        setFocusPolicy(Qt::NoFocus);
        hide();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        QColor veil = tokens().ground;
        veil.setAlphaF(0.45F);
        painter.fillRect(rect(), veil);
    }
};

Panel::Panel(const QString &title, QWidget *parent)
    : QFrame(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);

    m_header = new QWidget(this);
    m_header->setFixedHeight(size::panelHeader);
    m_headerLayout = new QHBoxLayout(m_header);
    m_headerLayout->setContentsMargins(14, 0, 14, 0);
    m_headerLayout->setSpacing(space::s);
    m_title = new Title(m_header);
    m_titleLayout = new QHBoxLayout;
    m_titleLayout->setSpacing(space::s);
    m_titleLayout->addWidget(m_title);
    m_subtitle = new ElidedLabel({}, TextRole::Small, m_header);
    m_subtitle->setSoft(true);
    m_subtitle->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed); // has what the others leave
    m_staleAge = new AgeLabel(m_header);
    m_staleAge->setObjectName(QStringLiteral("panelStale"));
    m_staleAge->setProperty("role", QStringLiteral("warning"));
    m_staleAge->setElides(true); // its tool tip says it all; the panel must not grow wider for it
    m_staleAge->hide();
    m_headerLayout->addLayout(m_titleLayout);
    m_headerLayout->addWidget(m_subtitle, 1);
    m_staleSign = new StateSign(Health::Warning, m_header);
    m_staleSign->hide();
    m_headerLayout->addWidget(m_staleSign);
    m_headerLayout->addWidget(m_staleAge);

    m_body = new QWidget(this);
    m_stack = new QStackedLayout(m_body);
    m_stack->setContentsMargins(0, 0, 0, 0);
    m_skeleton = new Skeleton(m_body);
    m_message = new Message(m_body);
    m_stack->addWidget(m_skeleton);
    m_stack->addWidget(m_message);
    m_veil = new Veil(m_body);

    layout->addWidget(m_header);
    layout->addWidget(m_body, 1);
    setTitle(title);
}

Panel::~Panel() = default;

void Panel::setTitle(const QString &title)
{
    m_title->setText(title);
    m_header->setVisible(!title.isEmpty());
    if (title != accessibleName())
        setAccessibleName(title);
}

QString Panel::title() const
{
    return m_title->text();
}

void Panel::setSubtitle(const QString &subtitle)
{
    m_subtitle->setText(subtitle);
}

QString Panel::subtitle() const
{
    return m_subtitle->text();
}

void Panel::setHeaderLine(bool isShown)
{
    m_hasHeaderLine = isShown;
    update();
}

void Panel::addTitleWidget(QWidget *widget)
{
    m_titleLayout->addWidget(widget);
}

void Panel::addHeaderWidget(QWidget *widget)
{
    m_headerLayout->addWidget(widget);
}

void Panel::setContent(QWidget *content)
{
    delete m_content;
    m_content = content;
    m_stack->addWidget(content);
    fitBorder();
    setState(m_state);
}

void Panel::setFrameless(bool isFrameless)
{
    m_isFrameless = isFrameless;
    fitBorder();
    update();
}

// A list paints its rows over the round corners below it, where it reaches them.
void Panel::fitBorder()
{
    const int below = qobject_cast<QAbstractItemView *>(m_content) ? radius::panel - 2 : 1;
    layout()->setContentsMargins(m_isFrameless ? QMargins() : QMargins(1, 1, 1, below));
}

void Panel::showContent()
{
    setState(State::Content);
}

void Panel::showLoading(int rows)
{
    m_skeleton->setRows(rows);
    setState(State::Loading);
}

void Panel::showEmpty(const QString &title, const QString &whatToDo, const QString &action, std::function<void()> run)
{
    m_message->setObjectName(QStringLiteral("panelEmpty"));
    m_message->show(title, whatToDo, {}, action, std::move(run));
    setState(State::Empty);
}

void Panel::showError(const QString &title, const Error &error, const QDateTime &since, std::function<void()> retry)
{
    m_message->setObjectName(QStringLiteral("panelError"));
    const QString action = retry ? tr("Retry") : QString();
    m_message->show(title, error.message, since, action, std::move(retry));
    setState(State::Error);
}

void Panel::setStale(const QDateTime &since, const QString &reason)
{
    if (!since.isValid() && !m_isStale)
        return; // as it was: a panel is not painted again for being told so
    const QString tip = reason + QLatin1Char('\n') + timeToolTip(since);
    if (m_isStale && since == m_staleSince && tip == m_staleAge->toolTip())
        return;
    m_isStale = since.isValid();
    m_staleSince = since;
    m_staleAge->setVisible(m_isStale);
    m_staleSign->setVisible(m_isStale);
    if (m_isStale) {
        m_staleAge->setTime(since, tr("stale, last heard %1 ago"), true);
        m_staleAge->setToolTip(tip);
        m_veil->setGeometry(m_body->rect());
        m_veil->raise();
    }
    m_veil->setVisible(m_isStale && m_state == State::Content);
    update();
}

void Panel::follow(const Freshness &freshness, const QString &absent, std::function<void()> retry)
{
    const Error error = freshness.error.value_or(Error{ErrorKind::Internal, tr("The source does not say why."), {}});
    switch (freshness.state) {
    case Freshness::State::Loading:
        showLoading();
        break;
    case Freshness::State::Live:
        showContent();
        break;
    case Freshness::State::Stale:
        showContent();
        setStale(freshness.lastHeard.isValid() ? freshness.lastHeard : freshness.since, error.message);
        return;
    case Freshness::State::Failed:
        showError(tr("Nothing could be read"), error, freshness.since, std::move(retry));
        break;
    case Freshness::State::Denied:
        showError(tr("You may not read this"), error, freshness.since, std::move(retry));
        break;
    case Freshness::State::Absent:
        showEmpty(absent, {});
        break;
    }
    setStale({});
}

void Panel::setState(State state)
{
    if (m_state != state)
        update();
    m_state = state;
    QWidget *shown = m_message;
    if (state == State::Content && m_content != nullptr)
        shown = m_content;
    else if (state == State::Content || state == State::Loading)
        shown = m_skeleton;
    if (m_stack->currentWidget() != shown)
        m_stack->setCurrentWidget(shown);
    m_veil->setVisible(m_isStale && m_state == State::Content);
    if (m_veil->isVisible())
        m_veil->raise();
}

void Panel::paintEvent(QPaintEvent *)
{
    if (m_isFrameless && m_state == State::Content)
        return;
    QPainter painter(this);
    const Tokens &t = tokens();
    paintRoundedFrame(&painter, rect(), radius::panel, t.panel, t.line);
    if (m_hasHeaderLine && m_header->isVisible())
        painter.fillRect(QRect(1, m_header->geometry().bottom(), width() - 2, 1), t.hairline);
}

void Panel::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    layout()->activate();
    m_veil->setGeometry(m_body->rect());
}

} // namespace signalbox

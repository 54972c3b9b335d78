#include "ui/widgets/notices.h"

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/clampedlabel.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QApplication>
#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <utility>

namespace signalbox
{

namespace
{

constexpr int noticeWidth = 380;
constexpr qint64 lateAfter = 20; // seconds: what is shown then is no news any more
constexpr int longestWord = 16;  // characters that a narrow notice has room for

QString noticeWord(Health kind)
{
    switch (kind) {
    case Health::Ok:
        return QCoreApplication::translate("Notice", "Done");
    case Health::Failing:
        return QCoreApplication::translate("Notice", "Problem");
    case Health::Warning:
        return QCoreApplication::translate("Notice", "Warning");
    default:
        return QCoreApplication::translate("Notice", "Note");
    }
}

// A digest or a commit has no place to break by itself.
QString breakable(const QString &text)
{
    QString result;
    int length = 0;
    for (const QChar letter : text) {
        length = letter.isSpace() ? 0 : length + 1;
        if (length > longestWord) {
            result += QChar(0x200b); // zero width space
            length = 1;
        }
        result += letter;
    }
    return result;
}

class Notice : public QWidget
{
public:
    Notice(const QString &text, Health kind, bool isNarrow, int milliseconds, QWidget *parent)
        : QWidget(parent)
        , m_kind(kind)
        , m_at(AgeTicker::now())
        , m_told(text)
        , m_isNarrow(isNarrow)
        , m_milliseconds(milliseconds)
    {
        setObjectName(QStringLiteral("notice"));
        setAttribute(Qt::WA_DeleteOnClose);
        setAccessibleName(healthLabel(kind) + QStringLiteral(": ") + text);
        auto *grid = new QGridLayout(this);
        grid->setContentsMargins(space::m, space::s, space::s, space::s);
        grid->setSpacing(space::s);
        grid->setColumnStretch(1, 1);
        grid->addWidget(new StateSign(kind, this), 0, 0, Qt::AlignVCenter);
        m_text = new ClampedLabel(isNarrow ? breakable(text) : text, this);
        m_text->setObjectName(QStringLiteral("noticeText"));
        if (isNarrow) { // below its sign: beside it a sentence would stand in a column of words
            m_word = new QLabel(noticeWord(kind), this);
            m_word->setFont(signalbox::font(TextRole::BodyStrong));
            grid->addWidget(m_word, 0, 1);
            grid->addWidget(m_text, 1, 0, 1, 3);
        } else {
            grid->addWidget(m_text, 0, 1);
        }
        auto *closing = new QPushButton(this);
        closing->setProperty("variant", QStringLiteral("ghost"));
        closing->setIcon(themedIcon(QStringLiteral("close")));
        closing->setAccessibleName(QCoreApplication::translate("Notice", "Close this notice"));
        closing->setFixedSize(28, 28);
        connect(closing, &QPushButton::clicked, this, &QWidget::close);
        grid->addWidget(closing, 0, 2, Qt::AlignRight | Qt::AlignVCenter);
    }

    void addAction(const QString &label, std::function<void()> run, bool isNarrow)
    {
        auto *button = new QPushButton(label, this);
        button->setObjectName(QStringLiteral("noticeAction"));
        auto *grid = static_cast<QGridLayout *>(layout());
        if (isNarrow) { // beside its sign: it costs no line more
            m_word->hide();
            grid->addWidget(button, 0, 1, Qt::AlignLeft | Qt::AlignVCenter);
        } else
            grid->addWidget(button, 2, 0, 1, 3, Qt::AlignRight);
        connect(button, &QPushButton::clicked, this, [this, run = std::move(run)] {
            run();
            close();
        });
    }

    void setMostLines(int lines) { m_text->setMostLines(lines); }
    bool isFailing() const { return m_kind == Health::Failing; }
    bool isOk() const { return m_kind == Health::Ok; }
    // Nobody has seen it, and what it says happened a while ago.
    bool isLate() const { return !m_isSeen && m_at.secsTo(AgeTicker::now()) >= lateAfter; }
    void tellTime()
    {
        if (std::exchange(m_tellsTime, true))
            return;
        const QString text = QStringLiteral("%1 \u00b7 %2").arg(clockText(m_at), m_told);
        m_text->setText(m_isNarrow ? breakable(text) : text);
        setAccessibleName(healthLabel(m_kind) + QStringLiteral(": ") + text);
    }
    // It is seen: from now on its time runs.
    void beginToGo()
    {
        m_isSeen = true;
        if (isFailing() || m_going)
            return;
        m_going = new QTimer(this);
        m_going->setSingleShot(true);
        connect(m_going, &QTimer::timeout, this, &QWidget::close);
        m_going->start(m_milliseconds);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        paintRoundedFrame(&painter, rect(), radius::panel, tokens().raised, stateTone(m_kind).text);
    }

private:
    Health m_kind;
    const QDateTime m_at;
    const QString m_told;
    const bool m_isNarrow;
    const int m_milliseconds;
    bool m_isSeen = false;
    bool m_tellsTime = false;
    QLabel *m_word = nullptr; // beside its sign, where its text stands below
    QTimer *m_going = nullptr;
    ClampedLabel *m_text = nullptr;
};

} // namespace

Banner::Banner(QWidget *parent)
    : QWidget(parent)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(space::l, space::m, space::l, space::m);
    layout->setSpacing(space::m);
    m_sign = new StateSign(Health::Warning, this);
    m_text = new QLabel(this);
    m_text->setObjectName(QStringLiteral("bannerText"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::RichText);
    m_button = new QPushButton(this);
    m_button->hide();
    layout->addWidget(m_sign);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_button);
    connect(m_button, &QPushButton::clicked, this, [this] {
        if (m_run)
            m_run();
    });
    hide();
}

void Banner::setMessage(Health kind, const QString &strong, const QString &text)
{
    m_kind = kind;
    m_sign->setHealth(kind);
    m_text->setText(QStringLiteral("<b>%1</b> %2").arg(strong.toHtmlEscaped(), text.toHtmlEscaped()));
    setAccessibleName(healthLabel(kind) + QStringLiteral(": ") + strong + QLatin1Char(' ') + text);
    setVisible(!strong.isEmpty() || !text.isEmpty());
    update();
}

void Banner::setAction(const QString &label, std::function<void()> run)
{
    m_button->setText(label);
    m_button->setVisible(!label.isEmpty());
    m_run = std::move(run);
}

QString Banner::text() const
{
    return m_text->text();
}

void Banner::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tone &tone = stateTone(m_kind);
    paintRoundedFrame(&painter, rect(), radius::panel, tone.soft, tone.text);
}

NoticeArea::NoticeArea(QWidget *window, std::function<QRect()> room)
    : QWidget(window)
    , m_room(std::move(room))
{
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(space::s);
    m_layout->setSizeConstraint(QLayout::SetNoConstraint);
    window->installEventFilter(this);
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget *, QWidget *now) {
        if (now == nullptr || !isVisible() || !parentWidget()->isAncestorOf(now) || isAncestorOf(now))
            return;
        if (geometry().intersects(QRect(now->mapTo(parentWidget(), QPoint()), now->size())))
            place();
    });
    hide();
}

void NoticeArea::show(const QString &text, Health kind, const QString &action, std::function<void()> run,
                      int milliseconds)
{
    auto *notice = new Notice(text, kind, bool(m_room), milliseconds, this);
    if (!action.isEmpty() && run)
        notice->addAction(action, std::move(run), bool(m_room));
    m_layout->addWidget(notice);
    connect(notice, &QObject::destroyed, this, [this] { QTimer::singleShot(0, this, &NoticeArea::place); });
    place();
    QAccessibleEvent event(notice, QAccessible::Alert);
    QAccessible::updateAccessibility(&event);
}

int NoticeArea::count() const
{
    return static_cast<int>(m_layout->count());
}

bool NoticeArea::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize) {
        place();
        QTimer::singleShot(0, this, &NoticeArea::place); // what stands in the window is laid out anew after this
    }
    return QWidget::eventFilter(watched, event);
}

QList<QRect> NoticeArea::operated() const
{
    QList<QRect> all;
    for (const QWidget *one : parentWidget()->findChildren<QWidget *>()) {
        const auto *text = qobject_cast<const QPlainTextEdit *>(one);
        const bool isOperated = qobject_cast<const QAbstractButton *>(one) || qobject_cast<const QLineEdit *>(one) ||
                                qobject_cast<const QComboBox *>(one) || (text != nullptr && !text->isReadOnly()) ||
                                one->property("keepsClear").toBool();
        if (!isOperated || !one->isVisible() || !one->isEnabled() || isAncestorOf(one))
            continue;
        // Only what shows of it: what is scrolled away lies below nothing.
        all.append(one->visibleRegion().boundingRect().translated(one->mapTo(parentWidget(), QPoint())));
    }
    return all;
}

// That something went well is told at once or not at all; the others say when they came.
void NoticeArea::ageUnseen()
{
    for (int i = count() - 1; i >= 0; --i) {
        auto *notice = static_cast<Notice *>(m_layout->itemAt(i)->widget());
        if (!notice->isLate())
            continue;
        if (notice->isOk()) {
            m_layout->removeWidget(notice);
            notice->hide();
            notice->deleteLater();
        } else {
            notice->tellTime();
        }
    }
}

void NoticeArea::place()
{
    ageUnseen();
    if (m_layout->count() == 0) {
        hide();
        return;
    }
    if (!lieInRoom()) {
        showFirst(count(), 0);
        lieOverPage();
    }
    QWidget::show();
    for (int i = 0; i < count(); ++i) {
        auto *notice = static_cast<Notice *>(m_layout->itemAt(i)->widget());
        if (!notice->isHidden())
            notice->beginToGo();
    }
}

int NoticeArea::heightFor(int width) const
{
    return m_layout->hasHeightForWidth() ? m_layout->heightForWidth(width) : m_layout->sizeHint().height();
}

bool NoticeArea::lieInRoom()
{
    if (!m_room)
        return false;
    const QRect room = m_room().adjusted(space::s, space::s, -space::s, -space::s);
    if (room.width() <= 0)
        return false;
    for (int notices = count(); notices > 0; --notices) {
        for (const int lines : {0, 4, 3, 2, 1}) {
            showFirst(notices, lines);
            const int height = heightFor(room.width());
            if (height <= 0 || height > room.height())
                continue;
            setGeometry(room.left(), room.bottom() + 1 - height, room.width(), height);
            return true;
        }
    }
    return false;
}

// The others come back when there is room again.
void NoticeArea::showFirst(int notices, int lines)
{
    const QWidget *const focus = window()->focusWidget();
    QList<Notice *> all; // the newest first
    for (int i = count() - 1; i >= 0; --i)
        all.append(static_cast<Notice *>(m_layout->itemAt(i)->widget()));
    const auto rank = [focus](const Notice *one) {
        return focus && one->isAncestorOf(focus) ? 0 : one->isFailing() ? 1 : 2;
    };
    std::stable_sort(all.begin(), all.end(), [&rank](const Notice *a, const Notice *b) { return rank(a) < rank(b); });
    for (int i = 0; i < all.size(); ++i) {
        Notice *const notice = all[i];
        notice->setVisible(i < notices);
        notice->setMostLines(lines);
        notice->updateGeometry();
    }
    m_layout->invalidate();
}

void NoticeArea::lieOverPage()
{
    const QSize room = parentWidget()->size();
    const int height = std::min(heightFor(noticeWidth), room.height() - size::header - size::statusBar);
    const int lowest = room.height() - size::statusBar - space::m - height;
    const int left = (m_room ? m_room().right() + 1 : 0) + space::l;
    const int right = room.width() - space::l - noticeWidth;
    const QList<QRect> taken = operated();
    const auto isFree = [&taken](const QRect &place) {
        return std::none_of(taken.begin(), taken.end(), [&place](const QRect &one) { return place.intersects(one); });
    };
    QRect area(left, lowest, noticeWidth, height);
    // As low as can be: at the top stands what the page is about.
    for (int top = lowest; top > size::header; top -= space::l) {
        const std::array lefts{left, (left + right) / 2, right};
        const auto free = std::find_if(lefts.begin(), lefts.end(), [&](int one) {
            return isFree({one, top, noticeWidth, height});
        });
        if (free != lefts.end()) {
            area.moveTo(*free, top);
            break;
        }
    }
    setGeometry(area);
}

} // namespace signalbox

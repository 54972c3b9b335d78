#include "ui/widgets/notices.h"

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/painting.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QApplication>
#include <QComboBox>
#include <QEvent>
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

namespace signalbox
{

namespace
{

constexpr int noticeWidth = 380;

class Notice : public QWidget
{
public:
    Notice(const QString &text, Health kind, QWidget *parent)
        : QWidget(parent)
        , m_kind(kind)
    {
        setObjectName(QStringLiteral("notice"));
        setAttribute(Qt::WA_DeleteOnClose);
        setAccessibleName(healthLabel(kind) + QStringLiteral(": ") + text);
        auto *layout = new QHBoxLayout(this);
        layout->setContentsMargins(space::m, space::s, space::s, space::s);
        layout->setSpacing(space::s);
        layout->addWidget(new StateSign(kind, this), 0, Qt::AlignVCenter);
        m_label = new QLabel(text, this);
        m_label->setObjectName(QStringLiteral("noticeText"));
        m_label->setWordWrap(true);
        m_label->setTextFormat(Qt::PlainText);
        layout->addWidget(m_label, 1);
        m_close = new QPushButton(this);
        m_close->setProperty("variant", QStringLiteral("ghost"));
        m_close->setIcon(themedIcon(QStringLiteral("close")));
        m_close->setAccessibleName(QCoreApplication::translate("Notice", "Close this notice"));
        m_close->setFixedSize(28, 28);
        connect(m_close, &QPushButton::clicked, this, &QWidget::close);
        layout->addWidget(m_close);
    }

    void addAction(const QString &label, std::function<void()> run)
    {
        auto *button = new QPushButton(label, this);
        button->setObjectName(QStringLiteral("noticeAction"));
        static_cast<QHBoxLayout *>(layout())->insertWidget(2, button);
        connect(button, &QPushButton::clicked, this, [this, run = std::move(run)] {
            run();
            close();
        });
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        paintRoundedFrame(&painter, rect(), radius::panel, tokens().raised, stateTone(m_kind).text);
    }

private:
    Health m_kind;
    QLabel *m_label = nullptr;
    QPushButton *m_close = nullptr;
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

NoticeArea::NoticeArea(QWidget *window)
    : QWidget(window)
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
    auto *notice = new Notice(text, kind, this);
    if (!action.isEmpty() && run)
        notice->addAction(action, std::move(run));
    m_layout->addWidget(notice);
    connect(notice, &QObject::destroyed, this, [this] { QTimer::singleShot(0, this, &NoticeArea::place); });
    if (kind != Health::Failing)
        QTimer::singleShot(milliseconds, notice, &QWidget::close);
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
    if (watched == parentWidget() && event->type() == QEvent::Resize)
        place();
    return QWidget::eventFilter(watched, event);
}

QList<QRect> NoticeArea::operated() const
{
    QList<QRect> all;
    for (const QWidget *one : parentWidget()->findChildren<QWidget *>()) {
        const auto *text = qobject_cast<const QPlainTextEdit *>(one);
        const bool isOperated = qobject_cast<const QAbstractButton *>(one) || qobject_cast<const QLineEdit *>(one) ||
                                qobject_cast<const QComboBox *>(one) || (text != nullptr && !text->isReadOnly());
        if (!isOperated || !one->isVisible() || !one->isEnabled() || isAncestorOf(one))
            continue;
        // Only what shows of it: what is scrolled away lies below nothing.
        all.append(one->visibleRegion().boundingRect().translated(one->mapTo(parentWidget(), QPoint())));
    }
    return all;
}

void NoticeArea::place()
{
    if (m_layout->count() == 0) {
        hide();
        return;
    }
    const int wanted =
        m_layout->hasHeightForWidth() ? m_layout->heightForWidth(noticeWidth) : m_layout->sizeHint().height();
    const QSize room = parentWidget()->size();
    const int height = std::min(wanted, room.height() - size::header - size::statusBar);
    const int lowest = room.height() - size::statusBar - space::m - height;
    const int right = room.width() - space::l - noticeWidth;
    const QList<QRect> taken = operated();
    const auto isFree = [&taken](const QRect &place) {
        return std::none_of(taken.begin(), taken.end(), [&place](const QRect &one) { return place.intersects(one); });
    };
    QRect area(space::l, lowest, noticeWidth, height);
    // As low as can be: at the top stands what the page is about.
    for (int top = lowest; top > size::header; top -= space::l) {
        const std::array lefts{int(space::l), right / 2, right};
        const auto free = std::find_if(lefts.begin(), lefts.end(), [&](int left) {
            return isFree({left, top, noticeWidth, height});
        });
        if (free != lefts.end()) {
            area.moveTo(*free, top);
            break;
        }
    }
    setGeometry(area);
    QWidget::show();
    raise();
}

} // namespace signalbox

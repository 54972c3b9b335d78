#include "ui/shell/helpoverlay.h"

#include "ui/shell/overlayrole.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/painting.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int helpWidth = 860;
constexpr int keyColumn = 120;
constexpr int signColumn = 96;

QLabel *words(const QString &text, const char *role, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setFocusPolicy(Qt::NoFocus);
    label->setProperty("role", QString::fromLatin1(role));
    return label;
}

// One line of a column: what stands at its left, and what it means.
void addLine(QVBoxLayout *column, QWidget *left, int leftWidth, const QString &text, QWidget *parent)
{
    auto *line = new QHBoxLayout;
    line->setSpacing(space::m);
    auto *place = new QWidget(parent);
    place->setFixedWidth(leftWidth);
    auto *inPlace = new QHBoxLayout(place);
    inPlace->setContentsMargins(0, 1, 0, 0);
    left->setParent(place);
    inPlace->addWidget(left, 0, Qt::AlignLeft | Qt::AlignTop);
    inPlace->addStretch();
    line->addWidget(place, 0, Qt::AlignTop);
    line->addWidget(words(text, "soft", parent), 1);
    column->addLayout(line);
}

QVBoxLayout *columnOf(const QString &title, QWidget *parent)
{
    auto *column = new QVBoxLayout;
    column->setSpacing(space::s);
    column->addWidget(words(title, "title", parent));
    return column;
}

QVBoxLayout *keyLines(const QString &title, const QList<KeyHelp> &keys, QWidget *parent)
{
    QVBoxLayout *column = columnOf(title, parent);
    for (const KeyHelp &key : keys)
        addLine(column, new KeyHint(key.keys, parent), keyColumn, key.what, parent);
    return column;
}

QWidget *signOf(const HelpSign &sign, QWidget *parent)
{
    if (sign.word.isEmpty())
        return new StateSign(sign.health, parent);
    return new Badge(sign.word, trackToneName(sign.word.toLower()), parent);
}

} // namespace

HelpOverlay::HelpOverlay(QWidget *window)
    : QWidget(window)
{
    setObjectName(QStringLiteral("helpOverlay"));
    setFocusPolicy(Qt::StrongFocus);
    sayDialog(this);
    build();
    window->installEventFilter(this);
    hide();
}

void HelpOverlay::build()
{
    m_card = new QWidget(this);
    auto *layout = new QVBoxLayout(m_card);
    layout->setContentsMargins(space::xl, space::l, space::m, space::l);
    layout->setSpacing(space::m);
    auto *top = new QHBoxLayout;
    m_title = new QLabel(m_card);
    m_title->setObjectName(QStringLiteral("helpTitle"));
    m_title->setProperty("role", QStringLiteral("large"));
    auto *guide = new QPushButton(tr("Show the guide"), m_card);
    guide->setObjectName(QStringLiteral("helpGuide"));
    guide->setProperty("compact", true);
    guide->setAutoDefault(false);
    auto *close = new IconButton(QStringLiteral("close"), tr("Close (Esc)"), m_card);
    close->setObjectName(QStringLiteral("helpClose"));
    top->addWidget(m_title, 1);
    top->addWidget(guide);
    top->addWidget(close);
    layout->addLayout(top);
    m_scroll = new QScrollArea(m_card);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->viewport()->setAutoFillBackground(false);
    layout->addWidget(m_scroll, 1);
    connect(close, &QPushButton::clicked, this, &HelpOverlay::leave);
    connect(guide, &QPushButton::clicked, this, [this] {
        leave();
        emit guideRequested();
    });
}

void HelpOverlay::open(const PageEntry &page, const QList<KeyHelp> &pageKeys, const QList<PageEntry> &pages)
{
    QList<KeyHelp> everywhere;
    for (const PageEntry &each : pages) {
        if (each.number > 0)
            everywhere.append({QString::number(each.number), each.title});
    }
    everywhere.append({QStringLiteral("Ctrl K"), tr("Find anything, run anything")});
    everywhere.append({QStringLiteral("Ctrl Shift R"), tr("Roll back")});
    everywhere.append({QStringLiteral("Ctrl J"), tr("Running requests")});
    everywhere.append({QStringLiteral("/"), tr("Filter")});
    everywhere.append({tr("Arrows, Enter"), tr("Move in lists, open")});
    everywhere.append({QStringLiteral("Ctrl C"), tr("Copy what is selected")});
    everywhere.append({QStringLiteral("Esc"), tr("Back")});
    everywhere.append({tr("? or F1"), tr("This help")});

    const ScreenHelp help = page.help ? page.help() : ScreenHelp();
    QStringList spoken{help.shows};
    for (const HelpSign &sign : help.signs)
        spoken.append((sign.word.isEmpty() ? healthLabel(sign.health) : sign.word) + QStringLiteral(": ") + sign.what);
    for (const KeyHelp &key : pageKeys + everywhere)
        spoken.append(key.keys + QStringLiteral(": ") + key.what);
    spoken.removeAll(QString());
    m_title->setText(page.title);
    setAccessibleName(tr("Help on %1").arg(page.title));
    setAccessibleDescription(spoken.join(QStringLiteral(". ")));
    fill(help, pageKeys, everywhere);
    if (isHidden())
        m_before = QApplication::focusWidget();
    place();
    show();
    raise();
    setFocus();
}

void HelpOverlay::fill(const ScreenHelp &help, const QList<KeyHelp> &here, const QList<KeyHelp> &everywhere)
{
    auto *content = new QWidget;
    content->setObjectName(QStringLiteral("scrollContent"));
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, space::m, 0);
    layout->setSpacing(space::l);
    if (!help.shows.isEmpty()) {
        QLabel *shows = words(help.shows, "", content);
        shows->setObjectName(QStringLiteral("helpShows"));
        layout->addWidget(shows);
    }
    auto *columns = new QHBoxLayout;
    columns->setSpacing(space::xxl);
    auto *left = new QVBoxLayout;
    left->setSpacing(space::l);
    if (!help.signs.isEmpty()) {
        QVBoxLayout *signs = columnOf(tr("Signs and colours"), content);
        const bool hasWords = std::any_of(help.signs.begin(), help.signs.end(),
                                          [](const HelpSign &sign) { return !sign.word.isEmpty(); });
        for (const HelpSign &sign : help.signs) // all meanings in one column
            addLine(signs, signOf(sign, content), hasWords ? signColumn : 16, sign.what, content);
        left->addLayout(signs);
    }
    left->addStretch();
    auto *right = new QVBoxLayout;
    right->setSpacing(space::l);
    if (!here.isEmpty())
        right->addLayout(keyLines(tr("Keys on this screen"), here, content));
    right->addLayout(keyLines(tr("Keys everywhere"), everywhere, content));
    right->addStretch();
    columns->addLayout(left, 1);
    columns->addLayout(right, 1);
    layout->addLayout(columns, 1);
    m_scroll->setWidget(content); // takes it, and deletes the one before
    m_content = content;
    m_scroll->verticalScrollBar()->setValue(0);
}

void HelpOverlay::place()
{
    setGeometry(parentWidget()->rect());
    const int width = std::min(helpWidth, this->width() - 2 * space::xxl);
    int height = this->height() - 2 * space::xxl;
    if (m_content != nullptr) {
        const int inner = width - space::xl - 2 * space::m;
        const int wanted = m_content->layout()->hasHeightForWidth() ? m_content->layout()->heightForWidth(inner)
                                                                    : m_content->sizeHint().height();
        height = std::min(height, wanted + 92);
    }
    m_card->setGeometry((this->width() - width) / 2, (this->height() - height) / 2, width, height);
}

void HelpOverlay::leave()
{
    if (isHidden())
        return;
    hide();
    if (m_before != nullptr && m_before->isVisible())
        m_before->setFocus();
    m_before = nullptr;
}

bool HelpOverlay::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize && isVisible())
        place();
    return QWidget::eventFilter(watched, event);
}

void HelpOverlay::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), tokens().scrim);
    paintRoundedFrame(&painter, QRectF(m_card->geometry()), radius::panel, tokens().panel, tokens().outline);
}

void HelpOverlay::keyPressEvent(QKeyEvent *event)
{
    QScrollBar *bar = m_scroll->verticalScrollBar();
    switch (event->key()) {
    case Qt::Key_Escape:
    case Qt::Key_Question:
    case Qt::Key_F1:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        leave();
        return;
    case Qt::Key_Down:
        bar->triggerAction(QAbstractSlider::SliderSingleStepAdd);
        return;
    case Qt::Key_Up:
        bar->triggerAction(QAbstractSlider::SliderSingleStepSub);
        return;
    case Qt::Key_PageDown:
    case Qt::Key_Space:
        bar->triggerAction(QAbstractSlider::SliderPageStepAdd);
        return;
    case Qt::Key_PageUp:
        bar->triggerAction(QAbstractSlider::SliderPageStepSub);
        return;
    default:
        event->accept(); // the page below is not meant
    }
}

void HelpOverlay::mousePressEvent(QMouseEvent *event)
{
    if (!m_card->geometry().contains(event->pos()))
        leave();
}

} // namespace signalbox

#include "ui/widgets/controls.h"

#include "ui/theme/icons.h"
#include "ui/widgets/painting.h"

#include <QAction>
#include <QEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QStyle>
#include <QStyleOptionButton>
#include <QStyleOptionFrame>

namespace signalbox
{

FilterField::FilterField(const QString &placeholder, QWidget *parent)
    : QLineEdit(parent)
    , m_placeholder(placeholder)
{
    setPlaceholderText(placeholder);
    setAccessibleName(placeholder);
    setClearButtonEnabled(false);
    setProperty("compact", true);
    setTextMargins(18, 0, 0, 0);
}

void FilterField::setTarget(QWidget *target)
{
    m_target = target;
}

void FilterField::keyPressEvent(QKeyEvent *event)
{
    const bool leaves = event->key() == Qt::Key_Down || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (event->key() == Qt::Key_Escape) {
        if (text().isEmpty() && m_target == nullptr) {
            event->ignore();
            return;
        }
        clear();
        if (m_target != nullptr)
            m_target->setFocus(Qt::OtherFocusReason);
        return;
    }
    if (leaves && m_target != nullptr) {
        m_target->setFocus(Qt::OtherFocusReason);
        return;
    }
    QLineEdit::keyPressEvent(event);
}

void FilterField::changeEvent(QEvent *event)
{
    QLineEdit::changeEvent(event);
    if (event->type() == QEvent::StyleChange || event->type() == QEvent::FontChange)
        fitPlaceholder();
    if (event->type() == QEvent::StyleChange)
        update();
}

void FilterField::resizeEvent(QResizeEvent *event)
{
    QLineEdit::resizeEvent(event);
    fitPlaceholder();
}

void FilterField::fitPlaceholder()
{
    QStyleOptionFrame option;
    initStyleOption(&option);
    const QRect inner = style()->subElementRect(QStyle::SE_LineEditContents, &option, this);
    const int room = inner.marginsRemoved(textMargins()).width() - 4; // QLineEdit keeps 2 on each side
    const auto fits = [&](const QString &words) { return fontMetrics().horizontalAdvance(words) <= room; };
    const QString brief = tr("Filter");
    const QString shown = fits(m_placeholder) ? m_placeholder : fits(brief) ? brief : QString();
    if (placeholderText() != shown)
        setPlaceholderText(shown);
    setToolTip(shown == m_placeholder ? QString() : m_placeholder);
}

void FilterField::paintEvent(QPaintEvent *event)
{
    QLineEdit::paintEvent(event);
    QPainter painter(this);
    paintIcon(&painter, QStringLiteral("search"), QRectF(8, (height() - 14) / 2.0, 14, 14), tokens().textFaint);
}

ChipButton::ChipButton(const QString &label, QWidget *parent)
    : QPushButton(parent)
    , m_label(label)
{
    setProperty("variant", QStringLiteral("chip"));
    setFocusPolicy(Qt::StrongFocus);
    setAutoDefault(false);
    setAccessibleDescription(tr("Opens a list of choices"));
    connect(this, &QPushButton::clicked, this, &ChipButton::openMenu);
    updateText();
}

void ChipButton::setPurpose(const QString &purpose)
{
    m_purpose = purpose;
    updateText();
}

void ChipButton::setChoices(const QList<Choice> &choices)
{
    m_choices = choices;
    updateText();
}

void ChipButton::setChosen(const QString &id)
{
    m_chosen = id;
    updateText();
}

QSize ChipButton::sizeHint() const
{
    return {textWidth(TextRole::Caption, text()) + 44, 24};
}

void ChipButton::openMenu()
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("chipMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const Choice &choice : m_choices) {
        QAction *action = menu->addAction(choice.text);
        action->setCheckable(true);
        action->setChecked(choice.id == m_chosen);
        connect(action, &QAction::triggered, this, [this, id = choice.id] {
            if (id == m_chosen)
                return;
            setChosen(id);
            emit chosenChanged(id);
        });
    }
    menu->popup(mapToGlobal(QPoint(0, height() + 2)));
}

void ChipButton::updateText()
{
    QString chosen = m_chosen;
    for (const Choice &choice : m_choices) {
        if (choice.id == m_chosen)
            chosen = choice.text;
    }
    const QString words =
        m_label.contains(QLatin1String("%1")) ? m_label.arg(chosen) : m_label + QStringLiteral(": ") + chosen;
    const QString spoken = m_purpose.isEmpty() ? words : tr("%1: %2").arg(m_purpose, chosen);
    if (spoken != accessibleName())
        setAccessibleName(spoken);
    if (words == text())
        return;
    setText(words);
    updateGeometry();
}

void ChipButton::paintEvent(QPaintEvent *)
{
    QStyleOptionButton option;
    initStyleOption(&option);
    option.text.clear();
    QPainter painter(this);
    style()->drawControl(QStyle::CE_PushButton, &option, &painter, this);
    const QColor color = !isEnabled()                 ? tokens().textDisabled
                         : underMouse() || hasFocus() ? tokens().text
                                                      : tokens().textSoft;
    paintText(&painter, rect().adjusted(10, 0, -22, 0), TextRole::Caption, color, text());
    paintIcon(&painter, QStringLiteral("triangle-down"), QRectF(width() - 18, (height() - 8) / 2.0, 8, 8), color);
}

IconButton::IconButton(const QString &icon, const QString &name, QWidget *parent)
    : QPushButton(parent)
    , m_icon(icon)
{
    setProperty("variant", QStringLiteral("ghost"));
    setIcon(themedIcon(icon));
    setIconSize({16, 16});
    setAccessibleName(name);
    setToolTip(name);
    setFixedSize(30, 28);
    setAutoDefault(false);
}

void IconButton::changeEvent(QEvent *event)
{
    QPushButton::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        setIcon(themedIcon(m_icon));
}

StatTile::StatTile(const QString &label, QWidget *parent)
    : QWidget(parent)
    , m_label(label)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFigure({}, {});
}

void StatTile::setFigure(const QString &figure, const QString &detail, ToneName tone)
{
    if (m_figure == figure && m_detail == detail && m_tone == tone && !accessibleName().isEmpty())
        return;
    m_figure = figure;
    m_detail = detail;
    m_tone = tone;
    setAccessibleName(m_label + QStringLiteral(": ") + figure + QStringLiteral(", ") + detail);
    update();
}

void StatTile::setShare(double share, ToneName tone)
{
    if (m_share == share && m_shareTone == tone)
        return;
    m_share = share;
    m_shareTone = tone;
    update();
}

void StatTile::setStale(bool isStale)
{
    if (m_isStale == isStale)
        return;
    m_isStale = isStale;
    setAccessibleDescription(isStale ? tr("stale: nothing is heard from the source") : QString());
    update();
}

void StatTile::paintEvent(QPaintEvent *)
{
    const Tokens &t = tokens();
    QPainter painter(this);
    paintRoundedFrame(&painter, rect(), radius::panel, t.panel, t.line);
    const QRect area = rect().adjusted(14, 0, -14, 0);
    paintText(&painter, QRect(area.left(), 11, area.width(), 18), TextRole::Small, t.textSoft, m_label);
    const QColor figureColor = m_isStale ? t.textFaint : m_tone == ToneName::Neutral ? t.text : tone(m_tone).text;
    paintText(&painter, QRect(area.left(), 30, area.width(), 30), TextRole::Figure, figureColor, m_figure);
    paintText(&painter, QRect(area.left(), 62, area.width(), 18), TextRole::Small, t.textSoft, m_detail);
    if (m_share >= 0) {
        const QRectF bar(area.left(), 83, area.width(), 4);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.raised);
        painter.drawRoundedRect(bar, 2, 2);
        painter.setBrush(m_isStale ? t.textDisabled : tone(m_shareTone).solid);
        painter.drawRoundedRect(
            QRectF(bar.left(), bar.top(), bar.width() * std::clamp(m_share, 0.0, 1.0), bar.height()), 2, 2);
    }
}

} // namespace signalbox

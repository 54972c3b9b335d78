#include "ui/widgets/foldingtools.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QMenu>

#include <algorithm>

namespace signalbox
{

FoldingTools::FoldingTools(QWidget *parent)
    : QWidget(parent)
    , m_more(new IconButton(QStringLiteral("more"), tr("More of the view"), this))
    , m_menu(new QMenu(this))
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::s);
    row->addWidget(m_more);
    m_more->setObjectName(QStringLiteral("foldedTools"));
    m_more->hide();
    m_menu->setObjectName(QStringLiteral("foldedToolsMenu"));
    m_menu->setToolTipsVisible(true);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(m_more, &QPushButton::clicked, this, [this] {
        fill();
        m_menu->popup(m_more->mapToGlobal(QPoint(0, m_more->height())));
    });
}

void FoldingTools::add(QWidget *tool)
{
    m_tools.append(tool);
    auto *row = static_cast<QHBoxLayout *>(layout());
    row->insertWidget(row->count() - 1, tool);
}

void FoldingTools::addSwitch(QPushButton *button)
{
    add(button);
    m_switches.append(button);
}

QSize FoldingTools::sizeHint() const
{
    return {widthOf(false), layout()->sizeHint().height()};
}

QSize FoldingTools::minimumSizeHint() const
{
    return {std::min(widthOf(true), widthOf(false)), layout()->minimumSize().height()};
}

namespace
{

int widthOfTool(const QWidget *tool)
{
    return tool->sizeHint().expandedTo(tool->minimumSize()).boundedTo(tool->maximumSize()).width();
}

} // namespace

// Switches count as shown when unfolded, whoever folded them; others count as their owner shows them.
int FoldingTools::widthOf(bool isFolded) const
{
    int width = -space::s;
    for (QWidget *tool : m_tools) {
        const bool isSwitch = m_switches.contains(tool);
        if (isSwitch ? !isFolded : !tool->isHidden())
            width += space::s + widthOfTool(tool);
    }
    if (isFolded)
        width += space::s + widthOfTool(m_more);
    return std::max(0, width);
}

bool FoldingTools::event(QEvent *event)
{
    const bool isDone = QWidget::event(event);
    if (event->type() == QEvent::LayoutRequest)
        fold();
    return isDone;
}

void FoldingTools::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fold();
}

void FoldingTools::fold()
{
    const bool isFolded = width() < widthOf(false);
    if (isFolded == m_isFolded)
        return;
    m_isFolded = isFolded;
    const bool hadFocus = std::any_of(m_switches.cbegin(), m_switches.cend(),
                                      [](const QPushButton *button) { return button->hasFocus(); });
    m_more->setVisible(isFolded);
    if (hadFocus && isFolded)
        m_more->setFocus(Qt::OtherFocusReason); // else it would go to some other panel
    for (QPushButton *button : std::as_const(m_switches))
        button->setVisible(!isFolded);
}

void FoldingTools::fill()
{
    m_menu->clear();
    for (QPushButton *button : std::as_const(m_switches)) {
        QAction *action = m_menu->addAction(button->text());
        action->setCheckable(true);
        action->setChecked(button->isChecked());
        action->setEnabled(button->isEnabled());
        action->setToolTip(button->toolTip());
        connect(action, &QAction::triggered, button, &QPushButton::click);
    }
}

} // namespace signalbox

#include "ui/pages/ledger/card.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/painting.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace signalbox
{

Card::Card(const QString &title, QWidget *parent)
    : QFrame(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    auto *down = new QVBoxLayout(this);
    down->setContentsMargins(15, 6, 15, space::m);
    down->setSpacing(space::xs);
    m_header = new QHBoxLayout;
    m_header->setSpacing(space::s);
    auto *name = new QLabel(title, this);
    name->setFont(signalbox::font(TextRole::Title));
    name->setMinimumHeight(30);
    m_subtitle = new ElidedLabel({}, TextRole::Small, this);
    m_subtitle->setSoft(true);
    m_header->addWidget(name);
    m_header->addWidget(m_subtitle, 1);
    down->addLayout(m_header);
    m_body = new QVBoxLayout;
    m_body->setSpacing(space::xs);
    down->addLayout(m_body);
    down->addStretch(1); // what stands beside it may be taller
}

void Card::setSubtitle(const QString &subtitle)
{
    m_subtitle->setText(subtitle);
}

void Card::addHeaderWidget(QWidget *widget)
{
    m_header->addWidget(widget);
}

QLabel *Card::addText(const QString &name, const char *role)
{
    auto *label = new QLabel(this);
    label->setObjectName(name);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    if (role != nullptr)
        label->setProperty("role", QString::fromLatin1(role));
    m_body->addWidget(label);
    return label;
}

void Card::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintRoundedFrame(&painter, rect(), radius::panel, tokens().panel, tokens().line);
}

} // namespace signalbox

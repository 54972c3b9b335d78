#include "ui/pages/pipelines/lognote.h"

#include "ui/theme/tokens.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include <utility>

namespace signalbox
{

LogNote::LogNote(const QString &name, const QString &role, QWidget *parent)
    : QWidget(parent)
    , m_row(new QHBoxLayout(this))
    , m_text(new QLabel(this))
{
    m_row->setContentsMargins(14, space::xs, space::s, space::xs);
    m_row->setSpacing(space::s);
    m_text->setObjectName(name);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setProperty("role", role);
    m_row->addWidget(m_text, 1);
    hide();
}

QPushButton *LogNote::addButton(const QString &name, const QString &text, std::function<void()> run)
{
    auto *button = new QPushButton(text, this);
    button->setObjectName(name);
    button->setProperty("variant", QStringLiteral("chip"));
    button->setAutoDefault(false);
    connect(button, &QPushButton::clicked, this, std::move(run));
    m_row->addWidget(button, 0, Qt::AlignTop);
    return button;
}

void LogNote::say(const QString &text, const QString &toolTip)
{
    m_text->setText(text);
    m_text->setToolTip(toolTip);
    setVisible(!text.isEmpty());
}

} // namespace signalbox

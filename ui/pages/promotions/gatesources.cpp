#include "ui/pages/promotions/gatesources.h"

#include "ui/pages/promotions/signrows.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/timetext.h"

#include <QEvent>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

GateSources::GateSources(QWidget *parent)
    : QWidget(parent)
    , m_rows(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("gateSources"));
    setAccessibleName(tr("Servers whose gates cannot be read"));
    m_rows->setContentsMargins(14, space::s, 14, space::s);
    m_rows->setSpacing(space::m);
}

void GateSources::show(const QList<GateSource> &sources)
{
    if (sources == m_sources)
        return;
    m_sources = sources;
    rebuild();
}

int GateSources::heightAt(int width) const
{
    if (m_sources.isEmpty())
        return 0;
    return m_rows->hasHeightForWidth() ? m_rows->totalHeightForWidth(width) : m_rows->totalSizeHint().height();
}

bool GateSources::event(QEvent *event)
{
    const bool isHandled = QWidget::event(event);
    if (event->type() == QEvent::LayoutRequest)
        emit heightChanged();
    return isHandled;
}

void GateSources::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        rebuild();
}

void GateSources::add(const GateSource &source)
{
    const Freshness &freshness = source.freshness;
    const bool isStale = freshness.state == Freshness::State::Stale;
    const bool isDenied = freshness.state == Freshness::State::Denied;
    const bool isLimit = freshness.error && freshness.error->kind == ErrorKind::Unsupported;
    const bool isPartly = !source.left.isEmpty();
    const QString strong = isPartly  ? tr("%1: not all of its gates are known").arg(source.title)
                           : isStale ? tr("%1: its gates may have changed").arg(source.title)
                                     : tr("%1: its gates are not known").arg(source.title);
    QStringList words{isPartly          ? source.left
                      : freshness.error ? freshness.error->message
                                        : tr("The server does not say why.")};
    if (isDenied)
        words << tr("Give the connection's user or token that right, or name another one in Connections.");
    if (!isStale && !isPartly)
        words << tr("What waits there is not in this list.");
    const QString text = words.join(QLatin1Char(' '));
    const QString spoken = strong + QLatin1String(". ") + text;
    const SignRow made = signRow(
        isPartly || isStale || isLimit ? Health::Warning : Health::Failing,
        QStringLiteral("<b>%1</b><br>%2").arg(strong.toHtmlEscaped(), softHtml(withLocalTimes(text))), spoken, this);
    made.text->setObjectName(QStringLiteral("gateSource-") + source.connection);
    auto *since = new AgeLabel(made.row);
    since->setObjectName(QStringLiteral("gateSourceSince-") + source.connection);
    since->setProperty("role", QStringLiteral("faint"));
    since->setElides(true);
    const bool wasHeard = isStale && freshness.lastHeard.isValid();
    const QDateTime from = wasHeard ? freshness.lastHeard : freshness.since;
    since->setTime(from, wasHeard ? tr("last read %1 ago") : tr("for %1"), true);
    made.words->addWidget(since);
    auto *action = new QPushButton(isDenied ? tr("Open Connections") : tr("Look again"), made.row);
    action->setObjectName(QStringLiteral("gateSourceAction-") + source.connection);
    action->setProperty("compact", true);
    action->setAutoDefault(false);
    action->setAccessibleName(tr("%1: %2").arg(action->text(), source.title));
    action->setAccessibleDescription(spoken);
    made.words->addWidget(action, 0, Qt::AlignLeft);
    connect(action, &QPushButton::clicked, this, [this, isDenied, connection = source.connection] {
        if (isDenied)
            emit connectionWanted(connection);
        else
            emit lookAgainWanted();
    });
    m_rows->addWidget(made.row);
    // At once: how high it is has to be known before anybody sees it.
    since->setVisible(from.isValid());
    for (QWidget *part : std::initializer_list<QWidget *>{made.text, action, made.row})
        part->show();
}

void GateSources::rebuild()
{
    clearRows(*m_rows);
    for (const GateSource &source : std::as_const(m_sources))
        add(source);
    m_rows->addStretch(1);
}

} // namespace signalbox

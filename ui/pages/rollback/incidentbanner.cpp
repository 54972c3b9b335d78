#include "ui/pages/rollback/incidentbanner.h"

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

QString stopwatchText(qint64 seconds)
{
    const qint64 shown = std::max<qint64>(0, seconds);
    const QString rest =
        QStringLiteral("%1:%2").arg(shown / 60 % 60, 2, 10, QLatin1Char('0')).arg(shown % 60, 2, 10, QLatin1Char('0'));
    return shown < 3600 ? rest : QStringLiteral("%1:%2").arg(shown / 3600).arg(rest);
}

IncidentBanner::IncidentBanner(QWidget *parent)
    : QWidget(parent)
    , m_sign(new StateSign(Health::Failing, this))
    , m_text(new QLabel(this))
    , m_clock(new QWidget(this))
    , m_time(new QLabel(m_clock))
    , m_caption(new QLabel(tr("since first seen"), m_clock))
{
    setObjectName(QStringLiteral("incidentBanner"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(space::l, space::m, space::l, space::m);
    layout->setSpacing(space::m);
    m_text->setObjectName(QStringLiteral("incidentText"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::RichText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_time->setObjectName(QStringLiteral("incidentClock"));
    m_time->setFont(signalbox::font(TextRole::MonoFigure));
    m_time->setAlignment(Qt::AlignRight);
    m_caption->setObjectName(QStringLiteral("incidentCaption"));
    m_caption->setFont(signalbox::font(TextRole::Small));
    m_caption->setAlignment(Qt::AlignRight);
    auto *column = new QVBoxLayout(m_clock);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_time);
    column->addWidget(m_caption);
    layout->addWidget(m_sign);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_clock);
    for (QLabel *label : {m_time, m_caption})
        label->installEventFilter(this);
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, &IncidentBanner::tick);
    hide();
}

void IncidentBanner::show(Health health, const QString &strong, const QString &text, const QDateTime &since,
                          Origin origin)
{
    switch (origin) {
    case Origin::FirstSeen:
        m_caption->setText(tr("since first seen"));
        break;
    case Origin::Sample:
        m_caption->setText(tr("since the first bad sample"));
        break;
    case Origin::Cluster:
        m_caption->setText(tr("since the cluster reported it"));
        break;
    }
    m_health = health;
    m_strong = strong;
    m_words = text;
    m_since = since;
    render();
    setVisible(true);
}

void IncidentBanner::clear()
{
    m_since = {};
    setVisible(false);
}

void IncidentBanner::render()
{
    const Tokens &t = tokens();
    m_sign->setHealth(m_health);
    m_text->setText(QStringLiteral("<b>%1</b> <span style='color:%2'>%3</span>")
                        .arg(m_strong.toHtmlEscaped(), t.textSoft.name(), m_words.toHtmlEscaped()));
    m_text->setAccessibleName(QStringLiteral("%1 %2").arg(m_strong, m_words));
    setAccessibleName(QStringLiteral("%1: %2 %3").arg(healthLabel(m_health), m_strong, m_words));
    colourClock();
    m_clock->setVisible(m_since.isValid());
    m_clock->setToolTip(timeToolTip(m_since));
    tick();
    update();
}

const Tone &IncidentBanner::toneNow() const
{
    return m_isStale ? tokens().neutral : stateTone(m_health);
}

void IncidentBanner::colourClock()
{
    const auto colour = [](QLabel *label, const QColor &color) {
        QPalette palette = label->palette();
        palette.setColor(QPalette::WindowText, color);
        label->setPalette(palette);
    };
    colour(m_time, toneNow().text);
    colour(m_caption, tokens().textSoft);
}

// A change of theme polishes the labels after the banner, and with that their palettes.
bool IncidentBanner::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::StyleChange)
        colourClock();
    return QWidget::eventFilter(watched, event);
}

void IncidentBanner::tick()
{
    if (!m_since.isValid())
        return;
    m_time->setText(stopwatchText(m_since.secsTo(AgeTicker::now())));
    m_time->setAccessibleName(tr("failing for %1").arg(m_time->text()));
}

void IncidentBanner::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tone &tone = toneNow();
    paintRoundedFrame(&painter, QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius::panel, tone.soft, tone.text);
}

void IncidentBanner::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        render();
}

} // namespace signalbox

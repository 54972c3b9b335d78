#include "ui/widgets/badge.h"

#include "ui/theme/icons.h"

#include <QFontMetrics>
#include <QPainterPath>

#include <cmath>
#include <limits>

namespace signalbox
{

Badge::Badge(const QString &text, ToneName tone, QWidget *parent)
    : QWidget(parent)
    , m_tone(tone)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setText(text);
}

void Badge::setText(const QString &text)
{
    setVisible(!text.isEmpty());
    if (text == m_text)
        return;
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

void Badge::setTone(ToneName tone)
{
    m_tone = tone;
    update();
}

QSize Badge::sizeHint() const
{
    return badgeSize(m_text);
}

void Badge::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintBadge(&painter, {0, (height() - 18) / 2}, m_text, tone(m_tone));
}

KeyHint::KeyHint(const QString &keys, QWidget *parent)
    : QWidget(parent)
    , m_keys(keys)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAccessibleName(keys);
}

QSize KeyHint::sizeHint() const
{
    return keyHintSize(m_keys);
}

void KeyHint::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintKeyHint(&painter, rect(), m_keys, tokens().textSoft, tokens().outline);
}

StateSign::StateSign(Health health, QWidget *parent)
    : QWidget(parent)
    , m_health(health)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setHealth(health);
}

void StateSign::setHealth(Health health)
{
    m_health = health;
    setAccessibleName(healthLabel(health));
    setToolTip(healthLabel(health));
    update();
}

QSize StateSign::sizeHint() const
{
    return {size::sign + 2, size::sign + 2};
}

void StateSign::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const int side = std::min({width(), height(), size::sign});
    paintState(&painter, m_health, QRectF((width() - side) / 2, (height() - side) / 2, side, side));
}

TrafficBar::TrafficBar(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void TrafficBar::setShares(const QList<TrafficShare> &shares)
{
    m_shares = shares;
    setAccessibleName(trafficText(shares));
    setToolTip(trafficText(shares));
    update();
}

void TrafficBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintTrafficBar(&painter, rect(), m_shares);
}

Sparkline::Sparkline(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void Sparkline::setValues(const QList<double> &values, ToneName tone)
{
    m_values = values;
    m_tone = tone;
    update();
}

void Sparkline::paintEvent(QPaintEvent *)
{
    if (m_values.size() < 2)
        return;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const double value : m_values) {
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    if (low > high)
        return;
    const double range = high > low ? high - low : 1;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = QRectF(rect()).adjusted(1, 2, -1, -1);
    QPainterPath line;
    bool isDown = false;
    for (qsizetype i = 0; i < m_values.size(); ++i) {
        if (!std::isfinite(m_values[i])) {
            isDown = false;
            continue;
        }
        const QPointF point(area.left() +
                                area.width() * static_cast<double>(i) / static_cast<double>(m_values.size() - 1),
                            area.bottom() - area.height() * (m_values[i] - low) / range);
        if (isDown)
            line.lineTo(point);
        else
            line.moveTo(point);
        isDown = true;
    }
    painter.setPen(QPen(tone(m_tone).text, 1.5));
    painter.drawPath(line);
}

ElidedLabel::ElidedLabel(const QString &text, TextRole role, QWidget *parent)
    : QWidget(parent)
    , m_role(role)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setText(text);
}

void ElidedLabel::setText(const QString &text)
{
    if (text == m_text)
        return;
    m_text = text;
    setAccessibleName(text);
    updateToolTip();
    updateGeometry();
    update();
}

void ElidedLabel::setSoft(bool isSoft)
{
    m_isSoft = isSoft;
    update();
}

void ElidedLabel::setTone(std::optional<ToneName> tone)
{
    m_tone = tone;
    update();
}

bool ElidedLabel::isElided() const
{
    return textWidth(m_role, m_text) > width();
}

QSize ElidedLabel::sizeHint() const
{
    const QFontMetrics metrics(signalbox::font(m_role));
    return {metrics.horizontalAdvance(m_text) + 1, metrics.height()};
}

QSize ElidedLabel::minimumSizeHint() const
{
    return {24, sizeHint().height()};
}

void ElidedLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = tokens();
    const QColor color = m_tone ? tone(*m_tone).text : m_isSoft ? t.textSoft : t.text;
    paintText(&painter, rect(), m_role, isEnabled() ? color : t.textDisabled, m_text);
}

void ElidedLabel::resizeEvent(QResizeEvent *)
{
    updateToolTip();
}

void ElidedLabel::updateToolTip()
{
    setToolTip(isElided() ? m_text : QString());
}

} // namespace signalbox

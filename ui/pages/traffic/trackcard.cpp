#include "ui/pages/traffic/trackcard.h"

#include "models/domain/sharetext.h"
#include "ui/pages/operation/trackverdict.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QPainter>

#include <algorithm>

namespace signalbox
{

namespace
{

QString knownShare(const std::optional<double> &share)
{
    return share ? shareText(*share) : QStringLiteral("?");
}

bool isBad(Health verdict)
{
    return verdict == Health::Warning || verdict == Health::Failing;
}

} // namespace

TrackCard::TrackCard(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, qOverload<>(&QWidget::update));
}

void TrackCard::setTraffic(const QString &requests, const QString &errors, Health verdict)
{
    if (requests == m_requests && errors == m_errors && verdict == m_verdict)
        return;
    m_verdict = verdict;
    m_requests = requests;
    m_errors = errors;
    updateName();
    update();
}

void TrackCard::show(const Track &track, const QString &role, std::optional<double> share, const QString &basis)
{
    m_track = track;
    m_role = role;
    m_share = share;
    m_basis = basis;
    updateName();
    setToolTip(QStringList{timeToolTip(track.since),
                           tr("The share is what the router is set to now. Requests and errors were counted over the "
                              "last minutes: after a move they follow later.")}
                   .join(QLatin1Char('\n')));
    update();
}

void TrackCard::updateName()
{
    QString name = tr("%1, version %2, %3 of live traffic, %4 of %5 pods ready")
                       .arg(m_track.name, m_track.version, knownShare(m_share))
                       .arg(m_track.podsReady)
                       .arg(m_track.podsWanted);
    if (m_share && !m_basis.isEmpty())
        name += QStringLiteral(", ") + m_basis;
    if (!m_requests.isEmpty())
        name += tr(", %1 requests").arg(m_requests);
    if (!m_errors.isEmpty())
        name += tr(", %1 errors").arg(m_errors);
    if (isBad(m_verdict) && !m_errors.isEmpty())
        name += QStringLiteral(": %1").arg(verdictWord(m_verdict));
    setAccessibleName(name);
}

void TrackCard::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = tokens();
    const Tone &tone = trackTone(m_track.name);
    paintRoundedFrame(&painter, QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius::panel, tone.soft, tone.text);
    QRect line = rect().adjusted(space::l, space::m, -space::l, 0);
    line.setHeight(20);
    const QString name = m_track.name.isEmpty() ? tr("ONLY TRACK") : m_track.name.toUpper();
    const QString age = QStringList{m_role, ageText(m_track.since, AgeTicker::now())}.join(QStringLiteral(" · "));
    const int ageWidth = textWidth(TextRole::Body, age) + 4;
    paintText(&painter, QRect(line.right() - ageWidth, line.top(), ageWidth, 20), TextRole::Body, t.textSoft, age,
              Qt::AlignRight | Qt::AlignVCenter);
    line.setRight(line.right() - ageWidth - space::s);
    Tone solid = tone;
    solid.soft = tone.solid;
    solid.text = tone.onSolid;
    line.setLeft(
        paintBadge(&painter, QPoint(line.left(), line.center().y() - badgeSize(name).height() / 2), name, solid)
            .right() +
        space::s);
    line.setLeft(line.left() + paintText(&painter, line, TextRole::BodyStrong, t.text, m_track.version) + space::s);
    paintText(&painter, line, TextRole::MonoSmall, t.textSoft, m_track.templateHash.left(10));

    struct Figure
    {
        QString value;
        QString label;
        TextRole role;
        QColor color;
        Health sign = Health::Unknown; // before the label, where it is bad
    };
    const bool allReady = m_track.podsReady >= m_track.podsWanted;
    QList<Figure> figures = {{knownShare(m_share),
                              !m_share            ? tr("share not known")
                              : m_basis.isEmpty() ? tr("of live traffic")
                                                  : m_basis,
                              TextRole::Display, t.text},
                             {QStringLiteral("%1 / %2").arg(m_track.podsReady).arg(m_track.podsWanted),
                              tr("pods ready"), TextRole::Large, allReady ? t.text : t.warning.text}};
    if (!m_requests.isEmpty()) {
        figures.append({m_requests, m_errors.isEmpty() ? tr("requests") : tr("%1 errors").arg(m_errors),
                        TextRole::Large, t.text, m_errors.isEmpty() ? Health::Unknown : m_verdict});
    }
    int left = space::l;
    for (const Figure &figure : std::as_const(figures)) {
        const int sign = isBad(figure.sign) ? size::sign + space::xs : 0;
        const int width =
            std::max(textWidth(figure.role, figure.value), sign + textWidth(TextRole::Body, figure.label)) + 4;
        if (left + width > this->width() - space::m) // what there is no room for is left out whole; the name says it
            break;
        paintText(&painter, QRect(left, 40, width, 36), figure.role, figure.color, figure.value);
        if (sign > 0)
            paintState(&painter, figure.sign, QRectF(left, 83, size::sign, size::sign));
        paintText(&painter, QRect(left + sign, 78, width - sign, 20), TextRole::Body,
                  sign > 0 ? stateTone(figure.sign).text : t.textSoft, figure.label);
        left += width + space::xl;
    }
    const QString state = m_track.health == Health::Ok ? QString() : healthLabel(m_track.health);
    if (!state.isEmpty() && left + 120 < width()) {
        paintState(&painter, m_track.health, QRectF(left, 53, size::sign, size::sign));
        paintText(&painter, QRect(left + size::sign + space::s, 48, width() - left - 40, 20), TextRole::Body,
                  stateTone(m_track.health).text, state);
    }
}

SplitRing::SplitRing(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void SplitRing::show(const QString &router, const QList<std::pair<QString, std::optional<double>>> &shares)
{
    m_router = router;
    m_shares = shares;
    QStringList words;
    for (const auto &[track, share] : shares)
        words << track + QLatin1Char(' ') + knownShare(share);
    setAccessibleName(QStringLiteral("%1: %2").arg(router, words.join(QStringLiteral(", "))));
    setToolTip(accessibleName());
    update();
}

void SplitRing::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double side = std::min(width(), height()) - 26;
    const QRectF circle(width() / 2.0 - side / 2, height() / 2.0 - side / 2, side, side);
    painter.setPen(QPen(tokens().line, 9));
    painter.drawEllipse(circle);
    double from = 90 * 16; // twelve o'clock, counter-clockwise
    for (const auto &[track, share] : m_shares) {
        const double span = share.value_or(0) * 360 * 16;
        QPen pen(trackTone(track).solid, 9);
        pen.setCapStyle(Qt::FlatCap);
        painter.setPen(pen);
        painter.drawArc(circle, static_cast<int>(from), static_cast<int>(span));
        from += span;
    }
    const QRect inside = circle.adjusted(8, 8, -8, -8).toRect();
    painter.setPen(tokens().text);
    painter.setFont(signalbox::font(TextRole::Small));
    QString name = m_router; // Chinese breaks anywhere, also within its words
    if (const qsizetype gap = name.indexOf(QLatin1Char(' ')); gap > 0)
        name[gap] = QLatin1Char('\n');
    painter.drawText(inside, Qt::AlignCenter | Qt::TextWordWrap, name);
}

} // namespace signalbox

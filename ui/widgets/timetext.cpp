#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QPainter>
#include <QPointer>
#include <QRegularExpression>
#include <QStyle>
#include <QTimer>

#include <algorithm>
#include <cstdlib>

namespace signalbox
{

namespace
{

QTimeZone s_zone;     // GUI thread only
QDateTime s_frozenAt; // tests

struct TimeText
{
    Q_DECLARE_TR_FUNCTIONS(Time)
};

QDateTime inZone(const QDateTime &time)
{
    return time.toTimeZone(displayZone());
}

} // namespace

QString ageText(const QDateTime &since, const QDateTime &now, bool seconds)
{
    if (!since.isValid())
        return {};
    const qint64 age = std::max<qint64>(0, since.secsTo(now));
    if (age < 60)
        return seconds ? TimeText::tr("%1 s").arg(age) : TimeText::tr("now");
    if (age < 3600)
        return TimeText::tr("%1 m").arg(age / 60);
    if (age < 86400)
        return TimeText::tr("%1 h").arg(age / 3600);
    return TimeText::tr("%1 d").arg(age / 86400);
}

QString agoText(const QDateTime &since, const QDateTime &now)
{
    const QString age = ageText(since, now);
    return !since.isValid() || since.secsTo(now) < 60 ? age : TimeText::tr("%1 ago").arg(age);
}

QString durationText(qint64 milliseconds)
{
    if (milliseconds < 10000)
        return TimeText::tr("%1 s").arg(QString::number(static_cast<double>(milliseconds) / 1000, 'f', 1));
    const qint64 seconds = milliseconds / 1000;
    if (seconds < 60)
        return TimeText::tr("%1 s").arg(seconds);
    if (seconds < 3600)
        return TimeText::tr("%1 m %2 s").arg(seconds / 60).arg(seconds % 60, 2, 10, QLatin1Char('0'));
    return TimeText::tr("%1 h %2 m").arg(seconds / 3600).arg(seconds % 3600 / 60, 2, 10, QLatin1Char('0'));
}

void setDisplayZone(const QTimeZone &zone)
{
    s_zone = zone;
}

QTimeZone displayZone()
{
    const QTimeZone zone = s_zone.isValid() ? s_zone : QTimeZone::systemTimeZone();
    // Where a machine has no zone of its own it calls UTC by another name.
    return zone.id() == "Etc/UTC" ? QTimeZone::utc() : zone;
}

QString clockText(const QDateTime &time)
{
    return time.isValid() ? inZone(time).toString(QStringLiteral("HH:mm:ss")) : QString();
}

QString clockTextMs(const QDateTime &time)
{
    return time.isValid() ? inZone(time).toString(QStringLiteral("HH:mm:ss.zzz")) : QString();
}

QString copiedTime(const QDateTime &time)
{
    if (!time.isValid())
        return {};
    return inZone(time).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss ")) + QString::fromUtf8(displayZone().id());
}

QString timeToolTip(const QDateTime &time)
{
    if (!time.isValid())
        return {};
    return copiedTime(time) + QLatin1Char('\n') + time.toUTC().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")) +
           QStringLiteral(" UTC");
}

QString withLocalTimes(QString sentence)
{
    static const QRegularExpression utc(QStringLiteral(
        "\\b(\\d{4}-\\d\\d-\\d\\d)(?:T(\\d\\d:\\d\\d)(?::\\d\\d(?:\\.\\d+)?)?Z| (\\d\\d:\\d\\d) UTC)\\b"));
    const QTimeZone zone = displayZone();
    const QString name = zone == QTimeZone::utc() ? QStringLiteral("UTC") : QString::fromUtf8(zone.id());
    QRegularExpressionMatch match;
    for (qsizetype from = 0; (match = utc.match(sentence, from)).hasMatch();) {
        const QDateTime time(QDate::fromString(match.captured(1), Qt::ISODate),
                             QTime::fromString(match.captured(2) + match.captured(3), QStringLiteral("HH:mm")),
                             Qt::UTC);
        from = match.capturedEnd();
        if (!time.isValid())
            continue;
        // Beside it stand times that carry none (a policy's own words, what people typed): this one names its zone.
        const QString local = time.toTimeZone(zone).toString(QStringLiteral("yyyy-MM-dd HH:mm ")) + name;
        sentence.replace(match.capturedStart(), match.capturedLength(), local);
        from = match.capturedStart() + local.size();
    }
    return sentence;
}

AgeTicker::AgeTicker(QObject *parent)
    : QObject(parent)
{
    auto *timer = new QTimer(this);
    timer->setTimerType(Qt::CoarseTimer);
    connect(timer, &QTimer::timeout, this, &AgeTicker::ticked);
    const auto adapt = [timer](Qt::ApplicationState state) {
        timer->start(state == Qt::ApplicationActive ? 1000 : 10000);
    };
    connect(qApp, &QGuiApplication::applicationStateChanged, timer, adapt);
    adapt(QGuiApplication::applicationState());
}

AgeTicker &AgeTicker::ticker()
{
    static QPointer<AgeTicker> ticker;
    if (ticker.isNull())
        ticker = new AgeTicker(qApp);
    return *ticker;
}

void AgeTicker::freezeAt(const QDateTime &now)
{
    s_frozenAt = now;
}

QDateTime AgeTicker::now()
{
    return s_frozenAt.isValid() ? s_frozenAt : QDateTime::currentDateTimeUtc();
}

void paintAsItAges(QWidget *widget)
{
    constexpr qint64 everySeconds = 15;
    QObject::connect(&AgeTicker::ticker(), &AgeTicker::ticked, widget, [widget, last = QDateTime()]() mutable {
        const QDateTime now = AgeTicker::now();
        if (!widget->isVisible() || (last.isValid() && std::abs(last.secsTo(now)) < everySeconds))
            return;
        last = now;
        widget->update();
    });
}

AgeLabel::AgeLabel(QWidget *parent)
    : QLabel(parent)
{
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, &AgeLabel::refresh);
}

void AgeLabel::setTime(const QDateTime &time, const QString &pattern, bool seconds)
{
    m_time = time;
    m_pattern = pattern;
    m_seconds = seconds;
    setToolTip(timeToolTip(time));
    refresh();
}

void AgeLabel::setElides(bool elides)
{
    m_elides = elides;
    updateGeometry();
}

QSize AgeLabel::minimumSizeHint() const
{
    const QSize whole = QLabel::minimumSizeHint();
    return m_elides ? QSize(std::min(whole.width(), fontMetrics().averageCharWidth() * 6), whole.height()) : whole;
}

void AgeLabel::paintEvent(QPaintEvent *event)
{
    if (!m_elides || fontMetrics().horizontalAdvance(text()) <= contentsRect().width()) {
        QLabel::paintEvent(event);
        return;
    }
    QPainter painter(this);
    style()->drawItemText(&painter, contentsRect(), static_cast<int>(alignment()), palette(), isEnabled(),
                          fontMetrics().elidedText(text(), Qt::ElideRight, contentsRect().width()), foregroundRole());
}

void AgeLabel::refresh()
{
    const QString text = m_time.isValid() ? m_pattern.arg(ageText(m_time, AgeTicker::now(), m_seconds)) : QString();
    if (text != this->text())
        setText(text);
}

} // namespace signalbox

#pragma once

#include <QDateTime>
#include <QLabel>
#include <QObject>
#include <QString>
#include <QTimeZone>

namespace signalbox
{

// "now" (under a minute), "6 m", "2 h", "3 d"; empty for an invalid time. With `seconds`: "4 s" instead of "now".
QString ageText(const QDateTime &since, const QDateTime &now, bool seconds = false);
// "now", "6 m ago"
QString agoText(const QDateTime &since, const QDateTime &now);
QString durationText(qint64 milliseconds); // "0.2 s", "45 s", "1 m 52 s", "3 h 18 m"

// The zone times are shown in; the system's until set. GUI thread.
void setDisplayZone(const QTimeZone &zone);
QTimeZone displayZone();

QString clockText(const QDateTime &time);   // "10:54:02", in the display zone
QString clockTextMs(const QDateTime &time); // "10:54:02.120"
QString copiedTime(const QDateTime &time);  // "2026-11-21 10:54:02 Europe/Berlin": wherever a time is copied
QString timeToolTip(const QDateTime &time); // the same, and UTC on a second line
// Sentences that the command line shares have UTC times ("2026-11-21 09:54 UTC", "2026-11-21T09:54:02Z"): here as the
// operator's clock has them, "2026-11-21 10:54 Europe/Berlin". All else stays.
QString withLocalTimes(QString sentence);

// One timer for all texts that age. Ticks once a second while the application is active, every 10 s otherwise.
class AgeTicker : public QObject
{
    Q_OBJECT
public:
    static AgeTicker &ticker(); // a child of qApp

    // Tests stop the clock here; an invalid time lets it go again.
    static void freezeAt(const QDateTime &now);
    static QDateTime now(); // UTC

signals:
    void ticked();

private:
    explicit AgeTicker(QObject *parent);
};

// Paints a widget again for ages of minutes in it: while it is seen, a few times a minute.
void paintAsItAges(QWidget *widget);

// An age that keeps itself up to date, with the absolute time as tool tip.
class AgeLabel : public QLabel
{
    Q_OBJECT
public:
    explicit AgeLabel(QWidget *parent = nullptr);
    // `pattern` has %1 for the age: "updated %1 ago".
    void setTime(const QDateTime &time, const QString &pattern = QStringLiteral("%1"), bool seconds = false);
    // Where there is little room it ends in an ellipsis instead of claiming more.
    void setElides(bool elides);
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void refresh();

    QDateTime m_time;
    QString m_pattern;
    bool m_seconds = false;
    bool m_elides = false;
};

} // namespace signalbox

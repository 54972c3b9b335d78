#pragma once

#include "models/domain/health.h"

#include <QDateTime>
#include <QWidget>

class QLabel;

namespace signalbox
{

class StateSign;
struct Tone;

// What is wrong, across the page, with a clock that runs from the moment the failing state was first seen.
class IncidentBanner : public QWidget
{
    Q_OBJECT
public:
    explicit IncidentBanner(QWidget *parent = nullptr);

    // Whose time the clock runs from: somebody's who looked first, the first bad sample's, or the cluster's own word.
    enum class Origin { FirstSeen, Sample, Cluster };
    // `since` invalid: no clock.
    void show(Health health, const QString &strong, const QString &text, const QDateTime &since,
              Origin origin = Origin::FirstSeen);
    // Nobody knows how it is now. With the next show().
    void setStale(bool isStale) { m_isStale = isStale; }
    bool isStale() const { return m_isStale; }
    void clear();

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void render();
    void colourClock();
    const Tone &toneNow() const;
    void tick();

    Health m_health = Health::Ok;
    bool m_isStale = false;
    QString m_strong;
    QString m_words;
    QDateTime m_since;
    StateSign *m_sign = nullptr;
    QLabel *m_text = nullptr;
    QWidget *m_clock = nullptr;
    QLabel *m_time = nullptr;
    QLabel *m_caption = nullptr;
};

// "02:14", "1:02:14"
QString stopwatchText(qint64 seconds);

} // namespace signalbox

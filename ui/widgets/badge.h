#pragma once

#include "models/domain/health.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QWidget>

#include <optional>

namespace signalbox
{

// " LIVE ", " pass ": a word on a tinted ground.
class Badge : public QWidget
{
    Q_OBJECT
public:
    explicit Badge(const QString &text = {}, ToneName tone = ToneName::Neutral, QWidget *parent = nullptr);
    void setText(const QString &text);
    void setTone(ToneName tone);
    QString text() const { return m_text; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString m_text;
    ToneName m_tone;
};

// "Ctrl K" in a frame.
class KeyHint : public QWidget
{
    Q_OBJECT
public:
    explicit KeyHint(const QString &keys, QWidget *parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString m_keys;
};

// The sign of a state, 10 px unless told otherwise; named for screen readers.
class StateSign : public QWidget
{
    Q_OBJECT
public:
    explicit StateSign(Health health = Health::Unknown, QWidget *parent = nullptr);
    void setHealth(Health health);
    Health health() const { return m_health; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Health m_health;
};

// Shares of traffic as a bar; the shares in words are its name and tool tip.
class TrafficBar : public QWidget
{
    Q_OBJECT
public:
    explicit TrafficBar(QWidget *parent = nullptr);
    void setShares(const QList<TrafficShare> &shares);
    QSize sizeHint() const override { return {120, 6}; }
    QSize minimumSizeHint() const override { return {40, 6}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QList<TrafficShare> m_shares;
};

// A small line of values, without axes; holes (NaN) stay holes.
class Sparkline : public QWidget
{
    Q_OBJECT
public:
    explicit Sparkline(QWidget *parent = nullptr);
    void setValues(const QList<double> &values, ToneName tone = ToneName::Accent);
    QSize sizeHint() const override { return {110, 34}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QList<double> m_values;
    ToneName m_tone = ToneName::Accent;
};

// Text that ends in an ellipsis when there is no room; the whole of it is its tool tip then.
class ElidedLabel : public QWidget
{
    Q_OBJECT
public:
    explicit ElidedLabel(const QString &text = {}, TextRole role = TextRole::Body, QWidget *parent = nullptr);
    void setText(const QString &text);
    QString text() const { return m_text; }
    void setSoft(bool isSoft);
    void setTone(std::optional<ToneName> tone);
    bool isElided() const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void updateToolTip();

    QString m_text;
    TextRole m_role;
    bool m_isSoft = false;
    std::optional<ToneName> m_tone;
};

} // namespace signalbox

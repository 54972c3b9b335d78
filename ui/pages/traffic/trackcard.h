#pragma once

#include "models/domain/application.h"

#include <QWidget>

#include <optional>

namespace signalbox
{

// One track: name, version, hash, age, its share and its pods. What is not known is said, not left out.
class TrackCard : public QWidget
{
    Q_OBJECT
public:
    explicit TrackCard(QWidget *parent = nullptr);
    // `share` of live traffic as the router has it now; none: nothing says so. `basis`: what that is a share by.
    void show(const Track &track, const QString &role, std::optional<double> share, const QString &basis = {});
    const Track &track() const { return m_track; }
    std::optional<double> share() const { return m_share; }
    // What a metric source says of it; empty: nothing does. `verdict`: how the errors stand beside the stable track's.
    void setTraffic(const QString &requests, const QString &errors, Health verdict = Health::Unknown);
    Health verdict() const { return m_verdict; }
    QSize sizeHint() const override { return {360, 112}; }
    QSize minimumSizeHint() const override { return {240, 112}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void updateName();

    Track m_track;
    QString m_requests;
    QString m_errors;
    Health m_verdict = Health::Unknown;
    QString m_role;
    QString m_basis;
    std::optional<double> m_share;
};

// The split as a ring with the router's name inside.
class SplitRing : public QWidget
{
    Q_OBJECT
public:
    explicit SplitRing(QWidget *parent = nullptr);
    // A share that is not known takes no part of the ring.
    void show(const QString &router, const QList<std::pair<QString, std::optional<double>>> &shares);
    QSize sizeHint() const override { return {112, 112}; }
    QSize minimumSizeHint() const override { return {96, 96}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString m_router;
    QList<std::pair<QString, std::optional<double>>> m_shares;
};

} // namespace signalbox

#pragma once

#include "models/domain/readiness.h"

#include <QWidget>

#include <optional>

class QLabel;
class QPushButton;

namespace signalbox
{

class Badge;
class StateSign;

// Whether the way back of the chosen application is open: the light, why, how to mend it, when it was rehearsed and how
// long that took; and the button that rehearses now.
class ReadinessBar : public QWidget
{
    Q_OBJECT
public:
    explicit ReadinessBar(QWidget *parent = nullptr);

    // No readiness: not rehearsed yet.
    void show(const std::optional<Readiness> &readiness, bool isRehearsing);

signals:
    void rehearseRequested();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void showAge();

    std::optional<Readiness> m_readiness;
    bool m_isRehearsing = false;
    StateSign *m_sign = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_reason = nullptr;
    QLabel *m_age = nullptr;
    QPushButton *m_button = nullptr;
};

// "Way back: ready", for lights of Ok, Warning, Failing and Unknown.
QString readinessTitle(Health light);

} // namespace signalbox

#pragma once

#include "ui/theme/systemappearance.h"
#include "ui/theme/tokens.h"

#include <QObject>

#include <memory>

class QApplication;

namespace signalbox
{

// Dresses the application: picks the token set (the system's scheme unless overridden), sets style, palette, fonts and
// style sheet, and does it again when the choice changes. One per process, owned by app, alive as long as windows are.
class Theme : public QObject
{
    Q_OBJECT
public:
    enum class Choice { System, Dark, Light };
    Q_ENUM(Choice)
    enum class Motion { System, Full, Reduced };
    Q_ENUM(Motion)

    // `system` may be handed in by tests; else the platform's.
    explicit Theme(QApplication &application, std::unique_ptr<SystemAppearance> system = SystemAppearance::create());
    ~Theme() override;

    // The one that was made last and is alive; null before that.
    static const Theme *installed();

    Choice choice() const { return m_choice; }
    void setChoice(Choice choice);
    Motion motion() const { return m_motion; }
    void setMotion(Motion motion);

    const Tokens &tokens() const;
    bool isDark() const;
    bool reducesMotion() const;

signals:
    void changed();

private:
    void apply();

    QApplication &m_application;
    std::unique_ptr<SystemAppearance> m_system;
    Choice m_choice = Choice::System;
    Motion m_motion = Motion::System;
};

// How long an explaining motion of `milliseconds` may take: 0 where motion is reduced.
int motionDuration(int milliseconds);

} // namespace signalbox

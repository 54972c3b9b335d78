#pragma once

#include <QObject>

#include <functional>

namespace signalbox
{

class ConsoleSettings;
class PromotionDesk;

// Tells the operator on the desktop that a promotion waits for them: never while the window is in front, and not at all
// where they switched it off. GUI thread.
class DesktopNotifier : public QObject
{
    Q_OBJECT
public:
    // `isInFront`: the operator looks at the window. `show`: puts it on the desktop.
    DesktopNotifier(PromotionDesk &desk, ConsoleSettings &settings, std::function<bool()> isInFront,
                    std::function<void(const QString &title, const QString &text)> show, QObject *parent = nullptr);

    // What the last notification was about; empty: none yet.
    const QString &last() const { return m_last; }

    static bool isWanted(const ConsoleSettings &settings);
    static void setWanted(ConsoleSettings &settings, bool wants);

private:
    void tell(const QString &promotion);

    PromotionDesk &m_desk;
    ConsoleSettings &m_settings;
    std::function<bool()> m_isInFront;
    std::function<void(const QString &, const QString &)> m_show;
    QString m_last;
};

} // namespace signalbox

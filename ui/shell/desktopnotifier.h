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
    // `isInFront`: the operator looks at the window.
    DesktopNotifier(PromotionDesk &desk, ConsoleSettings &settings, std::function<bool()> isInFront,
                    QObject *parent = nullptr);

    void open(); // the notification was clicked

    static bool isWanted(const ConsoleSettings &settings);
    static void setWanted(ConsoleSettings &settings, bool wants);

signals:
    void told(const QString &title, const QString &text); // to be put on the desktop
    void opened(const QString &promotion);                // what the last notification was about

private:
    void tell(const QString &promotion);

    PromotionDesk &m_desk;
    ConsoleSettings &m_settings;
    std::function<bool()> m_isInFront;
    QString m_last; // empty: none yet
};

} // namespace signalbox

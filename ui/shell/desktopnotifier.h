#pragma once

#include <QHash>
#include <QObject>
#include <QSet>

#include <functional>

namespace signalbox
{

class ConsoleSettings;
class PromotionDesk;
class RunStore;

// Tells the operator on the desktop that a promotion waits for them: never while the window is in front, and not at all
// where they switched it off. GUI thread.
class DesktopNotifier : public QObject
{
    Q_OBJECT
public:
    // `isInFront`: the operator looks at the window.
    DesktopNotifier(PromotionDesk &desk, ConsoleSettings &settings, std::function<bool()> isInFront,
                    QObject *parent = nullptr);

    // Gates of vendors likewise. Those that wait already when a server is first heard are no news.
    void watchGates(RunStore &runs);

    void open(); // the notification was clicked

    static bool isWanted(const ConsoleSettings &settings);
    static void setWanted(ConsoleSettings &settings, bool wants);

signals:
    void told(const QString &title, const QString &text); // to be put on the desktop
    void opened(const QString &promotion);                // what the last notification was about
    void gateOpened(const QString &key);                  // likewise, where that was a gate

private:
    void tell(const QString &promotion);
    void lookAtGates(const RunStore &runs);

    PromotionDesk &m_desk;
    ConsoleSettings &m_settings;
    std::function<bool()> m_isInFront;
    QString m_last; // empty: none yet
    bool m_isLastGate = false;
    QHash<QString, QSet<QString>> m_gates; // that are known, by connection
};

} // namespace signalbox

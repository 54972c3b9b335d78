#pragma once

#include <QByteArray>
#include <QObject>
#include <QSettings>
#include <QStringList>
#include <QTimeZone>

namespace signalbox
{

// The operator's preferences and the state of the window, in one INI file in the data folder. GUI thread.
class ConsoleSettings : public QObject
{
    Q_OBJECT
public:
    enum class ThemeChoice { System, Dark, Light };
    Q_ENUM(ThemeChoice)
    enum class MotionChoice { System, Full, Reduced };
    Q_ENUM(MotionChoice)

    // `file` is created with the first value that is set.
    explicit ConsoleSettings(const QString &file, QObject *parent = nullptr);
    ~ConsoleSettings() override;

    // A tag of Language::known(); empty: the system's.
    QString language() const;
    void setLanguage(const QString &tag);
    ThemeChoice theme() const;
    void setTheme(ThemeChoice theme);
    MotionChoice motion() const;
    void setMotion(MotionChoice motion);
    // How often polled sources (metrics, usage) are asked, in seconds: 1 to 300.
    int refreshSeconds() const;
    void setRefreshSeconds(int seconds);
    // IANA id; empty: the system's.
    QByteArray timeZoneId() const;
    void setTimeZoneId(const QByteArray &id);
    QTimeZone timeZone() const; // always valid
    // Keys cannot be held (screen readers, remote desktops): ask instead.
    bool asksInsteadOfHold() const;
    void setAsksInsteadOfHold(bool asks);
    QString logLevel() const; // "debug" "info" "warning"
    void setLogLevel(const QString &level);
    QStringList pinnedApplications() const;
    void setPinned(const QString &application, bool isPinned);

    // The guide of the first use was seen to its end, or skipped.
    bool hasSeenGuide() const;
    void setSeenGuide(bool hasSeen);

    // Geometry, splitters, columns, by a name of the widget's own.
    QByteArray state(const QString &name) const;
    void setState(const QString &name, const QByteArray &state);
    // Small choices of a page (grouping, filter, last cluster).
    QString choice(const QString &name, const QString &fallback = {}) const;
    void setChoice(const QString &name, const QString &value);

    QString file() const;

signals:
    void changed(); // any preference; not state() or choice()
    void pinnedChanged();

private:
    void set(const QString &key, const QVariant &value);
    QSettings m_file;
};

} // namespace signalbox

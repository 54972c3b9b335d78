#include "ui/shell/consolesettings.h"

#include <algorithm>

namespace signalbox
{

namespace
{

const QString languageKey = QStringLiteral("preferences/language");
const QString themeKey = QStringLiteral("preferences/theme");
const QString motionKey = QStringLiteral("preferences/motion");
const QString refreshKey = QStringLiteral("preferences/refreshSeconds");
const QString zoneKey = QStringLiteral("preferences/timeZone");
const QString askKey = QStringLiteral("preferences/askInsteadOfHold");
const QString logKey = QStringLiteral("preferences/logLevel");
const QString guideKey = QStringLiteral("guide/seen");
const QString pinnedKey = QStringLiteral("preferences/pinned");

} // namespace

ConsoleSettings::ConsoleSettings(const QString &file, QObject *parent)
    : QObject(parent)
    , m_file(file, QSettings::IniFormat)
{
    m_file.setAtomicSyncRequired(true);
}

ConsoleSettings::~ConsoleSettings() = default;

void ConsoleSettings::set(const QString &key, const QVariant &value)
{
    if (m_file.value(key) == value)
        return;
    m_file.setValue(key, value);
    emit changed();
}

QString ConsoleSettings::language() const
{
    return m_file.value(languageKey).toString();
}

void ConsoleSettings::setLanguage(const QString &tag)
{
    set(languageKey, tag);
}

ConsoleSettings::ThemeChoice ConsoleSettings::theme() const
{
    const QString text = m_file.value(themeKey).toString();
    if (text == QLatin1String("dark"))
        return ThemeChoice::Dark;
    return text == QLatin1String("light") ? ThemeChoice::Light : ThemeChoice::System;
}

void ConsoleSettings::setTheme(ThemeChoice theme)
{
    static const QStringList names = {QStringLiteral("system"), QStringLiteral("dark"), QStringLiteral("light")};
    set(themeKey, names[static_cast<int>(theme)]);
}

ConsoleSettings::MotionChoice ConsoleSettings::motion() const
{
    const QString text = m_file.value(motionKey).toString();
    if (text == QLatin1String("full"))
        return MotionChoice::Full;
    return text == QLatin1String("reduced") ? MotionChoice::Reduced : MotionChoice::System;
}

void ConsoleSettings::setMotion(MotionChoice motion)
{
    static const QStringList names = {QStringLiteral("system"), QStringLiteral("full"), QStringLiteral("reduced")};
    set(motionKey, names[static_cast<int>(motion)]);
}

int ConsoleSettings::refreshSeconds() const
{
    return std::clamp(m_file.value(refreshKey, 5).toInt(), 1, 300);
}

void ConsoleSettings::setRefreshSeconds(int seconds)
{
    set(refreshKey, std::clamp(seconds, 1, 300));
}

QByteArray ConsoleSettings::timeZoneId() const
{
    return m_file.value(zoneKey).toString().toUtf8();
}

void ConsoleSettings::setTimeZoneId(const QByteArray &id)
{
    set(zoneKey, QString::fromUtf8(id));
}

QTimeZone ConsoleSettings::timeZone() const
{
    const QTimeZone chosen(timeZoneId());
    if (chosen.isValid())
        return chosen;
    const QTimeZone system = QTimeZone::systemTimeZone();
    return system.isValid() ? system : QTimeZone::utc();
}

bool ConsoleSettings::asksInsteadOfHold() const
{
    return m_file.value(askKey, false).toBool();
}

void ConsoleSettings::setAsksInsteadOfHold(bool asks)
{
    set(askKey, asks);
}

QString ConsoleSettings::logLevel() const
{
    return m_file.value(logKey, QStringLiteral("info")).toString();
}

void ConsoleSettings::setLogLevel(const QString &level)
{
    set(logKey, level);
}

QStringList ConsoleSettings::pinnedApplications() const
{
    return m_file.value(pinnedKey).toStringList();
}

void ConsoleSettings::setPinned(const QString &application, bool isPinned)
{
    QStringList pinned = pinnedApplications();
    if (pinned.contains(application) == isPinned)
        return;
    if (isPinned)
        pinned.append(application);
    else
        pinned.removeAll(application);
    m_file.setValue(pinnedKey, pinned);
    emit pinnedChanged();
}

bool ConsoleSettings::hasSeenGuide() const
{
    return m_file.value(guideKey, false).toBool();
}

void ConsoleSettings::setSeenGuide(bool hasSeen)
{
    m_file.setValue(guideKey, hasSeen);
}

QByteArray ConsoleSettings::state(const QString &name) const
{
    return m_file.value(QStringLiteral("state/") + name).toByteArray();
}

void ConsoleSettings::setState(const QString &name, const QByteArray &state)
{
    m_file.setValue(QStringLiteral("state/") + name, state);
}

QString ConsoleSettings::choice(const QString &name, const QString &fallback) const
{
    return m_file.value(QStringLiteral("choice/") + name, fallback).toString();
}

void ConsoleSettings::setChoice(const QString &name, const QString &value)
{
    m_file.setValue(QStringLiteral("choice/") + name, value);
}

QString ConsoleSettings::file() const
{
    return m_file.fileName();
}

} // namespace signalbox

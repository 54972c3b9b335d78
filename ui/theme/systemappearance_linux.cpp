#include "ui/theme/systemappearance.h"

#include <QDir>
#include <QFile>
#include <QFileSystemWatcher>
#include <QGuiApplication>
#include <QPalette>
#include <QSettings>
#include <QStandardPaths>
#include <QTimer>

// Linux and the BSDs: no call tells what the desktop wants, but its settings files do. KDE writes kdeglobals, GTK
// desktops (GNOME through its settings portal, Xfce, MATE) gtk-3.0/settings.ini; GTK_THEME overrides both. The
// platform's palette decides where no file speaks.
namespace signalbox
{

namespace
{

QString configPath(const QString &name)
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) + QLatin1Char('/') + name;
}

SystemAppearance::Scheme fromThemeName(const QString &name)
{
    if (name.isEmpty())
        return SystemAppearance::Scheme::Unknown;
    return name.contains(QLatin1String("dark"), Qt::CaseInsensitive) ? SystemAppearance::Scheme::Dark
                                                                     : SystemAppearance::Scheme::Light;
}

class LinuxAppearance : public SystemAppearance
{
public:
    LinuxAppearance()
        : m_files({configPath(QStringLiteral("kdeglobals")), configPath(QStringLiteral("gtk-3.0/settings.ini")),
                   configPath(QStringLiteral("gtk-4.0/settings.ini"))})
    {
        read();
        m_settle.setSingleShot(true);
        m_settle.setInterval(200); // desktops rewrite the file in several steps
        connect(&m_settle, &QTimer::timeout, this, [this] { readAgain(); });
        connect(&m_watcher, &QFileSystemWatcher::fileChanged, &m_settle, qOverload<>(&QTimer::start));
        watch();
    }

    Scheme scheme() const override { return m_scheme; }
    bool wantsReducedMotion() const override { return m_reducedMotion; }

private:
    void watch()
    {
        for (const QString &file : m_files) {
            if (QFile::exists(file) && !m_watcher.files().contains(file))
                m_watcher.addPath(file);
        }
    }

    void read()
    {
        m_scheme = Scheme::Unknown;
        m_reducedMotion = false;
        readKde();
        readGtk();
        if (m_scheme == Scheme::Unknown) {
            const QPalette palette = QGuiApplication::palette();
            const bool isDark =
                palette.color(QPalette::WindowText).lightness() > palette.color(QPalette::Window).lightness();
            m_scheme = isDark ? Scheme::Dark : Scheme::Light;
        }
    }

    void readKde()
    {
        if (!QFile::exists(m_files[0]))
            return;
        const QSettings kde(m_files[0], QSettings::IniFormat);
        const QString scheme = kde.value(QStringLiteral("ColorScheme")).toString();
        m_scheme = fromThemeName(scheme);
        bool isNumber = false;
        const double factor = kde.value(QStringLiteral("KDE/AnimationDurationFactor")).toDouble(&isNumber);
        m_reducedMotion = isNumber && factor == 0.0;
    }

    void readGtk()
    {
        const Scheme forced = fromThemeName(qEnvironmentVariable("GTK_THEME"));
        if (forced != Scheme::Unknown)
            m_scheme = forced;
        for (const QString &file : {m_files[2], m_files[1]}) {
            if (!QFile::exists(file))
                continue;
            const QSettings gtk(file, QSettings::IniFormat);
            const QString prefer = gtk.value(QStringLiteral("Settings/gtk-application-prefer-dark-theme")).toString();
            if (m_scheme == Scheme::Unknown && (prefer == QLatin1String("1") || prefer == QLatin1String("true")))
                m_scheme = Scheme::Dark;
            if (m_scheme == Scheme::Unknown)
                m_scheme = fromThemeName(gtk.value(QStringLiteral("Settings/gtk-theme-name")).toString());
            const QString animate = gtk.value(QStringLiteral("Settings/gtk-enable-animations")).toString();
            if (animate == QLatin1String("0") || animate == QLatin1String("false"))
                m_reducedMotion = true;
        }
    }

    void readAgain()
    {
        const Scheme before = m_scheme;
        const bool motionBefore = m_reducedMotion;
        read();
        watch(); // a file that was replaced is no longer watched
        if (before != m_scheme || motionBefore != m_reducedMotion)
            emit changed();
    }

    QStringList m_files;
    QFileSystemWatcher m_watcher;
    QTimer m_settle;
    Scheme m_scheme = Scheme::Unknown;
    bool m_reducedMotion = false;
};

} // namespace

std::unique_ptr<SystemAppearance> SystemAppearance::create()
{
    return std::make_unique<LinuxAppearance>();
}

} // namespace signalbox

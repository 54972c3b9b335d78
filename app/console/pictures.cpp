#include "app/console/pictures.h"

#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"

#include <QDir>
#include <QPixmap>
#include <QTimer>

namespace signalbox
{

namespace
{

// A page plans, asks the server and lays itself out after it was opened.
constexpr std::chrono::milliseconds settleTime{1500};

} // namespace

Pictures::Pictures(MainWindow &window, Theme &theme, QStringList pages, QString folder, QObject *parent)
    : QObject(parent)
    , m_window(window)
    , m_theme(theme)
    , m_folder(std::move(folder))
{
    for (const QString &page : pages) {
        for (const QSize &size : {QSize(1440, 900), QSize(1100, 700)}) {
            for (const bool isDark : {true, false})
                m_shots << Shot{page, isDark, size};
        }
    }
}

void Pictures::start()
{
    if (!QDir().mkpath(m_folder)) {
        emit finished({tr("The folder %1 could not be made.").arg(m_folder)});
        return;
    }
    next();
}

void Pictures::next()
{
    if (m_shots.isEmpty()) {
        emit finished(m_failures);
        return;
    }
    const Shot &shot = m_shots.first();
    m_theme.setChoice(shot.isDark ? Theme::Choice::Dark : Theme::Choice::Light);
    m_window.resize(shot.size);
    NavigationTarget target;
    target.page = shot.page;
    m_window.go(target);
    QTimer::singleShot(settleTime, this, &Pictures::take);
}

void Pictures::take()
{
    const Shot shot = m_shots.takeFirst();
    const QString file = QStringLiteral("%1/%2-%3-%4x%5.png")
                             .arg(m_folder, shot.page, shot.isDark ? QStringLiteral("dark") : QStringLiteral("light"))
                             .arg(shot.size.width())
                             .arg(shot.size.height());
    if (m_window.grab().save(file))
        emit written(file);
    else
        m_failures << file;
    next();
}

} // namespace signalbox

#pragma once

#include <QList>
#include <QObject>
#include <QSize>
#include <QString>
#include <QStringList>

namespace signalbox
{

class MainWindow;
class Theme;

// Draws every screen of the window into PNG files, dark and light, at both sizes: PAGE-THEME-WIDTHxHEIGHT.png. For
// machines without a display, and for looking at one's own work. Emits finished() with the files that could not be
// written.
class Pictures : public QObject
{
    Q_OBJECT
public:
    Pictures(MainWindow &window, Theme &theme, QStringList pages, QString folder, QObject *parent = nullptr);
    void start();

signals:
    void written(const QString &file);
    void finished(const QStringList &failures);

private:
    void next();
    void take();

    struct Shot
    {
        QString page;
        bool isDark = true;
        QSize size;
    };
    MainWindow &m_window;
    Theme &m_theme;
    QString m_folder;
    QList<Shot> m_shots;
    QStringList m_failures;
};

} // namespace signalbox

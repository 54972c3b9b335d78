#pragma once

#include <QList>
#include <QObject>
#include <QPixmap>
#include <QSize>
#include <QStringList>
#include <QTimer>

#include <chrono>
#include <functional>

namespace signalbox
{

class MainWindow;
class Theme;

// Takes pictures of the window as it stands, in each theme and size asked for, and puts theme and size back to the
// first. Waits for what is being laid out or read, with a limit.
class TourCamera : public QObject
{
    Q_OBJECT
public:
    struct Look
    {
        bool isDark = true;
        QSize size;
        QString suffix; // "-dark-1440x900"; of the file
    };

    // `isRestless`: something on the screen is still being read.
    TourCamera(MainWindow &window, Theme &theme, QString folder, QList<Look> looks, std::function<bool()> isRestless,
               QObject *parent = nullptr);

    void take(const QString &name); // one at a time
    bool isBusy() const { return m_next >= 0; }
    int count() const { return m_count; }
    // NAME and what is wrong with it, of all so far.
    const QStringList &failures() const { return m_failures; }
    const QStringList &cutTexts() const { return m_cut; }

    static QList<Look> allLooks();
    // As it stands, with the question that lies over it in its middle.
    static QPixmap pictureOf(MainWindow &window);

signals:
    void taken(); // all looks

private:
    void dress();
    void look();
    void shoot();

    MainWindow &m_window;
    Theme &m_theme;
    QString m_folder;
    QList<Look> m_looks;
    std::function<bool()> m_isRestless;
    QTimer m_settle;
    std::chrono::milliseconds m_waited{0};
    QString m_name;
    qsizetype m_next = -1;
    int m_count = 0;
    QStringList m_failures;
    QStringList m_cut;
};

} // namespace signalbox

#pragma once

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

namespace signalbox
{

struct ConsoleContext;
class Language;
class MainWindow;

// Follows the language chosen in the settings while the console runs: a new window takes the place of the old one, at
// the same place, on the same page, with what was chosen there. Operations live in their center and go on. While a
// dialog is open, nothing changes and the choice goes back; text that would be lost is asked about first. GUI thread.
class LanguageSwitch : public QObject
{
    Q_OBJECT
public:
    // `window` is borrowed and replaced in place by what `build` makes. The language in use is that of `window`.
    LanguageSwitch(ConsoleContext &context, Language &language, std::unique_ptr<MainWindow> &window,
                   std::function<std::unique_ptr<MainWindow>()> build, QObject *parent = nullptr);

signals:
    void replaced(); // the new window is shown; sentences that services keep are still in the old language

private:
    void follow();
    void refuse(const QString &why);
    void ask(const QStringList &pages);
    void replace();

    ConsoleContext &m_context;
    Language &m_language;
    std::unique_ptr<MainWindow> &m_window;
    std::function<std::unique_ptr<MainWindow>()> m_build;
    QString m_choice; // the last one that took effect
    QTimer m_soon;    // what announces the change is part of the window
    bool m_isAsking = false;
};

} // namespace signalbox

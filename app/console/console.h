#pragma once

#include "app/console/tour/tour.h"
#include "app/console/workspaceconnections.h"
#include "app/wiring/session.h"
#include "ui/shell/consolecontext.h"

#include <QApplication>

#include <memory>

namespace signalbox
{

class ConsoleSettings;
class DrillYard;
class Language;
class LanguageSwitch;
class LedgerFeed;
class MainWindow;
class OperationActions;
class PanelSettings;
class Prompter;
class ReadinessFeed;
class RightsFeed;
class Theme;

// The window and everything below it, in the order in which they need one another.
class Console : public QObject
{
    Q_OBJECT
public:
    // `settingsFile`: the operator's preferences; empty: the usual place. `drills`: where fire drills take place; null:
    // not on the practice world.
    Console(QApplication &application, const SourceOptions &sources, const QString &settingsFile = {},
            DrillYard *drills = nullptr);
    ~Console() override;

    // Shows the window at once and reads the sources after the first paint.
    void show();
    // Shows the guide of the first use over the first list, unless it was seen before.
    void offerGuide();
    // Shows the briefing of a drill, its start under the finger.
    void openDrill(const QString &name);
    // Draws all pages into `folder` once the first listing is complete (or after 20 s), then quits with 0, or 1 when a
    // picture failed.
    void drawPictures(const QString &folder);
    // Lets a scripted operator work in the window, prints its steps, then quits: 0, or 1 when a step failed.
    void tour(const Tour::Options &options);
    void tour(const Tour::Options &options, const QList<TourStep> &steps); // another story

    MainWindow &window() { return *m_window; }
    Session &session() { return *m_session; }

private:
    void applySettings();
    void tellProblems();
    void followLedger();

    std::unique_ptr<ConsoleSettings> m_settings;
    std::unique_ptr<Language> m_language;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<WorkspaceConnections> m_connections;
    std::unique_ptr<PanelSettings> m_ownPanels; // without a workspace
    std::unique_ptr<PanelSettings> m_panels;
    std::unique_ptr<Prompter> m_prompter;
    std::unique_ptr<RightsFeed> m_rights;
    std::unique_ptr<ReadinessFeed> m_readiness;
    std::unique_ptr<LedgerFeed> m_entries;
    std::unique_ptr<ConsoleContext> m_context;
    std::unique_ptr<OperationActions> m_actions;
    std::unique_ptr<MainWindow> m_window;
    std::unique_ptr<LanguageSwitch> m_languageSwitch;
    QStringList m_pages;
    bool m_isGuideOffered = false;
    bool m_readsPromotions = false;
};

} // namespace signalbox

#pragma once

#include "ui/shell/consolecontext.h"
#include "ui/shell/page.h"

#include <QHash>
#include <QMainWindow>

class QHBoxLayout;
class QStackedWidget;
class QSystemTrayIcon;

namespace signalbox
{

class Banner;
class DesktopNotifier;
class GuideOverlay;
class HeaderBar;
class HelpOverlay;
class NoticeArea;
class Palette;
class SideNav;
class StatusBar;
class Theme;

// What a window shows, for another one that takes its place.
struct WindowState
{
    QString page;
    QStringList history;
    QHash<QString, NavigationTarget> pages; // those made so far, and what is chosen on each
    QHash<QString, QString> filters;        // by page and name of the field
    QByteArray geometry;
    bool showsRequests = false;
};

// The window: navigation, header, the page, status bar; the palette, help, the guide, notices and running requests over
// it. Routes what pages ask for. Keys: 1-8 pages, Ctrl+K palette, Ctrl+Shift+R rollback, Ctrl+J requests, F1 and ?
// help, / Esc.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    // `theme` may be null (tests that bring their own).
    MainWindow(ConsoleContext &context, QList<PageEntry> pages, Theme *theme = nullptr, QWidget *parent = nullptr);
    ~MainWindow() override;

    // Names a world that is not the real one, in the title and the status bar.
    void setWorld(const QString &name);
    void go(const NavigationTarget &target);
    void rollBack(); // what Ctrl+Shift+R does
    void perform(const ActionRequest &request);
    Page *currentPage() const;
    QString currentPageId() const { return m_current; }
    Page *page(const QString &id); // made if needed; null: there is none
    void openPalette(const QString &text = {});
    void showRequests(bool shown);
    void showHelp();  // on the present screen
    void showGuide(); // from its first step, on the first screen; remembered as seen when it ends
    WindowState state() const;
    void restore(const WindowState &state);
    // What the operator typed or may take back and would lose with this window, by page; empty: nothing.
    QStringList unsaved() const;
    void notify(const QString &text, Health kind, const QString &action = {}, std::function<void()> run = {});

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void build();
    QWidget *buildDrillBar(QWidget *parent);
    void buildTray();
    void comeToFront();
    void watchPromotions();
    void connectPage(const QString &id, Page *page);
    void refreshHeader();
    void refreshBanner();
    void applyPreferences();
    void back();
    bool leaveField(Page &page);
    void showHelpMenu();
    QList<PaletteItem> paletteItems();
    void addPageItems(QList<PaletteItem> &items);
    void addDeployedItems(QList<PaletteItem> &items);
    void addPipelineItems(QList<PaletteItem> &items);
    void addClusterItems(QList<PaletteItem> &items);
    void addCommandItems(QList<PaletteItem> &items);
    PaletteItem actionItem(const QString &title, const QString &subtitle, const QString &icon,
                           const ActionRequest &request);
    const PageEntry *entry(const QString &id) const;
    bool hasPage(const QString &id) const { return entry(id) != nullptr; }

    ConsoleContext &m_context;
    QList<PageEntry> m_entries;
    Theme *m_theme = nullptr;
    SideNav *m_nav = nullptr;
    HeaderBar *m_header = nullptr;
    Banner *m_insecure = nullptr;
    QHBoxLayout *m_bannerRow = nullptr;
    QStackedWidget *m_stack = nullptr;
    StatusBar *m_status = nullptr;
    QWidget *m_requests = nullptr;
    Palette *m_palette = nullptr;
    HelpOverlay *m_help = nullptr;
    GuideOverlay *m_guide = nullptr;
    NoticeArea *m_notices = nullptr;
    QSystemTrayIcon *m_tray = nullptr;
    DesktopNotifier *m_notifier = nullptr; // null: nothing to tell of
    QHash<QString, Page *> m_pages;
    QHash<QString, NavigationTarget> m_restored; // shown when its page is opened
    QString m_current;
    QString m_world; // empty: the real one
    QStringList m_history;
};

} // namespace signalbox

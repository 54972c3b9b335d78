#pragma once

#include "models/domain/application.h"
#include "models/domain/operation.h"
#include "ui/shell/consolecontext.h"

#include <QKeySequence>
#include <QList>
#include <QWidget>

#include <functional>
#include <optional>

namespace signalbox
{

// Where to go: a page, and what to show on it. Empty fields mean "as it was".
struct NavigationTarget
{
    QString page;        // PageEntry::id: "overview" "traffic" "rollback" "cluster" "metrics" "connections" "settings"
    QString deployedKey; // Deployed::key()
    QString connection;
    QString ns;
    ObjectRef object; // workload, pod, node
    QString hint;     // page-specific: "add-kubernetes", "log" ...
};

// A change the operator asked for on some page. The shell hands it to the ActionHandler; nothing is changed here.
struct ActionRequest
{
    OperationKind kind = OperationKind::Restart;
    QString deployedKey; // may be empty where only the workload is known
    ObjectRef workload;
    int replicas = -1; // Scale, where already chosen
    QString to;        // Rollback, where already chosen
};

// Carries action requests to the place where they are planned and confirmed. GUI thread.
class ActionHandler
{
public:
    virtual ~ActionHandler();
    // Why this cannot be done now; nullopt: it can be asked for. Answers at once, from what is known.
    virtual std::optional<QString> whyNot(const ActionRequest &request) const = 0;
    virtual void perform(const ActionRequest &request, QWidget *window) = 0;
};

// One thing the Ctrl+K palette offers. With `whyNot` it is shown, disabled, with that reason.
struct PaletteItem
{
    QString group; // "Page" "Application" "Workload" "Pod" "Command"
    QString title;
    QString subtitle;
    QString icon; // of resources/icons; may be empty
    QString whyNot;
    std::function<void()> run;
    int bonus = 0; // among what answers to the same letters: what is meant more often
};

struct KeyHelp
{
    QString keys;
    QString what;
};

// What a sign or a colour of a screen means.
struct HelpSign
{
    Health health = Health::Unknown; // its sign, where `word` is empty
    QString word;                    // a badge, coloured as a track of that name is: "BLUE", "LIVE"
    QString what;
};

// What `?` tells of a screen, besides its keys.
struct ScreenHelp
{
    QString shows; // a few sentences
    QList<HelpSign> signs;
};

// One screen. Made when it is first shown, then kept.
class Page : public QWidget
{
    Q_OBJECT
public:
    explicit Page(QWidget *parent = nullptr);
    ~Page() override;

    // What stands behind the page's title: "prod-eu", "production".
    virtual QStringList crumbs() const { return {}; }
    // Shown (again), with what to show; also called when it is on screen already.
    virtual void open(const NavigationTarget &target);
    // `/`: puts the cursor into the page's filter. False: it has none.
    virtual bool focusFilter() { return false; }
    // Esc: leaves a detail, clears a filter. False: nothing to leave, the shell goes back one page.
    virtual bool goBack() { return false; }
    // What is chosen right now, so that "Roll back..." from anywhere knows what is meant.
    virtual NavigationTarget current() const { return {}; }
    virtual QList<KeyHelp> keys() const { return {}; }

signals:
    void crumbsChanged();
    void navigate(const signalbox::NavigationTarget &target);
    void actionRequested(const signalbox::ActionRequest &request);
    void notice(const QString &text, signalbox::Health kind);
    void badgeChanged(int count, signalbox::Health kind); // at the page's line of the navigation; 0: none
};

// A line of the navigation. `number` is its key, 1 to 8 as on every picture (Overview 1, Pipelines 2, Promotions 3,
// Traffic 4, Rollback 5, Cluster 6, Metrics 7, Ledger 8); 0: at the bottom, without a key.
struct PageEntry
{
    QString id;
    QString title;
    int number = 0;
    std::function<Page *(ConsoleContext &context, QWidget *parent)> make;
    std::function<ScreenHelp()> help = {}; // every screen of the product has one
};

} // namespace signalbox

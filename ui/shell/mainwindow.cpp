#include "ui/shell/mainwindow.h"

#include "models/items/attentionmodel.h"
#include "models/items/gatesmodel.h"
#include "models/policy/promotionboard.h"
#include "services/feeds/clusterset.h"
#include "services/pipelines/pipelinefeed.h"
#include "services/ports/promotiondesk.h"
#include "services/ports/requestmonitor.h"
#include "ui/shell/consolesettings.h"
#include "ui/shell/desktopnotifier.h"
#include "ui/shell/drillbar.h"
#include "ui/shell/drilleye.h"
#include "ui/shell/enterkey.h"
#include "ui/shell/fieldkeys.h"
#include "ui/shell/guideoverlay.h"
#include "ui/shell/headerbar.h"
#include "ui/shell/helpoverlay.h"
#include "ui/shell/otherscreen.h"
#include "ui/shell/palette.h"
#include "ui/shell/requestspanel.h"
#include "ui/shell/sidenav.h"
#include "ui/shell/statusbar.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/timetext.h"

#include <QAbstractSpinBox>
#include <QApplication>
#include <QCloseEvent>
#include <QComboBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QShortcut>
#include <QStackedWidget>
#include <QSystemTrayIcon>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

// The page fills what the banner leaves.
class Ground : public QWidget
{
public:
    using QWidget::QWidget;

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), tokens().ground);
    }
};

// What is explained: the page's entry, unless the page says that it is another screen now.
PageEntry screenOn(const Page *page, const PageEntry &entry)
{
    const auto *other = dynamic_cast<const OtherScreen *>(page);
    const std::optional<PageEntry> shown = other == nullptr ? std::nullopt : other->otherScreen();
    return shown.value_or(entry);
}

} // namespace

MainWindow::MainWindow(ConsoleContext &context, QList<PageEntry> pages, Theme *theme, QWidget *parent)
    : QMainWindow(parent)
    , m_context(context)
    , m_entries(std::move(pages))
    , m_theme(theme)
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(QStringLiteral("Signalbox"));
    setWindowIcon(applicationIcon());
    setMinimumSize(960, 600);
    resize(1440, 900);
    new EnterKey(this);
    new FieldKeys(this);
    build();
    buildTray();
    watchPromotions();
    applyPreferences();
    connect(&context.settings, &ConsoleSettings::changed, this, &MainWindow::applyPreferences);
    connect(&context.settings, &ConsoleSettings::pinnedChanged, this,
            [this] { m_nav->setPinned(m_context.settings.pinnedApplications()); });
    const auto watch = [this](const QString &id) {
        if (const ClusterConnection *cluster = m_context.clusters.find(id))
            connect(cluster->source.get(), &ClusterSource::infoChanged, this, &MainWindow::refreshBanner);
        refreshBanner();
    };
    connect(&context.clusters, &ClusterSet::added, this, watch);
    connect(&context.clusters, &ClusterSet::aboutToRemove, this, &MainWindow::refreshBanner, Qt::QueuedConnection);
    for (const auto &cluster : context.clusters.all())
        watch(cluster->id);
    restoreGeometry(context.settings.state(QStringLiteral("window")));
    if (!m_entries.isEmpty())
        go({m_entries.first().id, {}, {}, {}, {}, {}});
}

MainWindow::~MainWindow() = default;

void MainWindow::build()
{
    auto *central = new QWidget(this);
    auto *across = new QHBoxLayout(central);
    across->setContentsMargins(0, 0, 0, 0);
    across->setSpacing(0);
    m_nav = new SideNav(central);
    m_nav->setPages(m_entries);
    m_nav->setPinned(m_context.settings.pinnedApplications());
    across->addWidget(m_nav);
    auto *right = new Ground(central);
    auto *down = new QVBoxLayout(right);
    down->setContentsMargins(0, 0, 0, 0);
    down->setSpacing(0);
    m_header = new HeaderBar(right);
    m_insecure = new Banner(right);
    m_insecure->setObjectName(QStringLiteral("insecureBanner"));
    m_bannerRow = new QHBoxLayout;
    m_bannerRow->setContentsMargins(18, 0, 18, 0);
    m_bannerRow->addWidget(m_insecure);
    m_stack = new QStackedWidget(right);
    down->addWidget(m_header);
    down->addLayout(m_bannerRow);
    if (m_context.drills != nullptr)
        down->addWidget(buildDrillBar(right));
    down->addWidget(m_stack, 1);
    if (m_context.requests != nullptr) {
        auto *panel = new RequestsPanel(*m_context.requests, right);
        panel->setObjectName(QStringLiteral("requestsPanel"));
        panel->setFixedHeight(240);
        panel->hide();
        down->addWidget(panel);
        connect(panel, &RequestsPanel::closeRequested, this, [this] { showRequests(false); });
        m_requests = panel;
    }
    m_status = new StatusBar(m_context, right);
    m_status->setObjectName(QStringLiteral("statusBar"));
    down->addWidget(m_status);
    across->addWidget(right, 1);
    setCentralWidget(central);

    // In the navigation they are in nobody's way: what is worked with stands on the page.
    m_notices = new NoticeArea(central, [this] {
        const QRect free = m_nav->freeRoom();
        return QRect(m_nav->mapTo(centralWidget(), free.topLeft()), free.size());
    });
    m_help = new HelpOverlay(central);
    m_guide = new GuideOverlay(central);
    m_palette = new Palette(central);
    m_palette->setSource([this] { return paletteItems(); });

    connect(m_nav, &SideNav::pageChosen, this, [this](const QString &id) { go({id, {}, {}, {}, {}, {}}); });
    connect(m_nav, &SideNav::applicationChosen, this, [this](const QString &application) { openPalette(application); });
    connect(m_nav, &SideNav::unpinRequested, this,
            [this](const QString &application) { m_context.settings.setPinned(application, false); });
    connect(m_header, &HeaderBar::paletteRequested, this, [this] { openPalette(); });
    connect(m_header, &HeaderBar::rollbackRequested, this, &MainWindow::rollBack);
    connect(m_header, &HeaderBar::helpRequested, this, &MainWindow::showHelpMenu);
    connect(m_help, &HelpOverlay::guideRequested, this, &MainWindow::showGuide);
    connect(m_guide, &GuideOverlay::finished, this, [this] { m_context.settings.setSeenGuide(true); });
    connect(m_status, &StatusBar::connectionChosen, this, [this](const QString &id) {
        go({QStringLiteral("connections"), {}, id, {}, {}, {}});
    });
    connect(m_status, &StatusBar::requestsChosen, this, [this] { showRequests(m_requests->isHidden()); });
    const auto shortcut = [this](const QKeySequence &keys, auto handler) {
        connect(new QShortcut(keys, this), &QShortcut::activated, this, handler);
    };
    shortcut(QKeySequence(Qt::CTRL | Qt::Key_K), [this] { openPalette(); });
    shortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R), [this] { rollBack(); });
    shortcut(QKeySequence(Qt::CTRL | Qt::Key_J),
             [this] { showRequests(m_requests != nullptr && m_requests->isHidden()); });
    shortcut(QKeySequence(Qt::Key_F1), [this] { showHelp(); });
    shortcut(QKeySequence(QKeySequence::Quit), [this] { close(); });
}

QWidget *MainWindow::buildDrillBar(QWidget *parent)
{
    new DrillEye(*m_context.drills, this);
    auto *bar = new DrillBar(*m_context.drills, parent);
    connect(bar, &DrillBar::debriefRequested, this, [this](const QString &drill) {
        NavigationTarget target;
        target.page = QStringLiteral("drills");
        target.hint = drill;
        go(target);
    });
    return bar;
}

void MainWindow::buildTray()
{
    if (!QSystemTrayIcon::isSystemTrayAvailable())
        return;
    m_tray = new QSystemTrayIcon(applicationIcon(), this);
    m_tray->setToolTip(QStringLiteral("Signalbox"));
    auto *menu = new QMenu(this);
    menu->addAction(tr("Show Signalbox"), this, &MainWindow::comeToFront);
    menu->addAction(tr("Roll back..."), this, [this] {
        comeToFront();
        rollBack();
    });
    menu->addSeparator();
    menu->addAction(tr("Quit"), this, &QWidget::close);
    m_tray->setContextMenu(menu);
    connect(m_tray, &QSystemTrayIcon::activated, this, [this](QSystemTrayIcon::ActivationReason reason) {
        if (reason == QSystemTrayIcon::Trigger)
            comeToFront();
    });
    m_tray->show();
}

void MainWindow::comeToFront()
{
    showNormal();
    raise();
    activateWindow();
}

// What waits for the operator is told whether or not the page was ever opened.
void MainWindow::watchPromotions()
{
    if (m_context.promotions == nullptr)
        return;
    const auto count = [this] {
        const auto waiting = static_cast<int>(
            reviewRows(&m_context.promotions->board(), m_context.runs ? &m_context.runs->store() : nullptr).size());
        const auto unread = m_context.runs ? unreadGateSources(m_context.runs->store()).size() : 0;
        const QString unsure =
            unread == 0 ? QString() : tr("the gates of %n server(s) are not known now", nullptr, int(unread));
        m_nav->setBadge(QStringLiteral("promotions"), waiting, Health::Waiting, unsure);
        if (m_tray == nullptr)
            return;
        const QString told =
            waiting == 0 ? QStringLiteral("Signalbox") : tr("Signalbox: %n decision(s) wait for you", nullptr, waiting);
        m_tray->setToolTip(unread == 0 ? told : told + QLatin1Char('\n') + unsure);
    };
    connect(m_context.promotions, &PromotionDesk::boardChanged, this, count);
    if (m_context.runs) {
        connect(&m_context.runs->store(), &RunStore::gatesChanged, this, count);
        connect(&m_context.runs->store(), &RunStore::gateSourceChanged, this, count);
    }
    connect(m_context.promotions, &PromotionDesk::problemOccurred, this,
            [this](const Error &problem) { notify(problem.message, Health::Warning); });
    connect(m_context.promotions, &PromotionDesk::startLeft, this,
            [this](const QString &promotion, const QString &why) {
                const policy::PromotionCard *const card = m_context.promotions->board().find(promotion);
                const policy::Subject subject = card ? card->request.subject : policy::Subject();
                notify(tr("%1 to %2 does not start by itself: %3").arg(subject.application, subject.environment, why),
                       Health::Warning);
            });
    count();
    m_notifier = new DesktopNotifier(
        *m_context.promotions, m_context.settings, [this] { return isActiveWindow(); }, this);
    connect(m_notifier, &DesktopNotifier::opened, this, [this](const QString &promotion) {
        comeToFront();
        NavigationTarget target;
        target.page = QStringLiteral("promotions");
        target.object.uid = promotion;
        go(target);
    });
    connect(m_notifier, &DesktopNotifier::gateOpened, this, [this](const QString &key) {
        comeToFront();
        NavigationTarget target;
        target.page = QStringLiteral("promotions");
        target.object.uid = key;
        target.hint = QStringLiteral("gate");
        go(target);
    });
    if (m_context.runs)
        m_notifier->watchGates(m_context.runs->store());
    if (m_tray == nullptr)
        return;
    connect(m_notifier, &DesktopNotifier::told, m_tray,
            [this](const QString &title, const QString &text) { m_tray->showMessage(title, text, applicationIcon()); });
    connect(m_tray, &QSystemTrayIcon::messageClicked, m_notifier, &DesktopNotifier::open);
}

const PageEntry *MainWindow::entry(const QString &id) const
{
    for (const PageEntry &item : m_entries) {
        if (item.id == id)
            return &item;
    }
    return nullptr;
}

Page *MainWindow::page(const QString &id)
{
    if (Page *known = m_pages.value(id))
        return known;
    const PageEntry *item = entry(id);
    if (item == nullptr)
        return nullptr;
    Page *made = item->make(m_context, m_stack);
    made->setAccessibleName(item->title);
    m_stack->addWidget(made);
    m_pages.insert(id, made);
    connectPage(id, made);
    return made;
}

void MainWindow::connectPage(const QString &id, Page *page)
{
    connect(page, &Page::crumbsChanged, this, &MainWindow::refreshHeader);
    connect(page, &Page::navigate, this, &MainWindow::go);
    connect(page, &Page::actionRequested, this, &MainWindow::perform);
    connect(page, &Page::notice, this, [this](const QString &text, Health kind) { notify(text, kind); });
    connect(page, &Page::badgeChanged, this, [this, id](int count, Health kind) { m_nav->setBadge(id, count, kind); });
}

Page *MainWindow::currentPage() const
{
    return m_pages.value(m_current);
}

void MainWindow::go(const NavigationTarget &target)
{
    const QString id = target.page.isEmpty() ? m_current : target.page;
    Page *next = page(id);
    if (next == nullptr)
        return;
    if (id != m_current && !m_current.isEmpty()) {
        m_history.append(m_current);
        if (m_history.size() > 50)
            m_history.removeFirst();
    }
    m_current = id;
    // The stack would hand the focus to whatever comes first on the page.
    const bool keepsFocus = m_palette->isVisible() || (focusWidget() != nullptr && next->isAncestorOf(focusWidget()));
    m_stack->setCurrentWidget(next);
    QTimer::singleShot(0, m_notices, &NoticeArea::place); // when the page has been laid out
    m_nav->setCurrent(id);
    if (!keepsFocus)
        next->setFocus(Qt::OtherFocusReason);
    if (m_restored.contains(id))
        next->open(m_restored.take(id));
    next->open(target);
    refreshHeader();
}

void MainWindow::setWorld(const QString &name)
{
    m_world = name;
    m_status->setWorld(name);
    refreshHeader();
}

void MainWindow::refreshHeader()
{
    const PageEntry *item = entry(m_current);
    const Page *shown = currentPage();
    if (item == nullptr || shown == nullptr)
        return;
    m_header->setCrumbs(item->title, shown->crumbs());
    setWindowTitle(m_header->crumbText() + QStringLiteral(" - Signalbox") +
                   (m_world.isEmpty() ? QString() : QStringLiteral(" - ") + m_world));
    ActionRequest request;
    request.kind = OperationKind::Rollback;
    request.deployedKey = shown->current().deployedKey;
    std::optional<QString> whyNot;
    if (!hasPage(QStringLiteral("rollback"))) {
        whyNot = m_context.actions == nullptr ? std::optional(tr("Operations are not available in this window."))
                                              : m_context.actions->whyNot(request);
    }
    m_header->setRollback(!whyNot, whyNot.value_or(QString()));
}

void MainWindow::refreshBanner()
{
    QStringList names;
    for (const auto &cluster : m_context.clusters.all()) {
        if (!cluster->source->info().verifiesTls)
            names.append(cluster->title);
    }
    m_bannerRow->setContentsMargins(18, names.isEmpty() ? 0 : space::m, 18, 0);
    if (names.isEmpty()) {
        m_insecure->setMessage(Health::Failing, {}, {});
        return;
    }
    m_insecure->setMessage(Health::Failing,
                           tr("TLS certificates are not verified for %1.").arg(names.join(QStringLiteral(", "))),
                           tr("Anyone on the way can read your credentials and change what you see and do. Remove "
                              "insecure-skip-tls-verify and name the certificate authority instead."));
    m_insecure->setAction(tr("Open connections"), [this] { go({QStringLiteral("connections"), {}, {}, {}, {}, {}}); });
}

void MainWindow::applyPreferences()
{
    const ConsoleSettings &settings = m_context.settings;
    setDisplayZone(settings.timeZone());
    if (m_theme != nullptr) {
        m_theme->setChoice(static_cast<Theme::Choice>(settings.theme()));
        m_theme->setMotion(static_cast<Theme::Motion>(settings.motion()));
    }
    if (m_context.setLogLevel)
        m_context.setLogLevel(settings.logLevel());
}

void MainWindow::rollBack()
{
    const Page *shown = currentPage();
    NavigationTarget target = shown != nullptr ? shown->current() : NavigationTarget();
    if (hasPage(QStringLiteral("rollback"))) {
        target.page = QStringLiteral("rollback");
        target.hint.clear();
        go(target);
        return;
    }
    ActionRequest request;
    request.kind = OperationKind::Rollback;
    request.deployedKey = target.deployedKey;
    request.workload = target.object;
    perform(request);
}

void MainWindow::perform(const ActionRequest &request)
{
    if (m_context.actions == nullptr) {
        notify(tr("Operations are not available in this window."), Health::Warning);
        return;
    }
    if (const std::optional<QString> whyNot = m_context.actions->whyNot(request)) {
        notify(*whyNot, Health::Warning);
        return;
    }
    m_context.actions->perform(request, this);
}

void MainWindow::showHelp()
{
    if (m_help->isVisible()) {
        m_help->leave();
        return;
    }
    const Page *shown = currentPage();
    const PageEntry *item = entry(m_current);
    if (shown != nullptr && item != nullptr)
        m_help->open(screenOn(shown, *item), shown->keys(), m_entries);
}

void MainWindow::showHelpMenu()
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("helpMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const PageEntry *item = entry(m_current);
    const QString title = item == nullptr ? QString() : screenOn(currentPage(), *item).title;
    menu->addAction(tr("Help on %1").arg(title) + QStringLiteral("\tF1"), this, &MainWindow::showHelp);
    menu->addAction(tr("Show the guide"), this, &MainWindow::showGuide);
    const QWidget *button = m_header->helpButton();
    menu->popup(button->mapToGlobal(QPoint(0, button->height() + 4)));
}

void MainWindow::showGuide()
{
    if (m_entries.isEmpty())
        return;
    m_help->leave();
    go({m_entries.first().id, {}, {}, {}, {}, {}});
    const auto named = [this](const char *name) {
        return [this, name = QString::fromLatin1(name)] { return findChild<QWidget *>(name); };
    };
    m_guide->start({
        {[this] { return m_nav; }, tr("Every screen has a number"),
         tr("Press 1 to 8 to go there, Esc to come back. A badge counts what needs a look on it.")},
        {named("releasesPanel"), tr("Every application, in every environment"),
         tr("The sign says how it is, the bar who gets the traffic. Enter opens the place where something can be done: "
            "its traffic, or its way back.")},
        {named("rollbackButton"), tr("The way back, from anywhere"),
         tr("Ctrl+Shift+R plans the rollback of what is chosen and shows what it would do. Nothing happens before you "
            "hold the button.")},
        {named("searchField"), tr("Ctrl+K finds the rest"),
         tr("Every application, workload, pod and command by a few letters, and why something cannot be done now.")},
        {named("statusBar"), tr("How old is what you see"),
         tr("Each connection says when it was last heard. What is stale is greyed, never shown as live. ? or F1 "
            "explains any screen.")},
    });
}

void MainWindow::openPalette(const QString &text)
{
    m_help->leave();
    m_palette->open(text);
}

void MainWindow::showRequests(bool shown)
{
    if (m_requests != nullptr)
        m_requests->setVisible(shown);
}

void MainWindow::notify(const QString &text, Health kind, const QString &action, std::function<void()> run)
{
    m_notices->show(text, kind, action, std::move(run));
}

// The keys of the screens are not those of a field: from one that has the keyboard, the page takes it.
bool MainWindow::leaveField(Page &page)
{
    QWidget *field = focusWidget();
    const bool isField = qobject_cast<QComboBox *>(field) != nullptr ||
                         qobject_cast<QAbstractSpinBox *>(field) != nullptr ||
                         qobject_cast<QLineEdit *>(field) != nullptr;
    if (!isField || !page.isAncestorOf(field))
        return false;
    page.setFocus(Qt::OtherFocusReason);
    return focusWidget() != field;
}

void MainWindow::back()
{
    Page *shown = currentPage();
    if (shown != nullptr && (shown->goBack() || leaveField(*shown)))
        return;
    if (m_history.isEmpty())
        return;
    const QString before = m_history.takeLast();
    go({before, {}, {}, {}, {}, {}});
    m_history.removeLast(); // go() noted where we came from
}

void MainWindow::keyPressEvent(QKeyEvent *event)
{
    const QString text = event->text();
    const bool isPlain = event->modifiers() == Qt::NoModifier || event->modifiers() == Qt::ShiftModifier ||
                         event->modifiers() == Qt::KeypadModifier;
    if (event->key() == Qt::Key_Escape) {
        back();
        return;
    }
    if (!isPlain || text.size() != 1) {
        QMainWindow::keyPressEvent(event);
        return;
    }
    if (text == QLatin1String("/")) {
        if (Page *shown = currentPage())
            shown->focusFilter();
        return;
    }
    if (text == QLatin1String("?")) {
        showHelp();
        return;
    }
    for (const PageEntry &item : std::as_const(m_entries)) {
        if (item.number > 0 && text == QString::number(item.number)) {
            go({item.id, {}, {}, {}, {}, {}});
            return;
        }
    }
    QMainWindow::keyPressEvent(event);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    m_context.settings.setState(QStringLiteral("window"), saveGeometry());
    QMainWindow::closeEvent(event);
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::StyleChange || event->type() == QEvent::PaletteChange)
        update();
}

} // namespace signalbox

#include "ui/pages/pipelines/pipelinespage.h"

#include "models/items/runparts.h"
#include "models/stores/deployedstore.h"
#include "services/pipelines/pipelinefeed.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/operation/middlescroll.h"
#include "ui/pages/pipelines/deploymentscard.h"
#include "ui/pages/pipelines/logcard.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/pages/pipelines/runhead.h"
#include "ui/pages/pipelines/runlist.h"
#include "ui/pages/pipelines/runorderdialog.h"
#include "ui/pages/pipelines/testscard.h"
#include "ui/pages/pipelines/timescard.h"
#include "ui/pages/promotions/gatedialog.h"
#include "ui/shell/consolecontext.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/stagegraph.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QShortcut>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int pageGutter = space::m; // of the right margin, for the bar of what scrolls
constexpr int narrowPage = 1000;
constexpr int cardsHeight = 192;
constexpr int deploymentsHeight = 168;
constexpr int leastLog = 220;

} // namespace

PipelinesPage::PipelinesPage(ConsoleContext &context, QWidget *parent)
    : Page(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("pipelinesPage"));
    m_stack = new QStackedLayout(this);
    m_stack->setContentsMargins(0, 0, 0, 0);
    if (!context.runs || !context.pipelines) {
        auto *ground = new QWidget(this);
        auto *layout = new QVBoxLayout(ground);
        layout->setContentsMargins(space::xl, space::l, space::xl, space::l);
        auto *none = new Panel(tr("Pipelines"), ground);
        none->showEmpty(tr("No pipelines here"), tr("This window follows no servers with pipelines."));
        layout->addWidget(none);
        m_stack->addWidget(ground);
        return;
    }
    m_presenter = std::make_unique<PipelinesPresenter>(context, this);
    build();
    connectPresenter();
}

PipelinesPage::~PipelinesPage() = default;

void PipelinesPage::build()
{
    auto *main = new QWidget(this);
    auto *across = new QHBoxLayout(main);
    across->setContentsMargins(space::xl, space::l, space::xl - pageGutter, space::l);
    across->setSpacing(space::m);
    m_list = new RunList(*m_presenter, m_context.settings, main);
    across->addWidget(m_list);
    across->addWidget(buildDetail(), 1);
    m_stack->addWidget(main);
    setFocusProxy(&m_list->list());
    auto *up = new QShortcut(QKeySequence(Qt::ALT | Qt::Key_Left), this, this, [this] { m_presenter->goUp(); });
    up->setContext(Qt::WidgetWithChildrenShortcut);
}

QWidget *PipelinesPage::buildDetail()
{
    auto *inner = new QWidget;
    auto *down = new QVBoxLayout(inner);
    down->setContentsMargins(0, 0, 0, 0);
    down->setSpacing(space::m);
    m_head = new RunHead(*m_presenter, inner);
    down->addWidget(m_head);
    auto *cards = new QWidget(inner);
    m_middle = new QBoxLayout(QBoxLayout::LeftToRight, cards);
    m_middle->setContentsMargins(0, 0, 0, 0);
    m_middle->setSpacing(space::m);
    m_times = new TimesCard(*m_presenter, cards);
    m_tests = new TestsCard(*m_presenter, cards);
    for (Panel *card : std::initializer_list<Panel *>{m_times, m_tests})
        card->setFixedHeight(cardsHeight);
    m_middle->addWidget(m_times, 3);
    m_middle->addWidget(m_tests, 2);
    down->addWidget(cards);
    m_deployments = new DeploymentsCard(m_context, *m_presenter, inner);
    m_deployments->setFixedHeight(deploymentsHeight);
    down->addWidget(m_deployments);
    m_log = new LogCard(*m_presenter, m_context.prompter, inner);
    auto *last = new FillingRow(leastLog, inner);
    auto *filling = new QVBoxLayout(last);
    filling->setContentsMargins(0, 0, 0, 0);
    filling->addWidget(m_log);
    down->addWidget(last, 1);
    auto *scroll = new MiddleScroll(inner, this);
    scroll->setGutter(pageGutter);
    return scroll;
}

void PipelinesPage::connectPresenter()
{
    connect(m_presenter.get(), &PipelinesPresenter::selectionChanged, this, &Page::crumbsChanged);
    connect(m_presenter.get(), &PipelinesPresenter::changed, this, [this] {
        if (!m_awaitsTrigger.isEmpty() && m_presenter->entry() &&
            m_presenter->entry()->pipeline.ref.key() == m_awaitsTrigger) {
            m_awaitsTrigger.clear();
            order(RunOrder::Kind::Trigger);
        }
    });
    connect(m_list, &RunList::opened, this, [this] { m_head->graph().setFocus(Qt::OtherFocusReason); });
    connect(m_list, &RunList::connectionsWanted, this, [this] {
        emit navigate({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-server")});
    });
    connect(m_head, &RunHead::orderWanted, this, &PipelinesPage::order);
    connect(m_head, &RunHead::jobOrderWanted, this, &PipelinesPage::orderJob);
    connect(m_head, &RunHead::gateWanted, this, &PipelinesPage::openGate);
    connect(m_log, &LogCard::rerunWanted, this, &PipelinesPage::orderJob);
    connect(m_head, &RunHead::jobOpened, this, [this](const QString &) { m_log->focusLog(); });
    connect(m_log, &LogCard::noticed, this, &Page::notice);
}

QStringList PipelinesPage::crumbs() const
{
    if (!m_presenter)
        return {};
    const RunStore::Entry *const entry = m_presenter->entry();
    const std::optional<Run> run = m_presenter->run();
    if (!entry && !run)
        return {};
    QStringList words;
    for (const PipelinesPresenter::Above &one : m_presenter->above())
        words << one.title;
    words << (entry ? pipelineName(*entry) : run->ref.pipeline.project);
    if (run && !run->number.isEmpty())
        words << QLatin1Char('#') + run->number;
    return words;
}

void PipelinesPage::open(const NavigationTarget &target)
{
    if (!m_presenter)
        return;
    const bool startsOne = target.hint == QLatin1String("trigger");
    if (!target.object.uid.isEmpty()) {
        m_list->clearFilters();
        if (startsOne || target.hint == QLatin1String("pipeline") || target.hint == QLatin1String("deployments"))
            m_presenter->selectNewestOf(target.object.uid);
        else
            m_presenter->select(target.object.uid);
    }
    m_list->list().setFocus(Qt::ShortcutFocusReason);
    if (target.hint == QLatin1String("deployments"))
        m_deployments->focusList();
    if (!startsOne)
        return;
    const RunStore::Entry *const entry = m_presenter->entry();
    const RunStore::Entry *const meant = m_presenter->store().entry(target.object.uid);
    if (meant && meant->runs.isEmpty() && m_context.operations) { // it never ran: no run of it can be chosen
        RunOrder first;
        first.kind = RunOrder::Kind::Trigger;
        first.pipeline = meant->pipeline.ref;
        first.branch = meant->pipeline.defaultBranch;
        first.application = meant->application;
        auto *dialog = new RunOrderDialog(m_context, first, meant->pipeline, window());
        dialog->show();
    } else if (target.object.uid.isEmpty() || (entry && entry->pipeline.ref.key() == target.object.uid))
        order(RunOrder::Kind::Trigger);
    else
        m_awaitsTrigger = target.object.uid;
}

bool PipelinesPage::focusFilter()
{
    if (!m_presenter)
        return false;
    m_list->filter().setFocus(Qt::ShortcutFocusReason);
    m_list->filter().selectAll();
    return true;
}

bool PipelinesPage::goBack()
{
    if (!m_presenter)
        return false;
    return m_presenter->closeGroups() || m_presenter->goUp() || m_list->clearFilters();
}

NavigationTarget PipelinesPage::current() const
{
    NavigationTarget target;
    target.page = QStringLiteral("pipelines");
    if (!m_presenter)
        return target;
    target.object.uid = m_presenter->selected();
    const RunStore::Entry *const entry = m_presenter->entry();
    if (!entry || entry->application.isEmpty())
        return target;
    // What it builds runs in several environments: meant is the one that hurts most.
    const QList<Deployed> all = m_context.deployed.all();
    for (const Deployed &one : all) {
        if (one.application == entry->application && (target.deployedKey.isEmpty() || one.isProtected))
            target.deployedKey = one.key();
    }
    return target;
}

QList<KeyHelp> PipelinesPage::keys() const
{
    return {{tr("Up, Down"), tr("choose a run")},
            {tr("Enter on a run"), tr("go to its stages")},
            {tr("arrows"), tr("walk through the stages")},
            {tr("Enter on a stage"), tr("show its log, the jobs of a group, or the run it started; again: its gate")},
            {tr("Alt Left"), tr("back to the run that started this one")},
            {QStringLiteral("+ - 0 F"), tr("zoom the stages; F shows all of them")},
            {QStringLiteral("Ctrl F"), tr("find in the log")},
            {tr("Alt Down, Alt Up"), tr("next and previous step in the log")},
            {QStringLiteral("/"), tr("filter")}};
}

void PipelinesPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    if (!m_presenter)
        return;
    m_presenter->setActive(true);
    m_deployments->setActive(true);
    m_log->setActive(true);
}

void PipelinesPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    if (!m_presenter)
        return;
    m_log->setActive(false);
    m_deployments->setActive(false);
    m_presenter->setActive(false);
}

void PipelinesPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    if (m_presenter)
        arrange();
}

void PipelinesPage::keyPressEvent(QKeyEvent *event)
{
    if (m_presenter && event->matches(QKeySequence::Find)) {
        m_log->focusSearch();
        return;
    }
    Page::keyPressEvent(event);
}

void PipelinesPage::arrange()
{
    const bool isNarrow = width() < narrowPage;
    m_list->setNarrow(isNarrow);
    m_head->setNarrow(width() < 1180);
    m_middle->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void PipelinesPage::order(RunOrder::Kind kind)
{
    const QString why = m_presenter->whyNot(kind);
    const RunStore::Entry *const entry = m_presenter->entry();
    if (!why.isEmpty() || !entry) {
        emit notice(why, Health::Warning);
        return;
    }
    auto *dialog = new RunOrderDialog(m_context, m_presenter->orderOf(kind), entry->pipeline, window());
    dialog->show();
}

void PipelinesPage::orderJob(const QString &id)
{
    const QString why = m_presenter->whyNotJob(id);
    const RunStore::Entry *const entry = m_presenter->entry();
    const std::optional<Job> job = m_presenter->jobNamed(id);
    if (!why.isEmpty() || !entry || !job) {
        emit notice(why, Health::Warning);
        return;
    }
    auto *dialog = new RunOrderDialog(m_context, m_presenter->orderOfJob(id), entry->pipeline, window(), job->name);
    dialog->show();
}

// The same question as in the inbox: the policy has its say, and the ledger hears of it.
void PipelinesPage::openGate(const QString &key)
{
    if (m_gate && m_gate->key() == key)
        return; // a double click is two
    if (m_gate && m_gate->isDeciding()) {
        if (const auto other = gateRowOf(m_presenter->store(), key))
            m_gate->tellOther(*other);
        return;
    }
    if (m_gate)
        m_gate->close();
    m_gate = new GateDialog(m_context, key, window());
    m_gate->open();
}

} // namespace signalbox

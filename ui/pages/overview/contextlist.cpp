#include "ui/pages/overview/contextlist.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"

#include <QCheckBox>
#include <QFontMetrics>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int atOnce = 4; // tests
constexpr int mostHeight = 250;
constexpr int leastHeight = 56;
constexpr int widestName = 250;
constexpr int widestCurrent = 180; // the word for it stands behind

} // namespace

ContextList::ContextList(ConnectionsService &service, QWidget *parent)
    : QWidget(parent)
    , m_service(service)
{
    setObjectName(QStringLiteral("welcomeContexts"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::s);
    auto *top = new QHBoxLayout;
    auto *title = new QLabel(tr("Clusters of your kubeconfig"), this);
    title->setProperty("role", QStringLiteral("title"));
    m_summary = new QLabel(this);
    m_summary->setObjectName(QStringLiteral("contextsSummary"));
    m_summary->setProperty("role", QStringLiteral("soft"));
    m_summary->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    top->addWidget(title);
    top->addWidget(m_summary, 1);
    layout->addLayout(top);
    m_progress = new QProgressBar(this);
    m_progress->setObjectName(QStringLiteral("contextsProgress"));
    m_progress->setAccessibleName(tr("Contexts tested"));
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(space::xs);
    layout->addWidget(m_progress);
    m_scroll = new QScrollArea(this);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->viewport()->setAutoFillBackground(false);
    layout->addWidget(m_scroll, 1);
    layout->addWidget(buildFoot());
    refresh();
}

ContextList::~ContextList() = default;

QWidget *ContextList::buildFoot()
{
    auto *foot = new QWidget(this);
    auto *row = new QHBoxLayout(foot);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::s);
    const auto button = [foot, row](const QString &text, const char *name) {
        auto *made = new QPushButton(text, foot);
        made->setObjectName(QString::fromLatin1(name));
        made->setAutoDefault(false);
        row->addWidget(made);
        return made;
    };
    m_add = button(tr("Add"), "welcomeAdd");
    m_add->setProperty("variant", QStringLiteral("primary"));
    m_stop = button(tr("Stop testing"), "welcomeStop");
    m_again = button(tr("Look again"), "welcomeRescan");
    row->addStretch();
    setFocusProxy(m_add);
    connect(m_add, &QPushButton::clicked, this, &ContextList::addChosen);
    connect(m_stop, &QPushButton::clicked, this, &ContextList::stop);
    connect(m_again, &QPushButton::clicked, this, [this] {
        m_service.rescan();
        look(m_moreFiles);
    });
    return foot;
}

void ContextList::look(const QStringList &moreFiles)
{
    stop();
    m_hasLooked = true;
    m_isReading = true;
    m_moreFiles = moreFiles;
    emit failed({});
    refresh();
    m_question.run(
        this, [&](const StopToken &stop) { return m_service.contexts(moreFiles, stop); },
        [this](const Result<QList<ContextInfo>> &contexts) { show(contexts); });
}

void ContextList::show(const Result<QList<ContextInfo>> &contexts)
{
    m_isReading = false;
    m_waiting.clear();
    m_toAdd.clear();
    m_saving.cancel(); // its row goes; what is saved by then is listed as open already
    m_rows.clear();
    m_content = new QWidget;
    m_content->setObjectName(QStringLiteral("scrollContent"));
    m_lines = new QVBoxLayout(m_content);
    m_lines->setContentsMargins(0, 0, space::s, 0);
    m_lines->setSpacing(space::s);
    if (!contexts) {
        emit failed(contexts.error().message);
    } else {
        for (const ContextInfo &context : *contexts)
            addRow(context);
    }
    if (m_rows.empty()) {
        auto *none = new QLabel(tr("None was found. Signalbox looks where kubectl does: in the files named in "
                                   "KUBECONFIG, then in ~/.kube/config. Open another file below."),
                                m_content);
        none->setObjectName(QStringLiteral("contextsNone"));
        none->setProperty("role", QStringLiteral("soft"));
        none->setWordWrap(true);
        m_lines->addWidget(none);
    }
    m_lines->addStretch();
    m_scroll->setWidget(m_content);
    testNext();
    refresh();
}

void ContextList::addRow(const ContextInfo &context)
{
    m_rows.push_back(std::make_unique<Row>());
    Row &row = *m_rows.back();
    row.context = context;
    auto *line = new QWidget(m_content);
    auto *across = new QHBoxLayout(line);
    across->setContentsMargins(0, 0, 0, 0);
    across->setSpacing(space::m);
    auto *names = new QVBoxLayout;
    names->setSpacing(2);
    // Managed clusters are called by their whole address: what became of the test needs the room.
    const QString name = QFontMetrics(signalbox::font(TextRole::Body))
                             .elidedText(context.name, Qt::ElideMiddle, context.isCurrent ? widestCurrent : widestName);
    row.choice = new QCheckBox(context.isCurrent ? tr("%1 (current)").arg(name) : name, line);
    row.choice->setAccessibleName(context.isCurrent ? tr("%1 (current)").arg(context.name) : context.name);
    row.choice->setObjectName(QStringLiteral("context-") + context.name);
    row.choice->setToolTip(name == context.name ? context.kubeconfig
                                                : context.name + QLatin1Char('\n') + context.kubeconfig);
    auto *where =
        new ElidedLabel(QStringList{context.server, context.user}.join(QStringLiteral(" · ")), TextRole::Small, line);
    where->setSoft(true);
    where->setContentsMargins(24, 0, 0, 0);
    names->addWidget(row.choice);
    auto *indented = new QHBoxLayout;
    indented->setContentsMargins(24, 0, 0, 0);
    indented->addWidget(where);
    names->addLayout(indented);
    row.sign = new StateSign(Health::NotStarted, line);
    row.text = new QLabel(line);
    row.text->setObjectName(QStringLiteral("contextText-") + context.name);
    row.text->setTextFormat(Qt::PlainText);
    row.text->setWordWrap(true);
    row.text->setProperty("role", QStringLiteral("soft"));
    row.text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    across->addLayout(names, 5);
    across->addWidget(row.sign, 0, Qt::AlignTop);
    across->addWidget(row.text, 6, Qt::AlignTop);
    m_lines->addWidget(line);
    row.choice->setEnabled(false);
    connect(row.choice, &QCheckBox::toggled, this, [this, &row](bool isChosen) { chosen(row, isChosen); });
    if (!context.problem.isEmpty()) {
        say(row, Health::Failing, context.problem);
    } else if (context.isImported && (context.skipsTlsVerification || !context.credentialProgram.isEmpty())) {
        say(row, Health::NotStarted, tr("open already, not tested here"));
    } else if (context.skipsTlsVerification) {
        row.choice->setEnabled(true);
        say(row, Health::Warning,
            tr("Its certificate is not verified, so it is tested only when you choose it: the test sends your "
               "credentials."));
    } else if (!context.credentialProgram.isEmpty()) {
        row.choice->setEnabled(true);
        say(row, Health::NotStarted,
            tr("Its credentials come from %1, so it is tested only when you choose it: the test runs that program.")
                .arg(context.credentialProgram));
    } else {
        say(row, Health::NotStarted, tr("not tested yet"));
        m_waiting.push_back(&row);
    }
}

void ContextList::say(Row &row, Health health, const QString &text)
{
    row.sign->setHealth(health);
    row.text->setText(text);
    row.choice->setAccessibleDescription(text);
}

void ContextList::testNext()
{
    const auto running =
        std::count_if(m_rows.begin(), m_rows.end(), [](const auto &row) { return row->probe != nullptr; });
    for (auto free = atOnce - running; free > 0 && !m_waiting.empty(); --free) {
        Row *next = m_waiting.front();
        m_waiting.pop_front();
        test(*next);
    }
}

void ContextList::test(Row &row)
{
    say(row, Health::InProgress, tr("being tested"));
    row.probe = m_service.probe(configOf(row));
    connect(row.probe.get(), &ConnectionProbe::stepChanged, this, [this, &row](const ProbeStep &step) {
        if (step.state == ProbeStep::State::Running)
            say(row, Health::InProgress, step.title);
    });
    connect(row.probe.get(), &ConnectionProbe::finished, this,
            [this, &row](const ProbeReport &report) { take(row, report); });
    refresh();
}

void ContextList::take(Row &row, const ProbeReport &report)
{
    row.probe.release()->deleteLater(); // we are inside its signal
    row.isTested = true;
    row.isUsable = report.isUsable;
    if (report.isUsable) {
        const bool warns = std::any_of(report.steps.begin(), report.steps.end(),
                                       [](const ProbeStep &step) { return step.state == ProbeStep::State::Warned; });
        const QString last = report.steps.isEmpty() ? QString() : report.steps.last().text;
        QStringList words{report.version, last};
        words.removeAll(QString());
        if (row.context.isImported)
            words.prepend(tr("open already"));
        say(row, warns || row.context.skipsTlsVerification ? Health::Warning : Health::Ok,
            words.isEmpty() ? tr("reachable") : words.join(QStringLiteral(" · ")));
        row.choice->setEnabled(!row.context.isImported);
        if (row.context.isCurrent && !row.context.isImported)
            row.choice->setChecked(true);
    } else {
        say(row, Health::Failing, report.error ? report.error->message : tr("Its test failed."));
        row.choice->setChecked(false);
        row.choice->setEnabled(!row.context.isImported); // choosing it tests it again: a VPN may be up by then
    }
    testNext();
    refresh();
}

void ContextList::chosen(Row &row, bool isChosen)
{
    if (isChosen && !row.isUsable && row.probe == nullptr)
        test(row);
    refresh();
}

void ContextList::stop()
{
    m_waiting.clear();
    m_toAdd.clear();
    for (const auto &row : m_rows) {
        if (row->context.isImported) {
            if (row->probe != nullptr || (!row->isTested && row->context.problem.isEmpty()))
                say(*row, Health::NotStarted, tr("open already, not tested here"));
            row->probe.reset();
        } else if (row->probe != nullptr || (!row->isTested && row->choice != nullptr && !row->choice->isEnabled() &&
                                             row->context.problem.isEmpty())) {
            row->probe.reset();
            row->choice->setEnabled(true);
            say(*row, Health::NotStarted, tr("not tested: choose it to test it"));
        }
    }
    refresh();
}

ConnectionConfig ContextList::configOf(const Row &row) const
{
    ConnectionConfig config;
    config.kind = ConnectionConfig::Kind::Kubernetes;
    config.title = row.context.name;
    config.context = row.context.name;
    config.kubeconfig = m_moreFiles.contains(row.context.kubeconfig) ? row.context.kubeconfig : QString();
    config.skipsTlsVerification = row.context.skipsTlsVerification;
    return config;
}

void ContextList::addChosen()
{
    m_toAdd.clear();
    for (const auto &row : m_rows) {
        if (row->choice->isChecked() && row->isUsable && !row->context.isImported)
            m_toAdd.push_back(row.get());
    }
    emit failed({});
    addNext();
}

void ContextList::addNext()
{
    refresh();
    if (m_toAdd.empty())
        return;
    Row &row = *m_toAdd.front();
    m_saving.run(
        this, [&](const StopToken &) { return m_service.save(configOf(row)); },
        [this, &row](const Result<QString> &saved) {
            if (!saved) {
                m_toAdd.clear();
                say(row, Health::Failing, saved.error().message);
                emit failed(tr("%1 was not added: %2").arg(row.context.name, saved.error().message));
                refresh();
                return;
            }
            row.context.isImported = true;
            row.choice->setEnabled(false);
            say(row, Health::Ok, tr("added"));
            m_toAdd.pop_front();
            if (m_toAdd.empty())
                emit added();
            addNext();
        });
}

void ContextList::refresh()
{
    const int total = static_cast<int>(m_rows.size());
    int tested = 0;
    int usable = 0;
    int chosenCount = 0;
    bool isTesting = false;
    bool canAdd = true;
    for (const auto &row : m_rows) {
        isTesting = isTesting || row->probe != nullptr;
        tested += row->isTested ? 1 : 0;
        usable += row->isUsable ? 1 : 0;
        if (!row->choice->isChecked() || row->context.isImported)
            continue;
        ++chosenCount;
        canAdd = canAdd && row->isUsable;
    }
    isTesting = isTesting || !m_waiting.empty();
    m_progress->setRange(0, m_isReading ? 0 : std::max(1, total)); // 0, 0: busy
    m_progress->setValue(tested);
    auto policy = m_progress->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    m_progress->setSizePolicy(policy);
    m_progress->setVisible(m_isReading || isTesting);
    m_summary->setText(m_isReading ? tr("reading")
                       : isTesting ? tr("%1 of %2 tested").arg(tested).arg(total)
                       : total > 0 ? tr("%1 found · %2 reachable").arg(total).arg(usable)
                                   : QString());
    m_stop->setVisible(isTesting);
    m_again->setVisible(!isTesting && !m_isReading);
    m_add->setVisible(total > 0);
    m_add->setText(chosenCount > 1 ? tr("Add %1 clusters").arg(chosenCount) : tr("Add the cluster"));
    m_add->setEnabled(chosenCount > 0 && canAdd && m_toAdd.empty());
    m_add->setToolTip(chosenCount == 0 ? tr("Choose at least one that is reachable.")
                      : canAdd         ? tr("Reads them from now on, with your own rights. Nothing is installed there.")
                                       : tr("What is chosen is still being tested."));
    const int wanted = m_content == nullptr ? 0 : m_content->sizeHint().height();
    m_scroll->setFixedHeight(std::clamp(wanted, leastHeight, mostHeight));
}

} // namespace signalbox

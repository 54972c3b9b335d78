#include "ui/pages/cluster/podpanel.h"

#include "services/feeds/clusterset.h"
#include "ui/dialogs/prompter.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/logview.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QFile>
#include <QHBoxLayout>
#include <QLabel>
#include <QSaveFile>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

constexpr int tailLines = 100000;

ToneName toneOf(Health health)
{
    switch (health) {
    case Health::Ok:
        return ToneName::Ok;
    case Health::Failing:
        return ToneName::Failing;
    case Health::Warning:
    case Health::Waiting:
        return ToneName::Warning;
    case Health::InProgress:
        return ToneName::Progress;
    case Health::NotStarted:
    case Health::Unknown:
        break;
    }
    return ToneName::Neutral;
}

} // namespace

PodPanel::PodPanel(ClusterPresenter &presenter, Prompter &prompter, QWidget *parent)
    : Panel(tr("Pod"), parent)
    , m_presenter(presenter)
    , m_prompter(prompter)
{
    setObjectName(QStringLiteral("podPanel"));
    m_badge = new Badge({}, ToneName::Neutral, this);
    addTitleWidget(m_badge);
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 1);
    layout->setSpacing(0);
    buildTools(content);
    m_trouble = new QLabel(content);
    m_trouble->setObjectName(QStringLiteral("podTrouble"));
    m_trouble->setWordWrap(true);
    m_trouble->setTextFormat(Qt::PlainText);
    m_trouble->setContentsMargins(14, space::xs, 14, space::s);
    m_trouble->setProperty("role", QStringLiteral("warning"));
    m_log = new LogView(content);
    m_log->setObjectName(QStringLiteral("podLog"));
    layout->addWidget(m_trouble);
    layout->addWidget(m_log, 1);
    m_search->setTarget(m_log);
    setContent(content);
    connect(m_log, &LogView::followsChanged, m_follow, &QCheckBox::setChecked);
    connect(m_log, &LogView::searchChanged, this, [this] {
        if (m_search->text().isEmpty())
            m_hits->clear();
        else if (m_log->hitCount() == 0)
            m_hits->setText(tr("none"));
        else
            m_hits->setText(tr("%1 of %2").arg(m_log->currentHit() + 1).arg(m_log->hitCount()));
    });
    showPod({});
}

PodPanel::~PodPanel() = default;

void PodPanel::buildTools(QWidget *content)
{
    auto *tools = new QWidget(content);
    auto *row = new QHBoxLayout(tools);
    row->setContentsMargins(14, space::s, space::s, space::s);
    row->setSpacing(space::s);
    m_container = new ChipButton(QStringLiteral("%1"), tools);
    m_container->setObjectName(QStringLiteral("podContainer"));
    m_container->setToolTip(tr("Container whose log is shown"));
    m_follow = new QCheckBox(tr("follow"), tools);
    m_follow->setChecked(true);
    m_previous = new QCheckBox(tr("previous"), tools);
    m_previous->setObjectName(QStringLiteral("podPrevious"));
    m_previous->setToolTip(tr("The log of the container before its last restart"));
    m_search = new FilterField(tr("Find in log"), tools);
    m_search->setObjectName(QStringLiteral("podSearch"));
    m_search->setMinimumWidth(80);
    m_hits = new QLabel(tools);
    m_hits->setProperty("role", QStringLiteral("faint"));
    auto *next = new IconButton(QStringLiteral("chevron-down"), tr("Next hit"), tools);
    auto *copy = new IconButton(QStringLiteral("copy"), tr("Copy the selected lines, or all"), this);
    auto *saveButton = new IconButton(QStringLiteral("save"), tr("Save the log..."), this);
    addHeaderWidget(copy);
    addHeaderWidget(saveButton);
    m_tools = {copy, saveButton};
    row->addWidget(m_container);
    row->addWidget(m_follow);
    row->addWidget(m_previous);
    row->addWidget(m_search, 1);
    row->addWidget(m_hits);
    row->addWidget(next);
    static_cast<QVBoxLayout *>(content->layout())->addWidget(tools);
    connect(m_container, &ChipButton::chosenChanged, this, &PodPanel::openLog);
    connect(m_previous, &QCheckBox::toggled, this, &PodPanel::openLog);
    connect(m_follow, &QCheckBox::clicked, this, [this](bool follows) { m_log->setFollows(follows); });
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_log->setSearch(text);
        m_log->findNext(true);
    });
    connect(m_search, &QLineEdit::returnPressed, this, [this] { m_log->findNext(); });
    connect(next, &QPushButton::clicked, this, [this] { m_log->findNext(); });
    connect(copy, &QPushButton::clicked, this, [this] {
        if (m_log->selectedText().isEmpty())
            m_log->selectAll();
        m_log->copy();
    });
    connect(saveButton, &QPushButton::clicked, this, &PodPanel::save);
}

void PodPanel::showPod(const QString &uid)
{
    if (uid == m_uid && !uid.isEmpty())
        return;
    m_uid = uid;
    m_stream.reset();
    m_log->clear();
    const Pod *pod = m_presenter.pod(uid);
    if (pod == nullptr) {
        m_uid.clear();
        m_badge->setText({});
        setTitle(tr("Pod"));
        setSubtitle({});
        for (QWidget *tool : std::as_const(m_tools))
            tool->hide();
        showEmpty(tr("No pod chosen"),
                  tr("Click a square, or move to it with the arrow keys and press Enter: its log appears here."));
        return;
    }
    m_ref = pod->ref;
    setTitle(pod->ref.name);
    QList<ChipButton::Choice> containers;
    for (const ContainerImage &image : pod->images)
        containers.append({image.container, image.container});
    m_container->setChoices(containers);
    m_container->setChosen(containers.isEmpty() ? QString() : containers.first().id);
    m_container->setVisible(containers.size() > 1);
    {
        const QSignalBlocker blocker(m_previous);
        m_previous->setChecked(pod->restarts > 0 && pod->health == Health::Failing);
    }
    m_log->setFollows(true);
    for (QWidget *tool : std::as_const(m_tools))
        tool->show();
    showContent();
    refresh();
    openLog();
}

void PodPanel::refresh()
{
    if (m_uid.isEmpty())
        return;
    const Pod *pod = m_presenter.pod(m_uid);
    if (pod == nullptr) {
        m_badge->setText(tr("gone"));
        m_badge->setTone(ToneName::Neutral);
        return;
    }
    m_badge->setText(pod->reason.isEmpty() ? healthLabel(pod->health) : pod->reason);
    m_badge->setTone(toneOf(pod->health));
    QStringList parts = {pod->ref.ns, pod->node};
    if (pod->restarts > 0)
        parts.append(tr("%1 restarts").arg(pod->restarts));
    parts.removeAll(QString());
    setSubtitle(parts.join(QStringLiteral(" · ")));
    const bool isBad = pod->health != Health::Ok && !pod->message.isEmpty();
    m_trouble->setText(isBad ? pod->message : QString());
    m_trouble->setVisible(isBad);
}

void PodPanel::openLog()
{
    ClusterConnection *cluster = m_presenter.cluster();
    if (cluster == nullptr || m_uid.isEmpty())
        return;
    m_log->clear();
    refresh(); // what was said of the log before is not true of this one
    LogRequest request;
    request.pod = m_ref;
    request.container = m_container->chosen();
    request.previous = m_previous->isChecked();
    request.follow = !request.previous;
    request.tailLines = tailLines;
    m_stream = cluster->source->openLog(request);
    connect(m_stream.get(), &LogStream::linesArrived, this, [this](const QList<LogLine> &lines) {
        QList<LogView::Line> shown;
        shown.reserve(lines.size());
        for (const LogLine &line : lines)
            shown.append({line.time, line.text});
        m_log->append(shown);
    });
    connect(m_stream.get(), &LogStream::failed, this, [this](const Error &error) {
        if (error.kind == ErrorKind::Cancelled)
            return;
        m_trouble->setText(tr("The log broke off: %1").arg(error.message));
        m_trouble->show();
    });
    connect(m_stream.get(), &LogStream::ended, this, [this] {
        if (m_log->lineCount() == 0) {
            m_trouble->setText(tr("The log is empty."));
            m_trouble->show();
        }
    });
}

bool PodPanel::focusSearch()
{
    if (m_uid.isEmpty())
        return false;
    m_search->setFocus();
    return true;
}

void PodPanel::save()
{
    const QString suggested = m_ref.name + QStringLiteral(".log");
    m_prompter.askSaveFile(this, tr("Save the log"), suggested, [this](const QString &path) {
        if (path.isEmpty())
            return;
        QSaveFile file(path);
        const QByteArray text = m_log->allText().toUtf8();
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
            emit notice(tr("The log could not be written to %1: %2.").arg(path, file.errorString()), Health::Failing);
        else
            emit notice(tr("Saved %1 lines to %2.").arg(m_log->lineCount()).arg(path), Health::Ok);
    });
}

} // namespace signalbox

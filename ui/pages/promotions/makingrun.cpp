#include "ui/pages/promotions/makingrun.h"

#include "models/stores/runstore.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

constexpr int besideTitle = 140; // as in the list above
constexpr int narrowLine = 380;

struct FoundRun
{
    const RunStore::Entry *entry = nullptr;
    const Run *run = nullptr;
    int others = 0;
};

// A failure is told before a success; what was called off, or had nothing to do, made nothing.
int rankOf(RunState state)
{
    if (state == RunState::Failed)
        return 0;
    return state == RunState::Cancelled || state == RunState::Skipped ? 2 : 1;
}

// Of each pipeline the newest of this commit counts.
FoundRun runThatMade(const RunStore &store, const policy::Subject &subject)
{
    FoundRun found;
    int known = 0;
    for (const RunStore::Entry &entry : store.byKey()) {
        if (entry.application != subject.application)
            continue;
        for (const Run &run : entry.runs) {
            if (run.commit != subject.commit)
                continue;
            ++known;
            const int rank = rankOf(run.state);
            if (!found.run || rank < rankOf(found.run->state) ||
                (rank == rankOf(found.run->state) && found.run->createdAt < run.createdAt)) {
                found.entry = &entry;
                found.run = &run;
            }
            break;
        }
    }
    found.others = known - 1;
    return found;
}

} // namespace

MakingRun::MakingRun(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("makingRun"));
    m_soon.setSingleShot(true); // hundreds of pipelines may change in one go
    connect(&m_soon, &QTimer::timeout, this, &MakingRun::refresh);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 7, 14, 8);
    layout->setSpacing(space::s);
    m_sign = new StateSign(Health::Unknown, this);
    auto *signColumn = new QVBoxLayout;
    signColumn->setContentsMargins(0, 3, space::xs, 0); // on the middle of the first line
    signColumn->addWidget(m_sign);
    signColumn->addStretch();
    layout->addLayout(signColumn);
    m_title = new QLabel(tr("Pipeline"), this);
    m_title->setProperty("role", QStringLiteral("title"));
    m_title->setFixedWidth(besideTitle);
    m_title->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_text = new QLabel(this);
    m_text->setObjectName(QStringLiteral("makingRunText"));
    m_text->setProperty("role", QStringLiteral("soft"));
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setMinimumWidth(1);
    m_text->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_words = new QBoxLayout(QBoxLayout::LeftToRight);
    m_words->setSpacing(space::s);
    m_words->addWidget(m_title);
    auto *told = new QLabel(tr("Told only: the policy does not ask for it."), this); // so no heading counts it
    told->setObjectName(QStringLiteral("makingRunTold"));
    told->setProperty("role", QStringLiteral("soft"));
    told->setWordWrap(true);
    told->setMinimumWidth(1);
    auto *lines = new QVBoxLayout;
    lines->setSpacing(0);
    lines->addWidget(m_text);
    lines->addWidget(told);
    m_words->addLayout(lines, 1);
    layout->addLayout(m_words, 1);
    m_open = new QPushButton(tr("Open"), this);
    m_open->setObjectName(QStringLiteral("makingRunOpen"));
    m_open->setProperty("variant", QStringLiteral("chip"));
    m_open->setAutoDefault(false);
    m_open->setAccessibleName(tr("Open the run"));
    connect(m_open, &QPushButton::clicked, this, [this] { emit runWanted(m_run); });
    layout->addWidget(m_open, 0, Qt::AlignTop);
    hide();
}

void MakingRun::setStore(RunStore *store)
{
    m_store = store;
    if (store) {
        for (auto moved : {&RunStore::entryChanged, &RunStore::entryRemoved})
            connect(store, moved, &m_soon, qOverload<>(&QTimer::start));
    }
    refresh();
}

void MakingRun::show(const policy::Subject &subject)
{
    m_subject = subject;
    refresh();
}

void MakingRun::refresh()
{
    setVisible(m_store && !m_subject.application.isEmpty());
    if (isHidden())
        return;
    const FoundRun found = m_subject.commit.isEmpty() ? FoundRun() : runThatMade(*m_store, m_subject);
    m_run = found.run ? found.run->ref.key() : QString();
    m_open->setVisible(found.run);
    Health health = Health::Unknown;
    QString text;
    if (found.run) {
        health = healthOf(found.run->state);
        text = tr("%1 #%2: %3").arg(found.entry->pipeline.title, found.run->number, runStateLabel(found.run->state));
        const auto old = found.entry->staleRuns.constFind(found.run->ref.id);
        const QDateTime at = old == found.entry->staleRuns.constEnd() ? staleFrom(found.entry->freshness) : old.value();
        if (at.isValid() || !found.entry->freshness.isLive()) {
            health = Health::Unknown; // what it is by now is not known
            text += QLatin1Char(' ') + (at.isValid() ? tr("(as of %1)").arg(clockText(at)) : tr("(not live)"));
        }
        if (found.others > 0)
            text += QStringLiteral(" · ") + tr("other pipelines that ran for it: %1").arg(found.others);
    } else {
        text = m_subject.commit.isEmpty()
                   ? tr("which commit it was built from is not known")
                   : tr("no run of commit %1 is among those known here").arg(policy::shortCommit(m_subject.commit));
    }
    m_sign->setHealth(health);
    m_text->setText(text);
    m_text->setAccessibleName(QStringLiteral("%1: %2").arg(m_title->text(), text));
}

void MakingRun::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const bool isNarrow = width() < narrowLine;
    m_words->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    m_title->setMinimumWidth(isNarrow ? 0 : besideTitle);
    m_title->setMaximumWidth(isNarrow ? QWIDGETSIZE_MAX : besideTitle);
}

} // namespace signalbox

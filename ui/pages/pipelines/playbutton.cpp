#include "ui/pages/pipelines/playbutton.h"

#include "ui/pages/pipelines/pipelinespresenter.h"

namespace signalbox
{

PlayButton::PlayButton(PipelinesPresenter &presenter, QWidget *parent)
    : QPushButton(parent)
    , m_presenter(presenter)
{
    setObjectName(QStringLiteral("playJob"));
    setProperty("variant", QStringLiteral("chip"));
    setAutoDefault(false);
    setText(tr("Play job..."));
    hide();
    connect(&presenter, &PipelinesPresenter::changed, this, &PlayButton::refresh);
    connect(&presenter, &PipelinesPresenter::jobChanged, this, &PlayButton::refresh);
    connect(this, &QPushButton::clicked, this, [this] {
        if (const auto gate = m_presenter.gateOfJob(m_presenter.job()))
            emit gateWanted(gate->key());
    });
}

void PlayButton::refresh()
{
    const std::optional<Job> job = m_presenter.jobNamed(m_presenter.job());
    const std::optional<WaitingGate> gate = m_presenter.gateOfJob(m_presenter.job());
    setVisible(job && (gate || job->state == RunState::Waiting));
    if (!job)
        return;
    const QString why = m_presenter.whyNotGate(job->id);
    setText(gate && gate->canReject ? tr("Decide...") : tr("Play job..."));
    setAccessibleName(gate && gate->canReject ? tr("Decide about %1").arg(job->name) : tr("Play %1").arg(job->name));
    setEnabled(why.isEmpty());
    setToolTip(why.isEmpty() ? gate->title : why);
    setAccessibleDescription(why);
}

} // namespace signalbox

#include "ui/pages/changes/fetchbar.h"

#include "ui/pages/changes/changespresenter.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>

namespace signalbox
{

namespace
{

QString progressText(const SourceProgress &progress)
{
    const QLocale locale;
    switch (progress.phase) {
    case SourceProgress::Phase::Connecting:
        return FetchBar::tr("connecting");
    case SourceProgress::Phase::Receiving:
        return FetchBar::tr("fetching %1 of %2 objects, %3")
            .arg(locale.toString(progress.objects), locale.toString(progress.totalObjects),
                 locale.formattedDataSize(progress.bytes, 1, QLocale::DataSizeTraditionalFormat));
    case SourceProgress::Phase::Resolving:
        break;
    }
    return FetchBar::tr("unpacking %1 of %2")
        .arg(locale.toString(progress.objects), locale.toString(progress.totalObjects));
}

Health healthOf(const SourceState &state)
{
    if (state.isFetching)
        return Health::InProgress;
    switch (state.freshness.state) {
    case Freshness::State::Live:
        return Health::Ok;
    case Freshness::State::Stale:
        return Health::Warning;
    case Freshness::State::Failed:
    case Freshness::State::Denied:
        return Health::Failing;
    case Freshness::State::Loading:
    case Freshness::State::Absent:
        break;
    }
    return Health::Unknown;
}

} // namespace

FetchBar::FetchBar(ChangesPresenter &presenter, QWidget *parent)
    : QWidget(parent)
    , m_presenter(presenter)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::s);
    m_sign = new StateSign(Health::Unknown, this);
    m_age = new AgeLabel(this);
    m_age->setProperty("role", QStringLiteral("soft"));
    m_text = new QLabel(this);
    m_text->setObjectName(QStringLiteral("fetchText"));
    m_text->setProperty("role", QStringLiteral("soft"));
    m_progress = new QProgressBar(this);
    m_progress->setTextVisible(false);
    m_progress->setFixedSize(90, space::xs);
    m_progress->setAccessibleName(tr("Progress of fetching"));
    m_button = new QPushButton(this);
    m_button->setObjectName(QStringLiteral("fetchButton"));
    m_button->setProperty("compact", true);
    m_button->setAutoDefault(false);
    for (QWidget *each : std::initializer_list<QWidget *>{m_sign, m_age, m_text, m_progress, m_button})
        row->addWidget(each);
    connect(m_button, &QPushButton::clicked, this, [this] {
        if (m_presenter.source().isFetching)
            m_presenter.stopFetching();
        else
            m_presenter.fetch();
    });
    connect(&presenter, &ChangesPresenter::sourceChanged, this, &FetchBar::refresh);
    connect(&presenter, &ChangesPresenter::changed, this, &FetchBar::refresh);
    refresh();
}

void FetchBar::refresh()
{
    const bool hasSource = !m_presenter.repository().isEmpty();
    setVisible(hasSource);
    if (!hasSource)
        return;
    const SourceState state = m_presenter.source();
    m_sign->setHealth(healthOf(state));
    m_age->setVisible(!state.isFetching && state.freshness.lastHeard.isValid());
    m_age->setTime(state.freshness.lastHeard, tr("fetched %1 ago"), true);
    m_text->setVisible(state.isFetching || (state.freshness.error && !state.freshness.isLive()));
    m_text->setText(state.isFetching  ? progressText(state.progress)
                    : state.isStopped ? tr("fetching was stopped")
                                      : tr("could not be fetched again"));
    m_text->setToolTip(state.freshness.error ? state.freshness.error->message : QString());
    const bool hasTotal = state.progress.totalObjects > 0;
    m_progress->setVisible(state.isFetching);
    m_progress->setRange(0, hasTotal ? 1000 : 0);
    if (hasTotal)
        m_progress->setValue(static_cast<int>(state.progress.objects * 1000 / state.progress.totalObjects));
    m_button->setText(state.isFetching ? tr("Stop") : tr("Fetch"));
    m_button->setAccessibleName(state.isFetching ? tr("Stop fetching the repository") : tr("Fetch the repository now"));
}

} // namespace signalbox

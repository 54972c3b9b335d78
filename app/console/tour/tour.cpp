#include "app/console/tour/tour.h"

#include "ui/shell/mainwindow.h"

#include <QDir>

namespace signalbox
{

namespace
{

constexpr std::chrono::milliseconds tickTime{50};

// What README.md shows: one of each thing the program is for.
const QStringList readmePictures{QStringLiteral("overview"),      QStringLiteral("traffic-errors"),
                                 QStringLiteral("rollback-plan"), QStringLiteral("promotion-approved"),
                                 QStringLiteral("pipelines"),     QStringLiteral("gate"),
                                 QStringLiteral("ledger"),        QStringLiteral("cluster"),
                                 QStringLiteral("metrics")};

QList<TourCamera::Look> looksOf(Tour::Pictures pictures)
{
    if (pictures == Tour::Pictures::All)
        return TourCamera::allLooks();
    TourCamera::Look look = TourCamera::allLooks().first();
    look.suffix.clear();
    return {look};
}

} // namespace

Tour::Tour(MainWindow &window, Theme &theme, const QList<PageEntry> &pages, Options options, QObject *parent)
    : Tour(window, theme, tourScript(pages), std::move(options), parent)
{}

Tour::Tour(MainWindow &window, Theme &theme, const QList<TourStep> &steps, Options options, QObject *parent)
    : QObject(parent)
    , m_operator(window)
    , m_camera(window, theme, options.folder, looksOf(options.pictures),
               [this] { return m_operator.isAnyPanelLoading() || m_operator.isAnyPanelStale(); })
    , m_options(std::move(options))
    , m_steps(steps)
{
    m_tick.setInterval(tickTime);
    connect(&m_tick, &QTimer::timeout, this, &Tour::tick);
    connect(&m_camera, &TourCamera::taken, this, &Tour::next);
}

void Tour::start()
{
    m_sinceStart.start();
    m_sinceStep.start();
    if (!QDir().mkpath(m_options.folder)) {
        end(tr("The folder %1 could not be made. Check the path and the rights there.").arg(m_options.folder));
        return;
    }
    m_state = State::Acting;
    m_tick.start();
}

QString Tour::clock() const
{
    const qint64 tenths = m_sinceStart.elapsed() / 100;
    return QStringLiteral("%1:%2.%3")
        .arg(tenths / 600, 2, 10, QLatin1Char('0'))
        .arg(tenths / 10 % 60, 2, 10, QLatin1Char('0'))
        .arg(tenths % 10);
}

void Tour::tick()
{
    if (m_state == State::Acting)
        act();
    else if (m_state == State::Looking)
        look();
}

void Tour::act()
{
    const TourStep &step = m_steps[m_at];
    if (step.act) {
        if (const auto doubt = step.act(m_operator)) {
            if (m_sinceStep.elapsed() > step.limit.count())
                fail(*doubt);
            return;
        }
    }
    m_state = State::Looking;
}

void Tour::look()
{
    const TourStep &step = m_steps[m_at];
    const auto doubt = step.look(m_operator);
    if (!doubt)
        seen();
    else if (m_sinceStep.elapsed() > step.limit.count())
        fail(*doubt);
}

void Tour::seen()
{
    const TourStep &step = m_steps[m_at];
    if (step.letsGo)
        m_operator.letGo();
    QString line = QStringLiteral("%1  %2").arg(clock(), step.title);
    if (step.tell)
        line += QStringLiteral(": ") + step.tell(m_operator);
    emit said(line);
    const bool isWanted = m_options.pictures == Pictures::All || readmePictures.contains(step.picture);
    if (step.picture.isEmpty() || !isWanted) {
        next();
        return;
    }
    m_state = State::Picturing;
    m_camera.take(step.picture);
}

void Tour::next()
{
    if (m_state == State::Ended)
        return;
    ++m_at;
    m_sinceStep.restart();
    if (m_at < m_steps.size()) {
        m_state = State::Acting;
        return;
    }
    for (const QString &cut : m_camera.cutTexts())
        emit said(tr("Cut text in %1").arg(cut));
    if (!m_camera.failures().isEmpty()) {
        end(m_camera.failures().join(QLatin1Char('\n')));
        return;
    }
    emit said(tr("%1  Done: %2 steps, %3 pictures in %4")
                  .arg(clock())
                  .arg(m_steps.size())
                  .arg(m_camera.count())
                  .arg(QDir::toNativeSeparators(m_options.folder)));
    end({});
}

void Tour::fail(const QString &instead)
{
    m_operator.letGo();
    const TourStep &step = m_steps[m_at];
    // What was on screen is worth more than any words.
    const QString file = m_options.folder + QStringLiteral("/failed.png");
    TourCamera::pictureOf(m_operator.window()).save(file);
    end(tr("%1  Step %2 of %3 failed: %4. Seen instead: %5. See %6.")
            .arg(clock())
            .arg(m_at + 1)
            .arg(m_steps.size())
            .arg(step.title, instead, QDir::toNativeSeparators(file)));
}

void Tour::end(const QString &failure)
{
    m_state = State::Ended;
    m_tick.stop();
    emit finished(failure);
}

} // namespace signalbox

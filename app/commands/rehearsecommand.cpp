#include "app/commands/rehearsecommand.h"

#include "app/commands/json.h"
#include "app/commands/render.h"
#include "app/commands/targets.h"
#include "services/feeds/errorwatch.h"
#include "services/feeds/rehearsal.h"

#include <QTimer>

#include <algorithm>
#include <chrono>
#include <utility>

namespace signalbox::commands
{

namespace
{
constexpr int atOnce = 4;
constexpr std::chrono::seconds figuresWait(10); // after the rehearsals
} // namespace

ExitStatus RehearseCommand::statusOf(const QList<Rehearsed> &all)
{
    const auto any = [&all](Health light) {
        return std::any_of(all.begin(), all.end(),
                           [light](const Rehearsed &one) { return one.readiness.light == light; });
    };
    return any(Health::Failing)   ? ExitStatus::Refused
           : any(Health::Unknown) ? ExitStatus::Unreachable
                                  : ExitStatus::Done;
}

void RehearseCommand::listed()
{
    const auto found = findAll(session().deployed().all(), application(), environment());
    if (!found) {
        fail(session().listingError().value_or(found.error())); // what could not be read may hold it
        return;
    }
    m_waiting = *found;
    if (m_waiting.isEmpty()) {
        show();
        return;
    }
    askFigures(m_waiting);
    next();
}

void RehearseCommand::askFigures(const QList<Deployed> &about)
{
    if (session().metrics().all().empty())
        return;
    constexpr std::chrono::hours never(24); // one round
    m_errors = new ErrorWatch(session().metrics(), session().deployed(),
                              {std::chrono::milliseconds(0), never, never, never}, this);
    QStringList keys;
    for (const Deployed &one : about)
        keys << one.key();
    m_errors->askOnlyOf(keys);
    m_areFiguresAwaited = true;
    connect(m_errors, &ErrorWatch::asked, this, [this] {
        if (std::exchange(m_areFiguresAwaited, false))
            showIfAllIsThere();
    });
}

void RehearseCommand::next()
{
    while (m_running < atOnce && !m_waiting.isEmpty()) {
        const Deployed deployed = m_waiting.takeFirst();
        ++m_running;
        const QMap<QString, int> carried = session().deployed().carriedBy(deployed.key());
        rehearse(session().clusters(), deployed, carried, stopToken(), this,
                 [this, deployed](const Readiness &readiness) {
                     --m_running;
                     m_done.append({deployed, readiness});
                     terminal().progress(
                         tr("Rehearsed %1 of %2").arg(m_done.size()).arg(m_done.size() + m_running + m_waiting.size()));
                     next();
                     showIfAllIsThere();
                 });
    }
}

void RehearseCommand::showIfAllIsThere()
{
    if (m_running > 0 || !m_waiting.isEmpty())
        return;
    if (!m_areFiguresAwaited) {
        show();
        return;
    }
    QTimer::singleShot(figuresWait, this, [this] { // the way back does not wait for a source that hangs
        if (m_areFiguresAwaited)
            show();
    });
}

// Why the lights say nothing of figures; nullopt: they do, or there are none to be had.
std::optional<QString> RehearseCommand::figuresProblem() const
{
    if (m_errors && m_areFiguresAwaited)
        return tr("The metric source did not answer in time.");
    return m_errors && m_errors->problem() ? std::optional(m_errors->problem()->message) : std::nullopt;
}

void RehearseCommand::show()
{
    std::sort(m_done.begin(), m_done.end(), [](const Rehearsed &a, const Rehearsed &b) {
        return std::tie(a.deployed.application, a.deployed.environment) <
               std::tie(b.deployed.application, b.deployed.environment);
    });
    const bool isComplete = session().listing() == Session::Listing::Complete;
    const ExitStatus status = isComplete ? statusOf(m_done) : ExitStatus::Unreachable;
    terminal().clearProgress();
    if (m_errors) {
        for (Rehearsed &one : m_done)
            one.readiness = withFigures(one.readiness, m_errors->sharesOf(one.deployed.key()));
    }
    if (const std::optional<QString> problem = figuresProblem())
        terminal().say(QStringLiteral("signalbox: ") +
                       tr("Whether what one would go back to fails itself is not known. %1").arg(*problem));
    m_areFiguresAwaited = false;
    for (const auto &cluster : session().clusters().all()) {
        if (const auto error = session().listingError(*cluster))
            terminal().say(QStringLiteral("signalbox: ") + error->message);
    }
    terminal().print(context().isJson() ? rehearsalsJson(m_done, status) : rehearsalsText(m_done, isComplete));
    finish(status);
}

} // namespace signalbox::commands

#include "app/commands/rehearsecommand.h"

#include "app/commands/json.h"
#include "app/commands/render.h"
#include "app/commands/targets.h"
#include "services/feeds/rehearsal.h"

#include <algorithm>

namespace signalbox::commands
{

namespace
{
constexpr int atOnce = 4;
}

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
    next();
}

void RehearseCommand::next()
{
    while (m_running < atOnce && !m_waiting.isEmpty()) {
        const Deployed deployed = m_waiting.takeFirst();
        ++m_running;
        rehearse(session().clusters(), deployed, {}, stopToken(), this, [this, deployed](const Readiness &readiness) {
            --m_running;
            m_done.append({deployed, readiness});
            terminal().progress(
                tr("Rehearsed %1 of %2").arg(m_done.size()).arg(m_done.size() + m_running + m_waiting.size()));
            if (m_running == 0 && m_waiting.isEmpty())
                show();
            else
                next();
        });
    }
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
    for (const auto &cluster : session().clusters().all()) {
        if (const auto error = session().listingError(*cluster))
            terminal().say(QStringLiteral("signalbox: ") + error->message);
    }
    terminal().print(context().isJson() ? rehearsalsJson(m_done, status) : rehearsalsText(m_done, isComplete));
    finish(status);
}

} // namespace signalbox::commands

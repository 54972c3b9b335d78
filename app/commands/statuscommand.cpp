#include "app/commands/statuscommand.h"

#include "app/commands/json.h"
#include "app/commands/render.h"
#include "app/commands/targets.h"

#include <algorithm>

namespace signalbox::commands
{

void StatusCommand::interrupt()
{
    finish(m_isWatching ? ExitStatus::Done : ExitStatus::Refused);
}

void StatusCommand::listed()
{
    m_isWatching = has("watch");
    if (!m_isWatching && !application().isEmpty() && !session().metrics().all().empty()) {
        askMetrics();
        return;
    }
    show();
    if (m_isWatching)
        connect(&session(), &Session::listingChanged, this, &StatusCommand::show);
}

// Of the application that was named: of all of them it would be hundreds of questions.
void StatusCommand::askMetrics()
{
    const auto found = findAll(session().deployed().all(), application(), environment());
    auto *metrics = new StatusMetrics(*session().metrics().all().front(), found ? *found : QList<Deployed>(), this);
    connect(metrics, &StatusMetrics::finished, this, [this, metrics] {
        m_figures = metrics->figures();
        if (const std::optional<Error> &problem = metrics->problem())
            terminal().say(QStringLiteral("signalbox: ") + problem->message);
        show();
    });
    metrics->start();
}

void StatusCommand::show()
{
    const auto found = findAll(session().deployed().all(), application(), environment());
    if (!found && !m_isWatching) {
        // A name nobody knows may only be one that could not be read.
        if (const auto error = session().listingError())
            fail(*error, std::max(exitStatusOf(error->kind), ExitStatus::Unreachable));
        else
            fail(found.error());
        return;
    }
    QList<Deployed> deployed = found ? *found : QList<Deployed>();
    if (context().sources.workspace) {
        const QStringList order = context().sources.workspace->workspace().preferences.environmentOrder;
        const auto rank = [&order](const Deployed &one) {
            const auto at = order.indexOf(one.environment);
            return at < 0 ? order.size() : at;
        };
        std::stable_sort(deployed.begin(), deployed.end(), [&rank](const Deployed &a, const Deployed &b) {
            return a.application == b.application && rank(a) < rank(b);
        });
    }
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const QString text = context().isJson() ? statusJson(session(), deployed, now, m_figures)
                                            : statusText(session(), deployed, now, m_figures);
    // The last line is the time: a picture that differs in nothing else is not printed again.
    const QString comparable = text.section(QLatin1Char('\n'), 0, -3);
    if (!m_isWatching || comparable != m_shown)
        terminal().print(m_isWatching && !m_shown.isEmpty() ? QLatin1Char('\n') + text : text);
    m_shown = comparable;
    if (m_isWatching && terminal().isOutputGone())
        finish(ExitStatus::Done); // nobody looks any more
    if (!m_isWatching)
        finish(session().listing() == Session::Listing::Complete ? ExitStatus::Done : ExitStatus::Unreachable);
}

} // namespace signalbox::commands

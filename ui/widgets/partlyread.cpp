#include "ui/widgets/partlyread.h"

#include "models/stores/runstore.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct PartlyReadText
{
    Q_DECLARE_TR_FUNCTIONS(PartlyRead)
};

bool answers(const Freshness &freshness)
{
    return freshness.state == Freshness::State::Live || freshness.state == Freshness::State::Denied;
}

} // namespace

QString partlyReadText(const RunStore &store, const QString &connection)
{
    const RunStore::Server *const server = store.server(connection);
    constexpr auto failed = Freshness::State::Failed;
    if (!server || server->pipelines.state == failed)
        return {};
    int all = 0;
    int unread = 0;
    bool isAnswering = false;
    for (const RunStore::Entry &entry : store.byKey()) {
        if (entry.pipeline.ref.connection != connection)
            continue;
        ++all;
        unread += entry.freshness.state == failed ? 1 : 0;
        isAnswering = isAnswering || answers(entry.freshness);
    }
    // What was read before and is late now may be so because the server is away: no single pipeline hides that.
    if (!isAnswering && (all > 0 || !answers(server->pipelines)))
        return {};
    if (unread == 1)
        return PartlyReadText::tr("one of %1 pipelines cannot be read").arg(all);
    if (unread > 1)
        return PartlyReadText::tr("%1 of %2 pipelines cannot be read").arg(unread).arg(all);
    if (server->gates.state == failed)
        return PartlyReadText::tr("its gates cannot be read");
    if (!server->unreadGates.isEmpty())
        return PartlyReadText::tr("some of its gates cannot be read");
    if (server->chosen && server->chosen->state == failed)
        return PartlyReadText::tr("a run that is looked at cannot be read");
    return {};
}

} // namespace signalbox

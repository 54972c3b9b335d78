#include "ui/shell/desktopnotifier.h"

#include "models/items/gatesmodel.h"
#include "models/stores/runstore.h"
#include "services/ports/promotiondesk.h"
#include "ui/shell/consolesettings.h"

namespace signalbox
{

namespace
{

QString wantedChoice()
{
    return QStringLiteral("notify/promotions");
}

} // namespace

DesktopNotifier::DesktopNotifier(PromotionDesk &desk, ConsoleSettings &settings, std::function<bool()> isInFront,
                                 QObject *parent)
    : QObject(parent)
    , m_desk(desk)
    , m_settings(settings)
    , m_isInFront(std::move(isInFront))
{
    connect(&desk, &PromotionDesk::waitsForMe, this, &DesktopNotifier::tell);
}

void DesktopNotifier::open()
{
    if (m_last.isEmpty())
        return;
    if (m_isLastGate)
        emit gateOpened(m_last);
    else
        emit opened(m_last);
}

bool DesktopNotifier::isWanted(const ConsoleSettings &settings)
{
    return settings.choice(wantedChoice(), QStringLiteral("on")) == QLatin1String("on");
}

void DesktopNotifier::setWanted(ConsoleSettings &settings, bool wants)
{
    settings.setChoice(wantedChoice(), wants ? QStringLiteral("on") : QStringLiteral("off"));
}

void DesktopNotifier::watchGates(RunStore &runs)
{
    const auto look = [this, &runs] { lookAtGates(runs); };
    connect(&runs, &RunStore::gatesChanged, this, look);
    connect(&runs, &RunStore::gateSourceChanged, this, look);
    look();
}

void DesktopNotifier::lookAtGates(const RunStore &runs)
{
    QHash<QString, QSet<QString>> waiting;
    const QStringList connections = runs.connections();
    for (const QString &connection : connections) {
        const RunStore::Server *const server = runs.server(connection);
        if (server && server->gates.isLive())
            waiting.insert(connection, {});
        else if (m_gates.contains(connection)) // away for a while: what comes back is no news
            waiting.insert(connection, m_gates.value(connection));
    }
    std::optional<GateRow> news;
    const QList<GateRow> rows = gateRowsOf(runs);
    for (const GateRow &row : rows) {
        if (!row.isLive)
            continue;
        waiting[row.gate.connection].insert(row.id());
        const auto known = m_gates.constFind(row.gate.connection);
        if (known != m_gates.cend() && !known->contains(row.id()) && row.waitsForOperator())
            news = row;
    }
    m_gates = waiting;
    if (!news || !isWanted(m_settings) || m_isInFront())
        return;
    m_last = news->id();
    m_isLastGate = true;
    emit told(tr("%1 waits at a gate").arg(news->application),
              QStringLiteral("%1 (%2)").arg(gatePlaceText(*news), news->gate.vendor));
}

void DesktopNotifier::tell(const QString &promotion)
{
    const policy::PromotionCard *const card = m_desk.board().find(promotion);
    if (!card || !isWanted(m_settings) || m_isInFront())
        return;
    m_last = promotion;
    m_isLastGate = false;
    const policy::Subject &subject = card->request.subject;
    const QString version =
        card->request.version.isEmpty() ? policy::shortDigest(subject.digest) : card->request.version;
    emit told(tr("%1 %2 waits for you").arg(subject.application, version),
              tr("%1 asks that it may go to %2.").arg(card->requester, subject.environment));
}

} // namespace signalbox

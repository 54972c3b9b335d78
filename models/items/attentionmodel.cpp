#include "models/items/attentionmodel.h"

#include "models/domain/health.h"
#include "models/items/alertsmodel.h"
#include "models/items/gatesmodel.h"
#include "models/items/promotionsmodel.h"
#include "models/items/releasesmodel.h"
#include "models/items/roles.h"
#include "models/policy/gatecarrier.h"
#include "models/policy/promotionboard.h"
#include "models/series/axis.h"

#include <algorithm>

namespace signalbox
{

namespace
{

QString severityOf(const Alert &alert)
{
    return alert.labels.value(QStringLiteral("severity")).toLower();
}

// What rules in the field call them; one without a word of it may be anything.
bool isGrave(const Alert &alert)
{
    static const QStringList grave = {QStringLiteral("critical"), QStringLiteral("page"), QStringLiteral("error"),
                                      QStringLiteral("fatal"), QStringLiteral("emergency")};
    return grave.contains(severityOf(alert));
}

bool isAbout(const Alert &alert, const Deployed &of)
{
    const QString ns = alert.labels.value(QStringLiteral("namespace"), of.ns);
    return ns == of.ns && alert.labels.values().contains(of.application);
}

// Null: it is not there, or is known to get no traffic any more.
const Track *trackWithTraffic(const Deployed &of, const QString &name)
{
    const auto found = std::find_if(of.tracks.begin(), of.tracks.end(),
                                    [&name](const Track &track) { return name.isEmpty() || track.name == name; });
    const bool isIdle =
        found != of.tracks.end() && of.tracks.size() > 1 && !name.isEmpty() && found->share.value_or(1) <= 0;
    return found == of.tracks.end() || isIdle ? nullptr : &*found;
}

} // namespace

QString attentionActionLabel(AttentionRow::Action action)
{
    switch (action) {
    case AttentionRow::Action::Open:
        return AttentionModel::tr("Open");
    case AttentionRow::Action::RollBack:
        return AttentionModel::tr("Roll back...");
    case AttentionRow::Action::Watch:
        return AttentionModel::tr("Watch");
    case AttentionRow::Action::Review:
        return AttentionModel::tr("Review");
    }
    return {};
}

QList<AttentionRow> attentionRows(const QList<Deployed> &all)
{
    QList<AttentionRow> rows;
    for (const Deployed &deployed : all) {
        const ReleaseCell cell = releaseCell(deployed);
        if (cell.health != Health::Failing && cell.health != Health::Warning && cell.health != Health::Waiting &&
            cell.health != Health::InProgress)
            continue;
        AttentionRow row;
        row.deployedKey = deployed.key();
        row.health = cell.health;
        row.title = QStringLiteral("%1 %2").arg(deployed.application, cell.version).trimmed();
        row.since = deployed.since; // a restart, or other settings of the same release, may be what went wrong
        int ready = 0;
        int wanted = 0;
        for (const Track &track : deployed.tracks) {
            ready += track.podsReady;
            wanted += track.podsWanted;
        }
        QStringList parts = {deployed.environment, cell.reason};
        // "0 / 3 ready" is often the reason already.
        const bool saysReady = cell.reason.contains(AttentionModel::tr("ready"));
        if (wanted > 0 && !saysReady)
            parts.append(AttentionModel::tr("%1 of %2 pods ready").arg(ready).arg(wanted));
        parts.removeAll(QString());
        row.detail = parts.join(QStringLiteral(" · "));
        row.action = cell.health == Health::Failing      ? AttentionRow::Action::RollBack
                     : cell.health == Health::InProgress ? AttentionRow::Action::Watch
                                                         : AttentionRow::Action::Open;
        rows.append(row);
    }
    sortAttention(rows);
    return rows;
}

void sortAttention(QList<AttentionRow> &rows)
{
    std::stable_sort(rows.begin(), rows.end(), [](const AttentionRow &a, const AttentionRow &b) {
        if (a.health != b.health)
            return a.health > b.health;
        return a.since != b.since ? a.since > b.since : a.id() < b.id();
    });
}

QList<AttentionRow> reviewRows(const policy::PromotionBoard *board, const RunStore *runs)
{
    QList<AttentionRow> rows;
    const QList<policy::PromotionCard> open = board ? board->open : QList<policy::PromotionCard>();
    QList<const policy::PromotionCard *> listed;
    for (const policy::PromotionCard &card : open) {
        if (!card.waitsForOperator())
            continue;
        listed.append(&card);
        AttentionRow row;
        row.promotion = card.id;
        row.health = Health::Waiting;
        row.title = QStringLiteral("%1 %2 \u2192 %3")
                        .arg(card.request.subject.application, versionOf(card), card.request.subject.environment);
        QStringList parts{
            card.approvalsAsked() > 0
                ? AttentionModel::tr("%1 of %2 approvals").arg(card.approvalsGiven()).arg(card.approvalsAsked())
                : policy::cardStateLabel(card.state),
            AttentionModel::tr("asked by %1").arg(card.requester)};
        row.detail = parts.join(QStringLiteral(" · "));
        row.since = card.requestedAt;
        row.action = AttentionRow::Action::Review;
        rows.append(row);
    }
    for (const GateRow &gate : runs ? gateRowsOf(*runs) : QList<GateRow>()) {
        const bool isPromotions = std::any_of(listed.cbegin(), listed.cend(), [&gate](const auto *card) {
            return isGateFor(card->execution, card->request.subject, gate.gate);
        });
        if (!gate.waitsForOperator() || isPromotions)
            continue;
        AttentionRow row;
        row.gate = gate.gate.key();
        row.health = Health::Waiting;
        row.title = QStringLiteral("%1, %2").arg(gate.application, gatePlaceText(gate));
        QStringList parts{gate.gate.title, gate.gate.vendor};
        parts.removeAll(QString());
        row.detail = parts.join(QStringLiteral(" · "));
        row.since = gate.gate.since;
        row.action = AttentionRow::Action::Review;
        rows.append(row);
    }
    return rows;
}

QList<AttentionRow> alertAttentionRows(const QList<FiringAlert> &firing)
{
    static const QStringList words = {QStringLiteral("info"), QStringLiteral("none")};
    QList<AttentionRow> rows;
    QSet<QString> listed;
    for (const FiringAlert &one : firing) {
        const Alert &alert = one.alert;
        if (words.contains(severityOf(alert)))
            continue;
        const AlertRow told = alertRows({alert}, {}).value(0);
        AttentionRow row;
        row.alert = told.key;
        row.connection = one.connection;
        if (listed.contains(row.id()))
            continue;
        listed.insert(row.id());
        row.health = isGrave(alert) ? Health::Failing : Health::Warning;
        row.title = AttentionModel::tr("Alert %1").arg(alert.name);
        QStringList parts{one.source, told.summary, told.labels};
        if (!one.isKnown)
            parts.prepend(AttentionModel::tr("not known now whether it still fires"));
        parts.removeAll(QString());
        row.detail = parts.join(QStringLiteral(" · "));
        row.since = alert.activeAt;
        rows.append(row);
    }
    return rows;
}

QList<AttentionRow> errorAttentionRows(const QList<FailingTrack> &failing, const QList<Deployed> &all,
                                       const QList<FiringAlert> &firing)
{
    QList<AttentionRow> rows;
    for (const FailingTrack &one : failing) {
        const auto of = std::find_if(all.begin(), all.end(),
                                     [&one](const Deployed &deployed) { return deployed.key() == one.deployedKey; });
        const Track *const track = of == all.end() ? nullptr : trackWithTraffic(*of, one.track);
        if (!track || of->health == Health::Failing)
            continue;
        const bool isCalledFor = std::any_of(firing.begin(), firing.end(), [of](const FiringAlert &alert) {
            return alert.isKnown && isGrave(alert.alert) && isAbout(alert.alert, *of);
        });
        if (isCalledFor)
            continue;
        AttentionRow row;
        row.deployedKey = one.deployedKey;
        row.alert = QStringLiteral("errors\n%1\n%2").arg(one.deployedKey, one.track);
        row.health = Health::Failing;
        // Of several tracks together nobody knows which one fails, nor whether what was rolled out since does.
        const bool isOfOne = !one.track.isEmpty() || of->tracks.size() == 1;
        const bool isOfAnother = track->since.isValid() && one.since < track->since;
        const QString version = isOfOne && !isOfAnother ? track->version : QString();
        row.title = QStringLiteral("%1 %2").arg(of->application, version).trimmed();
        const QString share = valueText(one.percent, QStringLiteral("percent"));
        QStringList parts{of->environment, one.track.isEmpty()
                                               ? AttentionModel::tr("%1 of requests fail").arg(share)
                                               : AttentionModel::tr("%1 of requests to %2 fail").arg(share, one.track)};
        if (!one.isKnown)
            parts.prepend(AttentionModel::tr("not known now whether it still does"));
        row.detail = parts.join(QStringLiteral(" · "));
        row.since = one.since;
        row.action = AttentionRow::Action::RollBack;
        rows.append(row);
    }
    return rows;
}

int AttentionModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AttentionModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const AttentionRow &item = row(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == What ? item.title : attentionActionLabel(item.action);
    case Qt::AccessibleTextRole:
        if (index.column() == What)
            return QString(item.title + QStringLiteral(", ") + healthLabel(item.health) + QStringLiteral(", ") +
                           item.detail);
        return attentionActionLabel(item.action);
    case SecondLineRole:
        return index.column() == What ? item.detail : QString();
    case Qt::ToolTipRole:
        return index.column() == What ? QString(item.title + QLatin1Char('\n') + item.detail) : QString();
    case HealthRole:
        return index.column() == What ? QVariant(static_cast<int>(item.health)) : QVariant();
    case IdRole:
        return item.id();
    case CopyRole:
        return QString(item.title + QLatin1Char('\t') + healthName(item.health) + QLatin1Char('\t') + item.detail);
    default:
        return {};
    }
}

QVariant AttentionModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == What ? tr("What") : tr("Action");
}

} // namespace signalbox

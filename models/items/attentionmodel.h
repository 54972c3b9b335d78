#pragma once

#include "models/domain/application.h"
#include "models/domain/failingtrack.h"
#include "models/domain/firingalert.h"
#include "models/items/keyedrows.h"

namespace signalbox
{

class RunStore;

namespace policy
{
struct PromotionBoard;
}

// Something the operator should look at, and what can be done about it.
struct AttentionRow
{
    enum class Action { Open, RollBack, Watch, Review };

    QString deployedKey;
    Health health = Health::Warning;
    QString title;
    QString detail;
    QDateTime since;
    Action action = Action::Open;

    QString promotion; // that waits for the operator: its id
    QString gate;      // of a vendor, that does: its key
    QString alert;     // that fires: its name and labels; of a track that fails by its figures: which one

    QString connection; // of the metric source of an alert: two may say the same of two clusters

    QString id() const
    {
        const bool isRelease = promotion.isEmpty() && gate.isEmpty() && alert.isEmpty();
        return isRelease ? deployedKey : promotion + u'\n' + gate + u'\n' + alert + u'\n' + connection;
    }
    bool operator==(const AttentionRow &) const = default;
};
QString attentionActionLabel(AttentionRow::Action action);

// The worst first: failing, then waiting, warning, in progress.
QList<AttentionRow> attentionRows(const QList<Deployed> &all);
// What waits for the operator, each decision once: a gate that carries out a promotion of these is not listed beside
// it. `board` and `runs` may be null.
QList<AttentionRow> reviewRows(const policy::PromotionBoard *board, const RunStore *runs);
// Alerts that fire, by the severity their rules give them: what only informs ("info", "none") is left out. Each once a
// source, since two sources may watch two clusters.
QList<AttentionRow> alertAttentionRows(const QList<FiringAlert> &firing);
// What fails by its figures and is not listed for another reason: its pods fail, it has no traffic any more, or a grave
// alert that names it fires.
QList<AttentionRow> errorAttentionRows(const QList<FailingTrack> &failing, const QList<Deployed> &all,
                                       const QList<FiringAlert> &firing);
void sortAttention(QList<AttentionRow> &rows);

class AttentionModel : public KeyedRows<AttentionRow>
{
    Q_OBJECT
public:
    enum Column { What, Action, ColumnCount };

    using KeyedRows::KeyedRows;
    using KeyedRows::setRows;

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
};

} // namespace signalbox

#pragma once

#include "models/domain/freshness.h"
#include "models/items/keyedrows.h"
#include "models/pipelines/gate.h"

#include <optional>

namespace signalbox
{

class RunStore;

// A gate at a vendor, with what is known around it.
struct GateRow
{
    WaitingGate gate;
    QString application;  // what its pipeline builds; the project where nothing says so
    QString pipeline;     // its title; empty: not known
    bool isLive = true;   // what its server says is fresh
    bool isMapped = true; // false: nothing says what its pipeline builds
    // The vendor does not say that this operator may not: it is counted, and told on the desktop.
    bool waitsForOperator() const { return isLive && gate.mayDecide.value_or(true); }
    QString id() const { return gate.key(); }
    bool operator==(const GateRow &) const = default;
};
QList<GateRow> gateRowsOf(const RunStore &store); // the operator's own first, then the oldest
std::optional<GateRow> gateRowOf(const RunStore &store, const QString &key);

// A server whose gates are not known as they are now.
struct GateSource
{
    QString connection;
    QString title; // "ci.example.com"
    Freshness freshness;
    QString left = {}; // live (since when, and when it was heard, is not told), but for what could not be read, and why
    bool operator==(const GateSource &) const = default;
};
// Those that could not be read, or not lately, or not whole; by title. One that is asked for the first time is none of
// them.
QList<GateSource> unreadGateSources(const RunStore &store);
bool areGatesAwaited(const RunStore &store); // a server has not answered yet at all

QString gatePlaceText(const GateRow &row);         // "release 412 → production"
QString gateDecidersText(const WaitingGate &gate); // "ops, dev-a"; that it is not told
QString spokenGate(const GateRow &row);

// The gates that wait, filtered by words.
class GatesModel : public KeyedRows<GateRow>
{
    Q_OBJECT
public:
    enum Role {
        GateRole = Qt::UserRole + 380, // GateRow
    };

    using KeyedRows<GateRow>::KeyedRows;

    void show(const QList<GateRow> &rows);
    void setWords(const QString &text); // all of them have to occur
    int known() const { return static_cast<int>(m_all.size()); }

    int columnCount(const QModelIndex & = {}) const override { return 1; }
    QVariant data(const QModelIndex &index, int role) const override;

private:
    void rebuild();
    bool accepts(const GateRow &row) const;

    QList<GateRow> m_all;
    QStringList m_words;
};

} // namespace signalbox

Q_DECLARE_METATYPE(signalbox::GateRow)

#pragma once

#include "models/domain/freshness.h"
#include "models/domain/health.h"
#include "models/items/keyedrows.h"
#include "services/ports/connections.h"
#include "ui/shell/consolecontext.h"

namespace signalbox
{

struct ConnectionRow
{
    ConnectionConfig config;
    Health health = Health::Unknown;
    QString state; // "live", "stale, 32 s old", "not reachable"
    QString version;
    QString user;
    QString address; // server
    QString problem; // sentence; empty: none
    bool verifiesTls = true;

    QString id() const { return config.id; }
    bool operator==(const ConnectionRow &) const = default;
};

// The workspace's connections with what is known of each now.
QList<ConnectionRow> connectionRows(const ConsoleContext &context, const QDateTime &now);

class ConnectionsModel : public KeyedRows<ConnectionRow>
{
    Q_OBJECT
public:
    enum Column { Name, Kind, State, Version, User, Address, ColumnCount };

    using KeyedRows::KeyedRows;
    using KeyedRows::setRows;

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
};

} // namespace signalbox

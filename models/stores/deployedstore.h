#pragma once

#include "models/domain/application.h"

#include <QDateTime>
#include <QHash>
#include <QObject>

#include <functional>

namespace signalbox
{

// Applications by environment over all clusters, derived from the ClusterStores. GUI thread. Recomputed only for what
// changed, at most a few times a second.
class DeployedStore : public QObject
{
    Q_OBJECT
public:
    explicit DeployedStore(QObject *parent = nullptr);
    ~DeployedStore() override;

    // Replaces what is known of one connection's application in one namespace; keys of `removed` go.
    void apply(const QList<Deployed> &upserted, const QStringList &removedKeys);

    QList<Deployed> all() const;                    // by application, then environment
    const Deployed *find(const QString &key) const; // null: none; valid until the next apply()
    // By track: the ready pods with which it, in the version it has now, was last seen carrying all live traffic.
    QMap<QString, int> carriedBy(const QString &key) const;
    // Since when it fails, as far as it was seen here, whoever looked at it then; invalid: it does not.
    QDateTime failingSince(const QString &key) const { return m_failingSince.value(key); }
    void setClock(std::function<QDateTime()> clock) { m_clock = std::move(clock); } // tests
    QStringList applications() const;
    // Where somebody says it (a workspace); the others follow.
    void setEnvironmentOrder(const QStringList &order) { m_environmentOrder = order; }
    QStringList
    environments() const; // in release order: dev, test, staging, then production; names between by alphabet

signals:
    void changed(const QStringList &upsertedKeys, const QStringList &removedKeys);

private:
    struct Carrier
    {
        QString templateHash;
        int pods = 0;
    };
    void remember(const Deployed &item);
    void noteHealth(const Deployed &item);

    QMap<QString, Deployed> m_byKey;
    QMap<QString, QMap<QString, Carrier>> m_carriers; // by key and track
    QHash<QString, QDateTime> m_failingSince;
    std::function<QDateTime()> m_clock = [] { return QDateTime::currentDateTimeUtc(); };
    QStringList m_environmentOrder;
};

} // namespace signalbox

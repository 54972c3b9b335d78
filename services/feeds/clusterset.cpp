#include "services/feeds/clusterset.h"

#include <algorithm>

namespace signalbox
{

ClusterSet::ClusterSet(QObject *parent)
    : QObject(parent)
{}

ClusterSet::~ClusterSet() = default;

ClusterConnection &ClusterSet::add(std::unique_ptr<ClusterConnection> connection)
{
    ClusterConnection &added = *connection;
    if (!added.store)
        added.store = std::make_unique<ClusterStore>();
    connect(added.source.get(), &ClusterSource::changed, added.store.get(), &ClusterStore::apply);
    m_all.push_back(std::move(connection));
    emit this->added(added.id);
    return added;
}

void ClusterSet::remove(const QString &id)
{
    const auto it = std::find_if(m_all.begin(), m_all.end(), [&id](const auto &c) { return c->id == id; });
    if (it == m_all.end())
        return;
    emit aboutToRemove(id);
    (*it)->source->stop();
    m_all.erase(it);
}

ClusterConnection *ClusterSet::find(const QString &id) const
{
    const auto it = std::find_if(m_all.begin(), m_all.end(), [&id](const auto &c) { return c->id == id; });
    return it == m_all.end() ? nullptr : it->get();
}

} // namespace signalbox

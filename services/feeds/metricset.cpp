#include "services/feeds/metricset.h"

#include <algorithm>

namespace signalbox
{

MetricSet::MetricSet(QObject *parent)
    : QObject(parent)
{}

MetricSet::~MetricSet() = default;

MetricSource &MetricSet::add(std::unique_ptr<MetricSource> source)
{
    m_all.push_back(std::move(source));
    MetricSource &result = *m_all.back();
    emit added(result.connection());
    return result;
}

void MetricSet::remove(const QString &connection)
{
    const auto it = std::find_if(m_all.begin(), m_all.end(),
                                 [&](const auto &source) { return source->connection() == connection; });
    if (it == m_all.end())
        return;
    emit aboutToRemove(connection);
    const std::unique_ptr<MetricSource> source = std::move(*it);
    m_all.erase(it);
    emit removed(connection);
}

MetricSource *MetricSet::find(const QString &connection) const
{
    for (const auto &source : m_all) {
        if (source->connection() == connection)
            return source.get();
    }
    return nullptr;
}

} // namespace signalbox

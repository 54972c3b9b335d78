#include "services/pipelines/pipelineset.h"

#include <algorithm>

namespace signalbox
{

PipelineSet::PipelineSet(QObject *parent)
    : QObject(parent)
{}

PipelineSet::~PipelineSet() = default;

PipelineServer &PipelineSet::add(std::unique_ptr<PipelineServer> server)
{
    m_all.push_back(std::move(server));
    PipelineServer &made = *m_all.back();
    emit added(made.source().connection());
    return made;
}

void PipelineSet::remove(const QString &connection)
{
    const auto found = std::find_if(m_all.begin(), m_all.end(),
                                    [&](const auto &one) { return one->source().connection() == connection; });
    if (found == m_all.end())
        return;
    emit aboutToRemove(connection);
    m_all.erase(found);
    emit removed(connection);
}

PipelineServer *PipelineSet::find(const QString &connection) const
{
    const auto found = std::find_if(m_all.begin(), m_all.end(),
                                    [&](const auto &one) { return one->source().connection() == connection; });
    return found == m_all.end() ? nullptr : found->get();
}

} // namespace signalbox

#pragma once

#include "services/adapters/kubernetes/kubeclient.h"
#include "services/ports/clustersource.h"

#include <memory>

namespace signalbox::kubernetes
{

// Answers ClusterSource::rights by SelfSubjectAccessReviews, asked in parallel (as many as the endpoint has
// connections), each answer kept for 30 s. Thread-safe. Errors: those of the request that failed first; a right that
// could not be asked for is never "allowed".
class RightsReviewer
{
public:
    explicit RightsReviewer(KubeClient &client); // must live as long
    ~RightsReviewer();

    // In the order of the questions.
    [[nodiscard]] QFuture<Result<QList<RightAnswer>>> ask(const QList<RightQuestion> &questions, const StopToken &stop);
    void forget(); // after a 403: ask anew

private:
    struct State;
    std::shared_ptr<State> m_state;
};

// Body of the review and what its answer says. Pure.
QByteArray reviewBody(const RightQuestion &question);
Result<RightAnswer> parseReview(const QByteArray &body);

} // namespace signalbox::kubernetes

#include "services/adapters/travis/travissteps.h"

#include "services/adapters/travis/travistext.h"
#include "services/async/chain.h"
#include "services/pipelines/observing.h"

namespace signalbox
{

using namespace travis;

namespace
{

constexpr qint64 skewSeconds = 120; // our clock before Travis CI's

Error notOurStep()
{
    return {ErrorKind::Unsupported, TravisText::tr("This step is not one that Travis CI can carry out."), {}};
}

QString subjectOf(const Expected &expected)
{
    return expected.job.isEmpty() ? TravisText::tr("Run %1").arg(expected.number)
                                  : TravisText::tr("The job %1 of run %2").arg(expected.job, expected.number);
}

Observation requestSeen(const Expected &expected, const std::optional<RequestAnswer> &request)
{
    if (request && !request->builds.isEmpty())
        return observedNow(Observation::State::Effective,
                           TravisText::tr("run %1 has begun").arg(request->buildNumbers.first()));
    if (request && request->result == QLatin1String("rejected"))
        return observedNow(Observation::State::Failed, TravisText::tr("Travis CI rejected the request"),
                           request->message.isEmpty() ? TravisText::tr("it does not say why") : request->message);
    return observedNow(Observation::State::Pending,
                       TravisText::tr("accepted; there is no run of %1 yet").arg(expected.branch),
                       request ? request->message : QString());
}

} // namespace

TravisSteps::TravisSteps(Reads reads, QObject *parent)
    : QObject(parent)
    , m_reads(std::move(reads))
{}

TravisSteps::~TravisSteps() = default;

QFuture<Result<TravisSteps::Standing>> TravisSteps::standing(const Expected &expected, const StopToken &stop)
{
    if (expected.job.isEmpty()) {
        return after(this, m_reads.build(expected.build, stop), [](const BuildAnswer &build) {
            return ready(Result<Standing>(Standing{build.run.state, build.run.startedAt, {}}));
        });
    }
    return after(this, m_reads.job(expected.job, stop), [](const JobAnswer &job) {
        return ready(Result<Standing>(Standing{job.job.state, job.job.startedAt, job.restartedAt}));
    });
}

// A restart empties started_at and puts the state back to created (travis-hub, model/build.rb and model/job.rb).
bool TravisSteps::hasRestarted(const Expected &expected, const Standing &now)
{
    const auto isNewer = [](const QDateTime &seen, const QDateTime &is) {
        return is.isValid() && (!seen.isValid() || seen.secsTo(is) != 0);
    };
    return !isEnded(now.state) || isNewer(expected.startedAt, now.startedAt) ||
           isNewer(expected.restartedAt, now.restartedAt);
}

QFuture<Result<void>> TravisSteps::dryRun(PlanStep, StopToken)
{
    return ready(Result<void>(Error{ErrorKind::Unsupported, TravisText::tr("Travis CI has no dry run."), {}}));
}

QFuture<Result<Receipt>> TravisSteps::execute(PlanStep step, StopToken stop)
{
    const auto expected = expectedOf(step);
    if (!expected)
        return ready(Result<Receipt>(notOurStep()));
    if (expected->kind == Expected::Kind::Started)
        return send(step, *expected, stop);
    return after(this, standing(*expected, stop), [this, step, expected = *expected, stop](const Standing &now) {
        const auto conflict = [](const QString &sentence) {
            return ready(Result<Receipt>(Error{ErrorKind::Conflict, sentence, {}}));
        };
        if (expected.kind == Expected::Kind::Cancelled && isEnded(now.state))
            return conflict(TravisText::tr("%1 had ended before it could be cancelled: %2.")
                                .arg(subjectOf(expected), runStateLabel(now.state)));
        if (expected.kind == Expected::Kind::Restarted && hasRestarted(expected, now))
            return conflict(TravisText::tr("%1 was restarted by somebody else meanwhile: %2.")
                                .arg(subjectOf(expected), runStateLabel(now.state)));
        return send(step, expected, stop);
    });
}

QFuture<Result<Receipt>> TravisSteps::send(const PlanStep &step, const Expected &expected, const StopToken &stop)
{
    RestClient::Ask ask;
    ask.method = step.call.method.toLatin1();
    ask.target = step.call.path.toLatin1();
    ask.body = step.call.body;
    ask.contentType = step.call.contentType.toLatin1();
    ask.what = step.title;
    const QDateTime sentAt = QDateTime::currentDateTimeUtc();
    const bool isRequest = expected.kind == Expected::Kind::Started;
    return after(this, m_reads.client().send(ask, stop), [sentAt, isRequest, ask](const HttpResponse &response) {
        if (response.status >= 300)
            return ready(Result<Receipt>(Error{
                ErrorKind::Refused,
                TravisText::tr("Travis CI sends us elsewhere (%1): the repository may have been moved or renamed.")
                    .arg(ask.what),
                QString::fromUtf8(response.header("Location")).left(200)}));
        Receipt receipt;
        receipt.sentAt = sentAt;
        receipt.acceptedAt = response.receivedAt;
        // Older servers do not tell the request's id; it is found by its mark then.
        if (isRequest)
            receipt.state = parseAccepted(response.body).value_or(QString()).toUtf8();
        return ready(Result<Receipt>(receipt));
    });
}

QFuture<Result<std::optional<RequestAnswer>>> TravisSteps::find(const Expected &expected, const StopToken &stop)
{
    using Found = Result<std::optional<RequestAnswer>>;
    return after(this, m_reads.requests(expected.slug, stop), [expected](const QList<RequestAnswer> &requests) {
        for (const RequestAnswer &one : requests) {
            if (one.commitMessage.contains(expected.mark))
                return ready(Found(one));
        }
        return ready(Found(std::optional<RequestAnswer>()));
    });
}

QFuture<Result<Observation>> TravisSteps::observeRequest(const Expected &expected, const QString &id,
                                                         const StopToken &stop)
{
    if (id.isEmpty()) {
        return after(this, find(expected, stop), [expected](const std::optional<RequestAnswer> &request) {
            return ready(Result<Observation>(requestSeen(expected, request)));
        });
    }
    return after(this, m_reads.request(expected.slug, id, stop), [expected](const RequestAnswer &request) {
        return ready(Result<Observation>(requestSeen(expected, request)));
    });
}

QFuture<Result<Observation>> TravisSteps::observe(PlanStep step, Receipt receipt, StopToken stop)
{
    const auto expected = expectedOf(step);
    if (!expected)
        return ready(Result<Observation>(notOurStep()));
    if (expected->kind == Expected::Kind::Started)
        return observeRequest(*expected, QString::fromUtf8(receipt.state), stop);
    return after(this, standing(*expected, stop), [expected = *expected](const Standing &now) {
        const bool isCancel = expected.kind == Expected::Kind::Cancelled;
        const bool isMet = isCancel ? isEnded(now.state) : hasRestarted(expected, now);
        // A run may end by itself before it is stopped.
        const bool isMissed = isCancel && isMet && now.state != RunState::Cancelled;
        const QString text = TravisText::tr("%1: %2").arg(subjectOf(expected), runStateLabel(now.state));
        return ready(Result<Observation>(isMissed ? observedNow(Observation::State::Failed, text)
                                         : isMet  ? observedNow(Observation::State::Effective, text)
                                                  : observedNow(Observation::State::Pending, text,
                                                                TravisText::tr("Travis CI has not acted on it yet"))));
    });
}

QFuture<Result<bool>> TravisSteps::tookPlace(PlanStep step, StopToken stop)
{
    const auto expected = expectedOf(step);
    if (!expected)
        return ready(Result<bool>(notOurStep()));
    if (expected->kind != Expected::Kind::Started) {
        return after(this, standing(*expected, stop), [expected = *expected](const Standing &now) {
            return ready(Result<bool>(expected.kind == Expected::Kind::Cancelled ? now.state == RunState::Cancelled
                                                                                 : hasRestarted(expected, now)));
        });
    }
    return after(
        this, m_reads.requests(expected->slug, stop), [expected = *expected](const QList<RequestAnswer> &requests) {
            bool mayBeOurs = false;
            for (const RequestAnswer &one : requests) {
                if (one.commitMessage.contains(expected.mark))
                    return ready(Result<bool>(true));
                // Its commit, and so its message, is only known once it was looked at.
                mayBeOurs = mayBeOurs || (one.eventType == QLatin1String("api") && one.commitMessage.isEmpty() &&
                                          one.createdAt.addSecs(skewSeconds) >= expected.since);
            }
            if (mayBeOurs)
                return ready(Result<bool>(
                    Error{ErrorKind::Unreachable,
                          TravisText::tr("Travis CI has a request for a build of %1 that it has not looked at "
                                         "yet: it may be this one.")
                              .arg(expected.slug),
                          {}}));
            return ready(Result<bool>(false));
        });
}

QFuture<Result<PlanStep>> TravisSteps::reversal(Plan, QStringList, StopToken)
{
    return ready(Result<PlanStep>(
        Error{ErrorKind::Unsupported,
              TravisText::tr("What Travis CI was asked for cannot be taken back: cancel or restart the run instead."),
              {}}));
}

} // namespace signalbox

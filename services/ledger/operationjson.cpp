#include "services/ledger/operationjson.h"

namespace signalbox::operationjson
{

Fields::Fields(const Json &object, QString path)
    : m_object(object)
    , m_path(std::move(path))
{
    if (!object.is_object())
        throw BadField{m_path, QStringLiteral("an object")};
}

void Fields::fail(const char *key, const std::string &expected) const
{
    const QString name = QString::fromLatin1(key);
    throw BadField{m_path.isEmpty() ? name : m_path + QLatin1Char('.') + name, QString::fromStdString(expected)};
}

QString Fields::text(const char *key) const
{
    const auto found = m_object.find(key);
    if (found == m_object.end() || !found->is_string())
        fail(key, "text");
    return QString::fromStdString(found->get_ref<const std::string &>());
}

QString Fields::text(const char *key, const QString &fallback) const
{
    return has(key) ? text(key) : fallback;
}

qint64 Fields::number(const char *key) const
{
    const auto found = m_object.find(key);
    if (found == m_object.end() || !found->is_number_integer())
        fail(key, "a whole number");
    return found->get<qint64>();
}

std::optional<qint64> Fields::maybeNumber(const char *key) const
{
    if (!has(key))
        return std::nullopt;
    return number(key);
}

bool Fields::flag(const char *key) const
{
    const auto found = m_object.find(key);
    if (found == m_object.end() || !found->is_boolean())
        fail(key, "true or false");
    return found->get<bool>();
}

QDateTime Fields::time(const char *key) const
{
    const QDateTime time = QDateTime::fromString(text(key), Qt::ISODateWithMs);
    if (!time.isValid() || time.timeSpec() != Qt::UTC)
        fail(key, "a UTC time such as 2026-01-31T12:00:00.000Z");
    return time;
}

QDateTime Fields::maybeTime(const char *key) const
{
    return has(key) ? time(key) : QDateTime();
}

Fields Fields::object(const char *key) const
{
    const auto found = m_object.find(key);
    if (found == m_object.end() || !found->is_object())
        fail(key, "an object");
    return Fields(*found, m_path.isEmpty() ? QString::fromLatin1(key) : m_path + QLatin1Char('.') + QLatin1String(key));
}

bool Fields::has(const char *key) const
{
    return m_object.contains(key);
}

const Json &Fields::array(const char *key) const
{
    const auto found = m_object.find(key);
    if (found == m_object.end() || !found->is_array())
        fail(key, "a list");
    return *found;
}

void Fields::each(const char *key, const std::function<void(const Fields &)> &visit) const
{
    int index = 0;
    for (const Json &item : array(key)) {
        const QString path = QStringLiteral("%1[%2]").arg(QLatin1String(key)).arg(index++);
        visit(Fields(item, m_path.isEmpty() ? path : m_path + QLatin1Char('.') + path));
    }
}

std::string utf8(const QString &text)
{
    return text.toStdString();
}

std::string timeText(const QDateTime &time)
{
    return time.toUTC().toString(Qt::ISODateWithMs).toStdString();
}

const QList<OperationKind> &allOperationKinds()
{
    static const QList<OperationKind> all{OperationKind::Rollback,      OperationKind::TrafficShift,
                                          OperationKind::TrafficSwitch, OperationKind::Scale,
                                          OperationKind::Restart,       OperationKind::Pause,
                                          OperationKind::Resume,        OperationKind::SuspendReconciliation,
                                          OperationKind::Promote};
    return all;
}

const QList<CheckId> &allChecks()
{
    static const QList<CheckId> all{CheckId::Rights,       CheckId::Freshness,    CheckId::TargetExists,
                                    CheckId::TargetImage,  CheckId::Capacity,     CheckId::OtherOwner,
                                    CheckId::Autoscaler,   CheckId::Paused,       CheckId::RolloutUnderWay,
                                    CheckId::FiringAlerts, CheckId::FreezeWindow, CheckId::Policy,
                                    CheckId::SameState,    CheckId::DryRun,       CheckId::Routing,
                                    CheckId::ClockSkew,    CheckId::Busy};
    return all;
}

const QList<OutcomeKind> &allOutcomes()
{
    static const QList<OutcomeKind> all{OutcomeKind::Done,      OutcomeKind::NotEffective, OutcomeKind::Refused,
                                        OutcomeKind::Conflict,  OutcomeKind::Cancelled,    OutcomeKind::Abandoned,
                                        OutcomeKind::Preempted, OutcomeKind::Unknown,      OutcomeKind::Failed,
                                        OutcomeKind::DryRun};
    return all;
}

const QList<ErrorKind> &allErrorKinds()
{
    static const QList<ErrorKind> all{ErrorKind::Cancelled,      ErrorKind::TimedOut,    ErrorKind::Unreachable,
                                      ErrorKind::Unauthorized,   ErrorKind::Forbidden,   ErrorKind::NotFound,
                                      ErrorKind::Conflict,       ErrorKind::RateLimited, ErrorKind::Invalid,
                                      ErrorKind::Refused,        ErrorKind::Unsupported, ErrorKind::Protocol,
                                      ErrorKind::OutcomeUnknown, ErrorKind::Internal};
    return all;
}

const QList<Direction> &allDirections()
{
    static const QList<Direction> all{Direction::Forward, Direction::Back};
    return all;
}

const QList<CheckState> &allCheckStates()
{
    static const QList<CheckState> all{CheckState::Pass, CheckState::Warn, CheckState::Block};
    return all;
}

QString directionName(Direction direction)
{
    return direction == Direction::Back ? QStringLiteral("back") : QStringLiteral("forward");
}

QString checkStateName(CheckState state)
{
    switch (state) {
    case CheckState::Pass:
        return QStringLiteral("pass");
    case CheckState::Warn:
        return QStringLiteral("warn");
    case CheckState::Block:
        return QStringLiteral("block");
    }
    return {};
}

Json toJson(const Check &check)
{
    Json json{
        {"check", utf8(checkName(check.id))}, {"state", utf8(checkStateName(check.state))}, {"text", utf8(check.text)}};
    if (!check.detail.isEmpty())
        json["detail"] = utf8(check.detail);
    if (!check.wayOut.isEmpty())
        json["wayOut"] = utf8(check.wayOut);
    return json;
}

Check checkFrom(const Fields &fields)
{
    Check check;
    check.id = fields.named("check", allChecks(), checkName);
    check.state = fields.named("state", allCheckStates(), checkStateName);
    check.text = fields.text("text");
    check.detail = fields.text("detail", {});
    check.wayOut = fields.text("wayOut", {});
    return check;
}

namespace
{

void putTime(Json &json, const char *key, const QDateTime &time)
{
    if (time.isValid())
        json[key] = timeText(time);
}

bool hasErrorKind(OutcomeKind kind)
{
    return kind == OutcomeKind::Refused || kind == OutcomeKind::Conflict || kind == OutcomeKind::Failed ||
           kind == OutcomeKind::Unknown;
}

} // namespace

Json toJson(const Outcome &outcome)
{
    Json json{{"kind", utf8(outcomeKindName(outcome.kind))}, {"message", utf8(outcome.message)}};
    if (hasErrorKind(outcome.kind))
        json["error"] = utf8(errorKindName(outcome.errorKind));
    if (!outcome.isConfirmed)
        json["confirmed"] = false;
    putTime(json, "startedAt", outcome.startedAt);
    putTime(json, "finishedAt", outcome.finishedAt);
    json["steps"] = Json::array();
    for (const StepOutcome &step : outcome.steps) {
        Json item{
            {"step", utf8(step.stepId)}, {"kind", utf8(outcomeKindName(step.kind))}, {"message", utf8(step.message)}};
        putTime(item, "sentAt", step.sentAt);
        putTime(item, "acceptedAt", step.acceptedAt);
        putTime(item, "observedAt", step.observedAt);
        json["steps"].push_back(std::move(item));
    }
    return json;
}

Outcome outcomeFrom(const Fields &fields)
{
    Outcome outcome;
    outcome.kind = fields.named("kind", allOutcomes(), outcomeKindName);
    outcome.message = fields.text("message");
    if (hasErrorKind(outcome.kind))
        outcome.errorKind = fields.named("error", allErrorKinds(), errorKindName);
    outcome.isConfirmed = !fields.has("confirmed") || fields.flag("confirmed");
    outcome.startedAt = fields.maybeTime("startedAt");
    outcome.finishedAt = fields.maybeTime("finishedAt");
    fields.each("steps", [&outcome](const Fields &item) {
        StepOutcome step;
        step.stepId = item.text("step");
        step.kind = item.named("kind", allOutcomes(), outcomeKindName);
        step.message = item.text("message");
        step.sentAt = item.maybeTime("sentAt");
        step.acceptedAt = item.maybeTime("acceptedAt");
        step.observedAt = item.maybeTime("observedAt");
        outcome.steps.append(step);
    });
    return outcome;
}

Json toJson(const Identity &identity)
{
    return Json{{"name", utf8(identity.name)},
                {"email", utf8(identity.email)},
                {"user", utf8(identity.user)},
                {"host", utf8(identity.host)}};
}

Identity identityFrom(const Fields &fields)
{
    return {fields.text("name"), fields.text("email"), fields.text("user"), fields.text("host")};
}

} // namespace signalbox::operationjson

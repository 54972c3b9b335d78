#include "services/ledger/operationjson.h"

#include <algorithm>

namespace signalbox::operationjson
{

namespace
{

using Kind = CanonicalDocument::Kind;

QString textOf(const Json &json)
{
    return QString::fromStdString(json.get_ref<const std::string &>());
}

// "2026-01-31T12:00:00.000Z", as timeText() writes it. Invalid: it is something else, perhaps another way to write a
// time.
QDateTime usualTime(QStringView text)
{
    static constexpr char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    if (text.size() != qsizetype(sizeof form) - 1)
        return {};
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char16_t c = text[i].unicode();
        if (form[i] == 'd' ? c < u'0' || c > u'9' : c != static_cast<char16_t>(form[i]))
            return {};
    }
    const auto number = [text](qsizetype at, qsizetype size) {
        int value = 0;
        for (const QChar c : text.sliced(at, size))
            value = value * 10 + (c.unicode() - u'0');
        return value;
    };
    const QDate date(number(0, 4), number(5, 2), number(8, 2));
    const QTime time(number(11, 2), number(14, 2), number(17, 2), number(20, 3));
    return date.isValid() && time.isValid() ? QDateTime(date, time, Qt::UTC) : QDateTime();
}

} // namespace

Fields::Fields(const Json &object)
    : Fields(Value{&object, nullptr}, {})
{}

Fields::Fields(const CanonicalDocument &document)
    : Fields(Value{nullptr, &document.top()}, {})
{}

Fields::Fields(Value object, Path path)
    : m_object(object)
    , m_path(std::move(path))
{
    if (m_object.json ? m_object.json->is_object() : m_object.canonical->kind == Kind::Object)
        return;
    if (m_path.isEmpty())
        throw BadField{{}, QStringLiteral("an object")};
    const Step own = m_path.last();
    m_path.removeLast();
    const QByteArray name =
        own.index < 0 ? QByteArray(own.key) : QByteArray(own.key) + '[' + QByteArray::number(own.index) + ']';
    fail(name.constData(), "an object");
}

void Fields::fail(const char *key, const std::string &expected) const
{
    QString path;
    for (const Step &step : m_path) {
        path += QLatin1String(step.key);
        if (step.index >= 0)
            path += QStringLiteral("[%1]").arg(step.index);
        path += QLatin1Char('.');
    }
    throw BadField{path + QLatin1String(key), QString::fromStdString(expected)};
}

Fields::Value Fields::find(const char *key) const
{
    if (m_object.canonical)
        return {nullptr, m_object.canonical->find(key)};
    const auto found = m_object.json->find(key);
    return {found == m_object.json->end() ? nullptr : &*found, nullptr};
}

Fields::Path Fields::below(const char *key, int index) const
{
    Path path = m_path;
    path.append({key, index});
    return path;
}

QString Fields::text(const char *key) const
{
    const Value found = find(key);
    if (found.canonical && found.canonical->kind == Kind::Text)
        return QString::fromUtf8(found.canonical->text);
    if (!found.json || !found.json->is_string())
        fail(key, "text");
    return textOf(*found.json);
}

QString Fields::text(const char *key, const QString &fallback) const
{
    return has(key) ? text(key) : fallback;
}

qint64 Fields::number(const char *key) const
{
    const Value found = find(key);
    if (found.canonical && found.canonical->kind == Kind::Number)
        return found.canonical->number;
    if (!found.json || !found.json->is_number_integer())
        fail(key, "a whole number");
    return found.json->get<qint64>();
}

std::optional<qint64> Fields::maybeNumber(const char *key) const
{
    if (!has(key))
        return std::nullopt;
    return number(key);
}

bool Fields::flag(const char *key) const
{
    const Value found = find(key);
    if (found.canonical && found.canonical->kind == Kind::Flag)
        return found.canonical->flag;
    if (!found.json || !found.json->is_boolean())
        fail(key, "true or false");
    return found.json->get<bool>();
}

QDateTime Fields::time(const char *key) const
{
    const QString written = text(key);
    if (const QDateTime time = usualTime(written); time.isValid())
        return time;
    const QDateTime time = QDateTime::fromString(written, Qt::ISODateWithMs);
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
    const Value found = find(key);
    if (!found)
        fail(key, "an object");
    return Fields(found, below(key));
}

bool Fields::has(const char *key) const
{
    return bool(find(key));
}

bool Fields::hasOnly(std::initializer_list<const char *> keys) const
{
    const auto isKnown = [&keys](QByteArrayView key) {
        return std::any_of(keys.begin(), keys.end(), [key](const char *one) { return key == one; });
    };
    if (m_object.canonical) {
        for (const auto *at = m_object.canonical->first(); at != m_object.canonical->end; at = at->next()) {
            if (!isKnown(at->key))
                return false;
        }
        return true;
    }
    for (auto at = m_object.json->cbegin(); at != m_object.json->cend(); ++at) {
        if (!isKnown(QByteArrayView(at.key())))
            return false;
    }
    return true;
}

Fields::Value Fields::array(const char *key) const
{
    const Value found = find(key);
    if (!found || !(found.json ? found.json->is_array() : found.canonical->kind == Kind::Array))
        fail(key, "a list");
    return found;
}

QStringList Fields::texts(const char *key) const
{
    const Value found = array(key);
    QStringList texts;
    if (found.json) {
        for (const Json &item : *found.json) {
            if (!item.is_string())
                fail(key, "a list of texts");
            texts.append(textOf(item));
        }
        return texts;
    }
    for (auto at = found.canonical->first(); at != found.canonical->end; at = at->next()) {
        if (at->kind != Kind::Text)
            fail(key, "a list of texts");
        texts.append(QString::fromUtf8(at->text));
    }
    return texts;
}

void Fields::each(const char *key, const std::function<void(const Fields &)> &visit) const
{
    const Value found = array(key);
    int index = 0;
    if (found.json) {
        for (const Json &item : *found.json)
            visit(Fields(Value{&item, nullptr}, below(key, index++)));
        return;
    }
    for (auto at = found.canonical->first(); at != found.canonical->end; at = at->next())
        visit(Fields(Value{nullptr, at}, below(key, index++)));
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
                                          OperationKind::Promote,       OperationKind::RerunRun,
                                          OperationKind::CancelRun,     OperationKind::TriggerRun,
                                          OperationKind::DecideGate};
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

#include "services/adapters/prometheus/prometheusanswer.h"

#include <simdjson.h>

#include <QByteArrayView>
#include <QCoreApplication>

#include <cctype>
#include <cmath>
#include <limits>

namespace signalbox
{
namespace
{

namespace json = simdjson::ondemand;

struct PrometheusText
{
    Q_DECLARE_TR_FUNCTIONS(Prometheus)
};

QString text(std::string_view view)
{
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

Error protocolError(const PrometheusAsked &asked, const QString &what)
{
    return {ErrorKind::Protocol,
            PrometheusText::tr(
                "%1 answered with something that is not Prometheus' API (%2). Check the address: it should be the one "
                "under which /api/v1/query is found.")
                .arg(asked.source, what),
            QStringLiteral("HTTP %1: %2").arg(asked.status).arg(what)};
}

Error cutOffError(const PrometheusAsked &asked)
{
    return {ErrorKind::Protocol,
            PrometheusText::tr(
                "The answer of %1 ended before it was whole. Try again; if it lasts, look for a proxy that limits how "
                "long or how large an answer may be, or ask for a shorter range.")
                .arg(asked.source),
            QStringLiteral("HTTP %1: cut off").arg(asked.status)};
}

// The envelope was Prometheus' own: the address is the right one.
Error unreadableData(const PrometheusAsked &asked, const char *why)
{
    return {ErrorKind::Protocol,
            PrometheusText::tr(
                "%1 answered as Prometheus does, but its figures are not in a form that Prometheus writes. None of "
                "them is shown. Look whether something before it changes its answers.")
                .arg(asked.source),
            QStringLiteral("HTTP %1: %2").arg(asked.status).arg(QLatin1String(why))};
}

// What stands before a Prometheus tells in its own words that there is nothing behind it.
Error gatewayError(const PrometheusAsked &asked)
{
    const QString detail = QStringLiteral("HTTP %1").arg(asked.status);
    if (asked.status == 504)
        return {ErrorKind::TimedOut,
                PrometheusText::tr("What stands before %1 did not wait for its answer (HTTP 504). Try again; if it "
                                   "lasts, ask for a shorter range, or look whether Prometheus is overloaded.")
                    .arg(asked.source),
                detail};
    if (asked.status == 502 || asked.status == 503)
        return {ErrorKind::Unreachable,
                PrometheusText::tr("What stands before %1 cannot reach it (HTTP %2). Try again; if it lasts, look "
                                   "whether Prometheus runs.")
                    .arg(asked.source)
                    .arg(asked.status),
                detail};
    return {ErrorKind::Unreachable,
            PrometheusText::tr("%1 failed and did not say why (HTTP %2). Try again; if it lasts, look at its log.")
                .arg(asked.source)
                .arg(asked.status),
            detail};
}

// For people: what was found where JSON was expected.
QString formOf(const PrometheusAsked &asked, const QByteArray &body)
{
    if (asked.status >= 300)
        return QStringLiteral("HTTP %1").arg(asked.status);
    const QByteArray start = body.left(200).trimmed();
    if (start.isEmpty())
        return PrometheusText::tr("an empty answer");
    return start.startsWith('<') ? PrometheusText::tr("a web page")
                                 : PrometheusText::tr("JSON of another form or none");
}

// 400 bad_data, 422 execution, 503 timeout or canceled, and others by their errorType.
Error refusal(const PrometheusAsked &asked, const QString &type, const QString &reason)
{
    const QString detail = QStringLiteral("HTTP %1 %2: %3").arg(asked.status).arg(type, reason);
    QString message = reason.simplified(); // the middle of a sentence
    while (message.endsWith(u'.'))
        message.chop(1);
    if (message.isEmpty())
        message = PrometheusText::tr("it gave no reason");
    if (type == u"bad_data" || asked.status == 400)
        return {ErrorKind::Invalid,
                PrometheusText::tr("%1 cannot read the query: %2. Correct the query.").arg(asked.source, message),
                detail};
    if (type == u"execution" || asked.status == 422)
        return {
            ErrorKind::Refused,
            PrometheusText::tr("%1 could not carry out the query: %2. Change the query, or ask for a shorter range.")
                .arg(asked.source, message),
            detail};
    if (type == u"timeout")
        return {ErrorKind::TimedOut,
                PrometheusText::tr(
                    "%1 gave up on the query because it took too long: %2. Ask for a shorter range or fewer series.")
                    .arg(asked.source, message),
                detail};
    if (type == u"not_found" || asked.status == 404)
        return {ErrorKind::NotFound,
                PrometheusText::tr("%1 does not have this: %2. Its version may be too old for it.")
                    .arg(asked.source, message),
                detail};
    if (type == u"unavailable" || asked.status == 503)
        return {ErrorKind::Unreachable,
                PrometheusText::tr("%1 is not available yet: %2. Try again in a moment.").arg(asked.source, message),
                detail};
    return {ErrorKind::Refused,
            PrometheusText::tr("%1 answered with an error (%2): %3. Try again; if it lasts, look at its log.")
                .arg(asked.source, type.isEmpty() ? QStringLiteral("HTTP %1").arg(asked.status) : type, message),
            detail};
}

// Statuses whose body need not be Prometheus' own: proxies and gateways answer them.
std::optional<Error> statusError(const PrometheusAsked &asked)
{
    const QString detail = QStringLiteral("HTTP %1").arg(asked.status);
    switch (asked.status) {
    case 401:
        return Error{ErrorKind::Unauthorized,
                     PrometheusText::tr("%1 does not accept the credentials (401). Set them anew under Connections.")
                         .arg(asked.source),
                     detail};
    case 403:
        return Error{
            ErrorKind::Forbidden,
            PrometheusText::tr("%1 does not let you read metrics (403). Ask whoever runs it for that right, or "
                               "set another credential under Connections.")
                .arg(asked.source),
            detail};
    case 429:
        return Error{
            ErrorKind::RateLimited,
            PrometheusText::tr("%1 asks for fewer queries (429). Wait a moment, or look at fewer charts at a time.")
                .arg(asked.source),
            detail};
    default:
        return std::nullopt;
    }
}

// Figures without a ruler beside them (Mimir, Cortex): the address has no alerts, often said in plain text. Whether
// it is the right address the queries tell.
Error noRules(const PrometheusAsked &asked)
{
    return {ErrorKind::NotFound,
            PrometheusText::tr("%1 has no alerts: nothing evaluates rules there (404).").arg(asked.source),
            QStringLiteral("HTTP 404")};
}

Labels labelsOf(json::object object)
{
    Labels labels;
    for (auto field : object) {
        const std::string_view name = field.unescaped_key();
        labels.insert(text(name), text(std::string_view(field.value().get_string())));
    }
    return labels;
}

// [time in seconds, "value"]
Sample sampleOf(json::array pair)
{
    Sample sample;
    int place = 0;
    for (auto element : pair) { // a short pair must end the loop: the iterator may not be asked behind its end
        if (place == 0) {
            sample.time = std::llround(double(element.get_double()) * 1000.0);
        } else if (place == 1) {
            const auto number = parsePrometheusValue(std::string_view(element.get_string()));
            if (!number)
                throw simdjson::simdjson_error(simdjson::NUMBER_ERROR);
            sample.value = *number;
        }
        ++place;
    }
    if (place != 2)
        throw simdjson::simdjson_error(simdjson::INDEX_OUT_OF_BOUNDS);
    return sample;
}

void readSeries(json::array result, MetricAnswer &answer)
{
    bool hasHistograms = false;
    for (auto element : result) {
        MetricSeries series;
        bool hasValues = false;
        for (auto field : element.get_object()) {
            const std::string_view key = field.unescaped_key();
            if (key == "metric") {
                series.labels = labelsOf(field.value().get_object());
            } else if (key == "value") {
                series.samples.append(sampleOf(field.value().get_array()));
                hasValues = true;
            } else if (key == "values") {
                for (auto pair : field.value().get_array())
                    series.samples.append(sampleOf(pair.get_array()));
                hasValues = true;
            } else if (key == "histogram" || key == "histograms") {
                hasHistograms = true;
            }
        }
        if (hasValues)
            answer.series.append(std::move(series));
        else if (!hasHistograms)
            throw simdjson::simdjson_error(simdjson::NO_SUCH_FIELD);
    }
    if (hasHistograms)
        answer.warnings.append(
            PrometheusText::tr("The answer holds native histograms: wrap the query in histogram_quantile() or "
                               "histogram_avg() to draw it."));
}

void readQueryData(json::object data, MetricAnswer &answer)
{
    // Found by name, in whatever order they come: examples of the description have both.
    const std::string type{std::string_view(data["resultType"].get_string())};
    data.reset();
    if (type == "vector" || type == "matrix") {
        readSeries(data["result"].get_array(), answer);
    } else if (type == "scalar") {
        answer.scalar = sampleOf(data["result"].get_array());
    } else if (type == "string") {
        answer.warnings.append(PrometheusText::tr("The query answers with a text, which cannot be drawn."));
    } else {
        throw simdjson::simdjson_error(simdjson::INCORRECT_TYPE);
    }
}

QStringList strings(json::array array)
{
    QStringList all;
    for (auto element : array)
        all.append(text(std::string_view(element.get_string())));
    return all;
}

// Of a member that may be missing, null or of another type. After any other error nothing more may be asked of the
// document: the library would read behind its end (3.0.1).
bool isThere(simdjson::error_code error)
{
    if (error != simdjson::SUCCESS && error != simdjson::NO_SUCH_FIELD && error != simdjson::INCORRECT_TYPE)
        throw simdjson::simdjson_error(error);
    return error == simdjson::SUCCESS;
}

QString optionalText(json::object &object, const char *name)
{
    std::string_view view;
    return isThere(object[name].get_string().get(view)) ? text(view) : QString();
}

Labels optionalLabels(json::object &object, const char *name)
{
    json::object labels;
    return isThere(object[name].get_object().get(labels)) ? labelsOf(labels) : Labels();
}

QDateTime timeOf(const QString &text)
{
    const QDateTime time = QDateTime::fromString(text, Qt::ISODateWithMs).toUTC();
    return time.isValid() && time.date().year() > 1 ? time : QDateTime(); // Go writes 0001-01-01 for "never"
}

Alert::State stateOf(const QString &text)
{
    return text == u"firing"     ? Alert::State::Firing
           : text == u"pending"  ? Alert::State::Pending
           : text == u"inactive" ? Alert::State::Inactive
                                 : Alert::State::Unknown;
}

Alert alertOf(json::object object)
{
    Alert alert;
    alert.labels = optionalLabels(object, "labels");
    alert.annotations = optionalLabels(object, "annotations");
    alert.name = alert.labels.value(QStringLiteral("alertname"));
    alert.state = stateOf(text(std::string_view(object["state"].get_string())));
    alert.activeAt = timeOf(optionalText(object, "activeAt"));
    alert.value = optionalText(object, "value");
    return alert;
}

AlertRule ruleOf(json::object object, const QString &group)
{
    AlertRule rule;
    rule.group = group;
    rule.name = text(std::string_view(object["name"].get_string()));
    rule.expression = text(std::string_view(object["query"].get_string()));
    rule.state = stateOf(optionalText(object, "state"));
    rule.health = optionalText(object, "health");
    rule.lastError = optionalText(object, "lastError");
    rule.labels = optionalLabels(object, "labels");
    rule.annotations = optionalLabels(object, "annotations");
    rule.lastEvaluation = timeOf(optionalText(object, "lastEvaluation"));
    return rule;
}

// Opens the envelope {status, data, errorType, error, warnings, infos} and hands `data` to `read`. The library throws;
// nothing of that leaves this function.
template <typename T, typename Read>
Result<T> inEnvelope(const QByteArray &body, const PrometheusAsked &asked, Read read)
{
    if (const auto error = statusError(asked))
        return *error;
    bool isItsOwn = false; // the envelope is Prometheus'
    try {
        json::parser parser; // one for each thread would keep what its largest answer took
        const simdjson::padded_string padded(body.constData(), static_cast<std::size_t>(body.size()));
        json::document document = parser.iterate(padded);
        json::object envelope = document.get_object();
        // First: behind an object that does not end the library looks for a missing member until it crashes (3.0.1),
        // and what was cut off behind all that is read is as bad as what was cut off before.
        std::string_view whole;
        if (envelope.raw_json().get(whole) != simdjson::SUCCESS)
            return asked.status >= 500 ? gatewayError(asked) : cutOffError(asked);
        envelope.reset();
        const std::string status{std::string_view(envelope["status"].get_string())};
        if (status == "error") {
            envelope.reset();
            const QString type = optionalText(envelope, "errorType");
            envelope.reset();
            return refusal(asked, type, optionalText(envelope, "error"));
        }
        if (status != "success" || asked.status >= 300)
            return asked.status >= 500
                       ? gatewayError(asked)
                       : protocolError(asked, QStringLiteral("HTTP %1, status %2").arg(asked.status).arg(text(status)));
        isItsOwn = true;
        envelope.reset();
        return read(envelope);
    } catch (const simdjson::simdjson_error &error) {
        const QByteArray text = body.trimmed();
        if (asked.status >= 500)
            return gatewayError(asked);
        if (asked.status < 300 && text.startsWith('{') && !text.endsWith('}'))
            return cutOffError(asked);
        return isItsOwn ? unreadableData(asked, error.what()) : protocolError(asked, formOf(asked, body));
    }
}

} // namespace

std::optional<double> parsePrometheusValue(std::string_view value)
{
    if (value == "NaN")
        return std::numeric_limits<double>::quiet_NaN();
    if (value == "+Inf" || value == "Inf")
        return std::numeric_limits<double>::infinity();
    if (value == "-Inf")
        return -std::numeric_limits<double>::infinity();
    // Qt itself would take "nan", "inf" and spaces, which Prometheus never writes; std::from_chars reads no fractions
    // on macOS before its version 26.
    const auto isDigit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) || c == '.'; };
    const std::size_t digit = !value.empty() && (value.front() == '-' || value.front() == '+') ? 1 : 0;
    if (digit >= value.size() || !isDigit(value[digit]) || !isDigit(value.back()))
        return std::nullopt;
    bool isNumber = false;
    const double number = QByteArrayView(value.data(), static_cast<qsizetype>(value.size())).toDouble(&isNumber);
    if (!isNumber)
        return std::nullopt;
    return number;
}

Result<MetricAnswer> parseQueryAnswer(const QByteArray &body, const PrometheusAsked &asked)
{
    return inEnvelope<MetricAnswer>(body, asked, [](json::object &envelope) {
        MetricAnswer answer;
        readQueryData(envelope["data"].get_object(), answer);
        for (const char *name : {"warnings", "infos"}) {
            envelope.reset();
            json::array notes;
            if (isThere(envelope[name].get_array().get(notes)))
                answer.warnings.append(strings(notes));
        }
        answer.readAt = QDateTime::currentDateTimeUtc();
        return answer;
    });
}

Result<QList<Alert>> parseAlerts(const QByteArray &body, const PrometheusAsked &asked)
{
    if (asked.status == 404)
        return noRules(asked);
    return inEnvelope<QList<Alert>>(body, asked, [](json::object &envelope) {
        QList<Alert> alerts;
        for (auto element : envelope["data"]["alerts"].get_array())
            alerts.append(alertOf(element.get_object()));
        return alerts;
    });
}

Result<QList<AlertRule>> parseRules(const QByteArray &body, const PrometheusAsked &asked)
{
    if (asked.status == 404)
        return noRules(asked);
    return inEnvelope<QList<AlertRule>>(body, asked, [](json::object &envelope) {
        QList<AlertRule> rules;
        for (auto element : envelope["data"]["groups"].get_array()) {
            json::object group = element.get_object();
            const QString name = text(std::string_view(group["name"].get_string()));
            for (auto entry : group["rules"].get_array()) {
                json::object rule = entry.get_object();
                if (optionalText(rule, "type") == u"alerting")
                    rules.append(ruleOf(rule, name));
            }
        }
        return rules;
    });
}

Result<QStringList> parseLabelValues(const QByteArray &body, const PrometheusAsked &asked)
{
    return inEnvelope<QStringList>(body, asked,
                                   [](json::object &envelope) { return strings(envelope["data"].get_array()); });
}

} // namespace signalbox

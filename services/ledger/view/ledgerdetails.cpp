#include "services/ledger/view/ledgerdetails.h"

#include "models/domain/duration.h"
#include "models/policy/records.h"
#include "services/git/objectreader.h"
#include "services/ledger/verify/commitfacts.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QDateTime>

#include <iterator>

namespace signalbox
{

namespace
{

struct LedgerDetailsText
{
    Q_DECLARE_TR_FUNCTIONS(LedgerDetails)
};

using Json = nlohmann::json;

constexpr qsizetype mostFields = 300;
constexpr qsizetype mostTextBytes = 64 * 1024;

struct Name
{
    const char *place; // the last part of the path, or all of it
    const char *title;
};
constexpr Name names[] = {
    {"at", QT_TRANSLATE_NOOP("LedgerDetails", "Closed at")},
    {"who.name", QT_TRANSLATE_NOOP("LedgerDetails", "Written by")},
    {"who.email", QT_TRANSLATE_NOOP("LedgerDetails", "E-mail")},
    {"who.user", QT_TRANSLATE_NOOP("LedgerDetails", "Account")},
    {"who.host", QT_TRANSLATE_NOOP("LedgerDetails", "On the machine")},
    {"tool", QT_TRANSLATE_NOOP("LedgerDetails", "With")},
    {"workspace", QT_TRANSLATE_NOOP("LedgerDetails", "Workspace")},
    {"application", QT_TRANSLATE_NOOP("LedgerDetails", "Application")},
    {"environment", QT_TRANSLATE_NOOP("LedgerDetails", "Environment")},
    {"digest", QT_TRANSLATE_NOOP("LedgerDetails", "Artifact")},
    {"subject.commit", QT_TRANSLATE_NOOP("LedgerDetails", "Built from commit")},
    {"promotion", QT_TRANSLATE_NOOP("LedgerDetails", "Promotion")},
    {"policyCommit", QT_TRANSLATE_NOOP("LedgerDetails", "Under the policy of commit")},
    {"comment", QT_TRANSLATE_NOOP("LedgerDetails", "Comment")},
    {"reason", QT_TRANSLATE_NOOP("LedgerDetails", "Reason")},
    {"effect", QT_TRANSLATE_NOOP("LedgerDetails", "Effect")},
    {"message", QT_TRANSLATE_NOOP("LedgerDetails", "Message")},
    {"promotionOutcome.claim", QT_TRANSLATE_NOOP("LedgerDetails", "Claim")},
    {"promotionOutcome.kind", QT_TRANSLATE_NOOP("LedgerDetails", "Outcome")},
    {"operation", QT_TRANSLATE_NOOP("LedgerDetails", "Operation")},
    {"of", QT_TRANSLATE_NOOP("LedgerDetails", "Of the entry")},
    {"until", QT_TRANSLATE_NOOP("LedgerDetails", "Until")},
    {"from", QT_TRANSLATE_NOOP("LedgerDetails", "From")},
    {"repeat.rule", QT_TRANSLATE_NOOP("LedgerDetails", "Comes again by the rule")},
    {"repeat.zone", QT_TRANSLATE_NOOP("LedgerDetails", "By the clocks of")},
    {"repeat.seconds", QT_TRANSLATE_NOOP("LedgerDetails", "Holds each time for, in seconds")},
    {"to", QT_TRANSLATE_NOOP("LedgerDetails", "To")},
    {"releaseVersion", QT_TRANSLATE_NOOP("LedgerDetails", "Version")},
    {"modelName", QT_TRANSLATE_NOOP("LedgerDetails", "Model")},
    {"modelVersion", QT_TRANSLATE_NOOP("LedgerDetails", "Model's version")},
    {"startedAt", QT_TRANSLATE_NOOP("LedgerDetails", "Began")},
    {"finishedAt", QT_TRANSLATE_NOOP("LedgerDetails", "Ended")},
    {"observedAt", QT_TRANSLATE_NOOP("LedgerDetails", "Effect seen")},
    {"onlyTrack", QT_TRANSLATE_NOOP("LedgerDetails", "No other track was there")},
    {"riskPermille", QT_TRANSLATE_NOOP("LedgerDetails", "Risk, in thousandths")},
    {"connection", QT_TRANSLATE_NOOP("LedgerDetails", "Connection")},
    {"namespace", QT_TRANSLATE_NOOP("LedgerDetails", "Namespace")},
    {"changes.commitCount", QT_TRANSLATE_NOOP("LedgerDetails", "Commits")},
    {"changes.fileCount", QT_TRANSLATE_NOOP("LedgerDetails", "Files")},
    {"changes.linesAdded", QT_TRANSLATE_NOOP("LedgerDetails", "Lines added")},
    {"changes.linesRemoved", QT_TRANSLATE_NOOP("LedgerDetails", "Lines removed")},
    {"operation.kind", QT_TRANSLATE_NOOP("LedgerDetails", "Kind")},
    {"operation.direction", QT_TRANSLATE_NOOP("LedgerDetails", "Direction")},
    {"operation.fromHash", QT_TRANSLATE_NOOP("LedgerDetails", "From, by its hash")},
    {"operation.toHash", QT_TRANSLATE_NOOP("LedgerDetails", "To, by its hash")},
    {"outcome.kind", QT_TRANSLATE_NOOP("LedgerDetails", "Outcome")},
    {"target.protected", QT_TRANSLATE_NOOP("LedgerDetails", "Protected")},
    {"reconciled", QT_TRANSLATE_NOOP("LedgerDetails", "Closed at a later start")},
    {"durations.executeMs", QT_TRANSLATE_NOOP("LedgerDetails", "Took")},
    {"durations.restoreMs", QT_TRANSLATE_NOOP("LedgerDetails", "Restored after")},
    {"durations.detectMs", QT_TRANSLATE_NOOP("LedgerDetails", "Detected after")},
};
// Of the steps of an operation and of its outcome, by their number.
constexpr Name stepNames[] = {
    {"title", QT_TRANSLATE_NOOP("LedgerDetails", "Step %1")},
    {"through", QT_TRANSLATE_NOOP("LedgerDetails", "Step %1, through")},
    {"id", QT_TRANSLATE_NOOP("LedgerDetails", "Step %1, its ID")},
    {"step", QT_TRANSLATE_NOOP("LedgerDetails", "Step %1, its ID")},
    {"kind", QT_TRANSLATE_NOOP("LedgerDetails", "Step %1, outcome")},
    {"message", QT_TRANSLATE_NOOP("LedgerDetails", "Step %1, message")},
    {"sentAt", QT_TRANSLATE_NOOP("LedgerDetails", "Step %1, sent")},
    {"acceptedAt", QT_TRANSLATE_NOOP("LedgerDetails", "Step %1, accepted")},
    {"observedAt", QT_TRANSLATE_NOOP("LedgerDetails", "Step %1, effect seen")},
};

bool isOfAStep(const QStringList &place)
{
    return place.size() == 4 && place.at(1) == QLatin1String("steps") &&
           (place.first() == QLatin1String("operation") || place.first() == QLatin1String("outcome"));
}

// "outcome.steps.1.message": named by its end where that has a name and it lies no deeper than one below the top.
QString titleOf(const QStringList &place)
{
    const QString whole = place.join(QLatin1Char('.'));
    for (const Name &name : names) {
        const QString known = QString::fromLatin1(name.place);
        if (place.size() <= 3 && (whole == known || whole.endsWith(QLatin1Char('.') + known)))
            return LedgerDetailsText::tr(name.title);
    }
    for (const Name &name : stepNames) {
        if (isOfAStep(place) && place.last() == QLatin1String(name.place))
            return LedgerDetailsText::tr(name.title).arg(place.at(2));
    }
    return place.join(QStringLiteral(" · "));
}

// Written in milliseconds, read in what people count in.
QString lengthText(qint64 ms)
{
    if (ms >= 60'000)
        return spacedDurationText(std::chrono::seconds((ms + 500) / 1000));
    return LedgerDetailsText::tr("%1 s").arg(static_cast<double>(ms) / 1000, 0, 'f', 1);
}

// The last day that can be written stands for none.
bool isEndless(const QStringList &place, const QString &text)
{
    return place.last() == QLatin1String("until") &&
           QDateTime::fromString(text, Qt::ISODateWithMs) >= policy::FreezeOrder::endless();
}

bool isCode(const QString &text)
{
    return text.size() >= 26 && !text.contains(QLatin1Char(' '));
}

// A commit of a promotion in one line, or nothing if it is written otherwise.
QString commitText(const Json &commit)
{
    if (!commit.is_object())
        return {};
    QStringList words;
    for (const char *part : {"id", "email", "at"}) {
        const auto found = commit.find(part);
        if (found == commit.end() || !found->is_string())
            return {};
        words.append(QString::fromStdString(found->get_ref<const std::string &>()));
    }
    words.first().truncate(10);
    const QDateTime at = QDateTime::fromString(words.last(), Qt::ISODateWithMs).toUTC();
    if (at.isValid() && commit.size() == 3)
        return QStringList{words.first(), words.at(1), at.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss 'UTC'"))}.join(
            QStringLiteral(" · "));
    return {};
}

class Flattener
{
public:
    QList<LedgerField> fields;

    void add(const Json &value, const QStringList &place)
    {
        if (fields.size() >= mostFields)
            return;
        if (const QString commit = commitText(value);
            !commit.isEmpty() && place.mid(1, 2) == QStringList{QStringLiteral("changes"), QStringLiteral("commits")}) {
            fields.append({LedgerDetailsText::tr("Commit %1").arg(place.last()), commit, false});
        } else if (value.is_object()) {
            for (const auto &[key, below] : value.items())
                add(below, place + QStringList(QString::fromStdString(key)));
        } else if (value.is_array()) {
            int number = 0;
            for (const Json &below : value)
                add(below, place + QStringList(QString::number(++number)));
        } else if (place.first() == QLatin1String("durations") && value.is_number_integer()) {
            fields.append({titleOf(place), lengthText(value.get<qint64>()), false});
        } else if (value.is_boolean()) {
            fields.append({titleOf(place),
                           value.get<bool>() ? LedgerDetailsText::tr("yes") : LedgerDetailsText::tr("no"), false});
        } else {
            const QString text =
                value.is_string() ? QString::fromStdString(value.get_ref<const std::string &>())
                                  : QString::fromStdString(value.dump(-1, ' ', false, Json::error_handler_t::replace));
            if (isEndless(place, text))
                fields.append({titleOf(place), LedgerDetailsText::tr("until it is lifted"), false});
            else if (!text.isEmpty())
                fields.append({titleOf(place), text, isCode(text)});
        }
    }
};

// What it is about comes first, then how long it took, who and with what.
QList<LedgerField> fieldsOf(const Json &json)
{
    Flattener flat;
    static const char *const envelope[] = {"durations", "at", "who", "tool", "workspace"};
    for (const auto &[key, value] : json.items()) {
        const bool isEnvelope = std::any_of(std::begin(envelope), std::end(envelope),
                                            [&key = key](const char *name) { return key == name; });
        if (!isEnvelope && key != "id" && key != "type" && key != "version")
            flat.add(value, {QString::fromStdString(key)});
    }
    for (const char *name : envelope) {
        if (json.contains(name))
            flat.add(json.at(name), {QString::fromLatin1(name)});
    }
    return flat.fields;
}

} // namespace

Result<LedgerDetails> readDetails(const QString &path, const LedgerRow &row)
{
    LedgerDetails details;
    details.commit = row.commit;
    const auto id = git::ObjectId::fromHex(row.blob.toLatin1());
    if (!id) {
        details.problem = LedgerDetailsText::tr("This commit leaves no file to read.");
        return details;
    }
    auto reader = git::ObjectReader::open(path);
    if (!reader)
        return reader.error();
    const auto bytes = reader->blob(*id, ledger::CommitFacts::mostEntryBytes);
    if (!bytes)
        return bytes.error();
    const Json json = row.path.endsWith(QLatin1String(".json")) && !ledger::nestsTooDeep(*bytes)
                          ? Json::parse(bytes->begin(), bytes->end(), nullptr, false)
                          : Json(Json::value_t::discarded);
    if (!json.is_object()) {
        details.text = QString::fromUtf8(bytes->left(mostTextBytes));
        details.problem =
            row.type == QLatin1String("policy") ? QString() : LedgerDetailsText::tr("It is no JSON object.");
        return details;
    }
    details.fields = fieldsOf(json);
    details.text = QString::fromStdString(json.dump(2, ' ', false, Json::error_handler_t::replace));
    return details;
}

} // namespace signalbox

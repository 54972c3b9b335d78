#include "services/operations/journal.h"

#include "services/operations/durablefile.h"
#include "services/operations/planjson.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QHash>
#include <QSet>

namespace signalbox
{
namespace
{

using namespace operationjson;

QByteArray line(const Json &json)
{
    // `replace`: a text that is not UTF-8 must not cost us the line.
    return QByteArray::fromStdString(json.dump(-1, ' ', false, Json::error_handler_t::replace)) + '\n';
}

Json event(const char *type, const QString &id, const QDateTime &at)
{
    return Json{{"v", 1}, {"type", type}, {"id", utf8(id)}, {"at", timeText(at)}};
}

JournalIntent intentFrom(const Fields &fields)
{
    JournalIntent intent;
    intent.id = fields.text("id");
    intent.at = fields.time("at");
    intent.process = fields.text("process");
    intent.who = identityFrom(fields.object("who"));
    intent.problemSince = fields.maybeTime("problemSince");
    intent.ledger = fields.text("ledger", {});
    intent.plan = planFrom(fields.object("plan"));
    return intent;
}

// What the lines read so far say of each operation.
class Reader
{
public:
    void readFile(const QString &path)
    {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly)) {
            note(path);
            return;
        }
        while (!file.atEnd()) {
            const QByteArray text = file.readLine().trimmed();
            if (!text.isEmpty() && !take(text))
                note(path);
        }
    }

    JournalReading reading() const
    {
        JournalReading reading = m_reading;
        for (const QString &id : m_order) {
            const Known &known = m_known[id];
            if (known.isOpen)
                reading.open.append(known.closed.intent);
            else if (known.isClosed && !known.isRecorded)
                reading.unrecorded.append(known.closed);
        }
        return reading;
    }

private:
    struct Known
    {
        JournalClosed closed;
        bool isOpen = false;
        bool isClosed = false;
        bool isRecorded = false;
    };

    void note(const QString &path)
    {
        ++m_reading.damagedLines;
        if (m_reading.damagedFile.isEmpty())
            m_reading.damagedFile = path;
    }

    bool take(const QByteArray &text)
    {
        const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
        if (json.is_discarded())
            return false;
        return bool(decode<bool>({}, [&] {
            apply(Fields(json), json);
            return true;
        }));
    }

    void apply(const Fields &fields, const Json &json)
    {
        if (fields.number("v") != 1)
            fields.fail("v", "1");
        const QString type = fields.text("type");
        const QString id = fields.text("id");
        if (type == QLatin1String("intent")) {
            Known known;
            known.closed.intent = intentFrom(fields);
            known.isOpen = true;
            if (!m_known.contains(id))
                m_order.append(id);
            m_known.insert(id, known);
            return;
        }
        const auto known = m_known.find(id);
        if (known == m_known.end())
            return; // its intent was pruned, or never got written (going back does not wait for it)
        if (type == QLatin1String("step")) {
            known->closed.intent.sentSteps.append(fields.text("step"));
        } else if (type == QLatin1String("reversal")) {
            known->closed.intent.reversal = stepFrom(fields.object("step"));
        } else if (type == QLatin1String("withdrawn")) {
            known->isOpen = false;
        } else if (type == QLatin1String("outcome")) {
            known->closed.outcome = outcomeFrom(fields.object("outcome"));
            known->closed.isReconciled = json.value("reconciled", false);
            known->isOpen = false;
            known->isClosed = true;
        } else if (type == QLatin1String("recorded")) {
            known->isRecorded = true;
        } else if (type == QLatin1String("elsewhere")) {
            if (!known->closed.intent.elsewhereSince.isValid())
                known->closed.intent.elsewhereSince = fields.time("at");
        } else {
            fields.fail("type", "intent, step, reversal, withdrawn, outcome, elsewhere or recorded");
        }
    }

    QHash<QString, Known> m_known;
    QStringList m_order;
    JournalReading m_reading;
};

QStringList months(const QString &folder)
{
    return QDir(folder).entryList({QStringLiteral("*.jsonl")}, QDir::Files, QDir::Name);
}

Result<JournalReading> readAll(const QString &folder)
{
    Reader reader;
    for (const QString &month : months(folder))
        reader.readFile(folder + QLatin1Char('/') + month);
    return reader.reading();
}

} // namespace

Journal::Journal(QString folder, int keepMonths)
    : m_folder(std::move(folder) + QLatin1String("/journal"))
    , m_keepMonths(keepMonths)
{}

QFuture<Result<void>> Journal::append(QByteArray text, const QDateTime &at, bool sync)
{
    const QString month = at.toUTC().toString(QStringLiteral("yyyy-MM")) + QLatin1String(".jsonl");
    return m_queue.run([folder = m_folder, month, text = std::move(text), sync]() -> Result<void> {
        if (!QDir().mkpath(folder))
            return Error{
                ErrorKind::Internal,
                QCoreApplication::translate("signalbox::Journal",
                                            "The folder %1 of the journal cannot be made. Make the folder above it "
                                            "writable for you.")
                    .arg(folder),
                {}};
        return appendLine(folder + QLatin1Char('/') + month, text, sync);
    });
}

QFuture<Result<void>> Journal::writeIntent(JournalIntent intent)
{
    Json json = event("intent", intent.id, intent.at);
    json["process"] = utf8(intent.process);
    json["who"] = toJson(intent.who);
    if (!m_ledger.isEmpty())
        json["ledger"] = utf8(m_ledger);
    if (intent.problemSince.isValid())
        json["problemSince"] = timeText(intent.problemSince);
    json["plan"] = toJson(intent.plan);
    return append(line(json), intent.at, true);
}

QFuture<Result<void>> Journal::writeStep(const QString &id, const PlanStep &step, bool isReversal, const QDateTime &at)
{
    Json json = event(isReversal ? "reversal" : "step", id, at);
    json["step"] = isReversal ? toJson(step) : Json(utf8(step.id)); // the plan's are in the intent
    // Synced, though no call waits for it: what comes after a machine that lost its power must know how far it came.
    return append(line(json), at, true);
}

QFuture<Result<void>> Journal::writeWithdrawn(const QString &id, const QDateTime &at)
{
    return append(line(event("withdrawn", id, at)), at, false);
}

QFuture<Result<void>> Journal::writeOutcome(const QString &id, Outcome outcome, bool isReconciled)
{
    Json json = event("outcome", id, outcome.finishedAt);
    json["outcome"] = toJson(outcome);
    if (isReconciled)
        json["reconciled"] = true;
    return append(line(json), outcome.finishedAt, true);
}

QFuture<Result<void>> Journal::writeElsewhere(const QString &id, const QDateTime &at)
{
    return append(line(event("elsewhere", id, at)), at, true);
}

QFuture<Result<void>> Journal::writeRecorded(const QString &id, const QDateTime &at)
{
    return append(line(event("recorded", id, at)), at, false);
}

QFuture<Result<JournalReading>> Journal::read()
{
    return m_queue.run([folder = m_folder] { return readAll(folder); });
}

QFuture<Result<void>> Journal::prune(const QDateTime &now)
{
    const QString oldest = now.toUTC().addMonths(-m_keepMonths).toString(QStringLiteral("yyyy-MM"));
    return m_queue.run([folder = m_folder, oldest]() -> Result<void> {
        const auto reading = readAll(folder);
        QSet<QString> needed;
        for (const JournalIntent &intent : reading->open)
            needed.insert(intent.at.toString(QStringLiteral("yyyy-MM")));
        for (const JournalClosed &closed : reading->unrecorded)
            needed.insert(closed.intent.at.toString(QStringLiteral("yyyy-MM")));
        for (const QString &file : months(folder)) {
            const QString month = file.left(7);
            if (month < oldest && !needed.contains(month))
                QFile::remove(folder + QLatin1Char('/') + file);
        }
        return {};
    });
}

} // namespace signalbox

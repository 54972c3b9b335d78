#include "services/ledger/view/ledgerexport.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QPromise>
#include <QSaveFile>
#include <QThreadPool>

#include <algorithm>
#include <memory>

namespace signalbox
{

namespace
{

struct LedgerExportText
{
    Q_DECLARE_TR_FUNCTIONS(LedgerExport)
};

using Json = nlohmann::json;

std::string utf8(const QString &text)
{
    return text.toStdString();
}

QString utcText(const QDateTime &time)
{
    return time.isValid() ? time.toUTC().toString(Qt::ISODateWithMs) : QString();
}

Error notWritten(const QSaveFile &file)
{
    return {ErrorKind::Refused,
            LedgerExportText::tr("%1 could not be written: %2. Choose another place.")
                .arg(file.fileName(), file.errorString()),
            {}};
}

// The columns of the CSV, in their order.
struct Column
{
    const char *name;
    QString (*value)(const ledger::ReadEntry &);
};
constexpr Column columns[] = {
    {"time", [](const ledger::ReadEntry &e) { return utcText(e.row.time()); }},
    {"position", [](const ledger::ReadEntry &e) { return QString::number(e.position); }},
    {"commit", [](const ledger::ReadEntry &e) { return e.row.commit; }},
    {"entry", [](const ledger::ReadEntry &e) { return e.row.id; }},
    {"type", [](const ledger::ReadEntry &e) { return e.row.type; }},
    {"action", [](const ledger::ReadEntry &e) { return e.row.action; }},
    {"outcome", [](const ledger::ReadEntry &e) { return e.row.outcome; }},
    {"application", [](const ledger::ReadEntry &e) { return e.row.application; }},
    {"environment", [](const ledger::ReadEntry &e) { return e.row.environment; }},
    {"version", [](const ledger::ReadEntry &e) { return e.row.version; }},
    {"digest", [](const ledger::ReadEntry &e) { return e.row.digest; }},
    {"signer", [](const ledger::ReadEntry &e) { return e.row.signer; }},
    {"key", [](const ledger::ReadEntry &e) { return e.row.key; }},
    {"author", [](const ledger::ReadEntry &e) { return e.row.author; }},
    {"closedAt", [](const ledger::ReadEntry &e) { return e.entry ? utcText(e.entry->at) : QString(); }},
    {"words", [](const ledger::ReadEntry &e) { return e.row.words; }},
    {"about", [](const ledger::ReadEntry &e) { return e.row.about; }},
    {"operation", [](const ledger::ReadEntry &e) { return e.row.another; }},
    {"state", [](const ledger::ReadEntry &e) { return ledgerProofName(e.row.proof); }},
    {"fault", [](const ledger::ReadEntry &e) { return e.row.fault; }},
    {"reason", [](const ledger::ReadEntry &e) { return e.row.reason; }},
};

Json orNull(const QString &text)
{
    return text.isEmpty() ? Json(nullptr) : Json(utf8(text));
}

Json lines(const QStringList &texts)
{
    Json all = Json::array();
    for (const QString &text : texts)
        all.push_back(utf8(text));
    return all;
}

Json filterJson(const LedgerFilter &filter)
{
    Json json = Json::object();
    const auto put = [&json](const char *key, const QString &text) {
        if (!text.isEmpty())
            json[key] = utf8(text);
    };
    put("application", filter.application);
    put("environment", filter.environment);
    put("person", filter.person);
    put("type", filter.type);
    put("state", filter.proof ? ledgerProofName(*filter.proof) : QString());
    put("since", utcText(filter.from));
    put("until", utcText(filter.to));
    put("text", filter.text);
    return json;
}

Json headJson(const LedgerSummary &summary, const LedgerFilter &filter)
{
    return Json{{"schema", "signalbox.ledgerExport/1"},
                {"exportedAt", utf8(utcText(summary.verifiedAt))},
                {"tool", "signalbox " SIGNALBOX_VERSION},
                {"workspace", utf8(summary.workspace)},
                {"tip", orNull(summary.tip)},
                {"start", orNull(summary.start)},
                {"policyCommit", orNull(summary.policyCommit)},
                {"whole", summary.isWhole()},
                {"signed", summary.isSigned()},
                {"pinned", summary.isPinned},
                {"counts",
                 {{"good", summary.good},
                  {"pending", summary.pending},
                  {"notSigned", summary.notSigned},
                  {"bad", summary.bad}}},
                {"problems", lines(summary.problems)},
                {"notes", lines(summary.notes)},
                {"filter", filterJson(filter)}};
}

Json entryJson(const ledger::ReadEntry &read)
{
    const LedgerRow &row = read.row;
    Json json{
        {"position", read.position},    {"commit", utf8(row.commit)},   {"committedAt", utf8(utcText(row.time()))},
        {"path", utf8(row.path)},       {"id", orNull(row.id)},         {"type", orNull(row.type)},
        {"signer", orNull(row.signer)}, {"key", orNull(row.key)},       {"state", utf8(ledgerProofName(row.proof))},
        {"fault", orNull(row.fault)},   {"reason", orNull(row.reason)}, {"entry", nullptr}};
    if (read.entry) // it was read before: sound JSON, not too deep
        json["entry"] = Json::parse(read.bytes.begin(), read.bytes.end(), nullptr, false);
    return json;
}

QByteArray dumped(const Json &json)
{
    return QByteArray::fromStdString(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

class Writer
{
public:
    explicit Writer(const QString &file)
        : m_file(file)
    {}
    virtual ~Writer() = default;

    Result<void> open()
    {
        if (!m_file.open(QIODevice::WriteOnly))
            return notWritten(m_file);
        return {};
    }
    Result<void> commit()
    {
        end();
        if (!m_file.commit())
            return notWritten(m_file);
        return {};
    }
    virtual void begin(const LedgerSummary &summary, const LedgerFilter &filter) = 0;
    virtual void add(const ledger::ReadEntry &read) = 0;
    Result<void> state() const { return m_isGood ? Result<void>() : Result<void>(notWritten(m_file)); }
    qsizetype count() const { return m_count; }

protected:
    virtual void end() {}
    void put(const QByteArray &bytes) { m_isGood = m_file.write(bytes) == bytes.size() && m_isGood; }
    qsizetype m_count = 0;

private:
    QSaveFile m_file;
    bool m_isGood = true;
};

class CsvWriter : public Writer
{
public:
    using Writer::Writer;
    void begin(const LedgerSummary &, const LedgerFilter &) override
    {
        QByteArray line;
        for (const Column &column : columns)
            line += (line.isEmpty() ? QByteArray() : QByteArray(",")) + column.name;
        put(line + "\r\n");
    }
    void add(const ledger::ReadEntry &read) override
    {
        QByteArray line;
        for (const Column &column : columns)
            line += (&column == columns ? QByteArray() : QByteArray(",")) + csvField(column.value(read));
        put(line + "\r\n");
        ++m_count;
    }
};

class JsonWriter : public Writer
{
public:
    using Writer::Writer;
    void begin(const LedgerSummary &summary, const LedgerFilter &filter) override
    {
        QByteArray head = dumped(headJson(summary, filter));
        head.chop(1);
        put(head + ",\"entries\":[\n");
    }
    void add(const ledger::ReadEntry &read) override
    {
        put((m_count > 0 ? QByteArray(",\n") : QByteArray()) + dumped(entryJson(read)));
        ++m_count;
    }

protected:
    void end() override { put("\n]}\n"); }
};

} // namespace

QByteArray csvField(const QString &text)
{
    QByteArray field = text.toUtf8();
    // A spreadsheet would calculate it (CWE-1236).
    if (!field.isEmpty() && QByteArrayView("=+-@\t\r").contains(field.at(0)))
        field.prepend('\'');
    const bool isQuoted =
        std::any_of(field.begin(), field.end(), [](char c) { return c == ',' || c == '"' || c == '\n' || c == '\r'; });
    if (!isQuoted)
        return field;
    field.replace("\"", "\"\"");
    return '"' + field + '"';
}

Result<LedgerSummary> readLedger(const LedgerQuestion &question, const StopToken &stop,
                                 const std::function<Result<void>(const LedgerSummary &)> &begin,
                                 const std::function<Result<void>(ledger::ReadEntry &)> &take)
{
    ledger::VerifyOptions options = question.verify;
    if (question.progress)
        options.progress = [&question](qsizetype done) { question.progress(done, 0); };
    const auto chain = ledger::verifyChain(question.path, options, stop);
    if (!chain)
        return chain.error();
    const LedgerSummary summary = summaryOf(*chain, options.now);
    if (const auto begun = begin(summary); !begun)
        return begun.error();
    const auto total = static_cast<qsizetype>(chain->entries.size());
    std::optional<Error> failed;
    const auto read = ledger::readEntries(question.path, chain->entries, 0, stop, [&](ledger::ReadEntry &&entry) {
        if (question.progress && entry.position % 1000 == 0)
            question.progress(total, entry.position);
        if (!question.filter.isEmpty() && !accepts(question.filter, entry.row))
            return true;
        if (const auto taken = take(entry); !taken)
            failed = taken.error();
        return !failed;
    });
    if (failed)
        return *failed;
    if (!read)
        return read.error();
    return summary;
}

Result<LedgerExported> exportLedger(LedgerFormat format, const LedgerQuestion &question, const QString &file,
                                    const StopToken &stop)
{
    std::unique_ptr<Writer> writer;
    if (format == LedgerFormat::Csv)
        writer = std::make_unique<CsvWriter>(file);
    else if (format == LedgerFormat::Json)
        writer = std::make_unique<JsonWriter>(file);
    else
        return Error{ErrorKind::Unsupported, LedgerExportText::tr("A PDF is written by the window."), {}};
    if (const auto opened = writer->open(); !opened)
        return opened.error();
    const auto read = readLedger(
        question, stop,
        [&](const LedgerSummary &summary) {
            writer->begin(summary, question.filter);
            return writer->state();
        },
        [&](ledger::ReadEntry &entry) {
            writer->add(entry);
            return writer->state();
        });
    if (!read)
        return read.error();
    if (const auto written = writer->commit(); !written)
        return written.error();
    return LedgerExported{*read, writer->count()};
}

QFuture<Result<LedgerExported>> exportLedgerLater(LedgerFormat format, LedgerQuestion question, QString file,
                                                  StopToken stop)
{
    auto promise = std::make_shared<QPromise<Result<LedgerExported>>>();
    promise->start();
    auto future = promise->future();
    QThreadPool::globalInstance()->start(
        [promise, format, question = std::move(question), file = std::move(file), stop = std::move(stop)] {
            promise->addResult(exportLedger(format, question, file, stop));
            promise->finish();
        });
    return future;
}

} // namespace signalbox

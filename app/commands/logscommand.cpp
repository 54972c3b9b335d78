#include "app/commands/logscommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/documentjson.h"
#include "app/commands/targets.h"
#include "models/stores/clusterstore.h"
#include "services/feeds/clusterset.h"

#include <nlohmann/json.hpp>

#include <QSet>

#include <algorithm>

namespace signalbox::commands
{

namespace
{

constexpr size_t mostFollowed = 50;  // each is a connection to the server
constexpr int tailOfSeveral = 10;    // lines, as kubectl takes of several pods
constexpr int mostTail = 1'000'000;  // lines
constexpr qsizetype mostListed = 20; // names in a sentence

Error notThere(const QString &what, QStringList there)
{
    if (there.isEmpty())
        return {ErrorKind::NotFound, CommandsText::tr("%1 There are none.").arg(what), {}};
    const qsizetype more = there.size() - mostListed;
    QString names = there.mid(0, mostListed).join(QStringLiteral(", "));
    if (more > 0)
        names = CommandsText::tr("%1 and %2 more").arg(names).arg(more);
    return {ErrorKind::NotFound, CommandsText::tr("%1 There are: %2.").arg(what, names), {}};
}

} // namespace

QList<Pod> podsOf(const ClusterStore &store, const QList<Track> &tracks)
{
    QSet<QString> owners;
    for (const Track &track : tracks) {
        for (const ObjectRef &workload : track.workloads)
            owners.insert(workload.uid);
    }
    // ReplicaSets stand between a Deployment and its pods.
    QSet<QString> sets;
    for (const Revision &revision : store.revisions()) {
        if (owners.contains(revision.ownerUid))
            sets.insert(revision.ref.uid);
    }
    owners.unite(sets);
    QList<Pod> pods;
    for (const Pod &pod : store.pods()) {
        if (owners.contains(pod.ownerUid))
            pods.append(pod);
    }
    std::sort(pods.begin(), pods.end(), [](const Pod &a, const Pod &b) { return a.ref.name < b.ref.name; });
    return pods;
}

QString shownLine(QString text)
{
    for (QChar &c : text) {
        const bool isCommand = c.category() == QChar::Other_Control && c != u'\t';
        if (isCommand)
            c = c.unicode() < 0x20 ? QChar(0x2400 + c.unicode()) : QChar(0x2421);
    }
    return text;
}

Result<LogsCommand::Wish> LogsCommand::wishOf(const cli::Arguments &arguments)
{
    Wish wish;
    if (arguments.has(QStringLiteral("follow")) && arguments.has(QStringLiteral("previous")))
        return invalid(CommandsText::tr("--previous is the log of a container that has ended: there is nothing to "
                                        "--follow. Leave one of them out."));
    const QString given = arguments.value(QStringLiteral("tail"));
    if (given.isEmpty())
        return wish;
    bool isNumber = false;
    wish.tailLines = given.toInt(&isNumber);
    if (!isNumber || wish.tailLines < 0 || wish.tailLines > mostTail)
        return invalid(CommandsText::tr("--tail: \"%1\" is no number of lines. Give a whole number from 0 to %2.")
                           .arg(given)
                           .arg(mostTail));
    return wish;
}

void LogsCommand::interrupt()
{
    m_sources.clear();
    finish(has("follow") ? ExitStatus::Done : ExitStatus::Refused);
}

Result<QList<Track>> LogsCommand::tracks(const Deployed &deployed) const
{
    const QString wanted = option("track");
    if (wanted.isEmpty())
        return deployed.tracks;
    QStringList names;
    for (const Track &track : deployed.tracks) {
        if (track.name == wanted)
            return QList<Track>{track};
        if (!track.name.isEmpty())
            names.append(track.name);
    }
    return notThere(
        CommandsText::tr("%1 has no track \"%2\" in %3.").arg(deployed.application, wanted, deployed.environment),
        names);
}

Result<QList<Pod>> LogsCommand::pods(const Deployed &deployed, const QList<Track> &tracks) const
{
    const ClusterConnection *const cluster = session().clusters().find(deployed.connection);
    if (!cluster)
        return connectionGone(deployed.connection);
    const QList<Pod> all = podsOf(*cluster->store, tracks);
    const QString wanted = option("pod");
    QStringList names;
    for (const Pod &pod : all) {
        if (pod.ref.name == wanted)
            return QList<Pod>{pod};
        names.append(pod.ref.name);
    }
    if (!wanted.isEmpty())
        return notThere(
            CommandsText::tr("%1 has no pod \"%2\" in %3.").arg(deployed.application, wanted, deployed.environment),
            names);
    if (all.isEmpty())
        return Error{ErrorKind::NotFound,
                     CommandsText::tr("%1 has no pod in %2, hence no log. \"signalbox status %1\" says how many it "
                                      "should have.")
                         .arg(deployed.application, deployed.environment),
                     {}};
    return all;
}

Result<void> LogsCommand::choose(const QList<Pod> &pods)
{
    const QString wanted = option("container");
    QStringList names;
    for (const Pod &pod : pods) {
        for (const ContainerImage &image : pod.images) {
            names.append(image.container);
            if (wanted.isEmpty() || image.container == wanted)
                m_sources.push_back({pod, image.container, {}, nullptr});
        }
    }
    names.removeDuplicates();
    if (m_sources.empty())
        return notThere(CommandsText::tr("No pod has a container \"%1\".").arg(wanted), names);
    if (has("follow") && m_sources.size() > mostFollowed)
        return invalid(CommandsText::tr("These are %1 logs, and at most %2 can be followed at a time: choose by "
                                        "--track, --pod or --container.")
                           .arg(m_sources.size())
                           .arg(mostFollowed));
    for (Source &source : m_sources) {
        if (m_sources.size() > 1)
            source.prefix = QStringLiteral("[%1/%2] ").arg(source.pod.ref.name, source.container);
    }
    return {};
}

void LogsCommand::listed()
{
    const auto deployed = findOne(session().deployed().all(), application(), environment());
    if (!deployed) {
        // A name nobody knows may only be one that could not be read.
        if (const auto error = session().listingError())
            fail(*error, std::max(exitStatusOf(error->kind), ExitStatus::Unreachable));
        else
            fail(deployed.error());
        return;
    }
    const auto chosen = tracks(*deployed);
    if (!chosen)
        return fail(chosen.error());
    const auto found = pods(*deployed, *chosen);
    if (!found)
        return fail(found.error());
    if (const auto all = choose(*found); !all)
        return fail(all.error());
    if (!has("follow")) {
        openNext();
        return;
    }
    m_open = m_sources.size();
    for (Source &source : m_sources)
        open(source);
}

void LogsCommand::openNext()
{
    if (m_next >= m_sources.size() || terminal().isOutputGone()) // none is left after an interruption
        return end();
    open(m_sources[m_next++]);
}

void LogsCommand::open(Source &source)
{
    const ClusterConnection *const cluster = session().clusters().find(source.pod.ref.connection);
    if (!cluster)
        return close(source, connectionGone(source.pod.ref.connection));
    const int tail = wishOf(context().arguments)->tailLines;
    LogRequest request;
    request.pod = source.pod.ref;
    request.container = source.container;
    request.follow = has("follow");
    request.previous = has("previous");
    request.tailLines = tail >= 0 || m_sources.size() == 1 ? tail : tailOfSeveral;
    source.stream = cluster->source->openLog(request);
    Source *const opened = &source;
    connect(source.stream.get(), &LogStream::linesArrived, this,
            [this, opened](const QList<LogLine> &lines) { print(*opened, lines); });
    connect(source.stream.get(), &LogStream::ended, this, [this, opened] { close(*opened, std::nullopt); });
    connect(source.stream.get(), &LogStream::failed, this,
            [this, opened](const Error &error) { close(*opened, error); });
}

void LogsCommand::print(const Source &source, const QList<LogLine> &lines)
{
    QString text;
    for (const LogLine &line : lines) {
        if (context().isJson()) {
            const nlohmann::ordered_json one = {{"schema", "signalbox.logLine/1"},
                                                {"pod", utf8(source.pod.ref.name)},
                                                {"container", utf8(source.container)},
                                                {"time", orNull(line.time)},
                                                {"text", utf8(line.text)}};
            text += QString::fromStdString(one.dump()) + u'\n';
            continue;
        }
        text += source.prefix;
        if (has("timestamps") && line.time.isValid())
            text += line.time.toUTC().toString(Qt::ISODateWithMs) + u' ';
        text += (terminal().isOutputTerminal() ? shownLine(line.text) : line.text) + u'\n';
    }
    terminal().print(text);
    if (terminal().isOutputGone())
        end(); // nobody reads any more
}

void LogsCommand::close(Source &source, const std::optional<Error> &error)
{
    const QString name = QStringLiteral("%1/%2").arg(source.pod.ref.name, source.container);
    if (source.stream)
        source.stream.release()->deleteLater(); // it is telling this
    if (error) {
        m_status = std::max(m_status, exitStatusOf(error->kind));
        terminal().say(QStringLiteral("signalbox: ") +
                       CommandsText::tr("The log of %1 cannot be read any further: %2").arg(name, error->message));
    } else if (has("follow")) {
        terminal().say(QStringLiteral("signalbox: ") + CommandsText::tr("%1 has ended.").arg(name));
    }
    if (!has("follow"))
        QMetaObject::invokeMethod(this, &LogsCommand::openNext, Qt::QueuedConnection);
    else if (--m_open == 0)
        end();
}

void LogsCommand::end()
{
    finish(m_status);
}

} // namespace signalbox::commands

#pragma once

#include "app/commands/command.h"
#include "models/domain/cluster.h"
#include "services/ports/clustersource.h"

#include <deque>
#include <memory>
#include <vector>

namespace signalbox
{
class ClusterStore;
struct Deployed;
struct Track;
} // namespace signalbox

namespace signalbox::commands
{

// The pods of these tracks, by name; of each those that there are now, terminating ones included.
QList<Pod> podsOf(const ClusterStore &store, const QList<Track> &tracks);
// A line for a terminal: what it would take for a command to it is shown as a sign (U+2400 ...).
QString shownLine(QString text);

// `signalbox logs APP ENV`: what the containers of its pods print, one after the other; with --follow all at a time,
// until they end or Ctrl+C. A log that cannot be read is said and does not keep the others from being printed.
class LogsCommand : public Command
{
    Q_OBJECT
public:
    struct Wish
    {
        int tailLines = -1; // of each container; -1: none was given
    };
    using Command::Command;
    void interrupt() override;
    // Invalid: what the options say cannot be.
    static Result<Wish> wishOf(const cli::Arguments &arguments);

protected:
    void listed() override;

private:
    struct Source
    {
        Pod pod;
        QString container;
        QString prefix; // before each line; empty: there is only one
        std::unique_ptr<LogStream> stream;
    };
    Result<QList<Track>> tracks(const Deployed &deployed) const;
    Result<QList<Pod>> pods(const Deployed &deployed, const QList<Track> &tracks) const;
    Result<void> choose(const QList<Pod> &pods);
    void openNext();
    void open(Source &source);
    void print(const Source &source, const QList<LogLine> &lines);
    void close(Source &source, const std::optional<Error> &error);
    void end();

    std::vector<Source> m_sources; // chosen once, so that they stay where they are
    size_t m_next = 0;
    size_t m_open = 0;
    ExitStatus m_status = ExitStatus::Done;
};

} // namespace signalbox::commands

#pragma once

#include "models/log/ansitext.h"

#include <QByteArray>
#include <QString>

#include <cstdint>
#include <string_view>
#include <vector>

// One line of a job's log, as bytes. Pure; any thread.
namespace signalbox::logline
{

// Plain, or what a reader would stop at.
enum class Level : std::uint8_t { Plain, Warning, Error };

// What a line does to the groups around it.
struct Mark
{
    enum class Kind : std::uint8_t {
        Begin,  // of a group; the line is its head
        Block,  // of something that has an end but no name: only there so that its end is not another's
        End,    // of the last one begun of this form (and name, where it says one) and of all within
        Hidden, // nothing but an end stands in it: not shown
    };
    Kind kind = Kind::Begin;
    std::uint8_t form = 0;  // an end belongs to a begin of the same form
    bool folds = false;     // whoever wrote it wants to see its head alone
    std::uint32_t name = 0; // a hash; 0: it says none
    bool operator==(const Mark &) const = default;
};

// Where the text of a line stands between what only machines need. Positions are bytes of the line.
struct Parts
{
    qint64 timeMs = -1; // since 1970, UTC; -1: it says none
    std::size_t begin = 0;
    std::size_t end = 0;
    bool hasLevel = false; // `level` is what the writer says; else it must be guessed from the words
    Level level = Level::Plain;
    std::string_view title;  // of a group whose head has no text of its own; within the line
    std::vector<Mark> marks; // only readMarks() fills it
};

// Time in front: "2026-11-22T18:16:20.1234567Z " as GitHub's runner writes it, the same with "00O " or "01E+" behind
// (GitLab's Ci::Trace::Stream: TIMESTAMP_HEADER_REGEX; '+' goes on with the line before: here it is a line of its own),
// and in brackets (Jenkins' Timestamper). "section_start:1560896352:" tells one, too.
// Then a word for machines ("##[error]") that is not shown. `line` is without its end.
Parts partsOf(std::string_view line);
// The same, with what the line does to groups.
Parts readMarks(std::string_view line);

// `line` has no byte that a terminal would not print but tabs; a carriage return at its very end counts as none.
bool isPlain(std::string_view line);
// As ansi::read() shows it, but without styles and some ten times as fast: for searching. `to` is overwritten.
void strip(std::string_view line, std::string &to);
// What holds at the end of the line when `style` does at its begin; as ansi::read() has it.
void passStyle(std::string_view line, ansi::Style &style);

// What the words of a line say, for lines whose writer did not. `shown` is without control sequences. By these:
//   Error    error: Error: ERROR: (also fatal error:, ValueError:), error[E...], the words ERROR FATAL FAILED FAILURE
//            PANIC, FAIL: and a line that begins with FAIL, panic: fatal: Traceback, Exception in thread, ERR!,
//            level=error, *** [ of make, Segmentation fault, command not found, a line that begins with "not ok"
//   Warning  warning: Warning: the words WARNING and WARN, level=warn
// Not: commands that a shell repeats ("+ ...", "$ ..."), and what counts none ("ERROR: 0", "0 FAILED").
Level guessLevel(std::string_view shown);

} // namespace signalbox::logline

#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <utility>

namespace signalbox
{

// One line of a difference as `git diff` prints it, without its sign.
struct UnifiedLine
{
    enum class Kind { File, Hunk, Context, Removed, Added, Note }; // Note: what git remarks on the line before
    Kind kind = Kind::Context;
    int oldLine = 0; // from 1; 0: not on this side
    int newLine = 0;
    QString text;
    bool operator==(const UnifiedLine &) const = default;
};

// Of one or more files. What is neither a header nor inside a hunk (modes, ids, "Binary files differ") is a Note; bytes
// that are no UTF-8 become replacement characters; a carriage return at a line's end goes.
QList<UnifiedLine> parseUnifiedDiff(const QByteArray &text);

// Where two versions of one line differ: start and length in each, from the first letter that is not the same to the
// last. Empty lengths where nothing was added or removed. Lines that have little in common differ as a whole.
struct LineDifference
{
    qsizetype oldStart = 0;
    qsizetype oldLength = 0;
    qsizetype newStart = 0;
    qsizetype newLength = 0;
    bool operator==(const LineDifference &) const = default;
};
LineDifference lineDifference(const QString &before, const QString &after);

} // namespace signalbox

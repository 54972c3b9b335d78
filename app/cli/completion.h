#pragma once

#include "app/cli/arguments.h"

#include <functional>

namespace signalbox::cli
{

// The script a shell sources; empty for a shell other than bash, zsh and fish. It calls `signalbox __complete WORDS`,
// where the last word is the one being typed, and offers the lines that come back: VALUE, or VALUE TAB DESCRIPTION; the
// line ":files" or ":folders" asks the shell for its own.
QString completionScript(const QString &shell);
QStringList completionShells();

struct Candidate
{
    QString value;
    QString description;
};
// Names only a remote or a file knows: contexts, applications, environments (of the APP in `given`, when there is one).
using NamesOf = std::function<QStringList(ValueKind kind, const Arguments &given)>;

QList<Candidate> complete(const QStringList &words, const Grammar &grammar, const NamesOf &namesOf);

} // namespace signalbox::cli

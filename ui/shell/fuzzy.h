#pragma once

#include <QString>

namespace signalbox
{

// How well `text` answers to what was typed: its letters in order, words in any order; starts of words, runs of letters
// and short texts score more. Negative: not at all. An empty pattern scores 0.
int fuzzyScore(const QString &pattern, const QString &text);

} // namespace signalbox

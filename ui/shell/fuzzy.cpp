#include "ui/shell/fuzzy.h"

#include <QStringList>

#include <algorithm>

namespace signalbox
{

namespace
{

bool startsWord(const QString &text, qsizetype at)
{
    if (at == 0)
        return true;
    const QChar before = text[at - 1];
    return !before.isLetterOrNumber() || (before.isLower() && text[at].isUpper());
}

int scoreFrom(const QString &word, const QString &text, const QString &lower, qsizetype start)
{
    int score = 0;
    qsizetype at = start;
    qsizetype last = -2;
    for (const QChar letter : word) {
        at = lower.indexOf(letter, at);
        if (at < 0)
            return -1;
        score += 4;
        if (at == last + 1)
            score += 6;
        if (startsWord(text, at))
            score += 12;
        else if (last >= 0)
            score -= static_cast<int>(std::min<qsizetype>(3, at - last - 1));
        last = at++;
    }
    return score;
}

int scoreWord(const QString &word, const QString &text)
{
    const QString lower = text.toLower();
    int best = -1;
    qsizetype start = lower.indexOf(word[0]);
    for (int tries = 0; start >= 0 && tries < 8; ++tries) {
        best = std::max(best, scoreFrom(word, text, lower, start));
        start = lower.indexOf(word[0], start + 1);
    }
    if (best >= 0 && lower.contains(word))
        best += 10;
    return best;
}

} // namespace

int fuzzyScore(const QString &pattern, const QString &text)
{
    const QStringList words = pattern.toLower().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    int total = 0;
    for (const QString &word : words) {
        const int score = scoreWord(word, text);
        if (score < 0)
            return -1;
        total += score;
    }
    return words.isEmpty() ? 0 : std::max(1, total * 4 - static_cast<int>(std::min<qsizetype>(text.size(), 80)) / 4);
}

} // namespace signalbox

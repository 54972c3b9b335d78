#include "models/domain/unifieddiff.h"

#include <algorithm>

namespace signalbox
{

namespace
{

// "@@ -12,3 +14 @@ function": 12, 3, 14, 1. False: no such line.
bool readHunk(const QByteArray &line, int &oldLine, int &oldCount, int &newLine, int &newCount)
{
    if (!line.startsWith("@@ -"))
        return false;
    const qsizetype end = line.indexOf(" @@", 3);
    const qsizetype plus = line.indexOf(" +", 3);
    if (end < 0 || plus < 0 || plus > end)
        return false;
    const auto range = [](const QByteArray &text, int &first, int &count) {
        bool isFirst = false;
        bool isCount = true;
        const qsizetype comma = text.indexOf(',');
        first = text.left(comma < 0 ? text.size() : comma).toInt(&isFirst);
        count = comma < 0 ? 1 : text.mid(comma + 1).toInt(&isCount);
        return isFirst && isCount && first >= 0 && count >= 0;
    };
    return range(line.mid(4, plus - 4), oldLine, oldCount) &&
           range(line.mid(plus + 2, end - plus - 2), newLine, newCount);
}

bool isHalfOfPair(const QString &text, qsizetype at)
{
    return at > 0 && at < text.size() && text[at].isLowSurrogate() && text[at - 1].isHighSurrogate();
}

} // namespace

QList<UnifiedLine> parseUnifiedDiff(const QByteArray &text)
{
    QList<UnifiedLine> lines;
    int oldLine = 0;
    int newLine = 0;
    int oldLeft = 0; // of the hunk
    int newLeft = 0;
    qsizetype at = 0;
    while (at < text.size()) {
        qsizetype end = text.indexOf('\n', at);
        if (end < 0)
            end = text.size();
        QByteArray line = text.mid(at, end - at);
        at = end + 1;
        if (line.endsWith('\r'))
            line.chop(1);
        const char sign = line.isEmpty() ? ' ' : line[0]; // some mail programs take the blank of an empty line away
        const QString rest = QString::fromUtf8(line.mid(1));
        if (sign == '\\') {
            lines.append({UnifiedLine::Kind::Note, 0, 0, rest.trimmed()});
        } else if (oldLeft > 0 && newLeft > 0 && sign == ' ') {
            lines.append({UnifiedLine::Kind::Context, oldLine++, newLine++, rest});
            --oldLeft;
            --newLeft;
        } else if (oldLeft > 0 && sign == '-') {
            lines.append({UnifiedLine::Kind::Removed, oldLine++, 0, rest});
            --oldLeft;
        } else if (newLeft > 0 && sign == '+') {
            lines.append({UnifiedLine::Kind::Added, 0, newLine++, rest});
            --newLeft;
        } else if (readHunk(line, oldLine, oldLeft, newLine, newLeft)) {
            lines.append({UnifiedLine::Kind::Hunk, 0, 0, QString::fromUtf8(line)});
        } else if (line.startsWith("diff --git ")) {
            lines.append({UnifiedLine::Kind::File, 0, 0, QString::fromUtf8(line.mid(11))});
        } else if (!line.isEmpty() && !line.startsWith("--- ") && !line.startsWith("+++ ")) {
            lines.append({UnifiedLine::Kind::Note, 0, 0, QString::fromUtf8(line)});
        }
    }
    return lines;
}

LineDifference lineDifference(const QString &before, const QString &after)
{
    const qsizetype shorter = std::min(before.size(), after.size());
    qsizetype head = 0;
    while (head < shorter && before[head] == after[head])
        ++head;
    if (isHalfOfPair(before, head) || isHalfOfPair(after, head))
        --head;
    qsizetype tail = 0;
    while (tail < shorter - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
        ++tail;
    if (isHalfOfPair(before, before.size() - tail) || isHalfOfPair(after, after.size() - tail))
        --tail;
    LineDifference difference{head, before.size() - head - tail, head, after.size() - head - tail};
    // With less than a third the same, marks would only confuse.
    if ((head + tail) * 3 < std::max(before.size(), after.size()))
        difference = {0, before.size(), 0, after.size()};
    return difference;
}

} // namespace signalbox

#include "app/cli/nearest.h"

#include <QCoreApplication>

#include <algorithm>
#include <utility>
#include <vector>

namespace signalbox
{

namespace
{

// Edits between two words; two letters that changed places count once.
int distanceBetween(const QString &a, const QString &b)
{
    const auto columns = static_cast<size_t>(b.size()) + 1;
    std::vector<int> twoAgo(columns);
    std::vector<int> before(columns);
    std::vector<int> now(columns);
    for (size_t j = 0; j < columns; ++j)
        before[j] = static_cast<int>(j);
    for (int i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (int j = 1; j <= b.size(); ++j) {
            const auto at = static_cast<size_t>(j);
            const int cost = a[i - 1] == b[j - 1] ? 0 : 1;
            now[at] = std::min({before[at] + 1, now[at - 1] + 1, before[at - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[at] = std::min(now[at], twoAgo[at - 2] + 1);
        }
        std::swap(twoAgo, before);
        std::swap(before, now);
    }
    return before.back();
}

} // namespace

QStringList nearest(const QString &given, const QStringList &candidates, int limit)
{
    const QString word = given.toCaseFolded();
    if (word.isEmpty())
        return {};
    const int allowed = std::max<int>(1, static_cast<int>(word.size()) / 3);
    std::vector<std::pair<int, QString>> found;
    for (const QString &candidate : candidates) {
        const QString folded = candidate.toCaseFolded();
        int distance = distanceBetween(word, folded);
        if (word.size() >= 2 && folded.startsWith(word))
            distance = std::min(distance, 1);
        else if (word.size() >= 3 && folded.contains(word))
            distance = std::min(distance, allowed);
        if (distance <= allowed)
            found.emplace_back(distance, candidate);
    }
    std::stable_sort(found.begin(), found.end(), [](const auto &x, const auto &y) { return x.first < y.first; });
    QStringList result;
    for (const auto &[distance, candidate] : found) {
        if (result.size() < limit && !result.contains(candidate))
            result.append(candidate);
    }
    return result;
}

QString orList(const QStringList &names)
{
    if (names.size() < 2)
        return names.value(0);
    return QCoreApplication::translate("Cli", "%1 or %2")
        .arg(names.mid(0, names.size() - 1).join(QStringLiteral(", ")), names.last());
}

} // namespace signalbox

#include "models/items/rungroups.h"

#include "models/items/filterproxy.h"
#include "models/items/runsmodel.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace signalbox
{

namespace
{

constexpr RunFilter filterOrder[] = {RunFilter::Waiting, RunFilter::Running, RunFilter::Failed, RunFilter::Passed,
                                     RunFilter::Other};

RunRowPtr headingOf(const QString &key, const QString &title, qsizetype count)
{
    RunRow head;
    head.kind = RunRow::Kind::Heading;
    head.key = QLatin1Char(' ') + key + QLatin1Char(' ') + title;
    head.heading = title;
    head.count = int(count);
    return std::make_shared<const RunRow>(std::move(head));
}

void appendMore(QList<RunRowPtr> &rows, const QString &key, const QStringList &pipelines)
{
    if (pipelines.isEmpty())
        return;
    RunRow more;
    more.kind = RunRow::Kind::More;
    more.key = QStringLiteral("  more ") + key;
    more.more = pipelines;
    rows.append(std::make_shared<const RunRow>(std::move(more)));
}

} // namespace

int RunGroups::rankOf(const QString &title) const
{
    // What builds nothing that is known comes last.
    return title.isEmpty() ? std::numeric_limits<int>::max() : m_ranks.value(title);
}

// Comparing them as people do takes long, and they hardly ever change.
void RunGroups::rankTitles(QStringList titles)
{
    titles.sort();
    titles.removeDuplicates();
    if (titles == m_titles)
        return;
    m_titles = titles;
    std::stable_sort(titles.begin(), titles.end(),
                     [](const QString &a, const QString &b) { return compareNaturally(a, b) < 0; });
    m_ranks.clear();
    int rank = 0;
    for (qsizetype i = 0; i < titles.size(); ++i) {
        if (i > 0 && compareNaturally(titles[i - 1], titles[i]) != 0)
            ++rank;
        m_ranks.insert(titles[i], rank);
    }
}

std::vector<int> RunGroups::bucketsOfParts(const RunParts &parts, RunGroup group, std::vector<Bucket> &buckets)
{
    QStringList titles;
    for (const RunParts::Part &part : parts.all()) {
        if (!part.rows.isEmpty())
            titles << (group == RunGroup::Pipeline ? part.rows.first()->pipeline : part.entry.application);
    }
    rankTitles(titles);
    std::vector<int> ofPart(size_t(parts.numbers()), 0);
    QHash<QString, int> known;
    for (auto it = parts.all().cbegin(); it != parts.all().cend(); ++it) {
        const QString key = group == RunGroup::Pipeline ? it.key() : it->entry.application;
        auto bucket = known.find(key);
        if (bucket == known.end()) {
            bucket = known.insert(key, int(buckets.size()));
            const QString title = group == RunGroup::Application ? key
                                  : it->rows.isEmpty()           ? QString()
                                                                 : it->rows.first()->pipeline;
            buckets.push_back({key, title, rankOf(title), group == RunGroup::Pipeline ? key : QString()});
            if (title.isEmpty() && group == RunGroup::Application)
                buckets.back().title = RunsModel::tr("no application");
        }
        ofPart[size_t(it->number)] = *bucket;
    }
    return ofPart;
}

QList<RunRowPtr> RunGroups::rows(RunParts &parts, RunGroup group)
{
    const std::vector<RunParts::Listed> all = parts.newestFirst();
    const QStringList older = parts.withOlder();
    QList<RunRowPtr> rows;
    rows.reserve(qsizetype(all.size()) + 1);
    if (group == RunGroup::None) {
        for (const RunParts::Listed &one : all)
            rows.append(*one.row);
        appendMore(rows, {}, older);
        return rows;
    }
    std::vector<Bucket> buckets;
    std::vector<int> ofPart;
    int ofFilter[std::size(filterOrder)] = {};
    if (group == RunGroup::State) {
        for (const RunFilter filter : filterOrder) {
            ofFilter[static_cast<int>(filter)] = int(buckets.size());
            buckets.push_back(
                {QString::number(static_cast<int>(filter)), RunsModel::filterLabel(filter), int(buckets.size())});
        }
    } else {
        ofPart = bucketsOfParts(parts, group, buckets);
    }
    std::vector<int> order; // of buckets, by their newest run
    for (const RunParts::Listed &one : all) {
        const int number =
            ofPart.empty() ? ofFilter[static_cast<int>(runFilterOf((*one.row)->run.state))] : ofPart[size_t(one.part)];
        QList<RunRowPtr> &runs = buckets[size_t(number)].runs;
        if (runs.isEmpty())
            order.push_back(number);
        runs.append(*one.row);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&buckets](int a, int b) { return buckets[size_t(a)].rank < buckets[size_t(b)].rank; });
    const QSet<QString> hasOlder(older.cbegin(), older.cend());
    for (const int number : order) {
        const Bucket &bucket = buckets[size_t(number)];
        rows.append(headingOf(bucket.key, bucket.title, bucket.runs.size()));
        rows.append(bucket.runs);
        if (!bucket.pipeline.isEmpty() && hasOlder.contains(bucket.pipeline))
            appendMore(rows, bucket.pipeline, {bucket.pipeline});
    }
    if (group != RunGroup::Pipeline)
        appendMore(rows, {}, older);
    return rows;
}

} // namespace signalbox

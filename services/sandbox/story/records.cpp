#include "services/sandbox/story/records.h"

#include "models/domain/ulid.h"
#include "services/ledger/operationjson.h"
#include "services/sandbox/story/people.h"
#include "services/sandbox/story/word.h"
#include "services/sandbox/world/chance.h"

#include <algorithm>

namespace signalbox::sandbox
{

namespace
{

using namespace policy;

constexpr double minute = 1.0 / (24 * 60); // in days
constexpr double hour = 1.0 / 24;

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

// The first ten characters of a ULID are its time; the rest comes from the seed.
QString ulidOf(const QDateTime &at, std::uint64_t number)
{
    static constexpr char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    QString id = newUlid(at).left(10);
    for (int i = 0; i < 16; ++i) {
        number = mixed(number);
        id += QLatin1Char(letters[number % 32]);
    }
    return id;
}

template <typename Enum>
Enum named(const QList<Enum> &all, QString (*nameOf)(Enum), const std::string &name, Enum other)
{
    for (const Enum one : all) {
        if (nameOf(one) == text(name))
            return one;
    }
    return other;
}

QString connectionOf(const Catalogue &catalogue, const std::string &ns)
{
    for (const ClusterPlan &cluster : catalogue.clusters) {
        for (const std::string &one : cluster.namespaces) {
            if (one == ns)
                return text(cluster.name);
        }
    }
    return {};
}

LedgerEntry operationOf(const Catalogue &catalogue, const PastOperation &past)
{
    LedgerEntry entry;
    entry.connection = connectionOf(catalogue, past.ns);
    entry.ns = text(past.ns);
    entry.application = text(past.application);
    entry.environment = entry.ns;
    entry.kind = named(operationjson::allOperationKinds(), operationKindName, past.kind, OperationKind::Restart);
    entry.direction = entry.kind == OperationKind::Rollback ? Direction::Back : Direction::Forward;
    entry.isProtected = past.ns == "production";
    entry.from = text(past.from);
    entry.to = text(past.to);
    entry.effect = text(past.effect);
    entry.reason = text(past.reason);
    entry.outcome.kind = named(operationjson::allOutcomes(), outcomeKindName, past.outcome, OutcomeKind::Done);
    entry.outcome.message = text(past.message);
    return entry;
}

PromotionRequest requestFor(const Catalogue &catalogue, const Sources &sources, const QString &policyCommit,
                            const PracticeRollout &one, const QString &reason)
{
    PromotionRequest request;
    request.subject = sandbox::subjectOf(catalogue, sources, one.application, one.environment, one.tag);
    request.version = one.tag;
    if (const SourceRelease *release = sources.release(one.application, one.tag))
        request.model = release->model;
    if (one.environment == word("production"))
        request.fromEnvironment = word("staging");
    else if (one.environment == word("staging") && one.application != word("gpu-telemetry"))
        request.fromEnvironment = word("dev");
    request.policyCommit = policyCommit;
    request.reason = reason;
    if (const SourceRelease *before = sources.release(one.application, one.before)) {
        request.replacesDigest = digestOf(catalogue, one.application, one.before);
        request.replacesCommit = before->commit;
        request.changes = sources.between(one.application, one.before, one.tag);
    }
    return request;
}

class Chronicle
{
public:
    Chronicle(const Catalogue &catalogue, const Storybook &book, const Sources &sources, const QDateTime &now,
              const QString &policyCommit)
        : m_catalogue(catalogue)
        , m_book(book)
        , m_sources(sources)
        , m_now(now)
        , m_policyCommit(policyCommit)
        , m_reviewers(book.with(word("reviewers")))
        , m_managers(book.with(word("release-managers")))
    {}

    void tellRollouts(const QList<PracticeRollout> &rollouts)
    {
        for (const PracticeRollout &one : rollouts)
            tell(one);
    }
    void tellOperations()
    {
        for (const PastOperation &past : m_catalogue.operations)
            tell(past);
    }
    void tellStops();
    void tellPresent();

    QList<StoryEntry> take()
    {
        std::stable_sort(m_entries.begin(), m_entries.end(),
                         [](const StoryEntry &a, const StoryEntry &b) { return a.entry.at < b.entry.at; });
        return std::move(m_entries);
    }

private:
    QDateTime at(double daysAgo) const
    {
        return m_now.addMSecs(-static_cast<qint64>(daysAgo * 24 * 3600 * 1000)).toUTC();
    }
    double random(const PracticeRollout &one, const char *what) const
    {
        return chance(m_catalogue.seed, what + (one.application + one.tag + one.environment + one.track).toStdString());
    }

    // The entry's id.
    QString write(Record record, const QString &who, double daysAgo)
    {
        LedgerEntry entry = entryFor(std::move(record), at(daysAgo), identityOf(m_book, who), practiceWorkspace());
        entry.id = ulidOf(entry.at, m_catalogue.seed + static_cast<std::uint64_t>(++m_count));
        m_entries.append({entry, who});
        return entry.id;
    }

    PromotionRequest requestOf(const PracticeRollout &one, const QString &reason) const
    {
        return requestFor(m_catalogue, m_sources, m_policyCommit, one, reason);
    }
    // Somebody of another team than who wrote it.
    QString reviewer(const PracticeRollout &one, const char *what) const
    {
        const ServiceSpec *service = m_catalogue.service(one.application.toStdString());
        QStringList names;
        for (const Person *each : m_reviewers) {
            if (service && each->team.toStdString() != service->team)
                names.append(each->name);
        }
        return names.at(static_cast<qsizetype>(random(one, what) * static_cast<double>(names.size())));
    }
    QString manager(const PracticeRollout &one) const
    {
        // Who practises has been here a while, too.
        const double dice = random(one, "manager");
        return dice < 0.3 ? operatorName() : m_managers.at(dice < 0.65 ? 0 : 1)->name;
    }
    QString comment(const PracticeRollout &one, const char *what) const
    {
        static constexpr const char *comments[] = {"Looks as in staging.",
                                                   "Latency and errors of staging are as before.",
                                                   "Read the changes; the tests cover them.",
                                                   "Model figures agree with the report.",
                                                   "",
                                                   "Fine, low traffic right now.",
                                                   "Checked the memory limit.",
                                                   ""};
        return word(comments[static_cast<std::size_t>(random(one, what) * std::size(comments))]);
    }

    void tell(const PracticeRollout &one);
    void tell(const PastOperation &past);
    void breakGlass(const PracticeRollout &one, const QString &promotion, const Subject &subject);
    void claimAndEnd(const PracticeRollout &one, const QString &promotion, const Subject &subject, const QString &who);

    const Catalogue &m_catalogue;
    const Storybook &m_book;
    const Sources &m_sources;
    QDateTime m_now;
    QString m_policyCommit;
    QList<const Person *> m_reviewers;
    QList<const Person *> m_managers;
    QList<StoryEntry> m_entries;
    int m_count = 0;
};

void Chronicle::tell(const PracticeRollout &one)
{
    const QString ci = word("ci");
    const bool isProduction = one.environment == word("production");
    const bool isStaging = one.environment == word("staging");
    const bool isBroken = isProduction && ((one.application == word("fraud-scorer") && one.tag == word("2.18.1")) ||
                                           (one.application == word("image-tagger") && one.tag == word("2.15.0")));
    const double asked = isBroken       ? 12 * minute
                         : isProduction ? (2 + 5 * random(one, "asked")) * hour
                         : isStaging    ? (20 + 60 * random(one, "asked")) * minute
                                        : 2 * minute;
    const QString reason = one.track.isEmpty() || one.isEarlier ? QString() : QStringLiteral("For %1").arg(one.track);
    const PromotionRequest request = requestOf(one, reason);
    const QString promotion = write(request, ci, one.daysAgo + asked);
    if (isBroken) {
        breakGlass(one, promotion, request.subject);
        return;
    }
    if (isStaging || isProduction)
        write(Approval{promotion, request.subject, m_policyCommit, comment(one, "first")}, reviewer(one, "first"),
              one.daysAgo + asked * (0.25 + 0.5 * random(one, "answer")));
    QString who = ci;
    if (isProduction) {
        who = manager(one);
        write(Approval{promotion, request.subject, m_policyCommit, comment(one, "second")}, who,
              one.daysAgo + (3 + 4 * random(one, "second")) * minute);
    }
    claimAndEnd(one, promotion, request.subject, who);
}

void Chronicle::claimAndEnd(const PracticeRollout &one, const QString &promotion, const Subject &subject,
                            const QString &who)
{
    const QString claim = write(Claim{promotion, subject, m_policyCommit}, who, one.daysAgo + 0.5 * minute);
    const double took = (0.8 + 1.4 * random(one, "took")) * minute;
    PromotionOutcome outcome;
    outcome.promotion = promotion;
    outcome.claim = claim;
    outcome.subject = subject;
    outcome.startedAt = at(one.daysAgo);
    if (one.hasFailed) {
        outcome.kind = one.isEarlier ? OutcomeKind::Abandoned : OutcomeKind::NotEffective;
        outcome.message = one.isEarlier ? word("taken back: errors rose at once")
                                        : word("not effective: 0 of 3 pods ready, CrashLoopBackOff");
        write(outcome, who, one.daysAgo - 5 * minute);
        return;
    }
    outcome.observedAt = at(one.daysAgo - took);
    outcome.message = word("done: all pods ready");
    write(outcome, who, one.daysAgo - took - 0.05 * minute);
}

void Chronicle::breakGlass(const PracticeRollout &one, const QString &promotion, const Subject &subject)
{
    const QString who = word("henrik.dahl");
    const bool isOld = one.daysAgo > 2;
    const QString reason = isOld ? word("The old feature store has been read-only since 06:10; scores go stale")
                                 : word("Tagging jobs pile up: the 2.13 engines do not load on the new cards");
    const QString use = write(BreakGlass{promotion, subject, m_policyCommit, reason}, who, one.daysAgo + 2 * minute);
    claimAndEnd(one, promotion, subject, who);
    write(Countersign{use, word("I was on the call")}, word("priya.raman"), one.daysAgo - 1.5 * hour);
    if (isOld) // the younger one is still owed
        write(Countersign{use, word("Agreed; the incident is written up")}, word("noor.haddad"),
              one.daysAgo - 5 * hour);
}

void Chronicle::tell(const PastOperation &past)
{
    const QString who = text(past.who).section(u'@', 0, 0);
    const double end = past.daysAgo - past.seconds / (24 * 3600);
    LedgerEntry entry = operationOf(m_catalogue, past);
    entry.at = at(end);
    entry.outcome.startedAt = at(past.daysAgo);
    entry.outcome.finishedAt = entry.at;
    entry.id = ulidOf(entry.outcome.startedAt, m_catalogue.seed + static_cast<std::uint64_t>(++m_count));
    entry.who = identityOf(m_book, who);
    entry.tool = QStringLiteral("signalbox " SIGNALBOX_VERSION);
    entry.workspace = practiceWorkspace();
    entry.durations.execute = static_cast<qint64>(past.seconds * 1000);
    if (past.detectSeconds > 0) {
        entry.durations.detect = static_cast<qint64>(past.detectSeconds * 1000);
        if (entry.direction == Direction::Back)
            entry.durations.restore = *entry.durations.detect + *entry.durations.execute;
    }
    m_entries.append({entry, who});
    if (entry.direction != Direction::Back)
        return;
    const QString hold = write(
        Hold{entry.application, entry.environment, QStringLiteral("Until %1 is understood").arg(entry.from), entry.id},
        who, end - 4 * minute);
    write(Lift{hold, QStringLiteral("The cause is found; the next release has the fix")}, word("priya.raman"),
          end - 2.4);
}

// Freezes and holds that no roll-out shows.
void Chronicle::tellStops()
{
    const QString production = word("production");
    write(Note{{}, {}, {}, word("All services run on practice-prod and practice-lab now")}, word("noor.haddad"), 31.6);
    write(FreezeOrder{word("*"), production, at(7.9), at(7.1), word("Load test of the payment partners")},
          word("noor.haddad"), 8.1);
    const QString hold =
        write(Hold{word("fraud-scorer"), production, word("The review of 2.19.0 is not signed off"), {}},
              word("lucia.ferri"), 1.01);
    write(Lift{hold, word("Signed off this morning; green keeps the traffic for now")}, word("henrik.dahl"), 0.62);
    write(FreezeOrder{word("feature-store"), word("staging"), at(26 * hour), at(-18 * hour),
                      word("0.98.1 has to stay still: load test of the point-in-time joins")},
          word("noor.haddad"), 26.2 * hour);
}

// What is open right now.
void Chronicle::tellPresent()
{
    const QString ci = word("ci");
    // Waits for who practises: everything else is there.
    PracticeRollout embedding{
        word("embedding-api"), word("0.31.1"), word("0.31.0"), word("production"), {}, 0, false, false};
    const PromotionRequest ready =
        requestOf(embedding, word("Tokenizer in Rust: a fifth less processor time in staging"));
    const QString waiting = write(ready, ci, 29 * minute);
    write(Approval{waiting, ready.subject, m_policyCommit, word("Same vectors on our 10,000 sample texts")},
          word("jonas.weber"), 11 * minute);
    // Waits for time: stateful services soak for two days.
    PracticeRollout store{
        word("feature-store"), word("0.98.1"), word("0.97.4"), word("production"), {}, 0, false, false};
    const PromotionRequest soaking = requestOf(store, word("Point-in-time joins"));
    const QString later = write(soaking, word("wei.zhang"), 5 * hour);
    write(Approval{later, soaking.subject, m_policyCommit, word("Fine for the recommender")}, word("ines.ortega"),
          3.1 * hour);
    write(Approval{later, soaking.subject, m_policyCommit, word("Once it has soaked")}, word("henrik.dahl"),
          2.6 * hour);
    // Stands against a freeze.
    PracticeRollout frozen{word("feature-store"), word("0.98.2"), word("0.98.1"), word("staging"), {}, 0, false, false};
    const PromotionRequest stopped = requestOf(frozen, word("Smaller pages: half the memory while joining"));
    const QString waits = write(stopped, ci, 6.2 * hour);
    write(Approval{waits, stopped.subject, m_policyCommit, word("After the load test")}, word("tomas.novak"),
          5.8 * hour);
    // Turned down a moment ago.
    PracticeRollout broken{
        word("embedding-api"), word("0.32.0-rc.1"), word("0.31.1"), word("staging"), {}, 0, false, false};
    const PromotionRequest refused = requestOf(broken, word("Vocabulary of 32k tokens"));
    const QString rejected = write(refused, ci, 12 * minute);
    write(Rejection{rejected, refused.subject, m_policyCommit,
                    word("It crash loops in dev: the vocabulary file is not in the image")},
          word("mei.lin"), 6 * minute);
    // Turned down first, carried out later.
    PracticeRollout early{
        word("chat-gateway"), word("3.3.0"), word("3.2.0"), word("production"), word("green"), 0, false, false};
    const PromotionRequest first = requestOf(early, word("For green"));
    const QString tooEarly = write(first, word("sofia.rossi"), 0.84);
    write(Rejection{tooEarly, first.subject, m_policyCommit,
                    word("Green has 8 pods; it needs 10 for this traffic first")},
          word("priya.raman"), 0.79);
}

} // namespace

policy::PromotionRequest nextRequest(const Catalogue &catalogue, const Sources &sources, const QString &policyCommit)
{
    const PracticeRollout ranker{
        word("recommender"), word("1.46.0-rc.1"), word("1.45.0"), word("staging"), {}, 0, false, false};
    return requestFor(catalogue, sources, policyCommit, ranker, word("Distilled ranker: half the latency in dev"));
}

QString digestOf(const Catalogue &catalogue, const QString &application, const QString &tag)
{
    const ServiceSpec *service = catalogue.service(application.toStdString());
    if (!service || tag.isEmpty())
        return {};
    return text(catalogue.image(*service, tag.toStdString())).section(u'@', 1);
}

Subject subjectOf(const Catalogue &catalogue, const Sources &sources, const QString &application,
                  const QString &environment, const QString &tag)
{
    const SourceRelease *release = sources.release(application, tag);
    return {application, environment, digestOf(catalogue, application, tag), release ? release->commit : QString()};
}

QList<StoryEntry> practiceRecords(const Catalogue &catalogue, const Storybook &book,
                                  const QList<PracticeRollout> &rollouts, const Sources &sources, const QDateTime &now,
                                  const QString &policyCommit)
{
    Chronicle chronicle(catalogue, book, sources, now, policyCommit);
    chronicle.tellRollouts(rollouts);
    chronicle.tellOperations();
    chronicle.tellStops();
    chronicle.tellPresent();
    return chronicle.take();
}

} // namespace signalbox::sandbox

#include "services/sandbox/story/colleagues.h"

#include "services/sandbox/story/word.h"

#include <QLoggingCategory>

#include <algorithm>

namespace signalbox::sandbox
{

namespace
{

Q_LOGGING_CATEGORY(category, "signalbox.services.sandbox")

QString machine()
{
    return QStringLiteral("ci");
}

} // namespace

Colleagues::Colleagues(const Storybook &book, std::uint64_t seed, const PracticeStory &story, Hands hands,
                       Timing timing)
    : m_book(book)
    , m_story(story)
    , m_policy(practicePolicy(book, {}))
    , m_hands(std::move(hands))
    , m_timing(timing)
    , m_ledger(story.ledger, book, seed)
{}

Colleagues::~Colleagues()
{
    stop();
}

void Colleagues::start()
{
    if (m_thread.joinable())
        return;
    later(m_timing.nextRelease, [this] { askForNextRelease(); });
    m_thread = std::thread([this] { loop(); });
}

void Colleagues::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wake.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

void Colleagues::loop()
{
    while (true) {
        look();
        while (!m_agenda.empty() && m_agenda.begin()->first <= Clock::now()) {
            const auto act = std::move(m_agenda.begin()->second);
            m_agenda.erase(m_agenda.begin());
            act();
        }
        const auto next = Clock::now() + m_timing.look;
        std::unique_lock lock(m_mutex);
        if (m_wake.wait_until(lock, m_agenda.empty() ? next : std::min(next, m_agenda.begin()->first),
                              [this] { return m_isStopping; }))
            return;
    }
}

void Colleagues::later(std::chrono::milliseconds wait, std::function<void()> act)
{
    m_agenda.emplace(Clock::now() + wait, std::move(act));
}

std::optional<QString> Colleagues::write(const policy::Record &record, const QString &who)
{
    const auto written = m_ledger.write(record, who);
    if (written)
        return *written;
    qCWarning(category).noquote() << who << "could not write to the ledger:" << written.error().message;
    return std::nullopt;
}

void Colleagues::look()
{
    const auto news = m_ledger.news();
    if (!news) {
        qCWarning(category).noquote() << "the ledger cannot be read:" << news.error().message;
        return;
    }
    for (const LedgerEntry &entry : *news)
        heard(entry);
}

void Colleagues::heard(const LedgerEntry &entry)
{
    if (!entry.record)
        return;
    if (const auto *rejection = std::get_if<policy::Rejection>(&*entry.record))
        m_rejected.insert(rejection->promotion);
    const bool isOurs = m_policy.author(entry.who.email) && m_policy.author(entry.who.email)->name != operatorName();
    if (isOurs)
        return;
    if (const auto *request = std::get_if<policy::PromotionRequest>(&*entry.record))
        answer(entry.id, *request);
    if (std::holds_alternative<policy::BreakGlass>(*entry.record))
        countersign(entry.id);
}

// As many as the policy asks for; nobody who wrote part of it, and not who asked.
void Colleagues::answer(const QString &promotion, const policy::PromotionRequest &request)
{
    const policy::EnvironmentPolicy *rules = m_policy.rules(request.subject.application, request.subject.environment);
    if (!rules)
        return;
    QStringList taken{operatorName()};
    for (const auto &commit : request.changes.value_or(policy::ChangeSummary{}).commits) {
        if (const policy::Principal *author = m_policy.author(commit.email))
            taken.append(author->name);
    }
    std::chrono::milliseconds wait = m_timing.answer;
    for (const policy::Quorum &line : rules->approvals) {
        int missing = line.count;
        for (const QString &member : m_policy.members(line.roles)) {
            if (missing == 0 || taken.contains(member))
                continue;
            taken.append(member);
            --missing;
            const policy::Approval approval{promotion, request.subject, request.policyCommit,
                                            word("Read the changes; fine with me.")};
            later(wait, [this, approval, member] {
                if (!m_rejected.contains(approval.promotion))
                    write(approval, member);
            });
            wait += m_timing.between;
        }
    }
}

void Colleagues::countersign(const QString &use)
{
    std::chrono::milliseconds wait = m_timing.answer;
    int missing = m_policy.breakGlass.countersigners;
    for (const QString &member : m_policy.members(m_policy.breakGlass.countersignRoles)) {
        if (missing == 0 || member == operatorName())
            continue;
        --missing;
        later(wait, [this, use, member] { write(policy::Countersign{use, word("Agreed.")}, member); });
        wait += m_timing.between;
    }
}

// ---- the build machine

void Colleagues::askForNextRelease()
{
    const policy::PromotionRequest &request = m_story.next;
    const auto promotion = write(request, machine());
    if (!promotion)
        return;
    later(m_timing.answer + m_timing.between, [this, id = *promotion] {
        if (m_rejected.contains(id))
            return;
        write(policy::Approval{id, m_story.next.subject, m_story.policyCommit, word("As agreed in the planning.")},
              word("jonas.weber"));
        later(m_timing.between, [this, id] { carryOut(id); });
    });
}

void Colleagues::carryOut(const QString &promotion)
{
    if (m_rejected.contains(promotion))
        return;
    const auto claim = write(policy::Claim{promotion, m_story.next.subject, m_story.policyCommit}, machine());
    if (!claim)
        return;
    policy::PromotionOutcome outcome;
    outcome.promotion = promotion;
    outcome.claim = *claim;
    outcome.subject = m_story.next.subject;
    outcome.startedAt = QDateTime::currentDateTimeUtc();
    m_hands.begin(m_story.next);
    observe(outcome, Clock::now() + m_timing.rollout);
}

void Colleagues::observe(const policy::PromotionOutcome &outcome, Clock::time_point deadline)
{
    later(m_timing.look, [this, outcome, deadline] {
        policy::PromotionOutcome end = outcome;
        if (m_hands.isDone(m_story.next)) {
            end.observedAt = QDateTime::currentDateTimeUtc();
            end.message = word("done: all pods ready");
            write(end, machine());
        } else if (Clock::now() > deadline) {
            end.kind = OutcomeKind::NotEffective;
            end.message = word("not effective: the pods are not ready in time");
            write(end, machine());
        } else {
            observe(outcome, deadline);
        }
    });
}

} // namespace signalbox::sandbox

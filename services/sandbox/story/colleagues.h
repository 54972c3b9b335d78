#pragma once

#include "services/sandbox/story/storyledger.h"
#include "services/sandbox/story/teamledgeraccess.h"

#include <QSet>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace signalbox::sandbox
{

// The people and the build machine of the practice world while somebody practises: they approve what the operator asks
// for some seconds later, countersign what the operator did alone, and once the build machine asks for the next
// release, has it approved and carries it out. They act through the ledger alone, on a thread of their own, and on the
// clusters through what they are given.
class Colleagues
{
public:
    struct Timing
    {
        std::chrono::milliseconds look{1000};          // whether the ledger has news
        std::chrono::milliseconds answer{7000};        // until somebody has read a request
        std::chrono::milliseconds between{5000};       // one colleague and the next
        std::chrono::milliseconds nextRelease{75'000}; // the build machine asks
        std::chrono::milliseconds rollout{300'000};    // it may take so long
    };
    // Of the release that the machine carries out; any thread.
    struct Hands
    {
        std::function<void(const policy::PromotionRequest &request)> begin;
        std::function<bool(const policy::PromotionRequest &request)> isDone; // every pod runs it and is ready
    };

    Colleagues(const Storybook &book, std::uint64_t seed, const PracticeStory &story, Hands hands, Timing timing);
    ~Colleagues(); // stop()
    Colleagues(const Colleagues &) = delete;
    Colleagues &operator=(const Colleagues &) = delete;

    void start();
    void stop();

private:
    using Clock = std::chrono::steady_clock;
    void loop();
    void look();
    void heard(const LedgerEntry &entry);
    void answer(const QString &promotion, const policy::PromotionRequest &request);
    void countersign(const QString &use);
    void later(std::chrono::milliseconds wait, std::function<void()> act);
    std::optional<QString> write(const policy::Record &record, const QString &who); // the entry's id

    void askForNextRelease();
    void carryOut(const QString &promotion);
    void observe(const policy::PromotionOutcome &outcome, Clock::time_point deadline);

    const Storybook &m_book;
    const PracticeStory m_story;
    const policy::Policy m_policy;
    const Hands m_hands;
    const Timing m_timing;
    TeamLedgerAccess m_ledger;
    std::multimap<Clock::time_point, std::function<void()>> m_agenda;
    QSet<QString> m_rejected; // promotions

    std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_isStopping = false;
    std::thread m_thread;
};

} // namespace signalbox::sandbox

#include "app/commands/keyguard.h"

#include <utility>

namespace signalbox::commands
{

void KeyGuard::noteWait(qint64 nowMs)
{
    m_waitMs = nowMs;
}

KeyGuard::Answer KeyGuard::answer(char key, qint64 nowMs)
{
    const auto word = steeringWordOfKey(key);
    const auto askedMs = std::exchange(m_askedMs, std::nullopt);
    const bool isAsked = askedMs && nowMs - *askedMs <= answerMs;
    const bool isYes = key == 'y' && isAsked;
    if (isYes || word == SteeringWord::Abandon) {
        if (isAsked && (!isYes || nowMs - *askedMs >= readingMs))
            return {SteeringWord::Abandon};
        m_askedMs = nowMs;
        return {std::nullopt, Question::TakeBack};
    }
    if (word == SteeringWord::Skip) {
        if (const auto waitMs = std::exchange(m_waitMs, std::nullopt); waitMs && nowMs - *waitMs < lateMs)
            return {std::nullopt, Question::SkipThisOne};
    }
    return {word};
}

} // namespace signalbox::commands

#pragma once

#include "app/commands/steeringword.h"

#include <QtGlobal>

#include <optional>

namespace signalbox::commands
{

// Between the keys at a terminal and an operation: what a slip, a late finger or type-ahead must not do. Times are
// milliseconds of one clock.
//
// Taking back is asked about: y answers, once a person could have read the question, or the same key again (auto-repeat
// is no key, see KeyDecoder); every other key leaves things as they are. Skipping is asked about where the wait has
// only just begun, for the key may have been meant for the one before it.
class KeyGuard
{
public:
    enum class Question { None, TakeBack, SkipThisOne };
    struct Answer
    {
        std::optional<SteeringWord> word; // to be obeyed now
        Question question = Question::None;
    };
    static constexpr qint64 answerMs = 5000;
    static constexpr qint64 readingMs = 300;
    static constexpr qint64 lateMs = 1500;

    void noteWait(qint64 nowMs); // one began after another
    Answer answer(char key, qint64 nowMs);

private:
    std::optional<qint64> m_askedMs; // whether to take back
    std::optional<qint64> m_waitMs;  // until its skipping was asked about
};

} // namespace signalbox::commands

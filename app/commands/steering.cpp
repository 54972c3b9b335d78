#include "app/commands/steering.h"

#include "app/cli/keyreader.h"
#include "models/domain/duration.h"

#include <QCoreApplication>

#include <chrono>
#include <utility>

namespace signalbox::commands
{

namespace
{

struct SteeringText
{
    Q_DECLARE_TR_FUNCTIONS(Steering)
};

struct WordRow
{
    SteeringWord word;
    char key;
    const char *name;
    const char *does;
};
constexpr WordRow rows[] = {
    {SteeringWord::Pause, 'p', "pause", QT_TRANSLATE_NOOP("Steering", "pauses")},
    {SteeringWord::Resume, 'r', "resume", QT_TRANSLATE_NOOP("Steering", "goes on")},
    {SteeringWord::Skip, 's', "skip", QT_TRANSLATE_NOOP("Steering", "skips the wait")},
    {SteeringWord::Abandon, 'a', "abandon", QT_TRANSLATE_NOOP("Steering", "abandons: takes back what was written")},
};

QString stepText(const Operation &operation, int number)
{
    return SteeringText::tr("step %1 of %2").arg(number).arg(operation.chosenSteps().size());
}

QString leftText(std::chrono::milliseconds left)
{
    return durationText(std::chrono::ceil<std::chrono::seconds>(left));
}

QString pause(Operation &operation)
{
    if (operation.state() == OperationState::Paused)
        return SteeringText::tr("It is paused already.");
    if (!operation.pause())
        return SteeringText::tr("There is nothing to pause: no step is to come.");
    if (operation.state() == OperationState::Paused)
        return {}; // its state says so
    return SteeringText::tr("Pauses once %1 is in force.").arg(stepText(operation, operation.stepIndex() + 1));
}

QString resume(Operation &operation)
{
    const auto left = operation.dwellRemaining();
    const bool wasPaused = operation.state() == OperationState::Paused;
    if (!operation.resume())
        return SteeringText::tr("It is not paused.");
    if (!wasPaused)
        return SteeringText::tr("Does not pause: it goes on as planned.");
    return SteeringText::tr("Goes on: %1 in %2.").arg(stepText(operation, operation.stepIndex() + 2), leftText(left));
}

QString skip(Operation &operation, int step)
{
    if (step > 0 && step != operation.stepIndex() + 1)
        return SteeringText::tr("Step %1 does not wait now: %2.")
            .arg(QString::number(step), stepText(operation, operation.stepIndex() + 1) + QStringLiteral(": ") +
                                            operationStateLabel(operation.state()));
    const QString next = stepText(operation, operation.stepIndex() + 2);
    if (!operation.skipDwell())
        return SteeringText::tr("There is no wait to skip now: %1.").arg(operationStateLabel(operation.state()));
    return SteeringText::tr("The wait is skipped: %1 now.").arg(next);
}

QString abandon(Operation &operation)
{
    if (!operation.abandon())
        return SteeringText::tr("There is nothing to take back now: %1.").arg(operationStateLabel(operation.state()));
    const bool isUnderWay =
        operation.state() == OperationState::Executing || operation.state() == OperationState::Resolving;
    return isUnderWay ? SteeringText::tr("Abandons as soon as the call under way is answered.")
                      : SteeringText::tr("Abandoned: what was written is being taken back.");
}

} // namespace

std::optional<SteeringWord> steeringWordOfKey(char key)
{
    for (const WordRow &row : rows) {
        if (row.key == key)
            return row.word;
    }
    return std::nullopt;
}

std::optional<SteeringOrder> steeringOrderOf(const QString &line)
{
    const QStringList words = line.simplified().split(QLatin1Char(' '));
    for (const WordRow &row : rows) {
        if (words.first().compare(QLatin1String(row.name), Qt::CaseInsensitive) != 0)
            continue;
        if (words.size() == 1)
            return SteeringOrder{row.word};
        const int step = row.word == SteeringWord::Skip && words.size() == 2 ? words[1].toInt() : 0;
        return step > 0 ? std::optional(SteeringOrder{row.word, step}) : std::nullopt;
    }
    return std::nullopt;
}

QString steer(Operation &operation, SteeringOrder order)
{
    switch (order.word) {
    case SteeringWord::Pause:
        return pause(operation);
    case SteeringWord::Resume:
        return resume(operation);
    case SteeringWord::Skip:
        return skip(operation, order.step);
    case SteeringWord::Abandon:
        return abandon(operation);
    }
    return {};
}

Steering::Steering(Operation &operation, By by, cli::Terminal &terminal, QObject *parent)
    : QObject(parent)
    , m_operation(&operation)
    , m_by(by)
    , m_terminal(terminal)
{
    m_since.start();
    connect(&operation, &Operation::stateChanged, this, &Steering::noteState);
    if (by == By::Keys && hint().isEmpty())
        m_by = By::Nothing;
    if (m_by == By::Nothing)
        return;
    if (m_by == By::Keys) {
        m_reader = m_keys = new cli::KeyReader(this);
        if (!m_keys->hasKeys()) {
            m_by = By::Nothing;
            return;
        }
        m_input.emplace(terminal);
        connect(m_keys, &cli::KeyReader::pressed, this, &Steering::takeKey);
        m_terminal.say(hint());
    } else {
        m_terminal.say(hint());
        auto *reader = new cli::LineReader(terminal, this, cli::LineReader::Lines::All);
        connect(reader, &cli::LineReader::entered, this, &Steering::takeLine);
        connect(reader, &cli::LineReader::ended, this, [this] {
            m_isInputOver = true;
            if (m_operation && m_operation->state() == OperationState::Paused)
                m_terminal.say(SteeringText::tr("Standard input has ended: it stays paused. %1").arg(waysOn()));
        });
        m_reader = reader;
    }
}

void Steering::end()
{
    if (m_operation)
        m_operation->disconnect(this);
    if (m_reader)
        m_reader->disconnect(this);
    if (m_keys)
        m_keys->end();
    else if (m_reader)
        m_reader->deleteLater(); // with its hold on standard input
    m_input.reset();
    deleteLater();
}

// A way back is not turned round by the slip of a finger; the word says it all the same.
bool Steering::hasKeyFor(SteeringWord word) const
{
    return word == SteeringWord::Abandon ? m_operation->direction() == Direction::Forward
                                         : m_operation->chosenSteps().size() > 1;
}

QString Steering::hint() const
{
    QStringList ways;
    for (const WordRow &row : rows) {
        if (m_by == By::Words)
            ways.append(QString::fromLatin1(row.name));
        else if (hasKeyFor(row.word))
            ways.append(QStringLiteral("%1 %2").arg(QLatin1Char(row.key)).arg(SteeringText::tr(row.does)));
    }
    if (ways.isEmpty())
        return {};
    const QString list = ways.join(QStringLiteral(", "));
    return m_by == By::Words ? SteeringText::tr("Words on standard input, one a line: %1.").arg(list)
           : m_keys && !m_keys->isForeground()
               ? SteeringText::tr("Keys, after fg: %1. Ctrl+C stops and leaves what was done.").arg(list)
               : SteeringText::tr("Keys: %1. Ctrl+C stops and leaves what was done.").arg(list);
}

void Steering::takeKey(char key)
{
    if (!m_operation)
        return;
    if (key == '?') {
        m_terminal.say(hint());
        return;
    }
    if (steeringWordOfKey(key) == SteeringWord::Abandon) {
        if (!hasKeyFor(SteeringWord::Abandon))
            return;
        if (!m_operation->canAbandon()) {
            obey({SteeringWord::Abandon}); // says why not
            return;
        }
    }
    const KeyGuard::Answer answer = m_guard.answer(key, m_since.elapsed());
    if (!answer.word)
        ask(answer.question);
    else if (hasKeyFor(*answer.word))
        obey({*answer.word});
}

void Steering::ask(KeyGuard::Question question)
{
    switch (question) {
    case KeyGuard::Question::None:
        return;
    case KeyGuard::Question::TakeBack:
        m_terminal.say(SteeringText::tr("Take back what was written? y, or a again, within %1 s does; any other key "
                                        "leaves it.")
                           .arg(KeyGuard::answerMs / 1000));
        return;
    case KeyGuard::Question::SkipThisOne:
        m_terminal.say(SteeringText::tr("Step %1 has just begun to wait; press s again to skip that.")
                           .arg(m_operation->stepIndex() + 1));
        return;
    }
}

void Steering::takeLine(const QString &line)
{
    if (!m_operation || line.isEmpty())
        return;
    if (const auto order = steeringOrderOf(line))
        obey(*order);
    else
        m_terminal.say(SteeringText::tr("\"%1\" is none of pause, resume, skip, abandon.").arg(line));
}

void Steering::obey(SteeringOrder order)
{
    if (const QString said = steer(*m_operation, order); !said.isEmpty())
        m_terminal.say(said);
}

void Steering::noteState(OperationState state)
{
    const OperationState before = std::exchange(m_state, state);
    if (state == OperationState::Dwelling && before != OperationState::Paused && m_operation->stepIndex() > 0)
        m_guard.noteWait(m_since.elapsed());
    if (state != OperationState::Paused)
        return;
    const int next = m_operation->stepIndex() + 2;
    m_terminal.say(SteeringText::tr("Paused before %1, with %2 of the wait left: %3 %4")
                       .arg(stepText(*m_operation, next), leftText(m_operation->dwellRemaining()),
                            m_operation->pauseReason(), waysOn()));
}

QString Steering::waysOn() const
{
    if (m_by == By::Keys)
        return m_keys->isForeground() ? SteeringText::tr("r goes on.") : SteeringText::tr("fg, then r goes on.");
    if (m_by == By::Words && !m_isInputOver)
        return SteeringText::tr("\"resume\" goes on.");
    return SteeringText::tr("Nobody can say here that it may go on: Ctrl+C ends it, what was done stays.");
}

} // namespace signalbox::commands

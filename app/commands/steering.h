#pragma once

#include "app/cli/terminal.h"
#include "services/operations/operation.h"

#include <QObject>
#include <QPointer>

#include <optional>

namespace signalbox::commands
{

// What an operator can tell an operation under way, as the window's buttons do.
enum class SteeringWord { Pause, Resume, Skip, Abandon };
std::optional<SteeringWord> steeringWordOfKey(char key);
std::optional<SteeringWord> steeringWordOf(const QString &line); // "pause", "resume", "skip", "abandon"

// Does it and says what was done, or why it cannot be done now.
QString steer(Operation &operation, SteeringWord word);

// The operator's hand on an operation that has begun: keys at the terminal, words on standard input, or neither. Says
// what there is, what each did, and why the operation stands still. end() gives the terminal back.
class Steering : public QObject
{
    Q_OBJECT
public:
    enum class By { Nothing, Keys, Words };
    Steering(Operation &operation, By by, cli::Terminal &terminal, QObject *parent);

    void end(); // and deletes it, later

private:
    void takeKey(char key);
    void takeLine(const QString &line);
    void obey(SteeringWord word);
    void noteState(OperationState state);
    bool hasKeyFor(SteeringWord word) const;
    QString hint() const;
    QString waysOn() const;

    QPointer<Operation> m_operation;
    By m_by;
    cli::Terminal &m_terminal;
    QPointer<QObject> m_reader;
    bool m_isInputOver = false;
};

} // namespace signalbox::commands

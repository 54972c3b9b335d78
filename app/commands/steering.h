#pragma once

#include "app/cli/terminal.h"
#include "app/commands/keyguard.h"
#include "app/commands/steeringword.h"
#include "services/operations/operation.h"

#include <QElapsedTimer>
#include <QObject>
#include <QPointer>

#include <optional>

namespace signalbox::cli
{
class KeyReader;
}

namespace signalbox::commands
{

// Does it and says what was done, or why it cannot be done now.
QString steer(Operation &operation, SteeringOrder order);

// The operator's hand on an operation that has begun: keys at the terminal, words on standard input, or neither. Says
// what there is, what each did, and why the operation stands still. end() gives the terminal back at once.
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
    void obey(SteeringOrder order);
    void ask(KeyGuard::Question question);
    void noteState(OperationState state);
    bool hasKeyFor(SteeringWord word) const;
    QString hint() const;
    QString waysOn() const;

    QPointer<Operation> m_operation;
    By m_by;
    cli::Terminal &m_terminal;
    QPointer<QObject> m_reader;
    QPointer<cli::KeyReader> m_keys; // the same, where it is one
    KeyGuard m_guard;
    QElapsedTimer m_since;
    OperationState m_state = OperationState::Planned; // the last one noted
    bool m_isInputOver = false;
    std::optional<cli::InputHold> m_input; // while keys are ours
};

} // namespace signalbox::commands

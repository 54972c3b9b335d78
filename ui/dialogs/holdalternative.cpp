#include "ui/dialogs/holdalternative.h"

namespace signalbox
{

void askInsteadOfHold(Prompter &prompter, QWidget *parent, Direction direction, const QString &application,
                      const QString &title, const QString &effect, const QString &accept,
                      std::function<void(bool)> answer)
{
    const Prompter::Question question{title, effect, accept, {}, direction == Direction::Back};
    if (direction == Direction::Back)
        prompter.ask(parent, question, std::move(answer));
    else
        prompter.askTypedName(parent, {question, application}, std::move(answer));
}

} // namespace signalbox

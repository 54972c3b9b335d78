#pragma once

#include "models/domain/operation.h"
#include "ui/dialogs/prompter.h"

namespace signalbox
{

// What is asked where a button cannot be held: the typed application's name to go on, one plain question to go back.
// `effect` is the text of the confirmation: from, to, share of live traffic, pods.
void askInsteadOfHold(Prompter &prompter, QWidget *parent, Direction direction, const QString &application,
                      const QString &title, const QString &effect, const QString &accept,
                      std::function<void(bool accepted)> answer);

} // namespace signalbox

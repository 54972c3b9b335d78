#pragma once

#include <QObject>

namespace signalbox
{

// Lets Enter press the button that has the focus, as Space does (Qt leaves Enter to a dialog's default button). Buttons
// that are held keep their keys to themselves, and a key that repeats itself presses nothing. Watches the application.
class EnterKey : public QObject
{
    Q_OBJECT
public:
    explicit EnterKey(QObject *parent = nullptr);

    bool eventFilter(QObject *watched, QEvent *event) override;
};

} // namespace signalbox

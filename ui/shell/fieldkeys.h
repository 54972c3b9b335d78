#pragma once

#include <QObject>

namespace signalbox
{

// Who a digit, `/` and `?` belong to in the main window, whatever has the focus. A text field types them. A list that
// would search for them leaves them to the window, where digits are screens. A closed combo box keeps digits from the
// window and from its value: neither is to change by a key that was meant for the other; Esc leaves it.
// For the whole application while it exists.
class FieldKeys : public QObject
{
    Q_OBJECT
public:
    explicit FieldKeys(QObject *parent);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
};

} // namespace signalbox

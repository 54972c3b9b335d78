#pragma once

#include <QList>
#include <QWidget>

#include <functional>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace signalbox
{

// A line above a log or below a list: what there is to know of it, and what one may do about that. Hidden while it says
// nothing.
class LogNote : public QWidget
{
    Q_OBJECT
public:
    // `name` is the label's.
    LogNote(const QString &name, const QString &role, QWidget *parent = nullptr);

    QPushButton *addButton(const QString &name, const QString &text, std::function<void()> run);
    void say(const QString &text, const QString &toolTip = {}); // empty: nothing

private:
    QHBoxLayout *m_row = nullptr;
    QLabel *m_text = nullptr;
};

} // namespace signalbox

#pragma once

#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>
#include <optional>

class QWidget;

namespace signalbox
{

// Asks the operator. Never spins a nested loop: the answer comes later, by callback, in the GUI thread, and not at all
// once `parent` is gone. Tests answer through a fake of their own instead of driving dialogs.
class Prompter
{
public:
    struct Question
    {
        QString title;
        QString text;   // the effect, in full
        QString accept; // "Roll back now"
        QString reject; // empty: "Cancel"
        bool isDangerous = false;
    };
    struct TypedName
    {
        Question question;
        QString expected; // the application's name: accepted only when typed exactly
    };
    struct NumberQuestion
    {
        Question question;
        QString label;
        int value = 0;
        int minimum = 0;
        int maximum = 1000;
    };

    struct TextQuestion
    {
        Question question;
        QString label;
        QString placeholder;
        bool isRequired = true; // cannot be accepted while it is empty
    };

    virtual ~Prompter();
    virtual void ask(QWidget *parent, const Question &question, std::function<void(bool accepted)> answer) = 0;
    virtual void askTypedName(QWidget *parent, const TypedName &question,
                              std::function<void(bool accepted)> answer) = 0;
    // nullopt: cancelled.
    virtual void askNumber(QWidget *parent, const NumberQuestion &question,
                           std::function<void(std::optional<int> number)> answer) = 0;
    // nullopt: cancelled. Without spaces around it.
    virtual void askText(QWidget *parent, const TextQuestion &question,
                         std::function<void(std::optional<QString> text)> answer) = 0;
    virtual void askFile(QWidget *parent, const QString &title, const QString &filter,
                         std::function<void(const QString &path)> answer) = 0; // empty: cancelled
    virtual void askSaveFile(QWidget *parent, const QString &title, const QString &suggested,
                             std::function<void(const QString &path)> answer) = 0;
};

// With windows of the program's own look.
class DialogPrompter : public Prompter
{
public:
    void ask(QWidget *parent, const Question &question, std::function<void(bool)> answer) override;
    void askTypedName(QWidget *parent, const TypedName &question, std::function<void(bool)> answer) override;
    void askNumber(QWidget *parent, const NumberQuestion &question,
                   std::function<void(std::optional<int>)> answer) override;
    void askText(QWidget *parent, const TextQuestion &question,
                 std::function<void(std::optional<QString>)> answer) override;
    void askFile(QWidget *parent, const QString &title, const QString &filter,
                 std::function<void(const QString &)> answer) override;
    void askSaveFile(QWidget *parent, const QString &title, const QString &suggested,
                     std::function<void(const QString &)> answer) override;
};

} // namespace signalbox

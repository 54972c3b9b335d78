#include "ui/shell/languageswitch.h"

#include "ui/dialogs/prompter.h"
#include "ui/language/language.h"
#include "ui/shell/consolecontext.h"
#include "ui/shell/consolesettings.h"
#include "ui/shell/mainwindow.h"

#include <QApplication>
#include <QDialog>

#include <algorithm>
#include <chrono>

namespace signalbox
{

namespace
{

bool isDialogOpen()
{
    const QWidgetList windows = QApplication::topLevelWidgets();
    return std::any_of(windows.begin(), windows.end(), [](const QWidget *window) {
        return window->isVisible() && qobject_cast<const QDialog *>(window) != nullptr;
    });
}

} // namespace

LanguageSwitch::LanguageSwitch(ConsoleContext &context, Language &language, std::unique_ptr<MainWindow> &window,
                               std::function<std::unique_ptr<MainWindow>()> build, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_language(language)
    , m_window(window)
    , m_build(std::move(build))
    , m_choice(context.settings.language())
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(std::chrono::milliseconds(0));
    connect(&m_soon, &QTimer::timeout, this, &LanguageSwitch::follow);
    connect(&context.settings, &ConsoleSettings::changed, &m_soon, qOverload<>(&QTimer::start));
}

void LanguageSwitch::follow()
{
    const QString choice = m_context.settings.language();
    if (m_isAsking || choice == m_choice)
        return;
    if (Language::resolve(choice) == m_language.current()) {
        m_choice = choice;
        return;
    }
    if (isDialogOpen()) {
        refuse(tr("The language stays as long as a dialog is open. Finish or close it, then choose again."));
        return;
    }
    const QStringList pages = m_window->unsaved();
    if (pages.isEmpty())
        replace();
    else
        ask(pages);
}

void LanguageSwitch::refuse(const QString &why)
{
    m_context.settings.setLanguage(m_choice);
    if (!why.isEmpty())
        m_window->notify(why, Health::Warning);
}

void LanguageSwitch::ask(const QStringList &pages)
{
    Prompter::Question question;
    question.title = tr("Change the language now?");
    question.text = tr("Something on these screens was typed and not saved, or can still be undone, and would be "
                       "gone: %1. Running operations go on.")
                        .arg(pages.join(QStringLiteral(", ")));
    question.accept = tr("Change the language");
    m_isAsking = true;
    m_context.prompter.ask(m_window.get(), question, [this](bool isAccepted) {
        m_isAsking = false;
        if (isAccepted)
            QTimer::singleShot(0, this, &LanguageSwitch::replace); // the question is a child of the window
        else
            refuse({});
    });
}

void LanguageSwitch::replace()
{
    m_choice = m_context.settings.language();
    const WindowState state = m_window->state();
    const bool isShown = m_window->isVisible();
    m_language.use(Language::resolve(m_choice));
    std::unique_ptr<MainWindow> next = m_build();
    next->restore(state);
    if (isShown) {
        next->show(); // before the old one goes: the last window that closes ends the program
        next->activateWindow();
    }
    m_window->hide();
    m_window.swap(next);
    next.release()->deleteLater();
    emit replaced();
}

} // namespace signalbox

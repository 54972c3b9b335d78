#include "ui/dialogs/prompter.h"

#include "ui/theme/tokens.h"

#include <QCoreApplication>
#include <QDialog>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

// A question with room for an input above its buttons. Deletes itself when answered.
class QuestionDialog : public QDialog
{
public:
    QuestionDialog(QWidget *parent, const Prompter::Question &question)
        : QDialog(parent)
    {
        setAttribute(Qt::WA_DeleteOnClose);
        setObjectName(QStringLiteral("questionDialog"));
        setWindowTitle(question.title);
        setModal(true);
        setMinimumWidth(440);
        auto *layout = new QVBoxLayout(this);
        layout->setContentsMargins(space::xl, space::xl, space::xl, space::l);
        layout->setSpacing(space::m);
        auto *title = new QLabel(question.title, this);
        title->setProperty("role", QStringLiteral("heading"));
        title->setWordWrap(true);
        auto *text = new QLabel(question.text, this);
        text->setProperty("role", QStringLiteral("soft"));
        text->setWordWrap(true);
        text->setTextFormat(Qt::PlainText);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        layout->addWidget(title);
        layout->addWidget(text);
        m_middle = new QVBoxLayout;
        layout->addLayout(m_middle);
        auto *buttons = new QHBoxLayout;
        buttons->setSpacing(space::s);
        buttons->addStretch();
        m_reject = new QPushButton(
            question.reject.isEmpty() ? QCoreApplication::translate("Prompter", "Cancel") : question.reject, this);
        m_reject->setObjectName(QStringLiteral("reject"));
        m_reject->setAutoDefault(false);
        m_accept = new QPushButton(question.accept, this);
        m_accept->setObjectName(QStringLiteral("accept"));
        m_accept->setProperty("variant", question.isDangerous ? QStringLiteral("danger") : QStringLiteral("primary"));
        m_accept->setAutoDefault(!question.isDangerous);
        buttons->addWidget(m_reject);
        buttons->addWidget(m_accept);
        layout->addLayout(buttons);
        setAccessibleName(question.title);
        setAccessibleDescription(question.text);
        connect(m_reject, &QPushButton::clicked, this, &QDialog::reject);
        connect(m_accept, &QPushButton::clicked, this, &QDialog::accept);
        (question.isDangerous ? m_reject : m_accept)->setFocus();
    }

    void addRow(const QString &label, QWidget *input)
    {
        auto *name = new QLabel(label, this);
        name->setBuddy(input);
        name->setWordWrap(true);
        input->setAccessibleName(label);
        m_middle->addWidget(name);
        m_middle->addWidget(input);
        input->setFocus();
    }
    QPushButton *acceptButton() const { return m_accept; }

private:
    QVBoxLayout *m_middle = nullptr;
    QPushButton *m_accept = nullptr;
    QPushButton *m_reject = nullptr;
};

void openFileDialog(QFileDialog *dialog, const std::function<void(const QString &)> &answer)
{
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &QDialog::finished, dialog, [dialog, answer](int result) {
        answer(result == QDialog::Accepted ? dialog->selectedFiles().value(0) : QString());
    });
    dialog->open();
}

} // namespace

Prompter::~Prompter() = default;

void DialogPrompter::ask(QWidget *parent, const Question &question, std::function<void(bool)> answer)
{
    auto *dialog = new QuestionDialog(parent, question);
    QObject::connect(dialog, &QDialog::finished, dialog, [answer](int result) { answer(result == QDialog::Accepted); });
    dialog->open();
}

void DialogPrompter::askTypedName(QWidget *parent, const TypedName &question, std::function<void(bool)> answer)
{
    auto *dialog = new QuestionDialog(parent, question.question);
    auto *input = new QLineEdit(dialog);
    input->setObjectName(QStringLiteral("typedName"));
    dialog->addRow(
        QCoreApplication::translate("Prompter", "To go on, type the application's name: %1").arg(question.expected),
        input);
    dialog->acceptButton()->setEnabled(false);
    QObject::connect(input, &QLineEdit::textChanged, dialog,
                     [dialog, expected = question.expected](const QString &text) {
                         dialog->acceptButton()->setEnabled(text == expected);
                     });
    QObject::connect(dialog, &QDialog::finished, dialog, [answer](int result) { answer(result == QDialog::Accepted); });
    dialog->open();
}

void DialogPrompter::askNumber(QWidget *parent, const NumberQuestion &question,
                               std::function<void(std::optional<int>)> answer)
{
    auto *dialog = new QuestionDialog(parent, question.question);
    auto *input = new QSpinBox(dialog);
    input->setObjectName(QStringLiteral("number"));
    input->setRange(question.minimum, question.maximum);
    input->setValue(question.value);
    dialog->addRow(question.label, input);
    input->selectAll();
    QObject::connect(dialog, &QDialog::finished, dialog, [answer, input](int result) {
        answer(result == QDialog::Accepted ? std::optional<int>(input->value()) : std::nullopt);
    });
    dialog->open();
}

void DialogPrompter::askText(QWidget *parent, const TextQuestion &question,
                             std::function<void(std::optional<QString>)> answer)
{
    auto *dialog = new QuestionDialog(parent, question.question);
    auto *input = new QLineEdit(dialog);
    input->setObjectName(QStringLiteral("text"));
    input->setPlaceholderText(question.placeholder);
    dialog->addRow(question.label, input);
    if (question.isRequired) {
        dialog->acceptButton()->setEnabled(false);
        QObject::connect(input, &QLineEdit::textChanged, dialog, [dialog](const QString &text) {
            dialog->acceptButton()->setEnabled(!text.trimmed().isEmpty());
        });
    }
    QObject::connect(dialog, &QDialog::finished, dialog, [answer, input](int result) {
        answer(result == QDialog::Accepted ? std::optional<QString>(input->text().trimmed()) : std::nullopt);
    });
    dialog->open();
}

void DialogPrompter::askFile(QWidget *parent, const QString &title, const QString &filter,
                             std::function<void(const QString &)> answer)
{
    auto *dialog = new QFileDialog(parent, title, QString(), filter);
    dialog->setFileMode(QFileDialog::ExistingFile);
    openFileDialog(dialog, answer);
}

void DialogPrompter::askSaveFile(QWidget *parent, const QString &title, const QString &suggested,
                                 std::function<void(const QString &)> answer)
{
    auto *dialog = new QFileDialog(parent, title);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile(suggested);
    openFileDialog(dialog, answer);
}

} // namespace signalbox

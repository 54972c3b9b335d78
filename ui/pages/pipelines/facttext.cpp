#include "ui/pages/pipelines/facttext.h"

#include "ui/pages/pipelines/factrows.h"
#include "ui/theme/tokens.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

void showFactText(const FactRow &row, QWidget *parent)
{
    auto *dialog = new QDialog(parent);
    dialog->setObjectName(QStringLiteral("factDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(row.title);
    dialog->resize(760, 420);
    auto *layout = new QVBoxLayout(dialog);
    layout->setContentsMargins(space::l, space::l, space::l, space::l);
    layout->setSpacing(space::m);
    auto *title = new QLabel(row.title, dialog);
    title->setTextFormat(Qt::PlainText);
    title->setWordWrap(true);
    title->setProperty("role", QStringLiteral("heading"));
    auto *text = new QPlainTextEdit(row.text, dialog);
    text->setObjectName(QStringLiteral("factText"));
    text->setAccessibleName(row.title);
    text->setReadOnly(true);
    text->setFont(font(TextRole::MonoSmall));
    text->setLineWrapMode(QPlainTextEdit::NoWrap);
    auto *buttons = new QDialogButtonBox(dialog);
    QPushButton *const close =
        buttons->addButton(QCoreApplication::translate("FactText", "Close"), QDialogButtonBox::RejectRole);
    close->setObjectName(QStringLiteral("factClose"));
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    layout->addWidget(title);
    layout->addWidget(text, 1);
    layout->addWidget(buttons);
    dialog->open();
}

} // namespace signalbox

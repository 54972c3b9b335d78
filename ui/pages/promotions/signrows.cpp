#include "ui/pages/promotions/signrows.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace signalbox
{

SignRow signRow(Health health, const QString &html, const QString &spoken, QWidget *parent)
{
    SignRow made;
    made.row = new QWidget(parent);
    made.across = new QHBoxLayout(made.row);
    made.across->setContentsMargins(0, 0, 0, 0);
    made.across->setSpacing(space::s);
    auto *signColumn = new QVBoxLayout;
    signColumn->setContentsMargins(0, 3, space::xs, 0); // on the middle of the first line
    signColumn->addWidget(new StateSign(health, made.row));
    signColumn->addStretch();
    made.across->addLayout(signColumn);
    made.text = new QLabel(html, made.row);
    made.text->setTextFormat(Qt::RichText);
    made.text->setWordWrap(true);
    made.text->setMinimumWidth(1);
    made.text->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    made.text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    made.text->setAccessibleName(spoken);
    made.words = new QVBoxLayout;
    made.words->setSpacing(space::xs);
    made.words->addWidget(made.text);
    made.across->addLayout(made.words, 1);
    return made;
}

QString softHtml(const QString &text)
{
    return QStringLiteral("<span style='color:%1'>%2</span>").arg(tokens().textSoft.name(), text.toHtmlEscaped());
}

void clearRows(QBoxLayout &rows)
{
    while (QLayoutItem *item = rows.takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
}

} // namespace signalbox

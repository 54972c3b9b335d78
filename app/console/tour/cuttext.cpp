#include "app/console/tour/cuttext.h"

#include "app/console/tour/tourtext.h"

#include <QAbstractScrollArea>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QTextDocument>

namespace signalbox
{

namespace
{

QString plain(const QLabel &label)
{
    if (!Qt::mightBeRichText(label.text()))
        return label.text();
    QTextDocument document;
    document.setHtml(label.text());
    return document.toPlainText();
}

// How many pixels too narrow or too low the text's own place is; 0: it fits.
int shortage(const QLabel &label)
{
    if (!label.wordWrap()) {
        const bool elides = label.minimumSizeHint().width() < label.sizeHint().width();
        return elides ? 0 : label.sizeHint().width() - label.width();
    }
    const int needed = label.heightForWidth(label.width());
    return needed - label.height();
}

// What sticks out of an ancestor at a side to which it cannot be scrolled.
int overhang(const QWidget &widget, const QWidget &window)
{
    int most = 0;
    for (const QWidget *up = widget.parentWidget(); up != nullptr; up = up->parentWidget()) {
        const int left = widget.mapTo(up, QPoint(0, 0)).x();
        const auto *area = qobject_cast<const QAbstractScrollArea *>(up->parentWidget());
        const bool scrolls = area != nullptr && area->viewport() == up && area->horizontalScrollBar()->isVisible();
        if (!scrolls)
            most = std::max(most, std::max(-left, left + widget.width() - up->width()));
        if (up == &window || scrolls)
            break;
    }
    return most;
}

} // namespace

QStringList cutTexts(const QWidget &window)
{
    QStringList found;
    const auto tell = [&found](const QString &text, int pixels) {
        found << TourText::tr("\"%1\" lacks %2 pixels").arg(text.left(60).simplified()).arg(pixels);
    };
    for (const QLabel *label : window.findChildren<QLabel *>()) {
        const QString text = plain(*label);
        if (!label->isVisible() || label->window() != &window || text.trimmed().isEmpty())
            continue;
        const int lacks = std::max(shortage(*label), overhang(*label, window));
        if (lacks > 1)
            tell(text, lacks);
    }
    for (const QPushButton *button : window.findChildren<QPushButton *>()) {
        if (!button->isVisible() || button->window() != &window || button->text().isEmpty())
            continue;
        // One that draws itself with an ellipsis asks for less than its text.
        const int needed =
            std::min(button->fontMetrics().horizontalAdvance(button->text()), button->minimumSizeHint().width());
        const int lacks = std::max(needed - button->width(), overhang(*button, window));
        if (lacks > 1)
            tell(button->text(), lacks);
    }
    return found;
}

} // namespace signalbox

#include "ui/pages/operation/diffview.h"

#include "ui/theme/tokens.h"

#include <QEvent>
#include <QMimeData>
#include <QScrollBar>
#include <QTextCursor>
#include <QTextDocumentFragment>
#include <QVBoxLayout>

namespace signalbox
{

DiffView::DiffView(QWidget *parent)
    : QTextEdit(parent)
{
    setReadOnly(true);
    setAcceptRichText(false);
    // What tells of a call wraps; the lines of a difference stand as they are (QTextBlockFormat::nonBreakableLines).
    setLineWrapMode(QTextEdit::WidgetWidth);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setTabChangesFocus(true);
    setFrameShape(QFrame::NoFrame);
    setProperty("role", QStringLiteral("well"));
    setAccessibleName(tr("What will be sent"));
}

QWidget *DiffView::inset(QWidget *parent)
{
    auto *margins = new QWidget(parent);
    auto *layout = new QVBoxLayout(margins);
    layout->setContentsMargins(space::m, space::m, space::m, space::m);
    layout->addWidget(this);
    return margins;
}

void DiffView::show(const Plan &plan, int done, int most)
{
    QList<Part> parts;
    for (const PlanStep &step : plan.steps) {
        if ((step.isOptional && !step.isChosen) || done-- > 0)
            continue;
        if (most >= 0 && parts.size() >= most)
            break;
        parts << Part{step.call.method + QLatin1Char(' ') + step.through, step.diff, step.precondition};
    }
    if (parts == m_parts)
        return;
    m_parts = parts;
    render();
}

void DiffView::showLines(const QString &heading, const QList<DiffLine> &lines, const QString &precondition)
{
    const QList<Part> parts{Part{heading, lines, precondition}};
    if (parts == m_parts)
        return;
    m_parts = parts;
    render();
}

void DiffView::render()
{
    const int place = verticalScrollBar()->value();
    clear();
    QTextCursor cursor(document());
    QTextCharFormat format;
    format.setFont(signalbox::font(TextRole::MonoSmall));
    bool isFirst = true;
    const auto line = [&](const QString &text, const QColor &color, bool wraps = true) {
        QTextBlockFormat block;
        block.setNonBreakableLines(!wraps);
        if (isFirst)
            cursor.setBlockFormat(block);
        else
            cursor.insertBlock(block);
        isFirst = false;
        format.setForeground(color);
        cursor.insertText(text, format);
    };
    for (const Part &part : m_parts) {
        line(part.heading, tokens().textSoft);
        for (const DiffLine &diff : part.lines) {
            switch (diff.kind) {
            case DiffLine::Kind::Removed:
                line(QStringLiteral("- ") + diff.text, tokens().failing.text, false);
                break;
            case DiffLine::Kind::Added:
                line(QStringLiteral("+ ") + diff.text, tokens().ok.text, false);
                break;
            case DiffLine::Kind::Context:
                line(QStringLiteral("  ") + diff.text, tokens().text, false);
                break;
            case DiffLine::Kind::Note:
                line(diff.text, tokens().textSoft);
                break;
            }
        }
        if (!part.precondition.isEmpty())
            line(part.precondition, tokens().textSoft);
    }
    verticalScrollBar()->setValue(place);
}

void DiffView::changeEvent(QEvent *event)
{
    QTextEdit::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        render();
}

QMimeData *DiffView::createMimeDataFromSelection() const
{
    auto *mime = new QMimeData;
    mime->setText(textCursor().selection().toPlainText());
    return mime;
}

} // namespace signalbox

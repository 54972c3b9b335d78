// Handing over from one window to another, as a change of the language needs it.
#include "ui/shell/mainwindow.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/notices.h"

#include <QLineEdit>
#include <QPlainTextEdit>

namespace signalbox
{

namespace
{

QString filterKey(const QString &page, const QWidget *field)
{
    return page + QLatin1Char('/') + field->objectName();
}

bool isWanted(const QWidget *field, const QString &text)
{
    return field->isEnabled() && !text.trimmed().isEmpty();
}

bool holdsWork(const Page &page)
{
    const QList<QLineEdit *> lines = page.findChildren<QLineEdit *>();
    for (const QLineEdit *line : lines) {
        const bool isFilter = qobject_cast<const FilterField *>(line) != nullptr;
        if (!isFilter && line->isModified() && !line->isReadOnly() && isWanted(line, line->text()))
            return true;
    }
    const QList<QPlainTextEdit *> texts = page.findChildren<QPlainTextEdit *>();
    for (const QPlainTextEdit *text : texts) {
        if (text->document()->isModified() && !text->isReadOnly() && isWanted(text, text->toPlainText()))
            return true;
    }
    // "x was removed. Undo"
    const Banner *removed = page.findChild<Banner *>(QStringLiteral("removedBanner"));
    return removed != nullptr && !removed->isHidden();
}

} // namespace

WindowState MainWindow::state() const
{
    WindowState state;
    state.page = m_current;
    state.history = m_history;
    for (auto page = m_pages.begin(); page != m_pages.end(); ++page) {
        state.pages.insert(page.key(), page.value()->current());
        const QList<FilterField *> fields = page.value()->findChildren<FilterField *>();
        for (const FilterField *field : fields)
            state.filters.insert(filterKey(page.key(), field), field->text());
    }
    state.geometry = saveGeometry();
    state.showsRequests = m_requests != nullptr && !m_requests->isHidden();
    return state;
}

void MainWindow::restore(const WindowState &state)
{
    restoreGeometry(state.geometry);
    for (auto page = state.pages.begin(); page != state.pages.end(); ++page) {
        Page *made = this->page(page.key());
        if (made == nullptr)
            continue;
        m_restored.insert(page.key(), page.value());
        m_restored[page.key()].page = page.key();
        const QList<FilterField *> fields = made->findChildren<FilterField *>();
        for (FilterField *field : fields)
            field->setText(state.filters.value(filterKey(page.key(), field)));
    }
    NavigationTarget shown;
    shown.page = state.page;
    go(shown);
    m_history = state.history;
    showRequests(state.showsRequests);
}

QStringList MainWindow::unsaved() const
{
    QStringList titles;
    for (const PageEntry &item : m_entries) {
        const Page *page = m_pages.value(item.id);
        if (page != nullptr && holdsWork(*page))
            titles.append(item.title);
    }
    return titles;
}

} // namespace signalbox

#pragma once

#include "tests/support/consoleworld.h"
#include "ui/pages/consolepages.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tableview.h"

#include <QApplication>
#include <QLabel>
#include <QTest>

#include <memory>

namespace signalbox::test
{

inline PageEntry simplePage(const QString &id, const QString &title, int number)
{
    class Simple : public Page
    {
    public:
        explicit Simple(QWidget *parent)
            : Page(parent)
        {
            setFocusPolicy(Qt::StrongFocus);
        }
        void open(const NavigationTarget &target) override { setProperty("key", target.deployedKey); }
    };
    return {id, title, number, [](ConsoleContext &, QWidget *parent) -> Page * { return new Simple(parent); }};
}

inline QList<PageEntry> pagesWithRollback()
{
    QList<PageEntry> pages = consolePages();
    pages.removeIf([](const PageEntry &entry) {
        return entry.id == QLatin1String("rollback") || entry.id == QLatin1String("traffic");
    });
    pages.insert(1, simplePage(QStringLiteral("traffic"), QStringLiteral("Traffic"), 4));
    pages.insert(2, simplePage(QStringLiteral("rollback"), QStringLiteral("Rollback"), 5));
    return pages;
}

inline QModelIndex findCell(const TableView *table, const QString &text)
{
    for (int row = 0; row < table->model()->rowCount(); ++row) {
        for (int column = 0; column < table->model()->columnCount(); ++column) {
            const QModelIndex index = table->model()->index(row, column);
            if (index.data().toString() == text)
                return index;
        }
    }
    return {};
}

// The whole window on a made-up world, new for every test.
class ShellFixture : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init()
    {
        m_world = std::make_unique<ConsoleWorld>();
        m_cluster = &m_world->addRichCluster();
        open();
    }
    void cleanup()
    {
        m_window.reset();
        m_world.reset();
    }

protected:
    QString textOf(const char *name) const
    {
        const auto *label = m_window->findChild<QLabel *>(QString::fromLatin1(name));
        return label == nullptr ? QString() : label->text();
    }
    void open()
    {
        m_window = std::make_unique<MainWindow>(*m_world->context, pagesWithRollback(), m_theme.get());
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }
    void key(Qt::Key key)
    {
        QWidget *focused = m_window->focusWidget();
        QTest::keyClick(focused != nullptr ? focused : m_window.get(), key);
    }

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<ConsoleWorld> m_world;
    std::unique_ptr<MainWindow> m_window;
    FakeCluster *m_cluster = nullptr;
};

} // namespace signalbox::test

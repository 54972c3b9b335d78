#pragma once

#include "app/console/console.h"
#include "app/console/tour/operator.h"
#include "app/wiring/demo.h"
#include "services/drills/practicedrills.h"
#include "ui/shell/mainwindow.h"
#include "ui/widgets/tableview.h"

#include <QListView>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace signalbox::test
{

// The console as people start it by --demo, with a data folder of its own, and somebody with a keyboard before it.
class RealConsole
{
public:
    RealConsole() { qputenv("SIGNALBOX_DATA", m_folder.path().toUtf8()); }
    ~RealConsole()
    {
        m_operator.reset();
        m_console.reset();
        m_yard.reset();
        m_world.reset();
    }

    QString ledgerPath() const { return drills::DebriefBook::path(m_folder.path()); }
    // Until every application is listed. False: it failed, and that was told.
    bool open()
    {
        SourceOptions sources;
        sources.demo = true;
        Result<DemoWorld> world = startDemo(sources);
        if (!world) {
            qWarning("%s", qPrintable(world.error().message));
            return false;
        }
        m_world = std::move(*world);
        m_yard = std::make_unique<drills::PracticeDrills>(*m_world, drills::PracticeDrills::Options{m_folder.path()});
        m_console =
            std::make_unique<Console>(*qApp, sources, m_folder.filePath(QStringLiteral("console.ini")), m_yard.get());
        m_console->window().resize(1440, 900);
        m_console->show();
        m_console->window().activateWindow();
        m_operator = std::make_unique<TourOperator>(m_console->window());
        return QTest::qWaitForWindowActive(&m_console->window()) &&
               QTest::qWaitFor([this] { return hasListed(); }, 60'000);
    }

    Console &console() { return *m_console; }
    drills::PracticeDrills &yard() { return *m_yard; }
    TourOperator &hands() { return *m_operator; }

    // By the palette, from any screen: what is called `words` there, with `detail` in its second line. False: that is
    // not what it finds first.
    bool choose(const QString &words, const QString &detail = {})
    {
        m_operator->press(Qt::Key_K, Qt::ControlModifier);
        const auto list = [this] { return m_operator->find<QListView>(QStringLiteral("paletteList")); };
        if (!QTest::qWaitFor([&] { return list() != nullptr; }))
            return false;
        m_operator->type(words);
        const auto isFound = [&] {
            const QModelIndex first = list()->currentIndex();
            return first.data().toString().compare(words, Qt::CaseInsensitive) == 0 &&
                   first.data(Qt::AccessibleTextRole).toString().contains(detail);
        };
        if (!QTest::qWaitFor(isFound)) {
            qWarning("the palette has %s first", qPrintable(list()->currentIndex().data().toString()));
            return false;
        }
        m_operator->press(Qt::Key_Return);
        return true;
    }

private:
    bool hasListed() const
    {
        const auto *table = m_operator->find<TableView>(QStringLiteral("releasesTable"));
        return table != nullptr && table->model()->rowCount() > 5 && !m_operator->isAnyPanelLoading();
    }

    QTemporaryDir m_folder;
    DemoWorld m_world;
    std::unique_ptr<drills::PracticeDrills> m_yard;
    std::unique_ptr<Console> m_console;
    std::unique_ptr<TourOperator> m_operator;
};

} // namespace signalbox::test

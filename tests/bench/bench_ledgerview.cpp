// The Ledger screen over 100,000 signed entries: how soon something stands there, how long all of it takes, and what
// opening, searching and looking for news cost once it is judged. The ledger is that of bench_ledger.
#include "models/items/ledgermodel.h"
#include "services/ledger/view/ledgerfeed.h"
#include "tests/bench/ledgermaker.h"
#include "tests/bench/limits.h"
#include "tests/bench/processuse.h"
#include "tests/support/consoleworld.h"
#include "ui/pages/ledger/ledgerpage.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tableview.h"

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>

#include <cstdio>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

constexpr double openMs = 200;
constexpr double residentMb = 200; // no budget of its own: as with 10,000 pods

QString u(const char *text)
{
    return QString::fromLatin1(text);
}

double milliseconds(const QElapsedTimer &clock)
{
    return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

QString ledgerAt(const QString &path, int entries)
{
    QFile admin(path + u("/first-admin"));
    if (admin.open(QIODevice::ReadOnly))
        return QString::fromUtf8(admin.readAll());
    const MadeLedger made = makeLedger(path, entries);
    if (!made.isGood || !admin.open(QIODevice::WriteOnly)) {
        std::printf("the ledger could not be made: %s\n", qPrintable(made.why));
        return {};
    }
    admin.write(made.firstAdmin.toUtf8());
    return made.firstAdmin;
}

void waitFor(LedgerFeed &feed)
{
    QEventLoop loop;
    QObject::connect(&feed, &LedgerFeed::changed, &loop, [&] {
        if (!feed.isBusy())
            loop.quit();
    });
    if (feed.isBusy())
        loop.exec();
}

void line(const char *what, double value, const char *unit, const char *note = "")
{
    std::printf("%-64s %10.1f %s %s\n", what, value, unit, note);
}

void limited(const char *what, double value, double limit, const char *note = "", const char *unit = "ms")
{
    std::printf("%-64s %10.1f %s %s limit %5.0f  %s\n", what, value, unit, note, limit, verdict(value <= limit));
}

} // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const int entries = argc > 1 ? QByteArray(argv[1]).toInt() : 100'000;
    const QString path =
        QDir::cleanPath(QCoreApplication::applicationDirPath() + u("/../made-ledger-%1.git").arg(entries));
    const QString admin = ledgerAt(path, entries);
    if (admin.isEmpty())
        return 1;
    Theme theme(application);
    ConsoleWorld world;
    const double before = ProcessUse::now().rssMb;
    LedgerFeed feed(LedgerFeed::Options{path, admin, u("shop"), {}});
    world.context->entries = &feed;

    QElapsedTimer clock;
    double first = 0;
    {
        QEventLoop loop;
        QObject::connect(&feed, &LedgerFeed::tableReplaced, &loop, &QEventLoop::quit);
        clock.start();
        LedgerPage page(*world.context);
        page.resize(1244, 848);
        page.show();
        loop.exec();
        page.repaint();
        first = milliseconds(clock);
        waitFor(feed);
        limited("cold: the newest entries stand there, being checked", first, openMs);
        line("cold: all of them judged, read and listed", milliseconds(clock) / 1000, "s",
             feed.summary().isWhole() ? "" : "WRONG");
    }
    clock.restart();
    LedgerPage page(*world.context);
    page.resize(1244, 848);
    page.show();
    page.repaint();
    limited("judged before: open the view, first paint", milliseconds(clock), openMs,
            feed.table().size() == entries + 1 ? "" : "WRONG");
    waitFor(feed);

    LedgerModel model;
    model.setTable(&feed.table());
    LedgerFilter filter;
    filter.text = u("rollback service-7 c07d9aa");
    clock.restart();
    model.setFilter(filter);
    line("search all of them for three words", milliseconds(clock), "ms", model.rowCount() > 0 ? "" : "WRONG");
    filter = {};
    filter.application = u("service-7");
    clock.restart();
    model.setFilter(filter);
    line("narrow to one application", milliseconds(clock), "ms", model.rowCount() > 0 ? "" : "WRONG");
    clock.restart();
    feed.refresh();
    waitFor(feed);
    line("look for news where there is none", milliseconds(clock), "ms");
    line("memory of the rows", static_cast<double>(feed.table().memoryUse()) / 1e6, "MB");
    line("memory of the process beyond its start", ProcessUse::now().rssMb - before, "MB");
    line("memory of the process at its peak", ProcessUse::now().peakRssMb, "MB");
    limited("memory of the process, all of them open", ProcessUse::now().rssMb, residentMb, "", "MB");
    return 0;
}

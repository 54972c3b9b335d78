#pragma once

#include "services/async/deliver.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/ledger/sharing/teamledger.h"
#include "services/ledger/view/ledgerfeed.h"
#include "services/promotions/policydesk.h"
#include "tests/support/consoleworld.h"
#include "tests/unit/services/gate/gateledger.h"
#include "ui/pages/consolepages.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTest>
#include <QTextBrowser>

namespace signalbox::test
{

// A promotion from request to outcome, a note of somebody who may not sign, and a freeze.
class LedgerWorld
{
public:
    LedgerWorld()
    {
        approval = ledger.approve(u("ann"));
        ledger.approve(u("bob"));
        claim = ledger.add(policy::Claim{ledger.promotion, ledger.subject, QString::fromLatin1(ledger.policyCommit)},
                           u("ann"));
        policy::PromotionOutcome outcome;
        outcome.promotion = ledger.promotion;
        outcome.claim = claim;
        outcome.subject = ledger.subject;
        outcome.observedAt = ledger.next();
        outcome.message = u("12 of 12 pods run it");
        ledger.add(outcome, u("ann"));
        ForgedCommit byEve;
        byEve.files = {ledger.forge.file(
            ledger.forge.entry(policy::Note{{}, u("web"), u("staging"), u("never mind")}, u("eve"), ledger.next()))};
        byEve.by = u("eve");
        byEve.at = ledger.next();
        ledger.forge.commit(byEve);
        policy::FreezeOrder freeze;
        freeze.application = u("web");
        freeze.environment = u("production");
        freeze.from = ledger.next();
        freeze.until = freeze.from.addDays(2);
        freeze.reason = u("Inventory weekend");
        ledger.add(freeze, u("bob"));
        feed = std::make_unique<LedgerFeed>(
            LedgerFeed::Options{ledger.forge.path(), ledger.forge.key(u("ann")).fingerprint(), {}, {}});
        world.settings->setTheme(ConsoleSettings::ThemeChoice::Dark);
        world.context->entries = feed.get();
        AgeTicker::freezeAt({}); // the ledger's own time is the real one
    }

    void open(const QSize &size = {1440, 900})
    {
        window = std::make_unique<MainWindow>(*world.context, consolePages());
        window->resize(size);
        window->show();
        window->activateWindow();
        window->go({u("ledger"), {}, {}, {}, {}, {}});
        QTRY_COMPARE(feed->state(), LedgerFeed::State::Ready);
        QTRY_VERIFY(!feed->isBusy());
    }

    // As on a person's own machine: shared through a repository beside it, and signed with their key. Before open().
    void share(const QString &person)
    {
        QCOMPARE(runTool(u("git"), {u("init"), u("-q"), u("--bare"), u("-b"), u("main"), remote()}).status, 0);
        TeamLedger::Settings settings;
        settings.path = ledger.forge.path();
        settings.remote = remote();
        settings.access = [url = remote()](StopToken) {
            git::RemoteAccess access;
            access.url = *git::parseRemoteUrl(url);
            return ready(Result<git::RemoteAccess>(access));
        };
        settings.signer = [signer = ledger.forge.signer(person)](StopToken) {
            return ready(Result<std::shared_ptr<ssh::Signer>>(signer));
        };
        settings.pin.firstAdmin = ledger.forge.key(u("ann")).fingerprint();
        team = std::make_unique<TeamLedger>(settings);
        desk = std::make_unique<PolicyDesk>(*team, [person] {
            return Identity{person, person + u("@shop.example"), person, u("desk")};
        });
        world.context->ledger = team.get();
        feed->setPolicyChanges(desk.get());
    }
    QString remote(const char *name = "team.git") const { return folder.filePath(u(name)); }
    void sendNow()
    {
        const auto sent = team->share({});
        QTRY_VERIFY(sent.isFinished());
    }
    void note(const QString &text, const QString &person)
    {
        const auto written =
            team->append(ledger.forge.entry(policy::Note{{}, {}, {}, text}, person, QDateTime::currentDateTimeUtc()));
        QTRY_VERIFY(written.isFinished());
        QVERIFY2(written.result(), written.result() ? "" : qPrintable(written.result().error().message));
    }
    // What git says of every commit behind the entry that nobody may have signed.
    QStringList gitDoubts() const
    {
        QStringList doubts;
        for (const QByteArray &commit : ledger.forge.git({u("rev-list"), u("main")}).out.split('\n')) {
            if (!commit.isEmpty() && ledger.forge.gitSays(commit, ledger.forge.allowedSigners()) != u("good"))
                doubts.append(QString::fromLatin1(commit));
        }
        return doubts;
    }

    template <typename T>
    T *find(const char *name) const
    {
        return window->findChild<T *>(QString::fromLatin1(name));
    }
    TableView &table() const { return *find<TableView>("ledgerTable"); }
    QString cell(int row, int column) const { return table().model()->index(row, column).data().toString(); }
    QString text(const char *name) const { return find<QLabel>(name)->text(); }
    QString fields() const { return find<QTextBrowser>("entryFields")->toPlainText(); }
    int rows() const { return table().model()->rowCount(); }

    // Opens a menu by the button of that name and takes the line that begins so.
    void take(const char *button, const char *menu, const QString &line)
    {
        auto *source = find<QPushButton>(button);
        QVERIFY(source != nullptr && source->isVisible());
        QTest::mouseClick(source, Qt::LeftButton);
        QMenu *opened = nullptr;
        QTRY_VERIFY((opened = qobject_cast<QMenu *>(QApplication::activePopupWidget())) != nullptr);
        QCOMPARE(opened->objectName(), QString::fromLatin1(menu));
        for (QAction *action : opened->actions()) {
            if (action->text().startsWith(line)) {
                action->trigger();
                opened->close();
                return;
            }
        }
        opened->close();
        QFAIL(qPrintable(u("no line ") + line));
    }

    // A picture for people to look at, where SIGNALBOX_SHOTS names a folder.
    void shoot(const char *name) const
    {
        const QString folder = qEnvironmentVariable("SIGNALBOX_SHOTS");
        if (!folder.isEmpty())
            window->grab().save(u("%1/ledger-%2.png").arg(folder, QString::fromLatin1(name)));
    }

    GateLedger ledger;
    QTemporaryDir folder;
    QString approval;
    QString claim;
    std::unique_ptr<TeamLedger> team; // null until share()
    std::unique_ptr<PolicyDesk> desk;
    ConsoleWorld world;
    std::unique_ptr<LedgerFeed> feed;
    std::unique_ptr<MainWindow> window;
};

} // namespace signalbox::test

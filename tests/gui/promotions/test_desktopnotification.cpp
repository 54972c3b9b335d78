// A promotion that comes to wait for the operator, told on the desktop by the real desk over a signed ledger; a click
// on it opens the window on that promotion.
#include "tests/support/consoleworld.h"
#include "tests/unit/services/promotions/promotionworld.h"
#include "ui/pages/promotions/promotionspage.h"
#include "ui/shell/desktopnotifier.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QSignalSpy>

using namespace signalbox;
using namespace signalbox::test;

class TestDesktopNotification : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        m_forge = std::make_unique<Forge>();
        ForgedCommit first;
        first.files = {{u("allowed_signers"), m_forge->allowedSigners()},
                       {u("policy.yaml"), "version: 1\nworkspace: shop\nprincipals:\n"
                                          "  - {name: ann, emails: [ann@shop.example]}\n"
                                          "  - {name: dan, emails: [dan@shop.example]}\n"
                                          "roles:\n  - {name: admins, members: [ann]}\n"
                                          "  - {name: developers, members: [dan]}\n"
                                          "paths:\n  - environments: [staging, production]\n"
                                          "environments:\n  - {environment: staging, noFiringAlerts: false}\n"
                                          "  - environment: production\n"
                                          "    approvals: [{count: 1, roles: [admins]}]\n"
                                          "    noFiringAlerts: false\n    notAuthor: false\n"}};
        first.at = QDateTime::currentDateTimeUtc().addSecs(-3600);
        m_forge->commit(first);
    }

    void aClickOpensWhatWaits()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        ann->desk->start();
        ConsoleWorld world;
        world.context->promotions = ann->desk.get();
        world.context->operations = ann->operations.get();
        Theme theme(*qApp);
        const PageEntry overview{u("overview"), u("Overview"), 1,
                                 [](ConsoleContext &, QWidget *parent) -> Page * { return new EmptyPage(parent); }};
        const PageEntry promotions{
            u("promotions"), u("Promotions"), 3,
            [](ConsoleContext &context, QWidget *parent) -> Page * { return new PromotionsPage(context, parent); }};
        MainWindow window(*world.context, {overview, promotions}, &theme);
        window.show();
        QTRY_VERIFY_WITH_TIMEOUT(ann->desk->board().ledgerFreshness.isLive(), 20000);
        QWidget other; // what the operator looks at
        other.show();
        other.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&other));
        auto *notifier = window.findChild<DesktopNotifier *>();
        QVERIFY(notifier);
        QSignalSpy told(notifier, &DesktopNotifier::told);
        notifier->open(); // nothing was told yet
        QCOMPARE(window.currentPageId(), u("overview"));

        const auto draft = awaited(dan->desk->draft({u("cart"), u("production"), {}, {}, u("it is time")}, {}));
        QVERIFY2(draft, qPrintable(draft ? QString() : draft.error().message));
        const auto id = awaited(dan->desk->request(*draft));
        QVERIFY2(id, qPrintable(id ? QString() : id.error().message));
        QTRY_COMPARE_WITH_TIMEOUT(told.size(), 1, 30000);
        QCOMPARE(told.first().at(0).toString(), u("cart 1.5.0 waits for you"));
        QCOMPARE(told.first().at(1).toString(), u("dan asks that it may go to production."));
        QVERIFY(!window.isActiveWindow());

        notifier->open();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QCOMPARE(window.currentPageId(), u("promotions"));
        QCOMPARE(window.currentPage()->current().object.uid, *id);
        const auto *title = window.currentPage()->findChild<QLabel *>(u("promotionTitle"));
        QTRY_VERIFY2(title->text().startsWith(u("cart")), qPrintable(title->text()));

        // Told once, however often the board is read; and not at all to who asked.
        for (int look = 0; look < 3; ++look)
            (void)ann->card(*id);
        QTRY_VERIFY(ann->desk->isSettled());
        QCOMPARE(told.size(), 1);
    }

private:
    class EmptyPage : public Page
    {
    public:
        using Page::Page;
    };
    std::unique_ptr<Console> console(const char *person) const
    {
        return std::make_unique<Console>(m_forge->path(), u(person), m_forge->signer(u(person)),
                                         Console::Sharing::SamePath);
    }

    std::unique_ptr<Forge> m_forge;
};

QTEST_MAIN(TestDesktopNotification)
#include "test_desktopnotification.moc"

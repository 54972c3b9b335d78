#include "tests/gui/promotions/promotionconsole.h"
#include "ui/pages/changes/changesdialog.h"
#include "ui/pages/promotions/promotionspage.h"
#include "ui/shell/mainwindow.h"
#include "ui/shell/palette.h"
#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QComboBox>
#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

// Production runs 8.1.7, staging 8.1.9; the repository has a release and a hotfix branch beside main and develop.
struct Screen
{
    Screen()
    {
        Deployed production = world.OperationConsole::support();
        production.tracks.first().version = u("8.1.7");
        Deployed staging = production;
        staging.environment = staging.ns = u("staging");
        staging.tracks.first().version = u("8.1.9");
        world.put(production);
        world.put(staging);
        FakeSource &source = *world.source;
        source.releases.insert(u("hotfix/8.1.8"), hex("40f", 40));
        source.names.flow = BranchingFlow::GitFlow;
        source.names.branches = {
            branch("main", BranchKind::Main, "aaaa"), branch("develop", BranchKind::Develop, "dddd"),
            branch("release/8.2", BranchKind::Release, "2222"), branch("hotfix/8.1.8", BranchKind::Hotfix, "40f")};
        source.names.tags = {{u("v8.1.9"), hex("9e1c2f7", 40), {}}, {u("v8.1.7"), hex("5eed", 40), {}}};
        apart("aaaa", "2222", {3, 0, {}, {}, {}});
        apart("dddd", "40f", {1, 4, {}, {}, {}});
        apart("aaaa", "dddd", {5, 0, {}, {}, {}});
        apart("5eed", "9e1c2f7", {4, 0, {}, {}, {}});
        dialog = new ChangesDialog(*world.context, world.OperationConsole::support().application, nullptr);
        dialog->show();
        QApplication::setActiveWindow(dialog);
    }
    ~Screen() { delete dialog; }

    static BranchState branch(const char *name, BranchKind kind, const char *commit)
    {
        BranchState state;
        state.name = u(name);
        state.kind = kind;
        state.commit = hex(commit, 40);
        return state;
    }
    void apart(const char *from, const char *to, const Distance &distance)
    {
        world.source->distances.insert(hex(from, 40) + u("..") + hex(to, 40), distance);
    }
    QComboBox &combo(const char *name) const { return *dialog->findChild<QComboBox *>(u(name)); }
    QString title() const { return textOf(*dialog, "changesTitle"); }
    QString surroundings() const { return textOf(*dialog, "changesSurroundings"); }

    PromotionConsole world;
    QPointer<ChangesDialog> dialog;
};

} // namespace

// Any two releases of an application beside each other.
class TestChangesDialog : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    void beginsWithWhatProductionWouldGet()
    {
        const Screen screen;
        QTRY_COMPARE(screen.combo("changesFrom").count(), 2 + 2 + 4); // running, tags, branches
        QCOMPARE(screen.combo("changesFrom").currentText(), u("8.1.7 (runs in production)"));
        QCOMPARE(screen.combo("changesTo").currentText(), u("8.1.9 (runs in staging)"));
        QCOMPARE(screen.title(), u("smart-support 8.1.7 \u2192 8.1.9"));
        QTRY_COMPARE(screen.dialog->findChild<QAbstractItemView *>(u("changesCommits"))->model()->rowCount(), 4);
    }

    void tellsHowBranchesAndEnvironmentsStand()
    {
        const Screen screen;
        for (const char *part : {"staging is 4 commit", "Git Flow: main, develop", "release/8.2 is 3 ahead of main",
                                 "hotfix/8.1.8 is not merged back to develop", "develop is 5 ahead of main"})
            QTRY_VERIFY2(screen.surroundings().contains(u(part)), qPrintable(screen.surroundings()));
        QVERIFY(screen.surroundings().contains(u("ahead of production")));
    }

    void comparesWhatIsChosenOrTyped_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("asked");
        QTest::newRow("an environment") << u("8.1.9 (runs in staging)") << u("8.1.9");
        QTest::newRow("a tag") << u("v8.1.9") << u("v8.1.9");
        QTest::newRow("a branch") << u("hotfix/8.1.8 (branch)") << u("hotfix/8.1.8");
        QTest::newRow("a digest") << u(" sha256:77b0e41c ") << u("sha256:77b0e41c");
    }
    void comparesWhatIsChosenOrTyped()
    {
        QFETCH(QString, typed);
        QFETCH(QString, asked);
        const Screen screen;
        QTRY_COMPARE(screen.combo("changesFrom").count(), 8);
        screen.world.source->resolved.clear();
        screen.combo("changesFrom").setEditText(u("8.1.7 (runs in production)"));
        screen.combo("changesTo").setEditText(typed == u("8.1.9 (runs in staging)") ? QString() : typed);
        if (typed.endsWith(u("staging)")))
            screen.combo("changesTo").setEditText(typed);
        QTRY_VERIFY2(screen.world.source->resolved.contains(asked) ||
                         screen.title() == u("smart-support 8.1.7 \u2192 ") + asked,
                     qPrintable(screen.title()));
        QTRY_COMPARE(screen.title(), u("smart-support 8.1.7 \u2192 ") + asked);
    }

    // A comparison begins while somebody is still writing: the next letters belong to the field, and Enter is no
    // button.
    void whoWritesKeepsTheField()
    {
        const Screen screen;
        QTRY_COMPARE(screen.combo("changesFrom").count(), 8);
        QComboBox *field = &screen.combo("changesTo");
        QTRY_COMPARE(QApplication::focusWidget(), field);
        field->lineEdit()->selectAll();
        QTest::keyClicks(field, u("8.1."));
        QTRY_COMPARE(screen.title(), u("smart-support 8.1.7 \u2192 8.1."));
        QCOMPARE(QApplication::focusWidget(), field);
        QTest::keyClicks(QApplication::focusWidget(), u("5"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QCOMPARE(screen.title(), u("smart-support 8.1.7 \u2192 8.1.5"));
        QCOMPARE(screen.combo("changesFrom").currentText(), u("8.1.7 (runs in production)"));
        QVERIFY(screen.dialog->isVisible());
    }

    void fitsIntoItsWindow()
    {
        const PromotionConsole world;
        QWidget window;
        window.resize(1100, 700);
        window.show();
        ChangesDialog dialog(*world.context, {}, &window);
        dialog.setAttribute(Qt::WA_DeleteOnClose, false);
        dialog.show();
        QVERIFY2(dialog.width() <= 1100 && dialog.height() <= 700,
                 qPrintable(u("%1x%2").arg(dialog.width()).arg(dialog.height())));
    }

    void saysWhatIsNotFound()
    {
        const Screen screen;
        screen.combo("changesTo").setEditText(u("9.9.9"));
        const auto shown = [&screen] {
            QStringList texts;
            for (const QLabel *label : screen.dialog->findChildren<QLabel *>()) {
                if (label->isVisible())
                    texts << label->text();
            }
            return texts.join(u(" | "));
        };
        QTRY_VERIFY2(shown().contains(u("There is no release 9.9.9")), qPrintable(shown()));
    }

    void isReachedFromThePromotionsPage()
    {
        PromotionConsole world;
        PromotionsPage page(*world.context);
        page.show();
        NavigationTarget target;
        target.page = u("promotions");
        target.hint = u("changes");
        page.open(target);
        auto *dialog = page.findChild<ChangesDialog *>(u("changesDialog"));
        QVERIFY(dialog && dialog->isVisible());
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!page.findChild<ChangesDialog *>(u("changesDialog")));
    }

    void isReachedFromThePalette()
    {
        PromotionConsole world;
        const PageEntry entry{
            u("promotions"), u("Promotions"), 3,
            [](ConsoleContext &context, QWidget *parent) -> Page * { return new PromotionsPage(context, parent); }};
        MainWindow window(*world.context, {entry}, m_theme.get());
        window.resize(1200, 800);
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier);
        auto *input = window.findChild<QLineEdit *>(u("paletteInput"));
        QTRY_VERIFY(input->isVisible() && input->hasFocus());
        QTest::keyClicks(input, u("compare two rel"));
        QCOMPARE(window.findChild<Palette *>(u("palette"))->model().at(0).title, u("Compare two releases"));
        QTest::keyClick(input, Qt::Key_Return);
        QTRY_VERIFY(window.findChild<ChangesDialog *>(u("changesDialog")) != nullptr);
        const QPointer<ChangesDialog> dialog = window.findChild<ChangesDialog *>(u("changesDialog"));
        QVERIFY(dialog->isVisible());
        QTRY_VERIFY(dialog->findChild<QComboBox *>(u("changesFrom"))->count() > 0);
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!dialog);
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestChangesDialog)
#include "test_changesdialog.moc"

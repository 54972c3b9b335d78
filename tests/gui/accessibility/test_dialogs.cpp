// What a screen reader is told of everything that opens over the pages: dialogs, forms, menus and overlays of the real
// window on the practice world. The pages themselves are walked by walk.sh, through the platform's own tree.
#include "tests/support/realconsole.h"
#include "ui/dialogs/prompter.h"

#include <QAccessible>
#include <QApplication>
#include <QDialog>
#include <QElapsedTimer>
#include <QFile>
#include <QMenu>
#include <QPushButton>

#include <functional>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

// As tests/lab/display/a11y.py has them.
bool isOperable(QAccessible::Role role)
{
    switch (role) {
    case QAccessible::Button:
    case QAccessible::ButtonDropDown:
    case QAccessible::ButtonMenu:
    case QAccessible::CheckBox:
    case QAccessible::RadioButton:
    case QAccessible::ComboBox:
    case QAccessible::EditableText:
    case QAccessible::SpinBox:
    case QAccessible::Slider:
    case QAccessible::MenuItem:
    case QAccessible::PageTab:
    case QAccessible::Table:
    case QAccessible::Tree:
    case QAccessible::List:
    case QAccessible::Dialog:
        return true;
    default:
        return false;
    }
}

bool isNoRole(QAccessible::Role role)
{
    return role == QAccessible::NoRole || role == QAccessible::Client || role == QAccessible::Pane ||
           role == QAccessible::Grouping || role == QAccessible::Whitespace;
}

struct Walk
{
    int controls = 0;
    QStringList wrong;

    void look(QAccessibleInterface *node, const QString &path)
    {
        if (node == nullptr || !node->isValid() || node->state().invisible)
            return;
        const QAccessible::Role role = node->role();
        const QString name = node->text(QAccessible::Name).trimmed();
        const QObject *object = node->object();
        const QString here =
            path + text(" / ") +
            (object ? text(object->metaObject()->className()) + u'#' + object->objectName() : text("a part"));
        controls += isOperable(role) || node->state().focusable ? 1 : 0;
        if (isOperable(role) && name.isEmpty())
            wrong << text("no name: ") + here;
        if (isNoRole(role) && node->state().focusable)
            wrong << text("no role: ") + here;
        for (int i = 0; i < node->childCount(); ++i)
            look(node->child(i), here);
    }
};

} // namespace

class TestAccessibleDialogs : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { QVERIFY(m_real.open()); }

    void everyControlHasANameAndARole_data()
    {
        using Open = std::function<void()>;
        QTest::addColumn<Open>("open");
        QTest::addColumn<QString>("opened"); // object name; starts with it
        const auto row = [](const char *name, const char *opened, const Open &open) {
            QTest::newRow(name) << open << text(opened);
        };
        const auto choose = [this](const char *words) {
            return [this, words] { QVERIFY(m_real.choose(text(words))); };
        };
        const auto click = [this](const char *page, const char *button) {
            return [this, page, button] {
                QVERIFY(m_real.choose(text(page)));
                QTRY_VERIFY_WITH_TIMEOUT(hands().find(text(button)) && hands().find(text(button))->isEnabled(), 20'000);
                const auto doubt = hands().click(text(button));
                QVERIFY2(!doubt, qPrintable(doubt.value_or(QString())));
            };
        };
        const auto ask = [this](auto how) { return [this, how] { how(m_prompter, &window()); }; };

        row("scale", "actionDialog", choose("scale search-ranker"));
        row("restart", "actionDialog", choose("restart search-ranker"));
        row("ask for a promotion", "requestDialog", choose("ask for a promotion"));
        row("order a freeze", "freezeDialog", choose("order a freeze"));
        row("compare two releases", "changesDialog", choose("compare two releases"));
        row("add a cluster", "connectionForm", choose("add a cluster"));
        row("add a Prometheus", "connectionForm", choose("add a prometheus"));
        row("running requests", "signalbox::RequestsPanel", choose("show running requests"));
        row("the guide", "guideOverlay", choose("show the guide"));
        row("a new query", "queryEditor", click("metrics", "addQuery"));
        row("a range of one's own", "customRange", click("metrics", "range-custom"));
        row("a chip's choices", "chipMenu", click("metrics", "interval"));
        row("a note", "questionDialog", click("ledger", "ledgerNote"));
        row("what else a promotion can be told", "decisionMenu", click("promotions", "decisionMore"));

        const Prompter::Question question{text("Roll back"), text("cart to 1.4.0"), text("Roll back now"), {}, true};
        row("one plain question", "questionDialog",
            ask([question](Prompter &prompter, QWidget *parent) { prompter.ask(parent, question, [](bool) {}); }));
        row("the typed name", "questionDialog", ask([question](Prompter &prompter, QWidget *parent) {
                prompter.askTypedName(parent, {question, text("cart")}, [](bool) {});
            }));
        row("a number", "questionDialog", ask([question](Prompter &prompter, QWidget *parent) {
                prompter.askNumber(parent, {question, text("Replicas"), 3}, [](std::optional<int>) {});
            }));
        row("a reason", "questionDialog", ask([question](Prompter &prompter, QWidget *parent) {
                prompter.askText(parent, {question, text("Reason"), {}}, [](const std::optional<QString> &) {});
            }));
        row("a file to read", "QFileDialog", ask([](Prompter &prompter, QWidget *parent) {
                prompter.askFile(parent, text("Open a kubeconfig file"), text("All files (*)"), [](const QString &) {});
            }));
        row("a file to write", "QFileDialog", ask([](Prompter &prompter, QWidget *parent) {
                prompter.askSaveFile(parent, text("Save the log"), text("pod.log"), [](const QString &) {});
            }));
    }
    void everyControlHasANameAndARole()
    {
        QFETCH(std::function<void()>, open);
        QFETCH(QString, opened);
        open();
        if (QTest::currentTestFailed())
            return;
        QTRY_VERIFY2_WITH_TIMEOUT(find(opened) != nullptr, qPrintable(opened), 10'000);
        // Plans, lists and previews come; then it stands still.
        Walk walk;
        const auto look = [&] {
            walk = {};
            walk.look(QAccessible::queryAccessibleInterface(find(opened)), {});
            return walk.controls;
        };
        int before = -1;
        QElapsedTimer still;
        const auto standsStill = [&] {
            const int now = look();
            if (now != std::exchange(before, now))
                still.restart();
            return still.elapsed() >= 400;
        };
        still.start();
        QTRY_VERIFY_WITH_TIMEOUT(standsStill(), 10'000);
        QVERIFY2(walk.wrong.isEmpty(), qPrintable(u'\n' + walk.wrong.join(u'\n')));
        QVERIFY(walk.controls > 0);
    }
    void cleanup()
    {
        for (int i = 0; i < 5 && QApplication::activePopupWidget() != nullptr; ++i)
            QApplication::activePopupWidget()->close();
        for (QWidget *top : QApplication::topLevelWidgets()) {
            if (qobject_cast<QDialog *>(top) && top->isVisible())
                top->close();
        }
        QTRY_VERIFY(QApplication::activeModalWidget() == nullptr);
        for (const char *name : {"connectionForm", "signalbox::RequestsPanel", "guideOverlay"}) {
            const auto isGone = [name] { return find(text(name)) == nullptr; };
            for (int i = 0; i < 3 && !isGone(); ++i) { // the first one may leave a field
                hands().press(Qt::Key_Escape);
                (void)QTest::qWaitFor(isGone, 200);
            }
        }
        window().activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window()));
    }

private:
    MainWindow &window() { return m_real.console().window(); }
    TourOperator &hands() { return m_real.hands(); }
    // The visible one, in whichever window.
    static QWidget *find(const QString &name)
    {
        for (QWidget *each : QApplication::allWidgets()) {
            if (each->isVisible() && (each->objectName() == name || each->inherits(name.toUtf8().constData())))
                return each;
        }
        return nullptr;
    }

    RealConsole m_real;
    DialogPrompter m_prompter;
};

QTEST_MAIN(TestAccessibleDialogs)
#include "test_dialogs.moc"

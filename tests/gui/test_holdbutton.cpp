// Held until it counts: the button, and what stands for it where nobody can hold.
#include "ui/dialogs/holdalternative.h"
#include "ui/dialogs/prompter.h"
#include "ui/theme/theme.h"
#include "ui/widgets/holdbutton.h"

#include <QAccessible>
#include <QApplication>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using namespace std::chrono_literals;

namespace
{

const Confirmation holdBack{Confirmation::Kind::Hold, 400ms, {}};
const Confirmation holdForward{Confirmation::Kind::Hold, 800ms, {}};

} // namespace

class TestHoldButton : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }

    void holdActsOnceTheTimeIsFull_data()
    {
        QTest::addColumn<bool>("byMouse");
        QTest::addColumn<bool>("back");
        QTest::newRow("mouse, back") << true << true;
        QTest::newRow("Enter, back") << false << true;
        QTest::newRow("mouse, forward") << true << false;
        QTest::newRow("Enter, forward") << false << false;
    }
    void holdActsOnceTheTimeIsFull()
    {
        QFETCH(bool, byMouse);
        QFETCH(bool, back);
        QWidget window;
        QLineEdit other(&window);
        HoldButton button(QStringLiteral("Roll back now"), back ? ToneName::Failing : ToneName::Green, &window);
        prepare(window, button);
        button.showPlan("plan", back ? holdBack : holdForward);
        QSignalSpy started(&button, &HoldButton::holdStarted);
        QSignalSpy held(&button, &HoldButton::held);
        const int full = back ? 400 : 800;
        button.setFocus();
        m_now += 10;
        down(button, byMouse);
        QCOMPARE(started.size(), 1);
        m_now += full - 1;
        button.check();
        QCOMPARE(held.size(), 0);
        QVERIFY(button.progress() > 0.99);
        m_now += 1;
        button.check();
        QCOMPARE(held.size(), 1);
        QCOMPARE(held[0][0].toByteArray(), QByteArray("plan"));
        m_now += 5000;
        button.check();
        up(button, byMouse);
        QCOMPARE(held.size(), 1);
    }

    // As where a decision is carried out: the button goes while it is down, and its release with it.
    void theNextHoldCountsAtOnce_data()
    {
        QTest::addColumn<bool>("byMouse");
        QTest::newRow("mouse") << true;
        QTest::newRow("key") << false;
    }
    void theNextHoldCountsAtOnce()
    {
        QFETCH(bool, byMouse);
        QWidget window;
        QLineEdit other(&window);
        HoldButton button(QStringLiteral("Approve"), ToneName::Green, &window);
        prepare(window, button);
        button.showPlan("first", holdForward);
        QSignalSpy held(&button, &HoldButton::held);
        connect(&button, &HoldButton::held, &button, &QWidget::hide);
        button.setFocus();
        m_now += 10;
        down(button, byMouse);
        m_now += 800;
        button.check();
        QCOMPARE(held.size(), 1);
        other.setFocus(); // what is released is released there
        button.showPlan("second", holdForward);
        button.show();
        button.setFocus();
        m_now += 10;
        down(button, byMouse);
        m_now += 800;
        button.check();
        QCOMPARE(held.size(), 2);
        QCOMPARE(held[1][0].toByteArray(), QByteArray("second"));
    }

    void holdStartsAnew_data()
    {
        QTest::addColumn<QString>("cause");
        for (const char *cause : {"released", "another plan", "no plan", "focus lost", "disabled", "mouse left"})
            QTest::newRow(cause) << QString::fromLatin1(cause);
    }
    void holdStartsAnew()
    {
        QFETCH(QString, cause);
        QWidget window;
        QLineEdit other(&window);
        HoldButton button(QStringLiteral("Roll back now"), ToneName::Failing, &window);
        prepare(window, button);
        button.showPlan("plan", holdBack);
        QSignalSpy released(&button, &HoldButton::holdReleased);
        QSignalSpy held(&button, &HoldButton::held);
        const bool byMouse = cause == QLatin1String("mouse left");
        button.setFocus();
        m_now += 10;
        down(button, byMouse);
        m_now += 300;
        if (cause == QLatin1String("released"))
            up(button, false);
        else if (cause == QLatin1String("another plan"))
            button.showPlan("other", holdBack);
        else if (cause == QLatin1String("no plan"))
            button.showPlan({}, holdBack);
        else if (cause == QLatin1String("focus lost"))
            other.setFocus();
        else if (cause == QLatin1String("disabled"))
            button.setEnabled(false);
        else
            QTest::mouseMove(&button, QPoint(button.width() + 40, 5));
        if (byMouse) { // offscreen, mouseMove carries no buttons: send what the platform would
            QMouseEvent leave(QEvent::MouseMove, QPointF(button.width() + 40, 5), QPointF(), Qt::NoButton,
                              Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(&button, &leave);
        }
        QCOMPARE(released.size(), 1);
        m_now += 5000;
        button.check();
        QCOMPARE(held.size(), 0);
    }

    // On Windows a key that is down comes back without saying that it repeats.
    void aKeyThatWasDownWhenTheWindowWasLeftIsNoNewPress_data()
    {
        QTest::addColumn<QString>("events");
        QTest::addColumn<bool>("acts");
        // k Enter, m mouse, r Enter let go, w window left, f and back, o and back from another button, . a second
        QTest::newRow("still down") << "kwfk" << false;
        QTest::newRow("still down, left twice") << "kwfwfk" << false;
        QTest::newRow("still down, let go, pressed anew") << "kwfkrk" << true;
        QTest::newRow("let go elsewhere, pressed later") << "kwf.k" << true;
        QTest::newRow("let go elsewhere, by the mouse") << "kwfm" << true;
        QTest::newRow("let go before") << "krwfk" << true;
        QTest::newRow("within the window") << "kok" << true;
    }
    void aKeyThatWasDownWhenTheWindowWasLeftIsNoNewPress()
    {
        QFETCH(QString, events);
        QWidget window;
        QLineEdit other(&window);
        HoldButton button(QStringLiteral("Roll back now"), ToneName::Failing, &window);
        prepare(window, button);
        button.showPlan("plan", holdBack);
        const QSignalSpy held(&button, &HoldButton::held);
        button.setFocus();
        for (const QChar event : events) {
            m_now += event == QLatin1Char('.') ? 1000 : 10;
            if (event == QLatin1Char('k') || event == QLatin1Char('m'))
                down(button, event == QLatin1Char('m'));
            else if (event == QLatin1Char('r'))
                up(button, false);
            if (event == QLatin1Char('w') || event == QLatin1Char('o')) {
                QFocusEvent left(QEvent::FocusOut,
                                 event == QLatin1Char('w') ? Qt::ActiveWindowFocusReason : Qt::TabFocusReason);
                QCoreApplication::sendEvent(&button, &left);
            }
            if (event == QLatin1Char('f') || event == QLatin1Char('o')) {
                QFocusEvent back(QEvent::FocusIn,
                                 event == QLatin1Char('f') ? Qt::ActiveWindowFocusReason : Qt::TabFocusReason);
                QCoreApplication::sendEvent(&button, &back);
            }
        }
        m_now += 500;
        button.check();
        QTEST(held.size() == 1, "acts");
    }

    void autoRepeatDoesNotCount()
    {
        QWidget window;
        HoldButton button(QStringLiteral("Roll back now"), ToneName::Failing, &window);
        prepare(window, button);
        button.showPlan("plan", holdBack);
        QSignalSpy started(&button, &HoldButton::holdStarted);
        button.setFocus();
        QKeyEvent repeat(QEvent::KeyPress, Qt::Key_Return, Qt::NoModifier, QStringLiteral("\r"), true);
        QApplication::sendEvent(&button, &repeat);
        QCOMPARE(started.size(), 0);
    }

    void pressBeforeThePlanStoodDoesNotCount()
    {
        QWidget window;
        HoldButton button(QStringLiteral("Roll back now"), ToneName::Failing, &window);
        prepare(window, button);
        QSignalSpy held(&button, &HoldButton::held);
        button.setFocus();
        down(button, false);
        m_now += 50;
        button.showPlan("plan", holdBack);
        m_now += 5000;
        button.check();
        QCOMPARE(held.size(), 0);
        up(button, false);
        down(button, false);
        m_now += 400;
        button.check();
        QCOMPARE(held.size(), 1);
    }

    void unprotectedActsAtAPress()
    {
        QWidget window;
        HoldButton button(QStringLiteral("Restart"), ToneName::Green, &window);
        prepare(window, button);
        button.showPlan("plan", {Confirmation::Kind::Press, 0ms, {}});
        QSignalSpy held(&button, &HoldButton::held);
        button.setFocus();
        down(button, true);
        QCOMPARE(held.size(), 1);
    }

    void screenReaderIsAsked()
    {
        QWidget window;
        HoldButton button(QStringLiteral("Roll back now"), ToneName::Failing, &window);
        prepare(window, button);
        button.showPlan("plan", holdBack);
        QSignalSpy asked(&button, &HoldButton::alternativeRequested);
        QSignalSpy held(&button, &HoldButton::held);
        QAccessibleInterface *reader = QAccessible::queryAccessibleInterface(&button);
        QVERIFY(reader != nullptr);
        QCOMPARE(reader->role(), QAccessible::Button);
        QVERIFY(reader->actionInterface() != nullptr);
        reader->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
        QTRY_COMPARE(asked.size(), 1);
        QCOMPARE(held.size(), 0);
    }

    void typedNameMustBeExact()
    {
        QWidget window;
        window.show();
        DialogPrompter prompter;
        int answers = 0;
        bool accepted = false;
        askInsteadOfHold(prompter, &window, Direction::Forward, QStringLiteral("cart"), QStringLiteral("Shift cart"),
                         QStringLiteral("25 % to 50 %"), QStringLiteral("Shift"), [&](bool yes) {
                             ++answers;
                             accepted = yes;
                         });
        auto *input = window.findChild<QLineEdit *>(QStringLiteral("typedName"));
        auto *accept = window.findChild<QPushButton *>(QStringLiteral("accept"));
        QVERIFY(input != nullptr && accept != nullptr);
        QTest::keyClicks(input, QStringLiteral("car"));
        QVERIFY(!accept->isEnabled());
        QTest::keyClicks(input, QStringLiteral("t"));
        QVERIFY(accept->isEnabled());
        accept->click();
        QCOMPARE(answers, 1);
        QVERIFY(accepted);
    }

    void goingBackIsOnePlainQuestion()
    {
        QWidget window;
        window.show();
        DialogPrompter prompter;
        std::optional<bool> answer;
        askInsteadOfHold(prompter, &window, Direction::Back, QStringLiteral("cart"), QStringLiteral("Roll back cart"),
                         QStringLiteral("2 to 1"), QStringLiteral("Roll back now"), [&](bool yes) { answer = yes; });
        QVERIFY(window.findChild<QLineEdit *>(QStringLiteral("typedName")) == nullptr);
        window.findChild<QPushButton *>(QStringLiteral("reject"))->click();
        QCOMPARE(answer, std::optional(false));
    }

private:
    void prepare(QWidget &window, HoldButton &button)
    {
        button.setGeometry(0, 0, 220, 36);
        button.setClock([this] { return m_now; });
        window.resize(400, 200);
        for (QLineEdit *other : window.findChildren<QLineEdit *>()) {
            other->setGeometry(0, 100, 100, 30);
            other->setFocus();
        }
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
    }
    static void down(QWidget &button, bool byMouse)
    {
        if (byMouse)
            QTest::mousePress(&button, Qt::LeftButton);
        else
            QTest::keyPress(&button, Qt::Key_Return);
    }
    static void up(QWidget &button, bool byMouse)
    {
        if (byMouse)
            QTest::mouseRelease(&button, Qt::LeftButton);
        else
            QTest::keyRelease(&button, Qt::Key_Return);
    }

    std::unique_ptr<Theme> m_theme;
    qint64 m_now = 1000;
};

QTEST_MAIN(TestHoldButton)
#include "test_holdbutton.moc"

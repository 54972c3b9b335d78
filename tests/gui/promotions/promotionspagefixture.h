#pragma once

#include "tests/gui/promotions/promotionconsole.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/promotions/promotionspage.h"
#include "ui/pages/promotions/requestdialog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QTest>

#include <functional>
#include <memory>

namespace signalbox::test
{

// The page of promotions over a desk fed by hand, its buttons held by a clock of their own.
struct Screen
{
    explicit Screen(const std::function<void(PromotionConsole &)> &prepare = {})
        : page((prepare ? prepare(world) : void(), *world.context))
    {
        AgeTicker::freezeAt(world.now);
        page.resize(1240, 800);
        page.show();
        QApplication::setActiveWindow(&page);
        page.open({});
        for (HoldButton *button : page.findChildren<HoldButton *>())
            world.takeClock(button);
    }
    ~Screen() { AgeTicker::freezeAt({}); }

    HoldButton *button(const char *name) const { return page.findChild<HoldButton *>(QLatin1String(name)); }
    HoldButton *approve() const { return button("approveButton"); }
    HoldButton *reject() const { return button("rejectButton"); }
    HoldButton *start() const { return button("holdButton"); }
    RowList *inbox() const { return page.findChild<RowList *>(QStringLiteral("promotionsInbox")); }
    QLineEdit *comment() const { return page.findChild<QLineEdit *>(QStringLiteral("decisionComment")); }
    QString label(const char *name) const { return textOf(page, name); }
    QString words() const { return label("decisionText"); }
    QString panelText(const char *name) const
    {
        const auto *panel = page.findChild<Panel *>(QLatin1String(name));
        return panel ? textOf(*panel, "panelMessageText") : QString();
    }
    QStringList rows() const
    {
        QStringList all;
        for (int i = 0; i < inbox()->model()->rowCount(); ++i)
            all << inbox()->model()->index(i, 0).data().toString();
        return all;
    }
    const QList<FakeDesk::Told> &told() const { return world.desk.told; }
    // By the button; the draft is that of smart-support.
    RequestDialog *askForPromotion()
    {
        world.desk.drafted.request = world.board().find(PromotionConsole::support)->request;
        world.desk.drafted.decision = world.board().find(PromotionConsole::support)->decision;
        QTest::mouseClick(page.findChild<QPushButton *>(QStringLiteral("askForPromotion")), Qt::LeftButton);
        return page.findChild<RequestDialog *>();
    }
    void select(const QString &id)
    {
        NavigationTarget target;
        target.object.uid = id;
        page.open(target);
    }

    PromotionConsole world;
    PromotionsPage page;
};

class PromotionsPageFixture : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

protected:
    std::unique_ptr<Theme> m_theme;
};

} // namespace signalbox::test

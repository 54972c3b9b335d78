#include "tests/gui/metrics/metricsworld.h"
#include "tests/support/fakemetricsource.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartview.h"
#include "ui/pages/metrics/metricspage.h"
#include "ui/pages/metrics/metricspresenter.h"
#include "ui/pages/metrics/panelgrid.h"
#include "ui/pages/metrics/queryeditor.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tableview.h"

#include <QApplication>
#include <QClipboard>
#include <QDateTimeEdit>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using test::FakeMetricSource;
using test::MetricsWorld;

class TestMetricsPage : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }

    void init()
    {
        m_world = std::make_unique<MetricsWorld>();
        auto source = std::make_unique<FakeMetricSource>();
        m_source = source.get();
        m_source->suggestions = {
            FakeMetricSource::panel(QStringLiteral("requests"), QStringLiteral("Requests"),
                                    QStringLiteral("per second")),
            FakeMetricSource::panel(QStringLiteral("errors"), QStringLiteral("Error rate"), QStringLiteral("percent")),
            FakeMetricSource::panel(QStringLiteral("latency-p95"), QStringLiteral("p95 latency"),
                                    QStringLiteral("ms"))};
        Alert alert;
        alert.name = QStringLiteral("SlotErrorsHigh");
        alert.state = Alert::State::Firing;
        alert.labels = {{QStringLiteral("slot"), QStringLiteral("green")}};
        alert.annotations = {{QStringLiteral("summary"), QStringLiteral("green fails 8 % of requests")}};
        alert.activeAt = QDateTime::currentDateTimeUtc().addSecs(-90);
        alert.value = QStringLiteral("8e-02");
        m_source->alertList = {alert};
        AlertRule silent;
        silent.group = QStringLiteral("g");
        silent.name = QStringLiteral("SlotAway");
        silent.expression = QStringLiteral("up == 0");
        silent.health = QStringLiteral("ok");
        AlertRule broken = silent;
        broken.name = QStringLiteral("Broken");
        broken.health = QStringLiteral("err");
        broken.lastError = QStringLiteral("many-to-many");
        m_source->ruleList = {silent, broken};
        m_world->metrics.add(std::move(source));
    }

    void cleanup()
    {
        m_page.reset();
        m_world.reset();
    }

    void panelsOfTheApplicationAreDrawnPerTrack()
    {
        show();
        QTRY_VERIFY(chart("requests"));
        QTRY_COMPARE(chart("requests")->data().series.size(), 2);
        QCOMPARE(chart("requests")->data().series.first().track, QStringLiteral("blue"));
        QCOMPARE(m_source->subjects.last().application, QStringLiteral("cart"));
        QCOMPARE(m_source->subjects.last().tracks.last().workloads, QStringList{QStringLiteral("cart-green")});
        QVERIFY(!m_source->asked.first().expression.contains(QStringLiteral("{window}")));
        QCOMPARE(m_page->crumbs(), (QStringList{QStringLiteral("cart"), QStringLiteral("production")}));
        QCOMPARE(m_page->charts().markers().first().label, QStringLiteral("1.5.0 to green"));
    }

    void chartsReflow_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<int>("columns");
        QTest::newRow("1440 x 900") << QSize(1244, 822) << 3;
        QTest::newRow("1100 x 700") << QSize(904, 622) << 2;
        QTest::newRow("wide") << QSize(1700, 900) << 4;
    }
    void chartsReflow()
    {
        QFETCH(QSize, size);
        show(size);
        auto *grid = m_page->findChild<PanelGrid *>();
        QTRY_VERIFY(grid->columns() > 0);
        const int shown = grid->columns();
        QTEST(shown, "columns");
    }

    void theRangeIsChosen()
    {
        show();
        QTRY_VERIFY(chart("requests"));
        QTest::mouseClick(m_page->findChild<QPushButton *>(QStringLiteral("range-360")), Qt::LeftButton);
        QCOMPARE(m_page->charts().axis().length(), 6 * 3600 * 1000);
        QTRY_COMPARE(m_page->presenter().feed().range().lengthMs, 6 * 3600 * 1000);
        QTRY_VERIFY(m_source->asked.last().start.msecsTo(m_source->asked.last().end) >= 6 * 3600 * 1000);
        QVERIFY(m_source->asked.last().stepMs >= 60000);
    }

    void aCustomRangeIsFixed()
    {
        show();
        QTest::mouseClick(m_page->findChild<QPushButton *>(QStringLiteral("range-custom")), Qt::LeftButton);
        QDialog *dialog = nullptr;
        QTRY_VERIFY((dialog = m_page->findChild<QDialog *>(QStringLiteral("customRange"))));
        auto *from = dialog->findChild<QDateTimeEdit *>(QStringLiteral("from"));
        auto *until = dialog->findChild<QDateTimeEdit *>(QStringLiteral("until"));
        auto *accept = dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok);
        const QDateTime wrong = from->dateTime();
        until->setDateTime(wrong.addSecs(-60));
        QVERIFY(!accept->isEnabled());
        until->setDateTime(wrong.addSecs(120));
        QVERIFY(accept->isEnabled());
        QTest::mouseClick(accept, Qt::LeftButton);
        QTRY_VERIFY(!m_page->charts().axis().isLive());
        QCOMPARE(m_page->charts().axis().length(), 120000);
    }

    void zoomingAsksForWhatIsVisibleAndComesBack()
    {
        show();
        QTRY_VERIFY(chart("requests") && chart("requests")->data().series.size() == 2);
        chart("requests")->view().setFocus();
        QTest::keyClick(&chart("requests")->view(), Qt::Key_Plus);
        auto *live = m_page->findChild<QPushButton *>(QStringLiteral("live"));
        QVERIFY(live->isVisible());
        QTRY_VERIFY(!m_page->presenter().feed().range().isLive());
        QTest::mouseClick(live, Qt::LeftButton);
        QTRY_VERIFY(m_page->presenter().feed().range().isLive());
        QVERIFY(!live->isVisible());
    }

    void alertsThatFireComeFirstAndAreFiltered()
    {
        show();
        auto *table = m_page->findChild<TableView *>(QStringLiteral("alertsTable"));
        QTRY_COMPARE(table->model()->rowCount(), 3);
        QCOMPARE(name(table, 0), QStringLiteral("SlotErrorsHigh"));
        QCOMPARE(name(table, 1), QStringLiteral("Broken"));
        QCOMPARE(name(table, 2), QStringLiteral("SlotAway"));
        QVERIFY(m_page->focusFilter());
        QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("many-to"));
        QTRY_COMPARE(table->model()->rowCount(), 1);
        QCOMPARE(name(table, 0), QStringLiteral("Broken"));
        QVERIFY(m_page->goBack());
        QTRY_COMPARE(table->model()->rowCount(), 3);
        QVERIFY(!m_page->goBack());
    }

    void aQueryIsEditedWithAPreview()
    {
        show();
        QTRY_VERIFY(chart("errors") && chart("errors")->data().series.size() == 2);
        chart("errors")->view().setFocus();
        QTest::keyClick(&chart("errors")->view(), Qt::Key_E);
        QueryEditor *editor = nullptr;
        QTRY_VERIFY((editor = m_page->findChild<QueryEditor *>()));
        auto *expression = editor->findChild<QPlainTextEdit *>(QStringLiteral("expression"));
        auto *problem = editor->findChild<QLabel *>(QStringLiteral("problem"));
        auto *save = editor->findChild<QPushButton *>(QStringLiteral("save"));
        auto *preview = editor->findChild<ChartPanel *>(QStringLiteral("preview"));
        QTRY_COMPARE(preview->data().series.size(), 2);
        QVERIFY(!editor->findChild<QPushButton *>(QStringLiteral("remove"))->isVisible());

        expression->setPlainText(QStringLiteral("u!"));
        QTRY_VERIFY2(problem->text().contains(QStringLiteral("parse error")), qPrintable(problem->text()));
        QVERIFY(!save->isEnabled());
        expression->setPlainText(QStringLiteral("my_errors"));
        QTRY_VERIFY(problem->text().isEmpty());
        QVERIFY(save->isEnabled());
        auto *limit = editor->findChild<QLineEdit *>(QStringLiteral("limit"));
        limit->setText(QStringLiteral("much"));
        QVERIFY(!save->isEnabled());
        QVERIFY(problem->text().contains(QStringLiteral("not a number")));
        limit->setText(QStringLiteral("0.5"));
        QTest::mouseClick(save, Qt::LeftButton);
        QTRY_COMPARE(chart("errors")->data().panel.expression, QStringLiteral("my_errors"));
        QCOMPARE(chart("errors")->data().panel.limit, std::optional(0.5));
        QVERIFY(m_page->presenter().isOwn(QStringLiteral("errors")));

        // Kept: another page finds it again.
        m_page.reset();
        show();
        QTRY_VERIFY(chart("errors"));
        QCOMPARE(chart("errors")->data().panel.expression, QStringLiteral("my_errors"));
        QVERIFY(m_page->presenter().removePanel(QStringLiteral("errors")));
        QTRY_COMPARE(chart("errors")->data().panel.expression, QStringLiteral("errors[{window}]"));
    }

    void anOwnQueryIsAddedBehindTheOthers()
    {
        show();
        QTRY_VERIFY(chart("errors"));
        QTest::mouseClick(m_page->findChild<QPushButton *>(QStringLiteral("addQuery")), Qt::LeftButton);
        QueryEditor *editor = nullptr;
        QTRY_VERIFY((editor = m_page->findChild<QueryEditor *>()));
        QVERIFY(!editor->findChild<QPushButton *>(QStringLiteral("save"))->isEnabled());
        editor->findChild<QLineEdit *>(QStringLiteral("title"))->setText(QStringLiteral("Mine"));
        editor->findChild<QPlainTextEdit *>(QStringLiteral("expression"))->setPlainText(QStringLiteral("up"));
        QTest::mouseClick(editor->findChild<QPushButton *>(QStringLiteral("save")), Qt::LeftButton);
        QTRY_COMPARE(m_page->presenter().panels().size(), 4);
        QTRY_VERIFY(chart("own-1"));
    }

    void noDataIsSaidAndNotDrawnAsZero()
    {
        m_source->tracks.clear();
        show();
        QTRY_VERIFY(chart("requests"));
        QTRY_COMPARE(chart("requests")->state(), Panel::State::Empty);
    }

    void aFailingSourceMakesPanelsStale()
    {
        show();
        QTRY_VERIFY(chart("requests") && chart("requests")->data().series.size() == 2);
        m_source->error = Error{ErrorKind::Unreachable, QStringLiteral("127.0.0.1:9090 cannot be reached."), {}};
        m_page->presenter().feed().setInterval(250);
        QTRY_VERIFY_WITH_TIMEOUT(chart("requests")->isStale(), 15000);
        QCOMPARE(chart("requests")->data().series.size(), 2);
        m_source->error.reset();
        m_page->presenter().feed().refresh();
        QTRY_VERIFY_WITH_TIMEOUT(!chart("requests")->isStale(), 15000);
    }

    void withoutASourceThePageSaysWhatToDo()
    {
        m_world->metrics.remove(QStringLiteral("fake"));
        show();
        QSignalSpy navigated(m_page.get(), &Page::navigate);
        auto *add = m_page->findChild<QWidget *>(QStringLiteral("metricsMessage"))
                        ->findChild<QPushButton *>(QStringLiteral("panelAction"));
        QVERIFY(add->isVisible());
        QTest::mouseClick(add, Qt::LeftButton);
        QCOMPARE(navigated.first().first().value<NavigationTarget>().page, QStringLiteral("connections"));
    }

    void whatIsVisibleIsExported()
    {
        show();
        QTRY_VERIFY(chart("requests") && chart("requests")->data().series.size() == 2);
        m_world->prompter.savePath = m_world->folder.filePath(QStringLiteral("out.csv"));
        QTest::mouseClick(m_page->findChild<QPushButton *>(QStringLiteral("exportCsv")), Qt::LeftButton);
        QFile file(m_world->prompter.savePath);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = file.readAll().trimmed().split('\n');
        QVERIFY(lines.first().startsWith(
            "time,Requests blue (per second),Requests green (per second),Error rate blue (percent)"));
        QVERIFY(lines.size() > 30);
        QVERIFY(lines.at(1).count(',') == 6 && lines.at(1).contains("Z,"));
    }

    void everyControlHasANameForScreenReaders()
    {
        show();
        QTRY_VERIFY(chart("requests"));
        for (const QPushButton *button : m_page->findChildren<QPushButton *>()) {
            if (button->isVisible())
                QVERIFY2(!button->accessibleName().isEmpty() || !button->text().isEmpty(),
                         qPrintable(button->objectName()));
        }
    }

    // Nothing is measured when the page opens; then the first scrapes come, and later the application goes down.
    void whatIsMeasuredLaterAppearsAndStays()
    {
        const QList<MetricPanel> all = m_source->suggestions;
        m_source->suggestions.clear();
        show();
        MetricsPresenter &presenter = m_page->presenter();
        presenter.setActive(false);
        presenter.setLookAgainEvery(std::chrono::milliseconds(20));
        presenter.setActive(true);
        QTRY_COMPARE(presenter.state(), MetricsPresenter::State::NoPanels);
        presenter.searchAgain();
        const qsizetype looks = m_source->subjects.size();
        QTRY_VERIFY(m_source->subjects.size() > looks + 2);
        QCOMPARE(presenter.state(), MetricsPresenter::State::NoPanels);

        m_source->suggestions = all;
        QTRY_COMPARE(presenter.panels().size(), all.size());
        m_source->suggestions = all.mid(1, 1);
        const qsizetype before = m_source->subjects.size();
        QTRY_VERIFY(m_source->subjects.size() > before + 2);
        QCOMPARE(presenter.panels(), all);
    }

private:
    void show(const QSize &size = {1244, 822})
    {
        m_page = std::make_unique<MetricsPage>(m_world->context);
        m_page->resize(size);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
    }
    ChartPanel *chart(const char *id) const { return m_page->findChild<PanelGrid *>()->find(QLatin1String(id)); }
    static QString name(const TableView *table, int row) { return table->model()->index(row, 0).data().toString(); }

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<MetricsWorld> m_world;
    FakeMetricSource *m_source = nullptr; // the world's
    std::unique_ptr<MetricsPage> m_page;
};

QTEST_MAIN(TestMetricsPage)
#include "test_metricspage.moc"

#include "ui/charts/chartgroup.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartview.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QVBoxLayout>
#include <QWheelEvent>

#include <cmath>

using namespace signalbox;

namespace
{
const qint64 now = 1'790'000'000'000;

PanelData dataOf(std::initializer_list<const char *> tracks)
{
    PanelData data;
    data.panel.id = QStringLiteral("errors");
    data.panel.title = QStringLiteral("Error rate");
    data.panel.unit = QStringLiteral("percent");
    data.panel.limit = 1;
    data.stepMs = 1000;
    data.freshness.state = Freshness::State::Live;
    data.freshness.lastHeard = QDateTime::fromMSecsSinceEpoch(now, Qt::UTC);
    double value = 0.44;
    for (const char *track : tracks) {
        ChartSeries series{QLatin1String(track), QLatin1String(track), {}};
        for (qint64 i = 899; i >= 0; --i)
            series.samples.append({now - i * 1000, value});
        data.series.append(series);
        value += 0.02;
    }
    return data;
}
} // namespace

class TestChartView : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }

    void init()
    {
        m_group = std::make_unique<ChartGroup>();
        m_window = std::make_unique<QWidget>();
        auto *layout = new QVBoxLayout(m_window.get());
        m_first = new ChartPanel(*m_group);
        m_second = new ChartPanel(*m_group);
        layout->addWidget(m_first);
        layout->addWidget(m_second);
        m_window->resize(460, 520);
        m_group->axis().setRange({900000, {}}, now);
        m_first->setData(dataOf({"blue", "green"}));
        m_second->setData(dataOf({"blue"}));
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY(m_second->view().picture().end == now);
    }

    void cleanup()
    {
        m_window.reset();
        m_group.reset();
    }

    void linesAreDrawnInTheColourOfTheirTrack()
    {
        const QImage image = m_first->view().grab().toImage();
        QVERIFY(hasColor(image, tokens().blue.text));
        QVERIFY(hasColor(image, tokens().green.text));
        QVERIFY(hasColor(image, tokens().warning.text)); // the limit
        QVERIFY(!hasColor(m_second->view().grab().toImage(), tokens().green.text));
    }

    void whatHasNoTrackBesideTracksWearsNoStatesColour()
    {
        m_second->setData(dataOf({"blue", "green", ""}));
        QTRY_COMPARE(m_second->view().picture().lines.size(), 3);
        QCOMPARE(m_second->view().picture().lines.last().color, tokens().textSoft);
        m_second->setData(dataOf({"", "", ""})); // there the lines are told apart by it
        QTRY_VERIFY(m_second->view().picture().lines.last().color != tokens().textSoft);
        QVERIFY(m_second->view().picture().lines.first().color != m_second->view().picture().lines.last().color);
    }

    void theNewestMarkerIsLabelledFirst_data()
    {
        QTest::addColumn<QList<int>>("secondsAgo");
        QTest::addColumn<QStringList>("labels");
        const QString newest = QStringLiteral("all traffic to blue");
        QTest::newRow("close together") << QList<int>{30, 20, 10} << QStringList{newest};
        QTest::newRow("with room beside")
            << QList<int>{600, 20, 10} << QStringList{newest, QStringLiteral("all traffic to green")};
        QTest::newRow("out of view") << QList<int>{2000} << QStringList{};
    }
    void theNewestMarkerIsLabelledFirst()
    {
        QFETCH(QList<int>, secondsAgo);
        QFETCH(QStringList, labels);
        QList<ChartMarker> markers;
        for (const int seconds : std::as_const(secondsAgo))
            markers.append({now - seconds * 1000, QStringLiteral("all traffic to green")});
        markers.last().label = QStringLiteral("all traffic to blue");
        m_group->setMarkers(markers);
        QStringList shown;
        QRect before;
        for (const ChartView::MarkerLabel &label : m_first->view().markerLabels()) {
            shown.append(label.text);
            QVERIFY(label.at.left() >= m_first->view().plotRect().left());
            QVERIFY(label.at.right() <= m_first->view().plotRect().right());
            QVERIFY(!before.isValid() || label.at.right() < before.left());
            before = label.at;
        }
        QCOMPARE(shown, labels);
    }

    // Where the legend has little room, the limit and what is well give way to what fails.
    void whatIsWorstStaysInTheLegend_data()
    {
        QTest::addColumn<bool>("isGreenBad");
        QTest::addColumn<QString>("last");
        QTest::newRow("green fails") << true << QStringLiteral("green");
        QTest::newRow("blue fails") << false << QStringLiteral("blue");
    }
    void whatIsWorstStaysInTheLegend()
    {
        QFETCH(bool, isGreenBad);
        QFETCH(QString, last);
        PanelData data = dataOf({"blue", "green"});
        for (Sample &sample : data.series[isGreenBad ? 1 : 0].samples)
            sample.value = 7.15;
        ChartView view(*m_group);
        view.setData(data);
        view.resize(900, 190);
        QCOMPARE(view.shownNames(),
                 (QStringList{QStringLiteral("blue"), QStringLiteral("green"), QStringLiteral("limit")}));
        bool isLimitGone = false;
        for (int width = 900; width > 40 && view.shownNames().size() > 1; width -= 5) {
            view.resize(width, 190);
            isLimitGone =
                isLimitGone || view.shownNames() == QStringList{QStringLiteral("blue"), QStringLiteral("green")};
        }
        QVERIFY(isLimitGone);
        QCOMPARE(view.shownNames(), QStringList{last});
    }

    void valuesOfOneChartAreInOneUnit()
    {
        PanelData data = dataOf({"blue"});
        data.panel.unit = QStringLiteral("ms");
        data.panel.limit = 13000;
        for (Sample &sample : data.series[0].samples)
            sample.value = 4329;
        m_second->setData(data);
        QTRY_VERIFY2(m_second->view().valuesText().endsWith(QStringLiteral("blue 4.33 s, limit 13 s")),
                     qPrintable(m_second->view().valuesText()));
    }

    void theHeadingNamesTheUnitOfTheAxis_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("heading");
        QTest::addColumn<QString>("ending");
        QTest::newRow("milliseconds") << 191.0 << "ms"
                                      << "blue 191 ms, limit 1 ms";
        QTest::newRow("many of them") << 43290.0 << "s"
                                      << "blue 43.3 s, limit 1 ms";
        QTest::newRow("less than the grid's highest") << 9100.0 << "s"
                                                      << "blue 9.1 s, limit 1 ms";
    }
    void theHeadingNamesTheUnitOfTheAxis()
    {
        QFETCH(double, value);
        QFETCH(QString, heading);
        QFETCH(QString, ending);
        PanelData data = dataOf({"blue"});
        data.panel.unit = QStringLiteral("ms");
        for (Sample &sample : data.series[0].samples)
            sample.value = value;
        m_second->setData(data);
        QTRY_VERIFY2(m_second->view().valuesText().endsWith(ending), qPrintable(m_second->view().valuesText()));
        QTRY_COMPARE(m_second->subtitle(), heading); // with the frame in which the grid is drawn
    }

    void aLimitThatIsNotDrawnDecidesNoUnit()
    {
        PanelData data = dataOf({"blue"});
        data.panel.unit = QStringLiteral("ms");
        data.panel.limit = 13000;
        for (Sample &sample : data.series[0].samples)
            sample.value = 191;
        m_second->setData(data);
        QTRY_VERIFY2(m_second->view().valuesText().endsWith(QStringLiteral("blue 191 ms, limit 13 s")),
                     qPrintable(m_second->view().valuesText()));
    }

    void theChartLeavesTheRoundCornersOfItsCard()
    {
        const ChartView &view = m_first->view();
        const int bottom = view.mapTo(m_first, view.rect().bottomLeft()).y();
        QVERIFY2(m_first->height() - bottom >= radius::panel, qPrintable(QString::number(m_first->height() - bottom)));
    }

    void holesStayEmpty()
    {
        PanelData data = dataOf({"blue"});
        for (qsizetype i = 300; i < 600; ++i)
            data.series[0].samples[i].value = std::nan("");
        m_second->setData(data);
        QTRY_COMPARE(m_second->view().picture().lines.first().runs.size(), 2);
        const QImage image = m_second->view().grab().toImage();
        const QRect plot = m_second->view().plotRect();
        QVERIFY(hasColor(image.copy(plot.left(), plot.top(), plot.width() / 4, plot.height()), tokens().blue.text));
        QVERIFY(!hasColor(image.copy(plot.left() + plot.width() * 3 / 8, plot.top(), plot.width() / 4, plot.height()),
                          tokens().blue.text));
    }

    void manyHolesAreDrawnToo()
    {
        PanelData data = dataOf({"blue"});
        for (qsizetype i = 0; i < data.series[0].samples.size(); i += 10)
            data.series[0].samples[i].value = HUGE_VAL;
        m_second->setData(data);
        QTRY_VERIFY(m_second->view().picture().lines.first().runs.size() > 80);
        QVERIFY(hasColor(m_second->view().grab().toImage(), tokens().blue.text));
    }

    void manySeriesBecomeABand()
    {
        PanelData data = dataOf({});
        for (int i = 0; i < 40; ++i) {
            ChartSeries series{QStringLiteral("pod-%1").arg(i), {}, {}};
            for (qint64 t = now - 900000; t <= now; t += 1000)
                series.samples.append({t, double(i)});
            data.series.append(series);
        }
        m_second->setData(data);
        QTRY_COMPARE(m_second->view().picture().bands.size(), 1);
        QCOMPARE(m_second->view().picture().lines.size(), 3);
        QVERIFY(m_second->view().accessibleDescription().contains(QStringLiteral("pod-39 39 %")));
        QVERIFY(m_second->view().accessibleDescription().contains(QStringLiteral("40 series")));
        m_second->view().setChosen({QStringLiteral("pod-7")});
        QTRY_COMPARE(m_second->view().picture().lines.size(), 1);
    }

    void theCrossHairIsShared()
    {
        ChartView &view = m_first->view();
        const QSignalSpy moved(&m_group->axis(), &TimeAxis::cursorChanged);
        const QImage before = m_second->view().grab().toImage();
        QTest::mouseMove(&view, view.plotRect().center());
        QTRY_VERIFY(m_group->axis().cursor());
        QVERIFY(!moved.isEmpty());
        const qint64 middle = now - 450000;
        QVERIFY(std::abs(*m_group->axis().cursor() - middle) < 5000);
        QVERIFY(before != m_second->view().grab().toImage());
        QVERIFY2(view.valuesText().contains(QStringLiteral("blue 0.44 %, green 0.46 %, limit 1 %")),
                 qPrintable(view.valuesText()));
    }

    void wheelZoomsAroundThePointerWhenInFocus()
    {
        ChartView &view = m_first->view();
        view.setFocus();
        QTRY_VERIFY(view.hasFocus());
        const QPointF at = view.plotRect().center();
        QWheelEvent turn(at, view.mapToGlobal(at), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                         false);
        QApplication::sendEvent(&view, &turn);
        QCOMPARE(m_group->axis().length(), 720000);
        QVERIFY(std::abs((m_group->axis().start() + m_group->axis().end()) / 2 - (now - 450000)) < 3000);
        QTRY_COMPARE(m_second->view().picture().start, m_group->axis().start()); // both charts follow
    }

    void draggingZoomsToWhatWasMarked()
    {
        ChartView &view = m_first->view();
        const QRect plot = view.plotRect();
        const QPoint from(plot.left() + plot.width() / 4, plot.center().y());
        const QPoint until(plot.left() + plot.width() / 2, plot.center().y());
        QTest::mousePress(&view, Qt::LeftButton, {}, from);
        QTest::mouseMove(&view, until);
        QTest::mouseRelease(&view, Qt::LeftButton, {}, until);
        QVERIFY(m_group->axis().isMoved());
        QVERIFY(std::abs(m_group->axis().length() - 225000) < 5000);
        QTest::mouseDClick(&view, Qt::LeftButton, {}, until);
        QVERIFY(!m_group->axis().isMoved());
        QCOMPARE(m_group->axis().length(), 900000);
    }

    void shiftDragPans()
    {
        ChartView &view = m_first->view();
        const QRect plot = view.plotRect();
        QTest::mousePress(&view, Qt::LeftButton, Qt::ShiftModifier, plot.center());
        QMouseEvent move(QEvent::MouseMove, plot.center() + QPoint(plot.width() / 4, 0),
                         view.mapToGlobal(plot.center()), Qt::NoButton, Qt::LeftButton, Qt::ShiftModifier);
        QApplication::sendEvent(&view, &move);
        QTest::mouseRelease(&view, Qt::LeftButton, Qt::ShiftModifier, plot.center());
        QVERIFY(std::abs(now - m_group->axis().end() - 225000) < 5000);
        QCOMPARE(m_group->axis().length(), 900000);
    }

    void keysZoomPanPointAndReset_data()
    {
        QTest::addColumn<Qt::Key>("key");
        QTest::addColumn<Qt::KeyboardModifiers>("modifiers");
        QTest::addColumn<qint64>("length");
        QTest::addColumn<qint64>("behind");
        QTest::addColumn<bool>("pointed");
        QTest::newRow("plus") << Qt::Key_Plus << Qt::KeyboardModifiers() << 720000LL << 90000LL << false;
        QTest::newRow("minus stops at now") << Qt::Key_Minus << Qt::KeyboardModifiers() << 1125000LL << 0LL << false;
        QTest::newRow("left") << Qt::Key_Left << Qt::KeyboardModifiers() << 900000LL << 90000LL << false;
        QTest::newRow("right stops at now") << Qt::Key_Right << Qt::KeyboardModifiers() << 900000LL << 0LL << false;
        QTest::newRow("ctrl left") << Qt::Key_Left << Qt::KeyboardModifiers(Qt::ControlModifier) << 900000LL << 0LL
                                   << true;
    }
    void keysZoomPanPointAndReset()
    {
        QFETCH(Qt::Key, key);
        QFETCH(Qt::KeyboardModifiers, modifiers);
        ChartView &view = m_first->view();
        view.setFocus();
        QTest::keyClick(&view, key, modifiers);
        QTEST(m_group->axis().length(), "length");
        const qint64 lag = now - m_group->axis().end();
        QTEST(lag, "behind");
        QTEST(m_group->axis().cursor().has_value(), "pointed");
        QTest::keyClick(&view, Qt::Key_Escape);
        QVERIFY(!m_group->axis().isMoved());
        QVERIFY(!m_group->axis().cursor());
    }

    void copyTakesValuesWithTimeAndZone()
    {
        ChartView &view = m_first->view();
        view.setFocus();
        QTest::keySequence(&view, QKeySequence::Copy);
        QCOMPARE(QApplication::clipboard()->text(), view.valuesText());
        QVERIFY2(view.valuesText().startsWith(QStringLiteral("Error rate at 2026-")), qPrintable(view.valuesText()));
    }

    void screenReadersHearTheLatestValues()
    {
        QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(&m_first->view());
        QVERIFY(interface);
        QCOMPARE(interface->role(), QAccessible::Chart);
        QCOMPARE(interface->text(QAccessible::Name), QStringLiteral("Chart Error rate, percent"));
        QCOMPARE(interface->text(QAccessible::Description), QStringLiteral("blue 0.44 %, green 0.46 %, limit 1 %"));
    }

    void whatEndedIsNoLatestValue()
    {
        PanelData data = dataOf({"blue", "green"});
        data.series[1].samples.resize(800);
        m_first->setData(data);
        QVERIFY(m_first->view().accessibleDescription().contains(QStringLiteral("green no data")));
    }

    void fourStates()
    {
        PanelData data = dataOf({});
        data.freshness = {};
        m_first->setData(data);
        QCOMPARE(m_first->state(), Panel::State::Loading);
        data.freshness.state = Freshness::State::Live;
        m_first->setData(data);
        QCOMPARE(m_first->state(), Panel::State::Empty);
        data.freshness.state = Freshness::State::Failed;
        data.freshness.since = QDateTime::currentDateTimeUtc();
        data.freshness.error = Error{ErrorKind::Unreachable, QStringLiteral("prom cannot be reached."), {}};
        m_first->setData(data);
        QCOMPARE(m_first->state(), Panel::State::Error);
        const QSignalSpy retried(m_first, &ChartPanel::retryRequested);
        auto *retry = m_first->findChild<QPushButton *>(QStringLiteral("panelAction"));
        QVERIFY(retry && retry->isVisible());
        QTest::mouseClick(retry, Qt::LeftButton);
        QCOMPARE(retried.size(), 1);
        PanelData stale = dataOf({"blue"});
        stale.freshness.state = Freshness::State::Stale;
        stale.freshness.error = data.freshness.error;
        m_first->setData(stale);
        QCOMPARE(m_first->state(), Panel::State::Content);
        QVERIFY(m_first->isStale());
        QVERIFY(m_first->view().accessibleDescription().contains(QStringLiteral("stale since")));
    }

    void warningsAreShownBesideTheTitle()
    {
        PanelData data = dataOf({"blue"});
        data.warnings = QStringList{QStringLiteral("one store did not answer")};
        m_first->setData(data);
        bool isShown = false;
        for (const QWidget *child : m_first->findChildren<QWidget *>())
            isShown = isShown || (child->isVisible() && child->toolTip() == data.warnings.first());
        QVERIFY(isShown);
    }

    void onePanelIsDrawnAFrame()
    {
        // Both wait for their turn; the second one is drawn a frame later, until then it shows its last picture.
        m_group->axis().pan(-60000);
        QVERIFY(m_first->view().picture().end != m_group->axis().end());
        QTRY_VERIFY(m_first->view().picture().end == m_group->axis().end());
        QTRY_VERIFY(m_second->view().picture().end == m_group->axis().end());
    }

    void highResolutionPictureHasMorePixels()
    {
        ChartCanvas canvas;
        ChartPicture picture;
        picture.end = 1000;
        picture.lines.append({{{{0, 0}, {1000, 1}}}, Qt::red});
        const QPixmap pixmap = canvas.draw(picture, {100, 50}, 2.0, true);
        QCOMPARE(pixmap.size(), QSize(200, 100));
        QVERIFY(hasColor(pixmap.toImage(), Qt::red));
    }

private:
    static bool hasColor(const QImage &image, const QColor &color)
    {
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                const QColor pixel = image.pixelColor(x, y);
                if (std::abs(pixel.red() - color.red()) + std::abs(pixel.green() - color.green()) +
                        std::abs(pixel.blue() - color.blue()) <
                    24)
                    return true;
            }
        }
        return false;
    }

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<ChartGroup> m_group;
    std::unique_ptr<QWidget> m_window;
    ChartPanel *m_first = nullptr;
    ChartPanel *m_second = nullptr;
};

QTEST_MAIN(TestChartView)
#include "test_chartview.moc"

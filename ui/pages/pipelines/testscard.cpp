#include "ui/pages/pipelines/testscard.h"

#include "models/domain/sharetext.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/pipelines/facttext.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/timetext.h"

#include <QDesktopServices>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <tuple>

namespace signalbox
{

namespace
{

constexpr qsizetype mostTests = 200; // rows; a report has thousands

QString counted(int number)
{
    return QLocale(QLocale::English).toString(number);
}

FactRow rowOf(const runs::JudgedTest &judged)
{
    const TestCase &test = judged.test;
    FactRow row;
    row.key = runs::testKey(test);
    row.title = test.suite.isEmpty() ? test.name : test.suite + QStringLiteral("::") + test.name;
    row.sign = test.state == TestCase::State::Failed   ? Health::Failing
               : test.state == TestCase::State::Passed ? Health::Ok
                                                       : Health::NotStarted;
    row.figure = test.took.count() > 0 ? durationText(test.took.count()) : QString();
    if (judged.isFlaky)
        row.marks.append({TestsCard::tr("flaky"), Health::Warning});
    if (judged.isNew)
        row.marks.append({TestsCard::tr("new"), Health::Failing});
    if (test.state == TestCase::State::Failed && judged.failedInRow > 1)
        row.detail = judged.since.isEmpty() ? TestsCard::tr("failed %1 times in a row").arg(judged.failedInRow)
                                            : TestsCard::tr("fails since #%1").arg(judged.since);
    else if (test.state == TestCase::State::Failed)
        row.detail = test.message.simplified().left(200);
    row.text = QStringList{test.message, test.trace}.join(QLatin1Char('\n')).trimmed();
    return row;
}

// The last row of those that are cut: what comes behind is skipped or passed, unless more than all rows failed.
FactRow restRow(int left)
{
    FactRow row;
    row.key = QStringLiteral("more tests");
    row.title = TestsCard::tr("%n more", nullptr, left);
    row.detail = TestsCard::tr("listed are failures first, then skipped ones");
    row.sign = Health::NotStarted;
    return row;
}

QString bytesText(qint64 bytes)
{
    return bytes < 0 ? QString()
                     : QLocale(QLocale::English).formattedDataSize(bytes, 1, QLocale::DataSizeTraditionalFormat);
}

Health healthOf(RunAnnotation::Level level)
{
    return level == RunAnnotation::Level::Failure   ? Health::Failing
           : level == RunAnnotation::Level::Warning ? Health::Warning
                                                    : Health::NotStarted;
}

} // namespace

// How far the tests are, and how they went; the counts beside it say the same in words.
class TestsCard::Bar : public QWidget
{
public:
    explicit Bar(QWidget *parent)
        : QWidget(parent)
    {
        setFixedHeight(6);
    }
    void setReport(const TestReport &report, int expected)
    {
        const auto counts = [](const TestReport &one) { return std::tuple(one.passed, one.failed, one.skipped); };
        if (counts(report) == counts(m_report) && expected == m_expected)
            return;
        m_report = report;
        m_expected = expected;
        update();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Tokens &t = tokens();
        QPainter painter(this);
        const int known = m_report.passed + m_report.failed + m_report.skipped;
        const double all = std::max({known, m_expected, 1});
        painter.fillRect(rect(), t.raised);
        double left = 0;
        const std::pair<int, QColor> parts[] = {
            {m_report.failed, t.failing.solid}, {m_report.passed, t.ok.solid}, {m_report.skipped, t.outline}};
        for (const auto &[count, color] : parts) {
            const double wide = count == 0 ? 0 : std::max(2.0, width() * count / all);
            painter.fillRect(QRectF(left, 0, wide, height()), color);
            left += wide;
        }
    }

private:
    TestReport m_report;
    int m_expected = 0;
};

TestsCard::TestsCard(PipelinesPresenter &presenter, QWidget *parent)
    : Panel(tr("Tests"), parent)
    , m_presenter(presenter)
{
    setObjectName(QStringLiteral("testsPanel"));
    build();
    connect(&presenter, &PipelinesPresenter::changed, this, &TestsCard::refresh);
    connect(&presenter, &PipelinesPresenter::historyChanged, this, &TestsCard::refresh);
    connect(&m_judged, &JudgedTests::changed, this, &TestsCard::refresh);
    refresh();
}

TestsCard::~TestsCard() = default;

QPushButton *TestsCard::addTab(Tab tab, const char *name)
{
    auto *button = new QPushButton(this);
    button->setObjectName(QString::fromLatin1(name));
    button->setProperty("variant", QStringLiteral("chip"));
    button->setCheckable(true);
    button->setAutoDefault(false);
    connect(button, &QPushButton::clicked, this, [this, tab] { setTab(tab); });
    addHeaderWidget(button);
    m_tabs.append(button);
    return button;
}

void TestsCard::build()
{
    addTab(Tab::Tests, "testsTab");
    addTab(Tab::Artifacts, "artifactsTab");
    addTab(Tab::Notes, "notesTab");
    auto *content = new QWidget(this);
    auto *down = new QVBoxLayout(content);
    down->setContentsMargins(0, space::s, 0, space::xs);
    down->setSpacing(space::xs);
    m_summary = new QWidget(content);
    auto *summary = new QVBoxLayout(m_summary);
    summary->setContentsMargins(14, space::xs, 14, space::xs);
    summary->setSpacing(5);
    m_counts = new QLabel(m_summary);
    m_counts->setObjectName(QStringLiteral("testCounts"));
    m_counts->setTextFormat(Qt::RichText);
    m_bar = new Bar(m_summary);
    m_coverage = new QLabel(m_summary);
    m_coverage->setObjectName(QStringLiteral("testCoverage"));
    m_coverage->setTextFormat(Qt::PlainText);
    m_coverage->setWordWrap(true);
    m_coverage->setProperty("role", QStringLiteral("soft"));
    summary->addWidget(m_counts);
    summary->addWidget(m_bar);
    summary->addWidget(m_coverage);
    down->addWidget(m_summary);
    m_list = new RowList(content);
    m_list->setObjectName(QStringLiteral("factsList"));
    m_list->setUniformItemSizes(false);
    m_list->setModel(&m_rows);
    m_list->setItemDelegate(new FactDelegate(m_list));
    connect(m_list, &RowList::opened, this, &TestsCard::openRow);
    down->addWidget(m_list, 1);
    setContent(content);
}

// The counts have colours of the theme in their text.
void TestsCard::changeEvent(QEvent *event)
{
    Panel::changeEvent(event);
    if (event->type() == QEvent::StyleChange && m_list)
        refresh();
}

void TestsCard::setTab(Tab tab)
{
    m_tab = tab;
    m_rows.setRows({});
    refresh();
}

void TestsCard::refresh()
{
    const std::optional<RunDetail> detail = m_presenter.detail();
    const auto text = [&detail](const QString &word, qsizetype count) {
        return detail && count > 0 ? QStringLiteral("%1 %2").arg(word).arg(count) : word;
    };
    m_tabs[0]->setText(tr("Tests"));
    m_tabs[1]->setText(text(tr("Artifacts"), detail ? detail->artifacts.size() + detail->releases.size() : 0));
    m_tabs[2]->setText(text(tr("Notes"), detail ? detail->annotations.size() : 0));
    for (int i = 0; i < m_tabs.size(); ++i)
        m_tabs[i]->setChecked(i == static_cast<int>(m_tab));
    m_summary->setVisible(m_tab == Tab::Tests);
    if (const QString name = m_tabs[static_cast<int>(m_tab)]->text(); name != m_list->accessibleName())
        m_list->setAccessibleName(name);
    setTitle(m_tab == Tab::Tests ? tr("Tests") : m_tab == Tab::Artifacts ? tr("Artifacts") : tr("Notes"));
    if (m_tab != Tab::Tests || !detail)
        setSubtitle({});
    if (!detail) {
        showNothing();
        return;
    }
    showStale();
    if (m_tab == Tab::Tests)
        showTests();
    else if (m_tab == Tab::Artifacts)
        showArtifacts();
    else
        showNotes();
}

// Tests that were read before, and could not be read again, are old; the run itself may be live.
void TestsCard::showStale()
{
    if (m_presenter.attemptChoice().isEarlier()) { // as it ended
        setStale({});
        return;
    }
    const RunWatch &watch = *m_presenter.watch();
    const std::optional<TestReport> report = m_tab == Tab::Tests ? watch.tests() : std::nullopt;
    const std::optional<Error> error = watch.testsError();
    if (report && error && report->readAt.isValid())
        setStale(report->readAt, error->message);
    else
        setStale(watch.freshness().isLive() ? QDateTime() : watch.freshness().lastHeard,
                 watch.freshness().error ? watch.freshness().error->message : QString());
}

// Why there is nothing of a run: only what is really being read is drawn as such.
void TestsCard::showNothing()
{
    setStale({});
    const RunWatch *const watch = m_presenter.watch();
    const bool isListRead = m_presenter.runs().freshness().state == Freshness::State::Loading;
    if (watch ? m_presenter.isReading() : isListRead)
        showLoading(3);
    else if (m_presenter.selected().isEmpty())
        showEmpty(tr("No run"), tr("Choose one in the list."));
    else
        showEmpty(tr("Not read"), tr("See above why."));
}

void TestsCard::showTests()
{
    if (m_presenter.attemptChoice().isEarlier()) {
        setSubtitle({});
        showEmpty(tr("No tests"), tr("Servers report tests of the newest attempt only: choose it above."));
        return;
    }
    const RunWatch &watch = *m_presenter.watch();
    const std::optional<TestReport> report = watch.tests();
    if (!report) {
        setSubtitle({});
        const std::optional<Error> error = watch.testsError();
        const bool goesOn = !isEnded(m_presenter.run()->state);
        if (!error)
            showLoading(3);
        else if (error->kind == ErrorKind::NotFound && goesOn)
            showEmpty(tr("No tests yet"), tr("They are shown as soon as the run reports some."));
        else if (error->kind == ErrorKind::NotFound)
            showEmpty(tr("No tests"),
                      tr("The run reported none. Jenkins and GitLab show what a step publishes as JUnit."));
        else if (error->kind == ErrorKind::Unsupported)
            showEmpty(tr("No tests"), error->message);
        else
            showError(tr("The tests could not be read"), *error, {}, [this] { m_presenter.refresh(); });
        return;
    }
    const JudgedTests::List *const known = m_judged.of({*m_presenter.run(), *report}, m_presenter.history().tested());
    showContent();
    showCounts();
    const JudgedTests::List judged = known ? *known : JudgedTests::List();
    QList<FactRow> rows;
    QSet<QString> seen;
    for (const runs::JudgedTest &one : judged) {
        if (rows.size() == mostTests) {
            rows.append(restRow(int(judged.size() - mostTests)));
            break;
        }
        FactRow row = rowOf(one);
        while (seen.contains(row.key))
            row.key += QLatin1Char('+');
        seen.insert(row.key);
        rows.append(row);
    }
    m_rows.setRows(rows);
}

void TestsCard::showCounts()
{
    const TestReport report = *m_presenter.watch()->tests();
    const std::optional<TestReport> before = m_presenter.history().testsBefore();
    const int known = report.passed + report.failed + report.skipped;
    const bool goesOn = !isEnded(m_presenter.run()->state);
    const int expected = goesOn && before ? before->passed + before->failed + before->skipped : 0;
    setSubtitle(known == 0 && expected == 0 ? QString()
                : expected > known          ? tr("%1 of %2").arg(counted(known), counted(expected))
                                            : counted(known));
    const auto part = [](const QColor &color, const char *sign, const QString &words, const QColor &ink) {
        return QStringLiteral("<span style=\"color:%1\">%2</span>&nbsp;<span style=\"color:%4\">%3</span>")
            .arg(color.name(), QString::fromUtf8(sign), words.toHtmlEscaped(), ink.name());
    };
    const Tokens &t = tokens();
    // What reports coverage alone says nothing of tests, and not that there were none that failed.
    const bool isNone = known == 0 && report.cases.isEmpty();
    m_bar->setVisible(!isNone || expected > 0);
    m_counts->setText(
        isNone ? tr("No tests reported")
               : QStringList{part(t.ok.text, "●", tr("%1 passed").arg(counted(report.passed)), t.text),
                             part(report.failed > 0 ? t.failing.text : t.textFaint, "✖",
                                  tr("%1 failed").arg(counted(report.failed)), report.failed > 0 ? t.text : t.textSoft),
                             part(t.textFaint, "○", tr("%1 skipped").arg(counted(report.skipped)), t.textSoft)}
                     .join(QStringLiteral(" &nbsp; ")));
    const QString spoken =
        isNone ? tr("No tests reported")
               : tr("%1 passed, %2 failed, %3 skipped").arg(report.passed).arg(report.failed).arg(report.skipped);
    if (spoken != m_counts->accessibleName())
        m_counts->setAccessibleName(spoken);
    m_bar->setReport(report, expected);
    QStringList lines;
    const auto percent = [](double value) { return shareText(value / 100, 1); }; // all is said of all only
    if (report.coverage) {
        const QString now = goesOn ? tr("Coverage so far %1").arg(percent(*report.coverage))
                                   : tr("Coverage %1").arg(percent(*report.coverage));
        lines << (before && before->coverage ? tr("%1 · last run %2").arg(now, percent(*before->coverage)) : now);
    }
    const auto slowest = std::max_element(report.cases.cbegin(), report.cases.cend(),
                                          [](const TestCase &a, const TestCase &b) { return a.took < b.took; });
    if (slowest != report.cases.cend() && slowest->took.count() > 0)
        lines << tr("Slowest: %1, %2").arg(slowest->name, durationText(slowest->took.count()));
    if (report.isCut)
        lines << tr("The server lists only some of them.");
    if (!report.note.isEmpty())
        lines << report.note;
    m_coverage->setText(lines.join(QLatin1Char('\n')));
    m_coverage->setVisible(!lines.isEmpty());
}

void TestsCard::showArtifacts()
{
    const RunDetail detail = *m_presenter.detail();
    QList<FactRow> rows;
    for (const QString &release : detail.releases) {
        FactRow row;
        row.key = QStringLiteral("release ") + release;
        row.title = release;
        row.marks.append({tr("release"), Health::InProgress});
        rows.append(row);
    }
    for (const RunArtifact &artifact : detail.artifacts) {
        FactRow row;
        row.key = QStringLiteral("artifact %1 %2").arg(rows.size()).arg(artifact.name);
        row.title = artifact.name;
        row.figure = bytesText(artifact.bytes);
        QStringList words{artifact.digest.left(19)};
        if (artifact.expiresAt.isValid())
            words << (artifact.expiresAt <= AgeTicker::now() ? tr("expired")
                                                             : tr("kept until %1").arg(copiedTime(artifact.expiresAt)));
        words.removeAll(QString());
        row.detail = words.join(QStringLiteral(" · "));
        row.page = artifact.page;
        rows.append(row);
    }
    m_rows.setRows(rows);
    if (rows.isEmpty())
        showEmpty(tr("No artifacts"), m_presenter.attemptChoice().isEarlier()
                                          ? tr("None is known to be of this attempt: the newest one has those of the "
                                               "run.")
                                          : tr("The run has left none so far."));
    else
        showContent();
}

void TestsCard::showNotes()
{
    const RunDetail detail = *m_presenter.detail();
    QList<FactRow> rows;
    for (const RunAnnotation &note : detail.annotations) {
        FactRow row;
        row.key = QStringLiteral("note %1").arg(rows.size());
        row.sign = healthOf(note.level);
        row.title = note.title.isEmpty() ? note.text.simplified().left(200) : note.title;
        QStringList words;
        if (const std::optional<Job> job = m_presenter.jobNamed(note.job))
            words << job->name;
        if (!note.file.isEmpty())
            words << (note.line > 0 ? QStringLiteral("%1:%2").arg(note.file).arg(note.line) : note.file);
        row.detail = words.join(QStringLiteral(" · "));
        row.text = note.text;
        rows.append(row);
    }
    m_rows.setRows(rows);
    if (rows.isEmpty())
        showEmpty(tr("No notes"), tr("No job said anything for people."));
    else
        showContent();
}

void TestsCard::openRow(const QModelIndex &index)
{
    const auto row = index.data(FactsModel::RowRole).value<FactRow>();
    if (!row.text.isEmpty())
        showFactText(row, window());
    else if (row.page.isValid())
        QDesktopServices::openUrl(row.page);
}

} // namespace signalbox

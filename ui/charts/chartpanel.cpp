#include "ui/charts/chartpanel.h"

#include "ui/charts/chartview.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"

#include <QCoreApplication>
#include <QLayout>

namespace signalbox
{
namespace
{

ToneName toneOf(Health health)
{
    switch (health) {
    case Health::Ok:
        return ToneName::Ok;
    case Health::Warning:
        return ToneName::Warning;
    case Health::Failing:
        return ToneName::Failing;
    default:
        return ToneName::Neutral;
    }
}

// Units are names that sources and the operator's queries use; these have words for people.
constexpr const char *unitNames[] = {
    QT_TRANSLATE_NOOP("Unit", "per second"), QT_TRANSLATE_NOOP("Unit", "percent"), QT_TRANSLATE_NOOP("Unit", "count"),
    QT_TRANSLATE_NOOP("Unit", "bytes"),      QT_TRANSLATE_NOOP("Unit", "cores"),
};

QString unitText(const QString &unit)
{
    for (const char *name : unitNames) {
        if (unit == QLatin1String(name))
            return QCoreApplication::translate("Unit", name);
    }
    return unit;
}

} // namespace

ChartPanel::ChartPanel(ChartGroup &group, QWidget *parent)
    : Panel({}, parent)
    , m_view(new ChartView(group, this))
    , m_note(new Badge({}, ToneName::Warning, this))
    , m_verdict(new Badge({}, ToneName::Neutral, this))
    , m_edit(new IconButton(QStringLiteral("edit"), tr("Edit query"), this))
{
    setHeaderLine(false);
    setContent(m_view);                                       // which settles the margins
    layout()->setContentsMargins(1, 1, 1, radius::panel - 1); // the chart fills its rectangle: off the round corners
    addTitleWidget(m_note);
    addHeaderWidget(m_verdict);
    addHeaderWidget(m_edit);
    m_note->hide();
    m_verdict->hide();
    m_edit->hide();
    m_verdict->setObjectName(QStringLiteral("verdict"));
    m_edit->setObjectName(QStringLiteral("editQuery"));
    connect(m_view, &ChartView::unitChanged, this, &ChartPanel::showUnit);
    connect(m_edit, &QPushButton::clicked, this, &ChartPanel::editRequested);
}

ChartPanel::~ChartPanel() = default;

const PanelData &ChartPanel::data() const
{
    return m_view->data();
}

void ChartPanel::setData(const PanelData &data)
{
    m_view->setData(data);
    const MetricPanel &panel = data.panel;
    if (title() != panel.title)
        setTitle(panel.title);
    showUnit();
    setObjectName(QStringLiteral("chart-") + panel.id);
    m_edit->setAccessibleName(tr("Edit query of %1").arg(panel.title));

    QStringList notes = data.warnings;
    if (!panel.note.isEmpty())
        notes.prepend(panel.note);
    m_note->setVisible(!notes.isEmpty());
    if (!notes.isEmpty()) {
        m_note->setText(data.warnings.isEmpty() ? tr("note") : tr("partial"));
        m_note->setTone(data.warnings.isEmpty() ? ToneName::Neutral : ToneName::Warning);
        m_note->setToolTip(notes.join(u'\n'));
        m_note->setAccessibleDescription(notes.join(u' '));
    }
    showState();
}

// The one its axis and its legend are written in.
void ChartPanel::showUnit()
{
    if (const QString unit = unitText(m_view->unit()); subtitle() != unit)
        setSubtitle(unit);
}

void ChartPanel::showState()
{
    const PanelData &data = m_view->data();
    const auto retry = [this] { emit retryRequested(); };
    const bool isAnswered =
        data.freshness.state == Freshness::State::Live || data.freshness.state == Freshness::State::Stale;
    if (isAnswered && data.series.isEmpty()) {
        setStale({});
        showEmpty(tr("no data: %1").arg(data.panel.title),
                  tr("The query has no series in this range. That is not zero: nothing was measured."),
                  m_edit->isHidden() ? QString() : tr("Edit query"), [this] { emit editRequested(); });
        return;
    }
    follow(data.freshness, tr("no data: %1").arg(data.panel.title), retry);
}

void ChartPanel::setVerdict(const QString &word, Health health, const QString &reason)
{
    m_verdict->setText(word);
    m_verdict->setTone(toneOf(health));
    m_verdict->setVisible(!word.isEmpty());
    m_verdict->setToolTip(reason);
    m_verdict->setAccessibleDescription(reason);
}

void ChartPanel::setEditable(bool isEditable)
{
    m_edit->setVisible(isEditable);
}

} // namespace signalbox

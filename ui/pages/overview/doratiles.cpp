#include "ui/pages/overview/doratiles.h"

#include "services/ledger/view/doraview.h"
#include "services/ledger/view/ledgerfeed.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>

#include <algorithm>
#include <chrono>
#include <utility>

namespace signalbox
{

namespace
{

constexpr int tileHeight = 54;
constexpr std::chrono::minutes driftsAfter{10}; // "last 90 days" moves on although no entry comes

} // namespace

// A button, for it leads somewhere; two lines where StatTile has three, since the releases below need the height.
class DoraTiles::Tile : public QPushButton
{
public:
    Tile(DoraMetric metric, QWidget *parent)
        : QPushButton(parent)
        , m_title(doraTitle(metric))
    {
        setObjectName(QStringLiteral("overview-") + doraName(metric));
        setFlat(true);
        setAutoDefault(false);
        setCursor(Qt::PointingHandCursor);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        setAccessibleDescription(doraDefinition(metric) + QLatin1Char('\n') + doraSource());
    }

    // `isKnown` false: `figure` says that there is none.
    // `span`, the time that is looked at, is what is left out where there is no room: the tool tip has it.
    void show(const QString &figure, const QString &ground, const QString &span, bool isKnown)
    {
        m_figure = figure;
        m_ground = ground;
        m_wholeGround = ground.isEmpty() || span.isEmpty() ? ground + span : ground + QStringLiteral(" · ") + span;
        m_isKnown = isKnown;
        const QString said = m_wholeGround.isEmpty() ? QStringLiteral("%1: %2").arg(m_title, figure)
                                                     : QStringLiteral("%1: %2, %3").arg(m_title, figure, m_wholeGround);
        setAccessibleName(said);
        setToolTip(said + QLatin1Char('\n') + accessibleDescription());
        update();
    }

    QSize sizeHint() const override { return {200, tileHeight}; }
    QSize minimumSizeHint() const override { return {120, tileHeight}; }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Tokens &t = tokens();
        QPainter painter(this);
        paintRoundedFrame(&painter, rect(), radius::panel, underMouse() ? t.raised : t.panel, t.line);
        const QRect area = rect().adjusted(14, 0, -14, 0);
        paintText(&painter, QRect(area.left(), 7, area.width(), 18), TextRole::Small, t.textSoft, m_title);
        const TextRole role = m_isKnown ? TextRole::Heading : TextRole::Body;
        const QRect line(area.left(), 26, area.width(), 20);
        paintText(&painter, line, role, m_isKnown ? t.text : t.textSoft, m_figure);
        const int used = textWidth(role, m_figure) + space::s;
        const bool hasRoom = used + textWidth(TextRole::Small, m_wholeGround) <= line.width();
        if (used < line.width())
            paintText(&painter, line.adjusted(used, 0, 0, 0), TextRole::Small, t.textSoft,
                      hasRoom ? m_wholeGround : m_ground);
        if (hasFocus())
            paintFocusRing(&painter, QRectF(rect()).adjusted(1, 1, -1, -1), radius::panel);
    }

private:
    QString m_title;
    QString m_figure;
    QString m_ground;
    QString m_wholeGround;
    bool m_isKnown = false;
};

DoraTiles::DoraTiles(LedgerFeed &feed, ConsoleSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_feed(feed)
    , m_settings(settings)
{
    setObjectName(QStringLiteral("doraTiles"));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(14);
    for (const DoraMetric metric : {DoraMetric::DeploymentFrequency, DoraMetric::LeadTime,
                                    DoraMetric::ChangeFailureRate, DoraMetric::TimeToRestore}) {
        auto *tile = new Tile(metric, this);
        m_tiles[static_cast<size_t>(metric)] = tile;
        row->addWidget(tile);
        connect(tile, &QPushButton::clicked, this, [this, metric] { emit definitionWanted(metric); });
    }
    m_soon.setSingleShot(true);
    m_soon.setInterval(std::chrono::seconds(1));
    connect(&m_soon, &QTimer::timeout, this, &DoraTiles::ask);
    m_again.setInterval(driftsAfter);
    connect(&m_again, &QTimer::timeout, this, &DoraTiles::askSoon);
    connect(&feed, &LedgerFeed::tableReplaced, this, &DoraTiles::askSoon);
    connect(&feed, &LedgerFeed::tableGrew, this, &DoraTiles::askSoon);
    connect(&feed, &LedgerFeed::changed, this, [this] {
        switch (m_feed.state()) {
        case LedgerFeed::State::Absent:
        case LedgerFeed::State::Failed:
            showNothing();
            break;
        case LedgerFeed::State::Ready:
            if (!m_hasView)
                askSoon();
            break;
        case LedgerFeed::State::Idle: // another ledger was opened
        case LedgerFeed::State::Reading:
            if (m_hasView || m_asking.isRunning()) // what is counted still is of the other one, too
                showNothing();
            break;
        }
    });
    showNothing();
}

DoraTiles::~DoraTiles() = default;

QString DoraTiles::text(DoraMetric metric) const
{
    return m_tiles[static_cast<size_t>(metric)]->accessibleName();
}

void DoraTiles::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    askSoon(); // the times it looks at went on, and the ledger's screen may have chosen others
}

void DoraTiles::askSoon()
{
    if (isVisible() && !m_soon.isActive())
        m_soon.start();
}

void DoraTiles::ask()
{
    if (m_feed.state() == LedgerFeed::State::Idle)
        m_feed.refresh(); // its tableReplaced() leads here again
    if (m_feed.state() != LedgerFeed::State::Ready || !isVisible())
        return; // changed() and showEvent() ask again; until then stays what was counted last
    m_again.start();
    // As remembered by the ledger's screen (DoraPanel).
    DoraQuestion question;
    question.to = AgeTicker::now();
    const int days = m_settings.choice(QStringLiteral("dora/range"), QStringLiteral("90")).toInt();
    question.from = question.to.addDays(-std::max(1, days));
    question.application = m_settings.choice(QStringLiteral("dora/application"));
    question.environment = m_settings.choice(QStringLiteral("dora/environment"));
    m_asking.run(
        this, [this, question](const StopToken &stop) { return m_feed.dora(question, stop); },
        [this](const Result<DoraView> &view) {
            m_hasView = view.has_value();
            if (view) {
                showView(*view);
                return;
            }
            for (Tile *tile : m_tiles)
                tile->show(tr("not known"), view.error().message, {}, false);
        });
}

void DoraTiles::showNothing()
{
    QString why = tr("being counted");
    if (m_feed.state() == LedgerFeed::State::Absent)
        why = tr("no data: there is no ledger yet");
    else if (m_feed.state() == LedgerFeed::State::Failed)
        why = tr("not known: the ledger cannot be read");
    if (m_feed.state() != LedgerFeed::State::Ready)
        m_asking.cancel();
    m_hasView = false;
    for (Tile *tile : m_tiles)
        tile->show(why, {}, {}, false);
}

void DoraTiles::showView(const DoraView &view)
{
    const auto days = view.question.from.daysTo(view.question.to);
    const QStringList places{view.question.application, view.question.environment};
    for (const DoraFigure &figure : view.figures) {
        Tile *const tile = m_tiles[static_cast<size_t>(figure.metric)];
        if (!figure.value) {
            tile->show(tr("no data"), figure.text, {}, false);
            continue;
        }
        QStringList ground{figure.ground};
        ground += places;
        ground.removeAll(QString());
        const bool saysDays = figure.metric == DoraMetric::DeploymentFrequency;
        tile->show(figure.shown, ground.join(QStringLiteral(" · ")),
                   saysDays ? QString() : tr("last %1 days").arg(days), true);
    }
}

} // namespace signalbox

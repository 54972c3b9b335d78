#include "ui/pages/promotions/pathgraph.h"

#include "models/items/promotionsmodel.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <utility>

namespace signalbox
{

using policy::PathPlace;
using policy::PromotionCard;

namespace
{

constexpr double nodeHeight = 46;
constexpr double leastEdge = 26;
constexpr double widestNode = 170;

QString distanceText(const Distance &distance)
{
    QStringList words;
    if (distance.ahead > 0)
        words << PathGraph::tr("%n ahead", nullptr, distance.ahead);
    if (distance.behind > 0)
        words << PathGraph::tr("%n behind", nullptr, distance.behind);
    return words.isEmpty() ? PathGraph::tr("same") : words.join(QStringLiteral(", "));
}

} // namespace

PathGraph::PathGraph(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("pathGraph"));
    setAccessibleName(tr("Promotion path"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, [this, last = QString()]() mutable {
        const QString now = isVisible() ? spoken() : last;
        if (std::exchange(last, now) != now) // an age in it
            update();
    });
}

PathGraph::Node PathGraph::placeNode(const PathPlace &place, const PromotionCard &card) const
{
    Node node;
    node.title = place.environment;
    const QString version = place.version.isEmpty() ? policy::shortDigest(place.digest) : place.version;
    switch (place.state) {
    case PathPlace::State::Runs:
        node.health = Health::Ok;
        break;
    case PathPlace::State::Other:
        node.health = Health::NotStarted;
        break;
    case PathPlace::State::Busy:
        node.health = Health::InProgress;
        break;
    case PathPlace::State::Unknown:
        node.health = Health::Unknown;
        break;
    }
    // A roll-out that fails is no progress.
    if (place.health == Health::Failing || (place.isTarget && card.state == PromotionCard::State::Ended))
        node.health = Health::Failing;
    node.text = place.state == PathPlace::State::Unknown ? tr("not known") : version;
    if (place.state != PathPlace::State::Unknown)
        node.since = place.since;
    QStringList tip{place.environment};
    if (place.health == Health::Failing && !place.trouble.isEmpty())
        tip << place.trouble;
    if (!place.problem.isEmpty())
        tip << place.problem;
    if (!place.image.isEmpty())
        tip << place.image;
    if (!place.digest.isEmpty())
        tip << place.digest;
    if (!place.model.isEmpty())
        tip << tr("Model %1").arg(place.model);
    if (place.since.isValid())
        tip << timeToolTip(place.since);
    node.tip = tip.join(QLatin1Char('\n'));
    return node;
}

PathGraph::Node PathGraph::gateNode(const PromotionCard &card) const
{
    Node node;
    node.isGate = true;
    node.title = tr("Approve");
    node.tip = card.decision.text;
    const int asked = card.approvalsAsked();
    node.text = asked == 0 ? tr("nobody is asked") : tr("%1 of %2").arg(card.approvalsGiven()).arg(asked);
    node.health = healthOf(card);
    if (!card.decision.standing.vetoes.isEmpty())
        node.health = Health::Failing;
    else if (card.isOpen() && card.decision.standing.isMet)
        node.health = Health::Ok;
    else if (card.isOpen())
        node.health = Health::Waiting;
    return node;
}

// How long its pods have been there is nothing to tell of what nobody can look at: it is as old as its reading.
void PathGraph::age(Node &node, const policy::StalePlace &place)
{
    node.isOld = true;
    node.since = place.since;
    node.health = Health::Unknown;
    node.tip += QLatin1Char('\n') + (place.since.isValid() ? tr("Not live; last read %1.").arg(timeToolTip(place.since))
                                                           : tr("Not live, and never read here."));
    if (!place.problem.isEmpty() && !node.tip.contains(place.problem))
        node.tip += QLatin1Char('\n') + place.problem;
}

void PathGraph::show(const PromotionCard &card)
{
    m_nodes.clear();
    m_nodeOf.clear();
    for (int i = 0; i < card.path.size(); ++i) {
        if (card.path[i].isTarget)
            m_nodes.append(gateNode(card));
        m_nodeOf.insert(i, static_cast<int>(m_nodes.size()));
        m_nodes.append(placeNode(card.path[i], card));
        const auto stale = std::find_if(card.stale.cbegin(), card.stale.cend(), [&](const policy::StalePlace &place) {
            return place.environment == card.path[i].environment;
        });
        if (card.isOpen() && stale != card.stale.cend())
            age(m_nodes.last(), *stale);
    }
    if (card.path.isEmpty())
        m_nodes.append(gateNode(card));
    m_distances.clear();
    m_edges.clear();
    tell();
}

void PathGraph::setDistance(int place, const std::optional<Distance> &distance)
{
    if (!distance || !m_nodeOf.contains(place))
        return;
    m_distances.insert(place, *distance);
    m_edges.insert(m_nodeOf.value(place), distanceText(*distance));
    tell();
}

QString PathGraph::spoken() const
{
    QStringList words;
    for (int i = 0; i < m_nodes.size(); ++i) {
        const Node &node = m_nodes[i];
        QString one = QStringLiteral("%1: %2, %3").arg(node.title, textOf(node), healthLabel(node.health));
        if (m_edges.contains(i))
            one += tr("; against the next environment: %1").arg(m_edges.value(i));
        words << one;
    }
    return words.join(QStringLiteral(". "));
}

// Worked out when it is looked at: nobody is told an age of long ago.
QString PathGraph::textOf(const Node &node)
{
    const QString age = ageText(node.since, AgeTicker::now(), node.isOld);
    if (node.isOld)
        return node.since.isValid() ? tr("%1 · read %2 ago").arg(node.text, age) : tr("%1 · not live").arg(node.text);
    return node.since.isValid() ? QStringLiteral("%1 · %2").arg(node.text, age) : node.text;
}

void PathGraph::tell()
{
    setAccessibleDescription(spoken());
    update();
}

QRectF PathGraph::rectOf(qsizetype node) const
{
    const double count = std::max<double>(1, double(m_nodes.size()));
    // Each line is as long as what stands on it, as far as there is room.
    const auto edge = [this](qsizetype after) {
        const auto words = m_edges.constFind(int(after));
        return words == m_edges.cend() ? leastEdge : std::max(leastEdge, textWidth(TextRole::Caption, *words) + 14.0);
    };
    double edges = 0; // all of them
    double before = 0;
    for (qsizetype i = 0; i + 1 < m_nodes.size(); ++i) {
        edges += edge(i);
        before += i < node ? edge(i) : 0;
    }
    double wide = (width() - edges) / count;
    if (wide < 96) {
        wide = (width() - leastEdge * (count - 1)) / count;
        before = leastEdge * double(node);
    }
    wide = std::min(wide, widestNode);
    return {double(node) * wide + before + 0.5, (height() - nodeHeight) / 2 + 0.5, wide - 1, nodeHeight - 1};
}

void PathGraph::paintEvent(QPaintEvent *)
{
    const Tokens &t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int i = 0; i < m_nodes.size(); ++i) {
        const Node &node = m_nodes[i];
        const QRectF box = rectOf(i);
        if (i + 1 < m_nodes.size()) {
            const QRectF next = rectOf(i + 1);
            painter.setPen(QPen(t.outline, 1.5));
            painter.drawLine(QPointF(box.right(), box.center().y()), QPointF(next.left(), box.center().y()));
            const QString words = m_edges.value(i);
            if (textWidth(TextRole::Caption, words) + 4 <= next.left() - box.right())
                paintText(&painter, QRectF(box.right(), box.center().y() - 18, next.left() - box.right(), 15).toRect(),
                          TextRole::Caption, t.textSoft, words, Qt::AlignCenter);
        }
        const bool isQuiet = node.health == Health::NotStarted || node.health == Health::Unknown;
        paintRoundedFrame(&painter, box, radius::panel, t.raised, isQuiet ? t.outline : stateTone(node.health).text,
                          1.5);
        paintState(&painter, node.health, QRectF(box.left() + 10, box.top() + 8, 10, 15));
        const int left = int(box.left()) + 27;
        const int room = int(box.right()) - left - 8;
        paintText(&painter, QRect(left, int(box.top()) + 6, room, 18), TextRole::BodyStrong,
                  isQuiet ? t.textSoft : t.text, node.title);
        paintText(&painter, QRect(left, int(box.top()) + 24, room, 16), TextRole::Small, t.textSoft, textOf(node));
    }
}

bool PathGraph::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    auto *help = static_cast<QHelpEvent *>(event);
    for (int i = 0; i < m_nodes.size(); ++i) {
        const QRectF box = rectOf(i);
        if (box.contains(help->pos())) {
            QToolTip::showText(help->globalPos(), m_nodes[i].tip, this);
            return true;
        }
        if (m_edges.contains(i) && help->pos().x() > box.right() && i + 1 < m_nodes.size() &&
            help->pos().x() < rectOf(i + 1).left()) {
            QString tip = m_edges.value(i);
            for (auto it = m_nodeOf.cbegin(); it != m_nodeOf.cend(); ++it) {
                if (it.value() == i && m_distances.value(it.key()).oldestAt.isValid())
                    tip = tr("%1 commits; the oldest waits for %2")
                              .arg(m_edges.value(i), ageText(m_distances.value(it.key()).oldestAt, AgeTicker::now()));
            }
            QToolTip::showText(help->globalPos(), tip, this);
            return true;
        }
    }
    QToolTip::hideText();
    return true;
}

} // namespace signalbox

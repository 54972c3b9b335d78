#include "ui/pages/cluster/groupcards.h"

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QPainter>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int inset = 13;
constexpr int gap = 12;
constexpr int columnAtLeast = 300;

} // namespace

GroupCard::GroupCard(const QString &group, QWidget *parent)
    : QWidget(parent)
    , m_group(group)
{
    m_grid = new PodGrid(this);
    m_grid->setObjectName(QStringLiteral("pods-") + group);
    m_grid->setAccessibleName(tr("Pods of %1").arg(group));
}

void GroupCard::show(const ClusterPresenter::GroupInfo &info, const QList<PodCell> &cells)
{
    m_info = info;
    setAccessibleName(info.title + QStringLiteral(", ") + info.subtitle + QStringLiteral(", ") + info.usageText);
    setToolTip(info.health == Health::Ok ? QString() : healthLabel(info.health));
    m_grid->setCells(cells);
    m_grid->setGeometry(inset, gridTop(), width() - 2 * inset, m_grid->heightForWidth(width() - 2 * inset));
    update();
}

int GroupCard::gridTop() const
{
    return hasBar() ? 50 : 38;
}

int GroupCard::wantedHeight(int width) const
{
    return gridTop() + m_grid->heightForWidth(width - 2 * inset) + inset + 2;
}

void GroupCard::resizeEvent(QResizeEvent *)
{
    m_grid->setGeometry(inset, gridTop(), width() - 2 * inset, height() - gridTop() - 4);
}

void GroupCard::paintEvent(QPaintEvent *)
{
    const Tokens &t = tokens();
    QPainter painter(this);
    paintRoundedFrame(&painter, rect(), radius::panel, t.panel,
                      m_info.health == Health::Failing ? t.failing.text : t.line);
    int left = inset;
    if (m_info.health != Health::Ok) {
        paintState(&painter, m_info.health, QRectF(left, 11, 10, 20));
        left += 18;
    }
    const int usage = textWidth(TextRole::Small, m_info.usageText);
    const int right = width() - inset - usage;
    paintText(&painter, QRect(right, 10, usage + 1, 20), TextRole::Small, t.textSoft, m_info.usageText);
    const int used =
        paintText(&painter, QRect(left, 10, right - left - gap, 20), TextRole::BodyStrong, t.text, m_info.title);
    paintText(&painter, QRect(left + used + space::s, 10, right - left - used - space::s - gap, 20), TextRole::Small,
              t.textFaint, m_info.subtitle);
    if (!hasBar())
        return;
    const QRectF bar(inset, 35, width() - 2 * inset, 6);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.raised);
    painter.drawRoundedRect(bar, 2, 2);
    painter.setBrush(m_info.cpu > 0.9 ? t.failing.solid : m_info.cpu > 0.8 ? t.warning.solid : t.blue.solid);
    painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * std::clamp(m_info.cpu, 0.0, 1.0), bar.height()),
                            2, 2);
}

GroupCards::GroupCards(ClusterPresenter &presenter, QWidget *parent)
    : QWidget(parent)
    , m_presenter(presenter)
{
    setObjectName(QStringLiteral("scrollContent"));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setSizePolicy(policy);
}

GroupCard *GroupCards::makeCard(const QString &group)
{
    auto *card = new GroupCard(group, this);
    connect(card->grid(), &PodGrid::activated, this, &GroupCards::podActivated);
    connect(card->grid(), &PodGrid::contextMenuRequested, this, &GroupCards::podMenuRequested);
    m_cards.insert(group, card);
    card->QWidget::show();
    return card;
}

void GroupCards::refresh(const QSet<QString> &groups, bool isAll)
{
    const QStringList order = m_presenter.groups().groups();
    const bool isReordered = order != m_order;
    if (isReordered) {
        const QSet<QString> wanted(order.begin(), order.end());
        for (const QString &group : std::as_const(m_order)) {
            if (!wanted.contains(group))
                delete m_cards.take(group);
        }
        m_order = order;
    }
    for (const QString &group : order) {
        GroupCard *card = m_cards.value(group);
        const bool isNew = card == nullptr;
        if (isNew)
            card = makeCard(group);
        if (isNew || isAll || groups.contains(group))
            card->show(m_presenter.groupInfo(group), m_presenter.groups().cells(group));
    }
    if (isReordered) { // the order of the keyboard is that of the eye
        for (qsizetype i = 1; i < m_order.size(); ++i)
            setTabOrder(m_cards.value(m_order[i - 1])->grid(), m_cards.value(m_order[i])->grid());
    }
    place();
}

void GroupCards::setCurrentPod(const QString &uid)
{
    m_currentPod = uid;
    for (GroupCard *card : std::as_const(m_cards))
        card->grid()->setCurrentUid(uid);
}

QSize GroupCards::sizeHint() const
{
    return {600, minimumHeight()};
}

void GroupCards::resizeEvent(QResizeEvent *)
{
    place();
}

void GroupCards::place()
{
    const int columns = std::max(1, std::min<int>((width() + gap) / (columnAtLeast + gap), m_order.size() < 3 ? 2 : 3));
    const int each = (width() - (columns - 1) * gap) / columns;
    int top = 0;
    for (qsizetype first = 0; first < m_order.size(); first += columns) {
        int height = 0;
        const qsizetype last = std::min<qsizetype>(m_order.size(), first + columns);
        for (qsizetype i = first; i < last; ++i)
            height = std::max(height, m_cards.value(m_order[i])->wantedHeight(each));
        for (qsizetype i = first; i < last; ++i)
            m_cards.value(m_order[i])->setGeometry(static_cast<int>(i - first) * (each + gap), top, each, height);
        top += height + gap;
    }
    const int wanted = std::max(40, top - gap);
    if (wanted != minimumHeight()) {
        setFixedHeight(wanted);
        emit heightChanged();
    }
}

} // namespace signalbox

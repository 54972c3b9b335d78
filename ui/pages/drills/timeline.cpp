#include "ui/pages/drills/timeline.h"

#include "ui/pages/drills/drilllist.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/timetext.h"

#include <QGridLayout>
#include <QLabel>

namespace signalbox
{

namespace
{

using Kind = DrillMoment::Kind;
using Mark = DrillMoment::Mark;

Health signOf(const DrillMoment &moment, const Debrief &debrief)
{
    switch (moment.mark) {
    case Mark::Right:
        return Health::Ok;
    case Mark::Wrong:
        return Health::Failing;
    case Mark::NoHelp:
        return Health::Warning;
    case Mark::None:
        break;
    }
    switch (moment.kind) {
    case Kind::Fault:
    case Kind::FirstSign:
        return Health::Warning;
    case Kind::FirstBad:
        return Health::Failing;
    case Kind::Recovery:
        return Health::Ok;
    case Kind::Seen:
    case Kind::Action:
    case Kind::Outcome:
        return Health::InProgress;
    case Kind::End:
        return healthOf(debrief.verdict);
    case Kind::Begin:
    case Kind::StandDown:
        break;
    }
    return Health::NotStarted;
}

// What is said in words as well: the sign alone would not do.
QString badgeOf(const DrillMoment &moment)
{
    switch (moment.mark) {
    case Mark::Right:
        return Timeline::tr("right");
    case Mark::Wrong:
        return Timeline::tr("wrong");
    case Mark::NoHelp:
        return Timeline::tr("no help");
    case Mark::None:
        break;
    }
    return {};
}

ToneName toneOf(Mark mark)
{
    switch (mark) {
    case Mark::Right:
        return ToneName::Ok;
    case Mark::Wrong:
        return ToneName::Failing;
    case Mark::NoHelp:
        return ToneName::Warning;
    case Mark::None:
        break;
    }
    return ToneName::Neutral;
}

} // namespace

Timeline::Timeline(QWidget *parent)
    : QScrollArea(parent)
{
    setObjectName(QStringLiteral("drillTimeline"));
    setAccessibleName(tr("Time line"));
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAutoFillBackground(false);
}

void Timeline::show(const Debrief &debrief)
{
    if (m_id == debrief.id && widget() != nullptr)
        return;
    m_id = debrief.id;
    auto *content = new QWidget(this);
    content->setObjectName(QStringLiteral("scrollContent"));
    content->setAutoFillBackground(false);
    auto *grid = new QGridLayout(content);
    grid->setContentsMargins(space::l, space::s, space::l, space::m);
    grid->setHorizontalSpacing(space::m);
    grid->setVerticalSpacing(space::m);
    grid->setColumnStretch(2, 1);
    int row = 0;
    for (const DrillMoment &moment : debrief.moments)
        addRow(grid, row++, moment, debrief);
    auto *faster = new QLabel(tr("A faster path: %1").arg(debrief.fasterPath), content);
    faster->setObjectName(QStringLiteral("drillFaster"));
    faster->setTextFormat(Qt::PlainText);
    faster->setWordWrap(true);
    faster->setTextInteractionFlags(Qt::TextSelectableByMouse);
    faster->setProperty("role", QStringLiteral("soft"));
    grid->addWidget(faster, row, 0, 1, 4);
    grid->setRowStretch(row + 1, 1);
    m_count = row;
    setWidget(content); // the old one goes
}

void Timeline::addRow(QGridLayout *grid, int row, const DrillMoment &moment, const Debrief &debrief)
{
    QWidget *content = grid->parentWidget();
    auto *time = new QLabel(drillClockText(moment.atMs), content);
    time->setFont(signalbox::font(TextRole::Mono));
    time->setProperty("role", QStringLiteral("soft"));
    time->setToolTip(timeToolTip(debrief.startedAt.addMSecs(moment.atMs)));
    auto *text = new QLabel(moment.text, content);
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    if (moment.kind == Kind::Begin || moment.kind == Kind::Outcome)
        text->setProperty("role", QStringLiteral("soft"));
    grid->addWidget(time, row, 0, Qt::AlignRight | Qt::AlignTop);
    auto *sign = new StateSign(signOf(moment, debrief), content);
    auto *signBox = new QVBoxLayout;
    signBox->setContentsMargins(0, 4, 0, 0);
    signBox->addWidget(sign);
    signBox->addStretch();
    grid->addLayout(signBox, row, 1);
    text->setAlignment(Qt::AlignLeft | Qt::AlignTop); // not the cell: wrapped text is asked for its height only without
    grid->addWidget(text, row, 2);
    if (const QString word = badgeOf(moment); !word.isEmpty())
        grid->addWidget(new Badge(word, toneOf(moment.mark), content), row, 3, Qt::AlignTop);
}

} // namespace signalbox

#include "ui/pages/promotions/promotiondetail.h"

#include "models/items/roles.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/promotions/clusterdifference.h"
#include "ui/pages/promotions/makingrun.h"
#include "ui/pages/promotions/pathgraph.h"
#include "ui/pages/promotions/promotionspresenter.h"
#include "ui/pages/promotions/riskview.h"
#include "ui/pages/promotions/ruleslist.h"
#include "ui/pages/promotions/voteslist.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox
{

using policy::PromotionCard;

namespace
{

constexpr int headHeight = 150; // title, who asked and why, the way

ToneName toneOf(PromotionCard::State state)
{
    switch (state) {
    case PromotionCard::State::Ready:
    case PromotionCard::State::Done:
        return ToneName::Ok;
    case PromotionCard::State::UnderWay:
        return ToneName::Progress;
    case PromotionCard::State::Blocked:
        return ToneName::Warning;
    case PromotionCard::State::Rejected:
    case PromotionCard::State::Ended:
        return ToneName::Failing;
    case PromotionCard::State::Waiting:
    case PromotionCard::State::Replaced:
        break;
    }
    return ToneName::Neutral;
}

} // namespace

QString PromotionDetail::titleOf(const PromotionCard &card)
{
    QString before;
    for (const policy::PathPlace &place : card.path) {
        if (place.isTarget)
            before = place.version;
    }
    const QString now = versionOf(card);
    return before.isEmpty() || before == now
               ? QStringLiteral("%1  %2").arg(card.request.subject.application, now)
               : QStringLiteral("%1  %2 \u2192 %3").arg(card.request.subject.application, before, now);
}

PromotionDetail::PromotionDetail(PromotionsPresenter &presenter, QWidget *parent)
    : QWidget(parent)
    , m_presenter(presenter)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    layout->addWidget(buildHead());
    layout->addWidget(buildMiddle(), 1);
    connectPresenter();
    showCard();
}

PromotionDetail::~PromotionDetail() = default;

Panel *PromotionDetail::buildHead()
{
    m_headPanel = new Panel({}, this);
    m_headPanel->setObjectName(QStringLiteral("promotionHead"));
    m_headPanel->setAccessibleName(tr("The chosen promotion"));
    auto *content = new QWidget(m_headPanel);
    auto *row = new QHBoxLayout;
    row->setSpacing(space::s);
    m_title = new QLabel(m_headPanel);
    m_title->setObjectName(QStringLiteral("promotionTitle"));
    m_title->setProperty("role", QStringLiteral("large"));
    m_way = new Badge({}, ToneName::Neutral, m_headPanel);
    m_state = new Badge({}, ToneName::Neutral, m_headPanel);
    m_state->setObjectName(QStringLiteral("promotionState"));
    m_risk = new Badge({}, ToneName::Neutral, m_headPanel);
    m_risk->setObjectName(QStringLiteral("promotionRisk"));
    for (QWidget *each : std::initializer_list<QWidget *>{m_title, m_way, m_state, m_risk})
        row->addWidget(each);
    row->addStretch(1);
    m_asked = new ElidedLabel({}, TextRole::Body, m_headPanel);
    m_asked->setObjectName(QStringLiteral("promotionAsked"));
    m_asked->setSoft(true);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(14, space::m, 14, space::s);
    layout->setSpacing(space::s);
    layout->addLayout(row);
    layout->addWidget(m_asked); // a line of its own: why it was asked for is what is decided on
    m_path = new PathGraph(content);
    layout->addWidget(m_path);
    m_headPanel->setContent(content);
    m_headPanel->setFixedHeight(headHeight);
    return m_headPanel;
}

QWidget *PromotionDetail::buildMiddle()
{
    auto *row = new QWidget(this);
    auto *across = new QBoxLayout(QBoxLayout::LeftToRight, row);
    m_middle = across;
    across->setContentsMargins(0, 0, 0, 0);
    across->setSpacing(space::m);
    auto *left = new QVBoxLayout;
    left->setSpacing(space::m);
    m_rulesPanel = new Panel(tr("Checks"), row);
    auto *rulesInner = new QWidget(m_rulesPanel);
    auto *rulesLayout = new QVBoxLayout(rulesInner);
    rulesLayout->setContentsMargins(0, 0, 0, 0);
    m_rules = new RulesList(rulesInner);
    rulesLayout->setSpacing(0);
    rulesLayout->addWidget(m_rules);
    m_run = new MakingRun(rulesInner);
    connect(m_run, &MakingRun::runWanted, this, &PromotionDetail::runWanted);
    rulesLayout->addWidget(m_run);
    rulesLayout->addStretch(1);
    m_rulesPanel->setContent(rulesInner);
    m_votesPanel = new Panel(tr("Votes"), row);
    m_votes = new VotesList(m_votesPanel);
    m_votesPanel->setContent(m_votes);
    left->addWidget(m_rulesPanel, 1);
    left->addWidget(m_votesPanel);
    auto *right = new QVBoxLayout;
    right->setSpacing(space::m);
    right->addWidget(buildChanges(row), 1);
    m_riskPanel = new Panel(tr("Risk"), row);
    m_riskPanel->setSubtitle(tr("a figure to look at, never a gate"));
    m_riskView = new RiskView(m_riskPanel);
    m_riskPanel->setContent(m_riskView);
    right->addWidget(m_riskPanel);
    across->addLayout(left, 1);
    across->addLayout(right, 1);
    return row;
}

Panel *PromotionDetail::buildChanges(QWidget *parent)
{
    m_changesPanel = new Panel(tr("What changes"), parent);
    m_changesPanel->setObjectName(QStringLiteral("whatChanges"));
    m_openDiff = new QPushButton(tr("open diff"), m_changesPanel);
    m_openDiff->setObjectName(QStringLiteral("openDiff"));
    m_openDiff->setProperty("variant", QStringLiteral("ghost"));
    m_openDiff->setAutoDefault(false);
    m_changesPanel->addHeaderWidget(m_openDiff);
    auto *content = new QWidget(m_changesPanel);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_commits = new RowList(content);
    m_commits->setObjectName(QStringLiteral("promotionCommits"));
    m_commits->setAccessibleName(tr("Commits that go out"));
    m_commits->setModel(&m_presenter.changes().commits());
    m_commits->setItemDelegate(new CommitDelegate(m_commits));
    m_commits->setMinimumHeight(2 * CommitDelegate::rowHeight);
    layout->addWidget(m_commits, 1);
    m_changesPanel->setContent(content);
    auto *column = new QWidget(content);
    auto *lines = new QVBoxLayout(column);
    lines->setContentsMargins(14, space::s, 14, space::m);
    lines->setSpacing(space::xs);
    m_commitsNote = new QLabel(column);
    m_commitsNote->setObjectName(QStringLiteral("commitsNote"));
    m_commitsNote->setWordWrap(true);
    m_commitsNote->setTextFormat(Qt::PlainText);
    m_commitsNote->setTextInteractionFlags(Qt::TextSelectableByMouse);
    lines->addWidget(m_commitsNote);
    m_clusterHeading = new QLabel(tr("Also changes in the cluster"), column);
    m_clusterHeading->setObjectName(QStringLiteral("clusterHeading"));
    m_clusterHeading->setProperty("role", QStringLiteral("soft"));
    m_cluster = new ClusterDifference(column);
    lines->addWidget(m_clusterHeading);
    lines->addWidget(m_cluster);
    lines->addStretch(); // without commits there is more room than words
    layout->addWidget(column);
    connect(m_openDiff, &QPushButton::clicked, this, [this] { emit changesWanted({}); });
    connect(m_commits, &RowList::opened, this,
            [this](const QModelIndex &index) { emit changesWanted(index.data(IdRole).toString()); });
    return m_changesPanel;
}

void PromotionDetail::connectPresenter()
{
    connect(&m_presenter, &PromotionsPresenter::selectionChanged, this, &PromotionDetail::showCard);
    connect(&m_presenter, &PromotionsPresenter::previewChanged, this, &PromotionDetail::showChanges);
    connect(&m_presenter, &PromotionsPresenter::distancesChanged, this, &PromotionDetail::showDistances);
    connect(&m_presenter.changes(), &ChangesPresenter::changed, this, &PromotionDetail::showChanges);
    connect(&m_presenter.session(), &PlanSession::changed, this, [this] {
        showChanges();
        if (const PromotionCard *card = m_presenter.card())
            showState(*card);
    });
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, [this] {
        if (const PromotionCard *card = isVisible() ? m_presenter.card() : nullptr)
            showAsked(*card);
    });
}

void PromotionDetail::setNarrow(bool isNarrow)
{
    m_isNarrow = isNarrow;
    m_middle->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    placeWay();
}

void PromotionDetail::placeWay()
{
    m_way->setVisible(!m_isNarrow && !m_way->text().isEmpty()); // the graph says it as well
}

void PromotionDetail::focusCommits()
{
    m_commits->setFocus(Qt::OtherFocusReason);
}

void PromotionDetail::setRuns(RunStore *store)
{
    m_run->setStore(store);
}

void PromotionDetail::showNone()
{
    const bool isLoading = m_presenter.board().ledgerFreshness.state == Freshness::State::Loading;
    m_title->setText(isLoading ? QString() : tr("No promotion chosen"));
    for (Badge *badge : {m_way, m_state, m_risk})
        badge->setText({});
    m_asked->setText({});
    for (Panel *panel : {m_headPanel, m_rulesPanel, m_votesPanel, m_changesPanel, m_riskPanel}) {
        if (isLoading)
            panel->showLoading(3);
        else
            panel->showEmpty({}, tr("Choose a promotion at the left."));
        panel->setSubtitle({});
    }
}

void PromotionDetail::showCard()
{
    const PromotionCard *const card = m_presenter.card();
    if (!card)
        return showNone();
    for (Panel *panel : {m_headPanel, m_rulesPanel, m_votesPanel, m_riskPanel})
        panel->showContent();
    showAge(*card);
    showHead(*card);
    m_rules->show(card->decision.rules);
    m_run->show(card->decision.subject);
    // What was judged by the clusters of then is not kept.
    const QString passed = RulesList::summary(card->decision.rules);
    m_rulesPanel->setSubtitle(card->isOpen() || passed.isEmpty() ? passed
                                                                 : tr("%1, of those the ledger keeps").arg(passed));
    m_votes->show(*card);
    m_votesPanel->setSubtitle(card->approvalsAsked() > 0
                                  ? tr("%1 of %2").arg(card->approvalsGiven()).arg(card->approvalsAsked())
                                  : QString());
    m_riskView->show(card->risk);
    showDistances();
    showChanges();
}

// The card's own: others may be live.
void PromotionDetail::showAge(const PromotionCard &card)
{
    const policy::PromotionBoard &board = m_presenter.board();
    QDateTime since;
    QString why;
    if (card.isOpen() && !board.ledgerFreshness.isLive()) {
        since = board.readAt;
        why = m_presenter.whyNothing();
    } else if (!card.isLive()) {
        for (const policy::StalePlace &place : card.stale) {
            if (place.since.isValid() && (!since.isValid() || place.since < since))
                since = place.since;
        }
        if (!since.isValid()) // never read: all that is shown is of the ledger
            since = board.readAt;
        why = PromotionsPresenter::whyStale(card);
    }
    for (Panel *panel : {m_headPanel, m_rulesPanel})
        panel->setStale(since, why);
}

void PromotionDetail::showHead(const PromotionCard &card)
{
    m_title->setText(titleOf(card));
    const QString from = card.request.fromEnvironment;
    m_way->setText(from.isEmpty() ? card.request.subject.environment
                                  : QStringLiteral("%1 \u2192 %2").arg(from, card.request.subject.environment));
    placeWay();
    showState(card);
    m_risk->setText(RiskView::badge(card.risk));
    m_risk->setTone(RiskView::isHigh(card.risk) ? ToneName::Warning : ToneName::Neutral);
    showAsked(card);
    m_path->show(card);
}

// What was done here is done, also while its entry is on its way to the ledger.
void PromotionDetail::showState(const PromotionCard &card)
{
    const bool isDone = m_presenter.isBeingRecorded(card);
    m_state->setText(isDone ? tr("done, being recorded") : policy::cardStateLabel(card.state));
    m_state->setTone(toneOf(isDone ? PromotionCard::State::Done : card.state));
}

void PromotionDetail::showAsked(const PromotionCard &card)
{
    QStringList words{tr("asked by %1").arg(card.requester), agoText(card.requestedAt, AgeTicker::now())};
    if (!card.request.model.isEmpty())
        words << tr("model %1").arg(servedModelText(card.request.model));
    if (!card.request.reason.isEmpty())
        words << card.request.reason.simplified();
    m_asked->setText(words.join(QStringLiteral(" · ")));
    m_asked->setToolTip(QStringLiteral("%1\n%2\n%3")
                            .arg(words.join(QStringLiteral(" · ")), timeToolTip(card.requestedAt), card.executes));
}

void PromotionDetail::showDistances()
{
    const PromotionCard *const card = m_presenter.card();
    for (int i = 0; card && i + 1 < card->path.size(); ++i)
        m_path->setDistance(i, m_presenter.distances().at(i));
}

void PromotionDetail::showChanges()
{
    if (!m_presenter.card())
        return;
    ChangesPresenter &changes = m_presenter.changes();
    const ChangesPresenter::State state = changes.state();
    m_changesPanel->setSubtitle(changes.summary());
    const bool hasCommits = state == ChangesPresenter::State::Ready && changes.commits().rowCount() > 0;
    m_openDiff->setEnabled(state == ChangesPresenter::State::Ready);
    m_openDiff->setToolTip(state == ChangesPresenter::State::Failed ? changes.error().message : changes.text());
    m_commits->setVisible(hasCommits);
    const bool isWaiting = state == ChangesPresenter::State::Fetching || state == ChangesPresenter::State::Loading;
    QString note;
    if (state == ChangesPresenter::State::Failed)
        note = changes.error().message;
    else if (isWaiting)
        note = tr("The commits are being read ...");
    else if (!hasCommits)
        note = state == ChangesPresenter::State::Ready ? tr("Both releases are the same commit.") : changes.text();
    m_commitsNote->setText(note);
    m_commitsNote->setVisible(!note.isEmpty());
    const QList<DiffLine> difference = m_presenter.clusterDifference();
    const bool isPreviewing = m_presenter.isPreviewing();
    m_cluster->show(difference, isPreviewing ? tr("being worked out ...") : QString());
    m_cluster->setVisible(isPreviewing || !difference.isEmpty());
    m_clusterHeading->setVisible(isPreviewing || !difference.isEmpty());
    m_changesPanel->showContent();
}

} // namespace signalbox

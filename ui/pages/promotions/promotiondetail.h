#pragma once

#include "models/policy/promotionboard.h"

#include <QWidget>

class QBoxLayout;
class QLabel;
class QPushButton;

namespace signalbox
{

class Badge;
class ClusterDifference;
class ElidedLabel;
class MakingRun;
class Panel;
class PathGraph;
class PromotionsPresenter;
class RiskView;
class RowList;
class RulesList;
class RunStore;
class VotesList;

// All there is to know of the chosen promotion: the way it takes, what the policy says to it, who voted, what it
// changes and how risky it is.
class PromotionDetail : public QWidget
{
    Q_OBJECT
public:
    explicit PromotionDetail(PromotionsPresenter &presenter, QWidget *parent = nullptr);
    ~PromotionDetail() override;

    void setNarrow(bool isNarrow); // the panels stand below each other
    void setRuns(RunStore *store); // borrowed; null: there are no pipelines
    void focusCommits();
    static QString titleOf(const policy::PromotionCard &card); // "smart-support  8.1.7 → 8.1.9"

signals:
    void changesWanted(const QString &commit); // empty: all of them
    void runWanted(const QString &key);        // RunRef::key()

private:
    Panel *buildHead();
    QWidget *buildMiddle();
    Panel *buildChanges(QWidget *parent);
    void connectPresenter();
    void showCard();
    void showNone();
    void showHead(const policy::PromotionCard &card);
    void showAge(const policy::PromotionCard &card);
    void showState(const policy::PromotionCard &card);
    void showAsked(const policy::PromotionCard &card);
    void showDistances();
    void showChanges();
    void placeWay();

    PromotionsPresenter &m_presenter;
    Panel *m_headPanel = nullptr;
    QLabel *m_title = nullptr;
    Badge *m_way = nullptr;
    Badge *m_risk = nullptr;
    Badge *m_state = nullptr;
    ElidedLabel *m_asked = nullptr;
    PathGraph *m_path = nullptr;
    QBoxLayout *m_middle = nullptr;
    Panel *m_rulesPanel = nullptr;
    RulesList *m_rules = nullptr;
    MakingRun *m_run = nullptr;
    Panel *m_votesPanel = nullptr;
    VotesList *m_votes = nullptr;
    Panel *m_changesPanel = nullptr;
    RowList *m_commits = nullptr;
    QPushButton *m_openDiff = nullptr;
    QLabel *m_commitsNote = nullptr;
    QLabel *m_clusterHeading = nullptr;
    ClusterDifference *m_cluster = nullptr;
    Panel *m_riskPanel = nullptr;
    RiskView *m_riskView = nullptr;
    bool m_isNarrow = false;
};

} // namespace signalbox

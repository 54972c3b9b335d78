#pragma once

#include "ui/pages/cluster/clusterpresenter.h"

#include <QHash>
#include <QWidget>

namespace signalbox
{

// A node (or namespace, or workload) with its pods.
class GroupCard : public QWidget
{
    Q_OBJECT
public:
    explicit GroupCard(const QString &group, QWidget *parent = nullptr);
    void show(const ClusterPresenter::GroupInfo &info, const QList<PodCell> &cells);
    PodGrid *grid() const { return m_grid; }
    QString group() const { return m_group; }
    int wantedHeight(int width) const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    bool hasBar() const { return m_info.cpu >= 0; }
    int gridTop() const;

    QString m_group;
    ClusterPresenter::GroupInfo m_info;
    PodGrid *m_grid = nullptr;
};

// The cards side by side, as many columns as there is room for; its height follows from its width.
class GroupCards : public QWidget
{
    Q_OBJECT
public:
    explicit GroupCards(ClusterPresenter &presenter, QWidget *parent = nullptr);
    void refresh(const QSet<QString> &groups, bool isAll);
    GroupCard *card(const QString &group) const { return m_cards.value(group); }
    void setCurrentPod(const QString &uid);
    QSize sizeHint() const override;

signals:
    void podActivated(const QString &uid);
    void podMenuRequested(const QString &uid, const QPoint &globalPosition);
    void heightChanged();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void place();
    GroupCard *makeCard(const QString &group);

    ClusterPresenter &m_presenter;
    QStringList m_order;
    QHash<QString, GroupCard *> m_cards;
    QString m_currentPod;
};

} // namespace signalbox

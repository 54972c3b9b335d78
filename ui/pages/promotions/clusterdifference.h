#pragma once

#include "models/domain/operation.h"

#include <QLabel>

namespace signalbox
{

// What exactly changes in the cluster, as lines with their signs.
class ClusterDifference : public QLabel
{
    Q_OBJECT
public:
    explicit ClusterDifference(QWidget *parent = nullptr);
    void show(const QList<DiffLine> &lines, const QString &without);

protected:
    void changeEvent(QEvent *event) override;

private:
    void render();

    QList<DiffLine> m_lines;
    QString m_without;
};

} // namespace signalbox

#pragma once

#include "models/domain/operation.h"

#include <QWidget>

class QVBoxLayout;

namespace signalbox
{

// The verdicts of a plan's preflight, the worst first, each with its reason and its way out.
class ChecksList : public QWidget
{
    Q_OBJECT
public:
    explicit ChecksList(QWidget *parent = nullptr);
    void show(const QList<Check> &checks);

protected:
    void changeEvent(QEvent *event) override;

private:
    void rebuild();
    QVBoxLayout *m_rows = nullptr;
    QList<Check> m_shown;
};

} // namespace signalbox

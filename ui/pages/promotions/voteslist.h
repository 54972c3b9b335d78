#pragma once

#include "models/policy/promotionboard.h"

#include <QWidget>

class QVBoxLayout;

namespace signalbox
{

// Who said what on a promotion, whether it counts, and who is still missing.
class VotesList : public QWidget
{
    Q_OBJECT
public:
    explicit VotesList(QWidget *parent = nullptr);

    void show(const policy::PromotionCard &card);

protected:
    void changeEvent(QEvent *event) override;

private:
    void rebuild();

    QVBoxLayout *m_rows = nullptr;
    policy::PromotionCard m_shown;
    bool m_isShown = false;
};

} // namespace signalbox

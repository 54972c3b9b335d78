#pragma once

#include "models/dora.h"
#include "services/async/latestonly.h"

#include <QTimer>
#include <QWidget>

#include <array>

namespace signalbox
{

class ConsoleSettings;
class LedgerFeed;
struct DoraView;

// The four key figures of DORA in one row, as the ledger's own screen has them: the same time, application and
// environment are asked for, so that one figure never stands beside another of the same name. What has too little data
// says so instead of a figure. Pressing one leads to its definition.
class DoraTiles : public QWidget
{
    Q_OBJECT
public:
    DoraTiles(LedgerFeed &feed, ConsoleSettings &settings, QWidget *parent = nullptr);
    ~DoraTiles() override;

    QString text(DoraMetric metric) const; // as it is read aloud
    bool isCounted() const { return m_hasView; }

signals:
    void definitionWanted(DoraMetric metric);

protected:
    void showEvent(QShowEvent *event) override;

private:
    class Tile;
    void askSoon();
    void ask();
    void showNothing();
    void showView(const DoraView &view);

    LedgerFeed &m_feed;
    ConsoleSettings &m_settings;
    std::array<Tile *, 4> m_tiles{};
    QTimer m_soon;  // entries come in bursts, and the window's first second belongs to what runs
    QTimer m_again; // while it is looked at
    LatestOnly m_asking;
    bool m_hasView = false;
};

} // namespace signalbox

#pragma once

#include "models/series/paneldata.h"
#include "ui/widgets/panel.h"

namespace signalbox
{

class Badge;
class ChartGroup;
class ChartView;
class IconButton;

// A card with one chart: title, unit, what the reader must know, and the four states.
class ChartPanel : public Panel
{
    Q_OBJECT
public:
    explicit ChartPanel(ChartGroup &group, QWidget *parent = nullptr);
    ~ChartPanel() override;

    void setData(const PanelData &data);
    const PanelData &data() const;
    ChartView &view() { return *m_view; }
    // A verdict beside the title, e.g. "pass"; empty: none. `reason`: what it was found by.
    void setVerdict(const QString &word, Health health, const QString &reason = {});
    // Adds the button that opens the query; editRequested() follows.
    void setEditable(bool isEditable);

signals:
    void retryRequested();
    void editRequested();

private:
    void showState();
    void showUnit();

    ChartView *m_view = nullptr;
    Badge *m_note = nullptr;
    Badge *m_verdict = nullptr;
    IconButton *m_edit = nullptr;
};

} // namespace signalbox

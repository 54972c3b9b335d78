#pragma once

#include "models/dora.h"
#include "services/async/latestonly.h"
#include "services/ledger/view/doraview.h"

#include <QWidget>

#include <array>

class QGridLayout;
class QLabel;

namespace signalbox
{

class Card;
class ChartGroup;
class ChartPanel;
class ChipButton;
class ConsoleSettings;
class IconButton;
class LedgerFeed;

// The four key figures with their ground, their definitions one click away, and how one of them went.
class DoraPanel : public QWidget
{
    Q_OBJECT
public:
    DoraPanel(LedgerFeed &feed, ConsoleSettings &settings, QWidget *parent = nullptr);
    ~DoraPanel() override;

    void refresh();                              // asks the worker again
    QString figureText(DoraMetric metric) const; // as shown
    void define(const QString &name);            // opens the definition of the figure of this doraName()

protected:
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    struct Figure
    {
        Card *card = nullptr;
        IconButton *info = nullptr;
        QLabel *figure = nullptr;
        QLabel *ground = nullptr;
        QLabel *definition = nullptr;
    };
    Figure buildFigure(DoraMetric metric);
    ChipButton *chip(const QString &name, const QString &label, const QString &remembered, const QString &fallback);
    void layOut();
    void showChoices();
    void showView();
    void showNoView();
    void showTrend();
    DoraQuestion question() const;

    LedgerFeed &m_feed;
    ConsoleSettings &m_settings;
    DoraView m_view;
    QString m_problem;
    bool m_hasView = false;
    std::array<Figure, 4> m_figures;
    QGridLayout *m_grid = nullptr;
    QLabel *m_note = nullptr;
    ChipButton *m_application = nullptr;
    ChipButton *m_environment = nullptr;
    ChipButton *m_range = nullptr;
    ChipButton *m_metric = nullptr;
    ChartGroup *m_charts = nullptr;
    ChartPanel *m_chart = nullptr;
    int m_columns = 0;
    LatestOnly m_asking;
};

} // namespace signalbox

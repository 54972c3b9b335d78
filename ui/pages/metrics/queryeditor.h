#pragma once

#include "models/series/paneldata.h"
#include "ui/charts/chartgroup.h"

#include <QDialog>
#include <QTimer>

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace signalbox
{

class ChartPanel;

// Edits one panel and shows what it would draw while it is typed. Knows no source: it asks for previews and is told.
class QueryEditor : public QDialog
{
    Q_OBJECT
public:
    static constexpr int debounceMs = 350;

    // `isOwn`: there is something to take back.
    QueryEditor(const MetricPanel &panel, bool isOwn, const MetricRange &range, QWidget *parent = nullptr);

    MetricPanel panel() const; // as edited
    void showPreview(const PanelData &data);

signals:
    void previewRequested(const signalbox::MetricPanel &panel);
    void saveRequested(const signalbox::MetricPanel &panel);
    void removeRequested(const QString &id);

private:
    void build(bool isOwn);
    void edited();
    void check();

    MetricPanel m_panel;
    ChartGroup m_group;
    QTimer m_debounce;
    QString m_previewed;      // expression of the last preview
    bool m_isRefused = false; // by the source
    QLineEdit *m_title = nullptr;
    QComboBox *m_unit = nullptr;
    QLineEdit *m_limit = nullptr;
    QPlainTextEdit *m_expression = nullptr;
    QLabel *m_problem = nullptr;
    ChartPanel *m_preview = nullptr;
    QPushButton *m_save = nullptr;
};

} // namespace signalbox

#pragma once

#include "services/ports/clustersource.h"
#include "ui/pages/cluster/clusterpresenter.h"
#include "ui/widgets/panel.h"

#include <memory>

class QCheckBox;
class QLabel;
class QPushButton;

namespace signalbox
{

class Badge;
class ChipButton;
class FilterField;
class LogView;
class Prompter;

// One pod: what is wrong with it, and its log, followed or from before the last restart.
class PodPanel : public Panel
{
    Q_OBJECT
public:
    PodPanel(ClusterPresenter &presenter, Prompter &prompter, QWidget *parent = nullptr);
    ~PodPanel() override;

    void showPod(const QString &uid); // empty: none
    QString podUid() const { return m_uid; }
    void refresh(); // its state changed, or it is gone
    bool focusSearch();
    LogView *log() const { return m_log; }

signals:
    void notice(const QString &text, signalbox::Health kind);

private:
    void buildTools(QWidget *content);
    void openLog();
    void save();

    ClusterPresenter &m_presenter;
    Prompter &m_prompter;
    QString m_uid;
    ObjectRef m_ref;
    Badge *m_badge = nullptr;
    ChipButton *m_container = nullptr;
    QCheckBox *m_previous = nullptr;
    QCheckBox *m_follow = nullptr;
    FilterField *m_search = nullptr;
    QLabel *m_hits = nullptr;
    QLabel *m_trouble = nullptr;
    LogView *m_log = nullptr;
    QList<QWidget *> m_tools; // of the header, hidden while there is no pod
    std::unique_ptr<LogStream> m_stream;
};

} // namespace signalbox

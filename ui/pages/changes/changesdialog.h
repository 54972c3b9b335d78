#pragma once

#include "services/async/latestonly.h"
#include "services/feeds/flowreading.h"
#include "ui/pages/changes/changespresenter.h"
#include "ui/pages/changes/pathdistances.h"

#include <QDialog>
#include <QTimer>

class QComboBox;
class QLabel;

namespace signalbox
{

class ChangesView;
struct ConsoleContext;

// What lies between any two releases of an application: chosen from what runs where, tags and branches, or typed as
// `signalbox changes` takes them. Tells how the team's branches stand, and how far its environments are apart. Deletes
// itself when closed.
class ChangesDialog : public QDialog
{
    Q_OBJECT
public:
    // `application` may be empty: the first one. Starts with what production would get.
    ChangesDialog(ConsoleContext &context, const QString &application, QWidget *parent);
    ~ChangesDialog() override;

    void reject() override; // out of a search or a commit first

private:
    void build();
    void fillReleases();
    void addNames(const RepositoryRefs &refs);
    void compare();
    void readBranches();
    void showSurroundings();
    QString chosen(const QComboBox *combo) const;
    QString application() const;

    ConsoleContext &m_context;
    ChangesPresenter m_presenter;
    PathDistances m_distances;
    QComboBox *m_application = nullptr;
    QComboBox *m_from = nullptr;
    QComboBox *m_to = nullptr;
    QLabel *m_surroundings = nullptr;
    ChangesView *m_view = nullptr;
    QStringList m_environments; // of the application, with the release each runs
    QStringList m_running;
    std::optional<FlowReading> m_flow;
    QTimer m_settle;
    LatestOnly m_names;
    LatestOnly m_branches;
};

} // namespace signalbox

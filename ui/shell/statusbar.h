#pragma once

#include "models/domain/health.h"
#include "ui/shell/consolecontext.h"

#include <QDateTime>
#include <QPushButton>
#include <QTimer>
#include <QWidget>

class QLabel;

namespace signalbox
{

struct Freshness;

// How a source stands, as sign and words: "live", "32 s old", "loading".
struct ShownState
{
    Health health = Health::Unknown;
    QString text;
};
ShownState shownState(const Freshness &freshness, const QDateTime &now);

// Along the bottom: each connection's sign, name and age, where there is room its pods and version, and who is
// operating.
class StatusBar : public QWidget
{
    Q_OBJECT
public:
    explicit StatusBar(ConsoleContext &context, QWidget *parent = nullptr);
    // Shown first, in words and a colour of its own; empty: nothing.
    void setWorld(const QString &name);
    QStringList texts() const;      // what stands there where there is room for all of it
    QStringList shownTexts() const; // what fits

signals:
    void connectionChosen(const QString &id);
    void requestsChosen();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    class Entry;
    class Entries;
    void refreshSoon(); // the sources, and how many requests are open
    void startSoon();
    void refresh();
    void refreshRequests();
    void watch(const QString &clusterId);

    ConsoleContext &m_context;
    Entries *m_entries = nullptr;
    QList<Entry *> m_shown;
    QLabel *m_world = nullptr;
    QPushButton *m_requests = nullptr;
    QLabel *m_operator = nullptr;
    QTimer m_soon;
    bool m_areRequestsOld = true;
    bool m_areSourcesOld = true;
};

} // namespace signalbox

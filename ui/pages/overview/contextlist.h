#pragma once

#include "models/domain/health.h"
#include "services/async/latestonly.h"
#include "services/ports/connections.h"

#include <QWidget>

#include <deque>
#include <memory>
#include <vector>

class QCheckBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace signalbox
{

class ElidedLabel;
class StateSign;

// The contexts of the kubeconfig found on this machine, each tested as it is listed, a few at a time; those that work
// can be chosen and become connections. A context whose certificate is not verified, or whose credentials a program
// hands out, is tested only when it is chosen: the test sends its credentials, or runs that program. One that is a
// connection already is tested too and cannot be chosen: this page shows where none of them answers.
class ContextList : public QWidget
{
    Q_OBJECT
public:
    explicit ContextList(ConnectionsService &service, QWidget *parent = nullptr);
    ~ContextList() override;

    // Reads kubectl's files and `moreFiles`, then tests every context. What was under way is dropped.
    void look(const QStringList &moreFiles = {});
    bool hasLooked() const { return m_hasLooked; }
    // Ends the tests under way and leaves the others out.
    void stop();

signals:
    void added();                        // all that were chosen are connections now
    void failed(const QString &message); // one sentence; empty: what was wrong is no more

private:
    struct Row
    {
        ContextInfo context;
        std::unique_ptr<ConnectionProbe> probe; // under way
        bool isTested = false;
        bool isUsable = false;
        QCheckBox *choice = nullptr;
        StateSign *sign = nullptr;
        QLabel *text = nullptr;
    };

    QWidget *buildFoot();
    void show(const Result<QList<ContextInfo>> &contexts);
    void addRow(const ContextInfo &context);
    void testNext();
    void test(Row &row);
    void take(Row &row, const ProbeReport &report);
    void say(Row &row, Health health, const QString &text);
    void chosen(Row &row, bool isChosen);
    void addChosen();
    void addNext();
    void refresh();
    ConnectionConfig configOf(const Row &row) const;

    ConnectionsService &m_service;
    QStringList m_moreFiles;
    std::vector<std::unique_ptr<Row>> m_rows;
    std::deque<Row *> m_waiting; // to be tested
    std::deque<Row *> m_toAdd;
    LatestOnly m_question;
    LatestOnly m_saving;
    bool m_hasLooked = false;
    bool m_isReading = false;
    QLabel *m_summary = nullptr;
    QProgressBar *m_progress = nullptr;
    QScrollArea *m_scroll = nullptr;
    QWidget *m_content = nullptr;
    QVBoxLayout *m_lines = nullptr;
    QPushButton *m_add = nullptr;
    QPushButton *m_stop = nullptr;
    QPushButton *m_again = nullptr;
};

} // namespace signalbox

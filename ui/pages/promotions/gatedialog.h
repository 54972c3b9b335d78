#pragma once

#include "models/items/gatesmodel.h"
#include "services/ports/gatekeeper.h"
#include "ui/pages/operation/plansession.h"

#include <QDialog>
#include <QList>
#include <QTimer>

class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace signalbox
{

class OperationBox;
struct ConsoleContext;

// One gate of a vendor: what waits there and who may decide, what will be sent, what the policy says, approve or
// reject. A gate that somebody else decides meanwhile is said, and nothing is pressed. Deletes itself when closed; an
// operation that runs goes on.
class GateDialog : public QDialog
{
    Q_OBJECT
public:
    // Needs context.operations, context.pipelines and context.runs. `key`: of a gate in the store.
    GateDialog(ConsoleContext &context, const QString &key, QWidget *parent);
    ~GateDialog() override;

    QString key() const { return m_key; }
    bool isDeciding() const { return m_session.isRunning(); } // from the press on, until the outcome
    bool hasDecided() const;                                  // and it was observed
    // This one is being decided: another one that was asked for is named here, and shown when it is asked for again.
    void tellOther(const GateRow &other);

protected:
    void changeEvent(QEvent *event) override;

private:
    void build();
    QWidget *buildFacts();
    void buildForm(); // once the gate is known: what it asks for, and whether it can be rejected
    QWidget *addParameter(int row, const RunParameter &parameter);
    void setApproves(bool approves);
    void setParameter(const QString &name, const QString &value);
    void inputChanged();
    QString whatLacks() const; // for people; empty: it can be planned
    void plan();
    void takeStore();
    void follow(const GateRow &row);
    void sayGone();
    void showGate();
    void showFields();
    void showTitle();
    QString whatBecameOfIt() const;

    ConsoleContext &m_context;
    QString m_key;
    GateRow m_row; // as it was last seen; empty: it was decided before this was opened
    GateOrder m_order;
    PlanSession m_session;
    QTimer m_settle; // planned when what is typed stands still
    bool m_isGone = false;
    QLabel *m_title = nullptr;
    QLabel *m_facts = nullptr;
    QLabel *m_other = nullptr;
    QFormLayout *m_form = nullptr;
    QList<QWidget *> m_fields; // what it asks for, and the comment
    QLineEdit *m_comment = nullptr;
    class Turn;
    Turn *m_turn = nullptr; // to rejecting and back
    QPushButton *m_cancel = nullptr;
    OperationBox *m_box = nullptr;
};

} // namespace signalbox

#pragma once

#include "services/async/latestonly.h"
#include "services/ledger/view/ledgerdetails.h"
#include "ui/widgets/panel.h"

class QLabel;
class QPushButton;
class QTextBrowser;

namespace signalbox
{

class Badge;
class LedgerFeed;
class StateSign;

// All of one entry: what proves it, in words; what stands in it; what belongs to it, as links; and copying.
class EntryPanel : public Panel
{
    Q_OBJECT
public:
    explicit EntryPanel(QWidget *parent = nullptr);
    ~EntryPanel() override;

    void show(LedgerFeed &feed, qsizetype row); // of the feed's table
    void clear();
    QString commit() const { return m_row.commit; }
    QString text() const; // what is shown, for copying
    QTextBrowser &browser() { return *m_browser; }

signals:
    void relatedChosen(const QString &commit);
    void copied(const QString &what);

protected:
    void changeEvent(QEvent *event) override;

private:
    void render();
    QString html() const;
    QString fieldsHtml() const;
    QString relatedHtml() const;
    void copyText(const QString &text, const QString &what);

    LedgerRow m_row;
    QString m_path;
    LedgerDetails m_details;
    QString m_problem;
    bool m_isLoading = false;
    QList<LedgerRow> m_related;
    Badge *m_type = nullptr;
    StateSign *m_sign = nullptr;
    QLabel *m_proof = nullptr;
    QLabel *m_reason = nullptr;
    QTextBrowser *m_browser = nullptr;
    LatestOnly m_reading;
};

} // namespace signalbox

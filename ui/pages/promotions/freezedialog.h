#pragma once

#include "services/async/latestonly.h"
#include "services/ports/promotiondesk.h"

#include <QDialog>
#include <QTimer>

#include <optional>

class QCheckBox;
class QComboBox;
class QDateTimeEdit;
class QLabel;
class QLineEdit;

namespace signalbox
{

class HoldButton;
class Panel;
struct ConsoleContext;

// Orders a freeze: for which application, where, from when until when, and whether it comes again: by the clocks of the
// operator's zone. Shows exactly what will be refused, with its times in that zone, before the deliberate hold; what is
// signed is what was shown, or nothing. Deletes itself when closed. GUI thread.
class FreezeDialog : public QDialog
{
    Q_OBJECT
public:
    // Needs context.promotions. What is given is chosen at first; empty: all.
    FreezeDialog(ConsoleContext &context, const QString &application, const QString &environment, QWidget *parent);

signals:
    void ordered(const QString &entry);

private:
    void build();
    QWidget *buildRepeat();
    void showRepeat();
    QString rule() const;    // RRULE's value; empty: it does not repeat, or is not said yet
    QString missing() const; // what has to be said of the repetition first; empty: nothing
    void changed();          // another order: what was shown does not count any more
    policy::FreezeOrder order() const;
    void draft();
    void show(const Result<policy::FreezeReach> &reach);
    void refreshButton();
    QString whyNot() const; // empty: it can be ordered
    QByteArray fingerprint() const;
    QString effect() const;
    void freeze(const QByteArray &fingerprint);
    void askInstead(const QByteArray &fingerprint);

    ConsoleContext &m_context;
    QComboBox *m_application = nullptr;
    QComboBox *m_environment = nullptr;
    QDateTimeEdit *m_from = nullptr;
    QDateTimeEdit *m_until = nullptr;
    QComboBox *m_repeat = nullptr;
    QWidget *m_days = nullptr;
    QList<QCheckBox *> m_weekdays; // Monday first
    QLineEdit *m_rule = nullptr;
    QLineEdit *m_reason = nullptr;
    Panel *m_panel = nullptr;
    QLabel *m_effect = nullptr;
    QLabel *m_next = nullptr;
    QLabel *m_reach = nullptr;
    QLabel *m_problem = nullptr;
    HoldButton *m_freeze = nullptr;
    QTimer m_settle;
    LatestOnly m_ask;
    std::optional<policy::FreezeReach> m_seen;
    bool m_isSending = false;
};

} // namespace signalbox

#pragma once

#include "models/policy/promotionboard.h"

#include <QSet>
#include <QWidget>

class QVBoxLayout;

namespace signalbox
{

// What is in force or owed, for all to see: holds, freezes, and the countersignatures that a break-glass left. Each
// with the button that ends it, disabled with its reason where this operator cannot. One line each until it is opened.
class Obligations : public QWidget
{
    Q_OBJECT
public:
    explicit Obligations(QWidget *parent = nullptr);

    // `whyNothing`: why no decision can be made now at all; empty: it can.
    void show(const QList<policy::BoardStop> &stops, const QList<policy::BoardDebt> &debts, const QString &whyNothing);
    int wantedHeight(int width) const; // of all rows as they are opened now
    int count() const { return static_cast<int>(m_stops.size() + m_debts.size()); }

signals:
    void liftRequested(const QString &entry, const QString &what);
    void countersignRequested(const QString &entry, const QString &what);
    void heightChanged();

protected:
    void changeEvent(QEvent *event) override;

private:
    void rebuild();
    void add(Health health, const QString &strong, const QString &text, const QString &button, const QString &name,
             const QString &whyNot, const QString &hint, std::function<void()> run);

    QVBoxLayout *m_rows = nullptr;
    QList<policy::BoardStop> m_stops;
    QList<policy::BoardDebt> m_debts;
    QString m_whyNothing;
    QSet<QString> m_opened; // their first words
};

} // namespace signalbox

#pragma once

#include "models/stores/ledgertable.h"

#include <QTimer>
#include <QWidget>

namespace signalbox
{

class ChipButton;
class ConsoleSettings;
class FilterField;

// What the list is narrowed to: words, and choices of application, person, kind, proof and time. Choices are
// remembered, words are not.
class LedgerFilters : public QWidget
{
    Q_OBJECT
public:
    // Times that can be chosen by name; others come from the time line.
    LedgerFilters(ConsoleSettings &settings, QWidget *parent = nullptr);

    const LedgerFilter &filter() const { return m_filter; }
    FilterField &field() { return *m_field; }
    void setTable(const LedgerTable &table);                  // what there is to choose from
    void setSpan(const QDateTime &from, const QDateTime &to); // a stretch of the time line; invalid: any time
    void setApplication(const QString &application);
    void clear();

signals:
    void filterChanged(const signalbox::LedgerFilter &filter);

private:
    ChipButton *chip(const QString &name, const QString &label, const QString &remembered);
    void apply();
    void showChoices();

    ConsoleSettings &m_settings;
    LedgerFilter m_filter;
    QStringList m_applications;
    QStringList m_persons;
    QStringList m_types;
    FilterField *m_field = nullptr;
    ChipButton *m_application = nullptr;
    ChipButton *m_person = nullptr;
    ChipButton *m_type = nullptr;
    ChipButton *m_proof = nullptr;
    ChipButton *m_time = nullptr;
    QDateTime m_spanFrom;
    QDateTime m_spanTo;
    QTimer m_typing;
};

} // namespace signalbox

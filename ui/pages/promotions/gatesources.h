#pragma once

#include "models/items/gatesmodel.h"

#include <QWidget>

class QVBoxLayout;

namespace signalbox
{

// The servers whose gates cannot be read now: which, why, since when, and the button that leads out of it. An inbox
// that seems empty because of them says so.
class GateSources : public QWidget
{
    Q_OBJECT
public:
    explicit GateSources(QWidget *parent = nullptr);

    void show(const QList<GateSource> &sources);
    int count() const { return static_cast<int>(m_sources.size()); }
    int heightAt(int width) const; // that all of them need

signals:
    void heightChanged(); // rows came or went, or their words need other lines
    void lookAgainWanted();
    void connectionWanted(const QString &connection);

protected:
    bool event(QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void rebuild();
    void add(const GateSource &source);

    QVBoxLayout *m_rows = nullptr;
    QList<GateSource> m_sources;
};

} // namespace signalbox

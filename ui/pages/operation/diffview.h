#pragma once

#include "models/domain/operation.h"

#include <QTextEdit>

namespace signalbox
{

// What will be sent, as a difference: removed lines red with a minus, added ones green with a plus. Can be selected and
// copied as plain text.
class DiffView : public QTextEdit
{
    Q_OBJECT
public:
    explicit DiffView(QWidget *parent = nullptr);
    QWidget *inset(QWidget *parent); // itself within the margins that a panel's content has
    // `heading`: "PATCH Deployment shop/cart"; `precondition`: "only if the template is still c07d9aa".
    // `done`: so many of the chosen steps were sent already and are left out. `most`: no more than so many; -1: all.
    void show(const Plan &plan, int done = 0, int most = -1);
    void showLines(const QString &heading, const QList<DiffLine> &lines, const QString &precondition);

protected:
    void changeEvent(QEvent *event) override;
    QMimeData *createMimeDataFromSelection() const override;

private:
    void render();
    struct Part
    {
        QString heading;
        QList<DiffLine> lines;
        QString precondition;
        bool operator==(const Part &) const = default;
    };
    QList<Part> m_parts;
};

} // namespace signalbox

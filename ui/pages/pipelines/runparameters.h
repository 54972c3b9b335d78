#pragma once

#include "models/pipelines/run.h"

#include <QMap>
#include <QWidget>

#include <functional>

namespace signalbox
{

// Fields for what whoever starts a run, or decides a gate, may fill in. What is hidden is typed unseen and kept by
// nobody.
class RunParameters : public QWidget
{
    Q_OBJECT
public:
    explicit RunParameters(const QList<RunParameter> &parameters, QWidget *parent = nullptr);

    QMap<QString, QString> values() const;
    QString missing() const; // the name of a required one that is empty; empty: none

signals:
    void changed();

private:
    QWidget *makeField(const RunParameter &parameter);

    struct Field
    {
        RunParameter parameter;
        std::function<QString()> value;
    };
    QList<Field> m_fields;
};

} // namespace signalbox

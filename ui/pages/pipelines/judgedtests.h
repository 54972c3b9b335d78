#pragma once

#include "models/pipelines/runhistory.h"

#include <QHash>
#include <QObject>

#include <optional>

namespace signalbox
{

// What runs::judged() says of reports of thousands of tests, worked out on a worker and kept for the runs that were
// shown last. GUI thread.
class JudgedTests : public QObject
{
    Q_OBJECT
public:
    using List = QList<runs::JudgedTest>;

    explicit JudgedTests(QObject *parent = nullptr);
    ~JudgedTests() override;

    // Returns at once; null: it is being worked out, and changed() tells when it is known. While a newer report is
    // worked out it is what the one before said. Valid until the next call.
    const List *of(const runs::TestedRun &run, const QList<runs::TestedRun> &past);

signals:
    void changed();

private:
    struct Kept
    {
        runs::TestedRun run;
        QList<runs::TestedRun> past;
        std::optional<List> judged;
        bool isDue = false;
    };
    void work(const QString &key);

    QHash<QString, Kept> m_kept; // by run and attempt
    bool m_isWorking = false;
};

} // namespace signalbox

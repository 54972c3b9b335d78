#pragma once

#include "models/pipelines/runhistory.h"

#include <QObject>

#include <optional>

namespace signalbox
{

// What runs::flakiest() says of reports of thousands of tests, worked out on a worker. GUI thread.
class FlakyTests : public QObject
{
    Q_OBJECT
public:
    using List = QList<runs::TestRecord>;

    explicit FlakyTests(QObject *parent = nullptr);
    ~FlakyTests() override;

    // Returns at once; null: it is being worked out, and changed() tells when it is known. While a newer report is
    // looked at it is what those before said, unless it is of another pipeline. Valid until the next call.
    const List *of(const QList<runs::TestedRun> &past);

signals:
    void changed();

private:
    void work();

    QList<runs::TestedRun> m_past;
    std::optional<List> m_list;
    bool m_isDue = false;
    bool m_isWorking = false;
};

} // namespace signalbox

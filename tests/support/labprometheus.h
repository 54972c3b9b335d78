#pragma once

#include <QByteArray>
#include <QMap>
#include <QString>
#include <QUrl>

#include <memory>

class QProcess;
class QTemporaryDir;

namespace signalbox::test
{

// A real Prometheus that scrapes two real application slots (tests/lab/app/app.py) every second: blue 1.4.0 and green
// 1.5.0 of the application "cart" in the namespace "shop", told apart by the label `slot`. Loopback only, ports the
// system picks; everything ends with this object (on Linux with the test's process too).
// Rules: the alert SlotErrorsHigh (error ratio over 15 s above 5 % for 3 s), with the application's labels, and the
// rule BrokenRule, which cannot be evaluated.
class LabPrometheus
{
public:
    struct Options
    {
        QString application = QStringLiteral("cart"); // labels of the slots: app
        QString ns = QStringLiteral("shop");          // and namespace
        int historyMinutes = 0;                       // of made-up samples before now, put into the store by promtool
        bool hasSlots = true;                         // false: Prometheus alone, scraping nothing
        bool takesRemoteWrites = false;               // at /api/v1/write
    };

    // Null: `error` says what is missing (prometheus, promtool or python3).
    static std::unique_ptr<LabPrometheus> start(const Options &options, QString *error);
    ~LabPrometheus();

    int port() const { return m_port; }
    QUrl url() const;                         // http://127.0.0.1:PORT
    QUrl slotUrl(const QString &track) const; // "blue" "green"

    // Requests per second to a slot from now on; 0: none.
    bool setLoad(const QString &track, double perSecond);
    // "error_rate=0.3&latency_ms=80&healthy=0", "families=1" (tests/lab/app/families.py); waits for the answer.
    bool control(const QString &track, const QString &settings);
    // One counter of a slot, as it says itself: the sum of the values whose line begins with `name` and holds all of
    // `parts`. -1: no answer.
    double counter(const QString &track, const QByteArray &name, const QList<QByteArray> &parts = {}) const;

    bool kill();                  // at once, as kill -9
    bool restart(QString *error); // same port, same data

private:
    LabPrometheus();
    bool startSlot(const QString &track, const QString &version, QString *error);
    bool writeConfiguration() const;
    bool backfill(int minutes, QString *error) const;
    bool startServer(QString *error);
    QString path(const QString &name) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    int m_port = 0;
    Options m_options;
    bool m_takesRemoteWrites = false;
    std::unique_ptr<QProcess> m_server;
    struct Slot
    {
        int port = 0;
        std::unique_ptr<QProcess> application;
        std::unique_ptr<QProcess> load;
    };
    std::map<QString, Slot> m_slots;
};

} // namespace signalbox::test

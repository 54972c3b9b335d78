#pragma once

#include "app/wiring/session.h"
#include "services/async/deliver.h"
#include "services/async/serialqueue.h"
#include "services/ports/connections.h"
#include "services/workspace/workspace.h"

#include <QTimer>

namespace signalbox
{

inline const QString configureStep = QStringLiteral("configure");
inline const QString reachStep = QStringLiteral("reach");

// The steps all kinds share: a list that is walked from the top, and ends at the first failure.
class Probe : public ConnectionProbe
{
public:
    Probe(QList<ProbeStep> steps, Session &session)
        : m_session(session)
        , m_steps(std::move(steps))
    {}
    ~Probe() override { m_stop.request_stop(); }

    QList<ProbeStep> steps() const override { return m_steps; }

protected:
    void begin(const QString &id) { set(id, ProbeStep::State::Running, {}); }
    void pass(const QString &id, const QString &text) { set(id, ProbeStep::State::Passed, text); }
    void warn(const QString &id, const QString &text) { set(id, ProbeStep::State::Warned, text); }
    void fail(const QString &id, const Error &error)
    {
        set(id, ProbeStep::State::Failed, error.message);
        for (const ProbeStep &step : QList<ProbeStep>(m_steps)) {
            if (step.state == ProbeStep::State::Pending)
                set(step.id, ProbeStep::State::Skipped, ConnectionProbe::tr("not tried"));
        }
        m_report.error = error;
        end(false);
    }
    void end(bool isUsable)
    {
        m_report.steps = m_steps;
        m_report.isUsable = isUsable;
        emit finished(m_report);
    }
    StopToken stop() const { return m_stop.get_token(); }

    Session &m_session;
    ProbeReport m_report;

private:
    void set(const QString &id, ProbeStep::State state, const QString &text)
    {
        for (ProbeStep &step : m_steps) {
            if (step.id != id)
                continue;
            step.state = state;
            step.text = text;
            emit stepChanged(step);
        }
    }

    QList<ProbeStep> m_steps;
    StopSource m_stop;
};

ProbeStep pendingStep(const QString &id, const QString &title);

// A server with an address: its configuration is read beside the window, then it is asked something.
template <typename Spec>
class ServerProbe : public Probe
{
public:
    using SpecOf = Result<Spec> (*)(const WorkspaceConnection &, const WorkspaceFile &);

    // `question`: what reach() does, for people.
    ServerProbe(Session &session, SerialQueue &files, const WorkspaceConnection &connection, const WorkspaceFile &file,
                SpecOf specOf, const QString &question)
        : Probe({pendingStep(configureStep, ConnectionProbe::tr("Read the configuration")),
                 pendingStep(reachStep, question)},
                session)
    {
        QTimer::singleShot(0, this, [this, &files, connection, file, specOf] {
            begin(configureStep);
            deliver(files.run([connection, file, specOf] { return specOf(connection, file); }), stop(), this,
                    [this](const Result<Spec> &spec) {
                        if (!spec)
                            return fail(configureStep, spec.error());
                        pass(configureStep, addressOf(*spec).toString(QUrl::RemoveUserInfo));
                        begin(reachStep);
                        reach(*spec);
                    });
        });
    }

private:
    virtual QUrl addressOf(const Spec &spec) const = 0;
    virtual void reach(const Spec &spec) = 0;
};

} // namespace signalbox

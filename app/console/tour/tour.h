#pragma once

#include "app/console/tour/camera.h"
#include "app/console/tour/script.h"

#include <QElapsedTimer>

namespace signalbox
{

// Walks through a script in the real window: does a step's action as soon as it can be done, waits for what must be
// seen, takes its picture, goes on. Nothing is waited for blindly: each step has a limit.
//
//   Acting ── done ──> Looking ── seen ──> Picturing ── taken ──> Acting (next step)
//     └─ limit ─> failed  └─ limit ─> failed
class Tour : public QObject
{
    Q_OBJECT
public:
    enum class Pictures {
        All,   // of every screen: dark and light, at both sizes
        Readme // dark, at 1440 x 900, those that README.md shows
    };
    struct Options
    {
        QString folder;
        Pictures pictures = Pictures::All;
    };

    // The practice world's story, in which every screen of `pages` is seen.
    Tour(MainWindow &window, Theme &theme, const QList<PageEntry> &pages, Options options, QObject *parent = nullptr);
    // Another story.
    Tour(MainWindow &window, Theme &theme, const QList<TourStep> &steps, Options options, QObject *parent = nullptr);

    void start();

signals:
    void said(const QString &line); // a step was taken, a picture is not as it should be
    // Empty: all went well. Else the step, and what was seen instead.
    void finished(const QString &failure);

private:
    enum class State { Acting, Looking, Picturing, Ended };
    void tick();
    void act();
    void look();
    void seen();
    void next();
    void fail(const QString &instead);
    void end(const QString &failure);
    QString clock() const;

    TourOperator m_operator;
    TourCamera m_camera;
    Options m_options;
    QList<TourStep> m_steps;
    State m_state = State::Ended;
    qsizetype m_at = 0;
    QElapsedTimer m_sinceStart;
    QElapsedTimer m_sinceStep;
    QTimer m_tick;
};

} // namespace signalbox

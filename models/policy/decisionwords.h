#pragma once

#include "models/policy/decision.h"

// The decision's sentences, apart from what it decides.
namespace signalbox::policy::words
{

QString time(const QDateTime &at); // "2026-03-04 12:00 UTC"; "an unknown time"
QString noRules(const QString &application, const QString &environment);
QString addRules();
QString wrongWay(const PromotionRequest &request, const QString &before);
QString artifact(const Subject &subject);
QString approvals(const Standing &standing);
QString impossible();
QString vetoes(const QList<Voice> &vetoes);
QString window(const Schedule &schedule);
QString freeze(const Freeze &freeze, const QDateTime &until);
QString freeze(const Stop &stop);
QString hold(const Stop &stop);
QString decision(const Decision &decision, Direction direction);

} // namespace signalbox::policy::words

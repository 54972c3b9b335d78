#pragma once

#include "services/sandbox/story/storybook.h"
#include "services/sandbox/world/catalogue.h"

#include <QList>
#include <QString>

namespace signalbox::sandbox
{

// One release that went to one place: what the clusters' history shows, what must have come before it (a release is in
// staging before it is in production), and what was in production before the clusters' history begins.
struct PracticeRollout
{
    QString application;
    QString tag;
    QString before; // tag; empty: nothing ran there
    QString environment;
    QString track; // empty: there is one only
    double daysAgo = 0;
    bool isEarlier = false; // than the clusters' history
    bool hasFailed = false; // it never became ready there, or was taken back at once
};

// Oldest first. Returns to an older release are not among them: they are operations.
QList<PracticeRollout> practiceRollouts(const Catalogue &catalogue, const Storybook &book);

} // namespace signalbox::sandbox

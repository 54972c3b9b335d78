#include "services/pipelines/redeploytarget.h"

#include "services/pipelines/pipelinestext.h"

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr qsizetype leastDigits = 5;
constexpr qsizetype mostNamed = 8;

bool isHex(const QString &text)
{
    return std::all_of(text.cbegin(), text.cend(),
                       [](QChar c) { return c.isDigit() || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F'); });
}

QDateTime liveSince(const EnvironmentDeployment &one)
{
    return one.finishedAt.isValid() ? one.finishedAt : one.at;
}

} // namespace

QString deployedText(const EnvironmentDeployment &one)
{
    const QString commit = one.commit.left(8);
    return one.ref.isEmpty() ? commit : QStringLiteral("%1 (%2)").arg(one.ref, commit);
}

Result<EnvironmentDeployment> redeployTarget(const EnvironmentDeployments &known, const QString &to)
{
    const EnvironmentDeployment *found = nullptr;
    const auto take = [&](auto fits) {
        for (const EnvironmentDeployment &one : known.all) {
            if (!fits(one))
                continue;
            const bool isBetter = !found || (found->state != RunState::Passed && one.state == RunState::Passed);
            if (isBetter)
                found = &one;
        }
    };
    take([&](const EnvironmentDeployment &one) { return one.id == to; });
    if (!found && to.size() >= leastDigits && isHex(to))
        take([&](const EnvironmentDeployment &one) { return one.commit.startsWith(to, Qt::CaseInsensitive); });
    if (!found && !to.isEmpty())
        take([&](const EnvironmentDeployment &one) { return one.ref == to; });
    if (found)
        return *found;
    QStringList names;
    for (const EnvironmentDeployment &one : known.all.mid(0, mostNamed))
        names.append(one.id + u' ' + deployedText(one));
    if (names.isEmpty())
        return Error{
            ErrorKind::NotFound, PipelinesText::tr("The server knows no deployment to %1.").arg(known.environment), {}};
    return Error{ErrorKind::NotFound,
                 PipelinesText::tr("No deployment to %1 is \"%2\": give its number, 5 digits or more of its commit, or "
                                   "its tag. The newest are: %3.")
                     .arg(known.environment, to, names.join(QStringLiteral(", "))),
                 {}};
}

void markLive(QList<EnvironmentDeployment> &all)
{
    EnvironmentDeployment *live = nullptr;
    for (EnvironmentDeployment &one : all) { // of two in the same second the newer number
        one.isLive = false;
        if (one.state == RunState::Passed && (!live || liveSince(one) > liveSince(*live)))
            live = &one;
    }
    if (live)
        live->isLive = true;
}

Error noEnvironments(const QString &vendor)
{
    return {ErrorKind::Unsupported,
            PipelinesText::tr("%1 keeps no environments and deployments. Run an older run again to go back to what it "
                              "deployed.")
                .arg(vendor),
            {}};
}

} // namespace signalbox

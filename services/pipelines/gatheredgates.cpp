#include "services/pipelines/gatheredgates.h"

#include "services/pipelines/pipelinestext.h"

#include <optional>

namespace signalbox
{

namespace
{

constexpr qsizetype mostUnreadNamed = 5;

bool isOfOneAlone(ErrorKind kind)
{
    return kind == ErrorKind::Forbidden || kind == ErrorKind::NotFound || kind == ErrorKind::Protocol ||
           kind == ErrorKind::Unsupported;
}

} // namespace

bool asksTheOthersToo(const Result<QList<WaitingGate>> &answer)
{
    return answer || isOfOneAlone(answer.error().kind);
}

Result<GatheredGates> gatheredGates(const QStringList &names, const QList<Result<QList<WaitingGate>>> &answers,
                                    GoneMeans gone)
{
    GatheredGates told;
    QStringList unread;
    std::optional<Error> why;
    bool isAnyRead = false;
    for (qsizetype i = 0; i < answers.size(); ++i) {
        const Result<QList<WaitingGate>> &one = answers.at(i);
        if (one) {
            told.gates += *one;
            isAnyRead = true;
        } else if (one.error().kind == ErrorKind::NotFound && gone == GoneMeans::Ended) {
            continue;
        } else if (!isOfOneAlone(one.error().kind)) {
            return one.error(); // before any that was not asked for it
        } else {
            unread.append(names.at(i));
            why = why.value_or(one.error());
        }
    }
    if (!isAnyRead && why)
        return *why;
    if (why) {
        QString list = unread.mid(0, mostUnreadNamed).join(QStringLiteral(", "));
        if (unread.size() > mostUnreadNamed)
            list += QStringLiteral(", ...");
        told.unread = PipelinesText::tr("What %1 waits for could not be read: %2").arg(list, why->message);
    }
    return told;
}

} // namespace signalbox

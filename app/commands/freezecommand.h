#pragma once

#include "app/commands/promotioncommand.h"

namespace signalbox::commands
{

// `signalbox freeze APP ENV --until TIME --reason TEXT`: shows what it would refuse, then orders exactly that.
class FreezeCommand : public PromotionCommand
{
    Q_OBJECT
public:
    using PromotionCommand::PromotionCommand;
    // Invalid: what is wrong with the words. `now` is the beginning where --from names none.
    static Result<policy::FreezeOrder> orderOf(const cli::Arguments &arguments, const QDateTime &now);

protected:
    void listed() override;

private:
    void order(const policy::FreezeReach &reach);
    void tell(const policy::FreezeReach &reach, const QString &entry);
};

} // namespace signalbox::commands

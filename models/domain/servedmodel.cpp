#include "models/domain/servedmodel.h"

namespace signalbox
{

QString servedModelText(const ServedModel &model)
{
    if (model.name.isEmpty() || model.version.isEmpty())
        return model.name + model.version;
    return model.name + QLatin1Char(' ') + model.version;
}

bool isSameModel(const ServedModel &then, const ServedModel &now)
{
    const bool isNameTold = !then.name.isEmpty() || then.version.isEmpty();
    return then.version == now.version && (!isNameTold || then.name == now.name);
}

} // namespace signalbox

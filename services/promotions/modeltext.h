#pragma once

#include "models/domain/servedmodel.h"
#include "services/promotions/imagetext.h"

// Where a file of a GitOps repository says which model an AI service serves: the lines of the annotations (or labels)
// signalbox/model-name and signalbox/model-version, which the pod template carries. Replaced line by line, like the
// image. Pure.
namespace signalbox
{

// The lines that have to say `model`, each as it is and as it will be; also those that say it already. A part that
// `model` does not name, and one that the file does not say, have none. Refused, with the lines' numbers, where one is
// said in several places.
Result<QList<ImageInText>> findModel(const QByteArray &text, const ServedModel &model);

} // namespace signalbox

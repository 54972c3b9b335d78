#include "services/promotions/recordbook.h"

namespace signalbox
{

RecordBook::~RecordBook() = default;

} // namespace signalbox

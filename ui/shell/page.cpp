#include "ui/shell/page.h"

namespace signalbox
{

ActionHandler::~ActionHandler() = default;

Page::Page(QWidget *parent)
    : QWidget(parent)
{}

Page::~Page() = default;

void Page::open(const NavigationTarget &) {}

} // namespace signalbox

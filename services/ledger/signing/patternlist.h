#pragma once

#include <QByteArrayView>

namespace signalbox::ssh
{

// ssh_config(5), "PATTERNS": `*` is any text, `?` any one character.
bool matchesPattern(QByteArrayView text, QByteArrayView pattern);

// A list with commas in which `!` negates: matched by one pattern and by no negated one.
bool matchesPatternList(QByteArrayView text, QByteArrayView list);

} // namespace signalbox::ssh

#pragma once

#include <QTest>

// For what ./test installs by itself: on Linux it must be there, elsewhere the test is left out and says so.
#ifdef Q_OS_LINUX
#define MISSING(sentence) QFAIL(sentence)
#else
#define MISSING(sentence) QSKIP(sentence)
#endif

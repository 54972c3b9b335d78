// Packs the loose objects of the repository that is named, for the test that kills it. Status 0: done.
#include "services/git/packer.h"

#include <cstdio>

int main(int argc, char **argv)
{
    const auto packed = signalbox::git::packLooseObjects(QString::fromLocal8Bit(argc > 1 ? argv[1] : ""), {});
    if (!packed)
        std::fprintf(stderr, "%s\n", qPrintable(packed.error().message));
    return packed ? 0 : 1;
}

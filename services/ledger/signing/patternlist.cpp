#include "services/ledger/signing/patternlist.h"

namespace signalbox::ssh
{

// Goes back to the last star only, so a hostile pattern costs length times length at most.
bool matchesPattern(QByteArrayView text, QByteArrayView pattern)
{
    qsizetype t = 0;
    qsizetype p = 0;
    qsizetype star = -1;
    qsizetype resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern.at(p) == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern.at(p) == '?' || pattern.at(p) == text.at(t))) {
            ++p;
            ++t;
        } else if (star >= 0) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern.at(p) == '*')
        ++p;
    return p == pattern.size();
}

bool matchesPatternList(QByteArrayView text, QByteArrayView list)
{
    bool matched = false;
    for (qsizetype at = 0; at <= list.size();) {
        const qsizetype comma = list.indexOf(',', at);
        const qsizetype end = comma < 0 ? list.size() : comma;
        QByteArrayView pattern = list.sliced(at, end - at);
        const bool isNegated = pattern.startsWith('!');
        if (isNegated)
            pattern = pattern.sliced(1);
        if (matchesPattern(text, pattern)) {
            if (isNegated)
                return false;
            matched = true;
        }
        at = end + 1;
    }
    return matched;
}

} // namespace signalbox::ssh

#include "models/log/logline.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace signalbox::logline
{

namespace
{

using std::size_t;
using std::string_view;
using namespace std::string_view_literals;

constexpr char escape = 0x1b;
constexpr size_t looked = 2000; // bytes of a line that are looked at for a level

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isHex(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'f');
}

bool isWordPart(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

bool has(string_view text, size_t at, string_view what)
{
    return text.size() >= at + what.size() && std::memcmp(text.data() + at, what.data(), what.size()) == 0;
}

// ---- time

// Days since 1970-01-01 in the calendar of today (H. Hinnant, "chrono-compatible low-level date algorithms").
qint64 daysOf(int year, int month, int day)
{
    year -= month <= 2 ? 1 : 0;
    const int era = year / 400;
    const int yearOfEra = year - era * 400;
    const int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return qint64(era) * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

int number(string_view text, size_t at, size_t length)
{
    int value = 0;
    for (size_t i = at; i < at + length; ++i)
        value = value * 10 + (text[i] - '0');
    return value;
}

// "2026-11-22T18:16:20Z", with any fraction. Sets `end` behind it.
std::optional<qint64> timeAt(string_view text, size_t at, size_t &end)
{
    constexpr string_view shape = "dddd-dd-ddTdd:dd:dd";
    if (text.size() < at + shape.size() + 1)
        return std::nullopt;
    for (size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 'd' ? !isDigit(text[at + i]) : shape[i] != text[at + i])
            return std::nullopt;
    }
    const int month = number(text, at + 5, 2);
    const int day = number(text, at + 8, 2);
    const int hour = number(text, at + 11, 2);
    const int minute = number(text, at + 14, 2);
    const int second = number(text, at + 17, 2);
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    size_t i = at + shape.size();
    int milliseconds = 0;
    if (text[i] == '.') {
        int weight = 100;
        for (++i; i < text.size() && isDigit(text[i]); ++i, weight /= 10)
            milliseconds += (text[i] - '0') * weight;
    }
    if (i >= text.size() || text[i] != 'Z')
        return std::nullopt;
    end = i + 1;
    const qint64 seconds = daysOf(number(text, at, 4), month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return seconds * 1000 + milliseconds;
}

void passTime(string_view line, Parts &parts)
{
    size_t at = parts.begin;
    if (at >= line.size() || (line[at] != '[' && !isDigit(line[at])))
        return;
    const bool isBracketed = line[at] == '[';
    size_t end = 0;
    const std::optional<qint64> time = timeAt(line, isBracketed ? at + 1 : at, end);
    if (!time || (isBracketed && !has(line, end, "]")))
        return;
    at = isBracketed ? end + 1 : end;
    if (!isBracketed && line.size() >= at + 5 && line[at] == ' ' && isHex(line[at + 1]) && isHex(line[at + 2]) &&
        (line[at + 3] == 'O' || line[at + 3] == 'E') && (line[at + 4] == ' ' || line[at + 4] == '+'))
        at += 5;
    else if (at < line.size() && line[at] == ' ')
        ++at;
    else if (at < line.size())
        return; // "2026-11-22T18:16:20Z/..."
    parts.timeMs = *time;
    parts.begin = at;
}

// ---- words for machines

struct Form
{
    string_view word; // at the begin of a line's text
    enum class Kind { Begin, Block, End, Level } kind;
    std::uint8_t form;
    bool folds;
    Level level;
    string_view close; // what stands behind the text; its lack makes it another form
};

// github.com/actions/runner writes the first two as the second two say it (docs.github.com, "Workflow commands"); "{ ("
// is how workflow-job of Jenkins names the body of a step.
constexpr std::uint8_t groupForm = 1;
constexpr std::uint8_t blockForm = 2;
constexpr std::uint8_t sectionForm = 3;
constexpr std::uint8_t foldForm = 4;
const Form forms[] = {
    {"##[group]"sv, Form::Kind::Begin, groupForm, true, Level::Plain, {}},
    {"##[endgroup]"sv, Form::Kind::End, groupForm, false, Level::Plain, {}},
    {"::group::"sv, Form::Kind::Begin, groupForm, true, Level::Plain, {}},
    {"::endgroup::"sv, Form::Kind::End, groupForm, false, Level::Plain, {}},
    {"##[error]"sv, Form::Kind::Level, 0, false, Level::Error, {}},
    {"##[warning]"sv, Form::Kind::Level, 0, false, Level::Warning, {}},
    {"##[notice]"sv, Form::Kind::Level, 0, false, Level::Plain, {}},
    {"##[debug]"sv, Form::Kind::Level, 0, false, Level::Plain, {}},
    {"##[command]"sv, Form::Kind::Level, 0, false, Level::Plain, {}},
    {"##[section]"sv, Form::Kind::Level, 0, false, Level::Plain, {}},
    {"[command]"sv, Form::Kind::Level, 0, false, Level::Plain, {}},
    {"[Pipeline] { ("sv, Form::Kind::Begin, blockForm, false, Level::Plain, ")"sv},
    {"[Pipeline] {"sv, Form::Kind::Block, blockForm, false, Level::Plain, {}},
    {"[Pipeline] }"sv, Form::Kind::End, blockForm, false, Level::Plain, {}},
    {"[Pipeline] "sv, Form::Kind::Level, 0, false, Level::Plain, {}},
};

const Form *formAt(string_view line, size_t at)
{
    if (at >= line.size() || (line[at] != '#' && line[at] != ':' && line[at] != '['))
        return nullptr;
    for (const Form &form : forms) {
        if (has(line, at, form.word) && (form.close.empty() || line.ends_with(form.close)))
            return &form;
    }
    return nullptr;
}

std::uint32_t hashOf(string_view name)
{
    std::uint32_t hash = 2166136261U; // FNV-1a
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash == 0 ? 1 : hash;
}

// A word that ends in a carriage return, so that a terminal writes over it. docs.gitlab.com, "Custom collapsible
// sections": section_start:UNIX:NAME[collapsed=true]\r\e[0K, section_end:UNIX:NAME\r\e[0K; Travis: travis_fold:start:
// NAME\r\e[0K, travis_fold:end:NAME\r\e[0K. One line may have several, also behind text that had no end of its own.
struct Passed
{
    Mark mark;
    string_view name;
    qint64 timeMs = -1;
    size_t begin = 0;
    size_t end = 0;
};
std::optional<Passed> nextPassed(string_view line, size_t from)
{
    struct Word
    {
        string_view text;
        Mark::Kind kind;
        std::uint8_t form;
        bool folds;
        bool hasTime;
    };
    static const Word words[] = {
        {"section_start:"sv, Mark::Kind::Begin, sectionForm, false, true},
        {"section_end:"sv, Mark::Kind::End, sectionForm, false, true},
        {"travis_fold:start:"sv, Mark::Kind::Begin, foldForm, true, false},
        {"travis_fold:end:"sv, Mark::Kind::End, foldForm, false, false},
    };
    std::optional<Passed> first;
    for (const Word &word : words) {
        const size_t at = line.find(word.text, from);
        if (at == string_view::npos || (first && at > first->begin))
            continue;
        size_t i = at + word.text.size();
        Passed passed;
        if (word.hasTime) {
            const size_t digits = i;
            qint64 seconds = 0;
            for (; i < line.size() && isDigit(line[i]) && i < digits + 11; ++i)
                seconds = seconds * 10 + (line[i] - '0');
            if (i == digits || i >= line.size() || line[i] != ':')
                continue;
            passed.timeMs = seconds * 1000;
            ++i;
        }
        const size_t nameEnd = std::min(line.find_first_of("\r\x1b[ "sv, i), line.size());
        if (nameEnd == i)
            continue;
        passed.name = line.substr(i, nameEnd - i);
        const size_t end = std::min(line.find('\r', nameEnd), line.size());
        const bool folds =
            word.folds || line.substr(nameEnd, end - nameEnd).find("collapsed=true") != string_view::npos;
        passed.mark = {word.kind, word.form, word.kind == Mark::Kind::Begin && folds, hashOf(passed.name)};
        passed.begin = at;
        passed.end = std::min(end + 1, line.size());
        first = passed;
    }
    return first;
}

void passForm(string_view line, Parts &parts, bool marks)
{
    const Form *form = formAt(line, parts.begin);
    if (form == nullptr)
        return;
    parts.hasLevel = true;
    parts.level = form->level;
    if (form->kind == Form::Kind::Level) {
        if (form->word != "[Pipeline] "sv) // else who speaks would be missed
            parts.begin += form->word.size();
        return;
    }
    if (form->kind == Form::Kind::Block) {
        if (marks)
            parts.marks.push_back({Mark::Kind::Block, form->form, false, 0});
        return;
    }
    parts.begin += form->word.size();
    parts.end -= form->close.size();
    if (form->kind == Form::Kind::End)
        parts.begin = parts.end; // what stands behind it says nothing
    if (!marks)
        return;
    if (form->kind == Form::Kind::Begin) {
        parts.marks.push_back({Mark::Kind::Begin, form->form, form->folds, 0});
    } else {
        parts.marks.push_back({Mark::Kind::End, form->form, false, 0});
        parts.marks.push_back({Mark::Kind::Hidden, form->form, false, 0});
    }
}

// Control sequences in front, as "\e[0K" before "section_start:".
size_t behindSequences(string_view line, size_t at)
{
    while (has(line, at, "\x1b["sv)) {
        size_t i = at + 2;
        while (i < line.size() && line[i] >= 0x20 && line[i] <= 0x3f)
            ++i;
        if (i >= line.size())
            break;
        at = i + 1;
    }
    return at;
}

Parts read(string_view line, bool marks)
{
    Parts parts;
    parts.end = line.size();
    if (line.ends_with('\r'))
        --parts.end;
    if (has(line, 0, "\xef\xbb\xbf"sv))
        parts.begin = 3;
    passTime(line.substr(0, parts.end), parts);
    passForm(line.substr(0, parts.end), parts, marks);
    if (parts.hasLevel)
        return parts;
    // Cheap for nearly all lines: these words are at the begin or before a carriage return.
    const size_t text = behindSequences(line, parts.begin);
    const bool mayPass = has(line, text, "section_"sv) || has(line, text, "travis_fold:"sv) ||
                         std::memchr(line.data(), '\r', parts.end) != nullptr;
    if (!mayPass)
        return parts;
    std::optional<Passed> passed = nextPassed(line, parts.begin);
    if (!passed)
        return parts;
    bool begins = false;
    size_t behind = parts.begin;
    for (; passed; passed = nextPassed(line, behind)) {
        if (parts.timeMs < 0)
            parts.timeMs = passed->timeMs;
        if (passed->mark.kind == Mark::Kind::Begin) {
            begins = true;
            parts.title = passed->name;
        }
        if (marks)
            parts.marks.push_back(passed->mark);
        behind = passed->end;
    }
    const size_t before = nextPassed(line, parts.begin)->begin;
    std::string shown;
    strip(line.substr(behind, parts.end - std::min(behind, parts.end)), shown);
    if (shown.empty() && !begins) {
        strip(line.substr(parts.begin, before - parts.begin), shown);
        if (shown.empty()) {
            parts.begin = parts.end;
            if (marks)
                parts.marks.push_back({Mark::Kind::Hidden, 0, false, 0});
        } else {
            parts.end = before; // text that had no end of its own: the word must not wipe it out
        }
    } else {
        parts.begin = std::min(behind, parts.end);
    }
    return parts;
}

// ---- levels

enum class Border { Any, Word, Whole, LineBegin }; // what stands before it; Whole: nor does a word go on behind it
struct Sign
{
    string_view text;
    Border border;
    Level level;
    bool counts; // a number behind or before it may say that there are none
};
// Those with the same first two letters stand together.
const Sign signs[] = {
    {"error:"sv, Border::Word, Level::Error, true},
    {"error[E"sv, Border::Word, Level::Error, false},
    {"Error:"sv, Border::Any, Level::Error, true},
    {"ERROR"sv, Border::Whole, Level::Error, true},
    {"ERR!"sv, Border::Word, Level::Error, false},
    {"FATAL"sv, Border::Whole, Level::Error, true},
    {"FAILED"sv, Border::Whole, Level::Error, true},
    {"FAILURE"sv, Border::Whole, Level::Error, true},
    {"FAIL:"sv, Border::Word, Level::Error, true},
    {"FAIL"sv, Border::LineBegin, Level::Error, true},
    {"PANIC"sv, Border::Whole, Level::Error, false},
    {"panic:"sv, Border::Word, Level::Error, false},
    {"fatal:"sv, Border::Word, Level::Error, true},
    {"Traceback (most"sv, Border::Any, Level::Error, false},
    {"Exception in thread"sv, Border::Word, Level::Error, false},
    {"not ok "sv, Border::LineBegin, Level::Error, false},
    {"level=error"sv, Border::Word, Level::Error, false},
    {"level=fatal"sv, Border::Word, Level::Error, false},
    {"level=warn"sv, Border::Word, Level::Warning, false},
    {"*** ["sv, Border::Any, Level::Error, false},
    {"Segmentation fault"sv, Border::Word, Level::Error, false},
    {"command not found"sv, Border::Word, Level::Error, false},
    {"warning:"sv, Border::Word, Level::Warning, true},
    {"Warning:"sv, Border::Any, Level::Warning, true},
    {"WARNING"sv, Border::Whole, Level::Warning, true},
    {"WARN"sv, Border::Whole, Level::Warning, true},
};

// By their first two letters: where their signs begin, one more than the index; 0: there are none.
class Pairs
{
public:
    Pairs()
    {
        for (size_t i = std::size(signs); i > 0; --i)
            m_first[pair(signs[i - 1].text.data())] = static_cast<std::uint8_t>(i);
    }
    static size_t pair(const char *at)
    {
        return static_cast<size_t>(static_cast<unsigned char>(at[0])) << 8 | static_cast<unsigned char>(at[1]);
    }
    std::uint8_t first(const char *at) const { return m_first[pair(at)]; }

private:
    std::array<std::uint8_t, 65536> m_first{};
};

bool saysNone(string_view text, size_t at, size_t end)
{
    if (at >= 2 && text[at - 1] == ' ' && text[at - 2] == '0' && (at == 2 || !isDigit(text[at - 3])))
        return true;
    while (end < text.size() && (text[end] == ' ' || text[end] == ':' || text[end] == '='))
        ++end;
    return end < text.size() && text[end] == '0' && (end + 1 == text.size() || !isWordPart(text[end + 1]));
}

bool isSign(const Sign &sign, string_view text, size_t at)
{
    if (!has(text, at, sign.text))
        return false;
    const size_t end = at + sign.text.size();
    const bool beginsWord = at == 0 || !isWordPart(text[at - 1]);
    const bool endsWord = end == text.size() || !isWordPart(text[end]);
    switch (sign.border) {
    case Border::Any:
        break;
    case Border::Word:
        if (!beginsWord)
            return false;
        break;
    case Border::Whole:
        if (!beginsWord || !endsWord)
            return false;
        break;
    case Border::LineBegin:
        if (at != 0 || !(endsWord || sign.text.back() == ' '))
            return false;
        break;
    }
    return !sign.counts || !saysNone(text, at, end);
}

// ---- control sequences

// Behind the sequence that begins at `at` with ESC or, in UTF-8, with U+009B. As Reader of ansitext.cpp.
size_t behindControl(string_view line, size_t first)
{
    size_t end = first;
    while (end < line.size() && line[end] >= 0x20 && line[end] <= 0x3f)
        ++end;
    const bool isWhole = end < line.size() && line[end] >= 0x40 && line[end] <= 0x7e;
    return isWhole ? end + 1 : end;
}

size_t behindEscape(string_view line, size_t at)
{
    const char kind = at + 1 < line.size() ? line[at + 1] : '\0';
    if (kind == '[')
        return behindControl(line, at + 2);
    if (kind != '\0' && "]PX^_"sv.find(kind) != string_view::npos) {
        for (size_t i = at + 2; i < line.size(); ++i) {
            if (line[i] == '\a')
                return i + 1;
            if (line[i] == escape) {
                size_t behind = std::min(i + 2, line.size());
                while (behind < line.size() && (line[behind] & 0xc0) == 0x80) // one character, not one byte
                    ++behind;
                return behind;
            }
        }
        return line.size();
    }
    size_t i = at + 1;
    while (i < line.size() && line[i] >= 0x20 && line[i] <= 0x2f)
        ++i;
    i = std::min(i + 1, line.size());
    while (i < line.size() && (line[i] & 0xc0) == 0x80)
        ++i;
    return i;
}

bool isPrinted(char c)
{
    return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f && c != '\xc2' : c == '\t';
}

} // namespace

Parts partsOf(std::string_view line)
{
    return read(line, false);
}

Parts readMarks(std::string_view line)
{
    return read(line, true);
}

bool isPlain(std::string_view line)
{
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    // No early end: compilers make this many bytes at a time.
    bool isOther = false;
    for (const char c : line)
        isOther |= !isPrinted(c);
    return !isOther;
}

void strip(std::string_view line, std::string &to)
{
    to.clear();
    size_t at = 0;
    while (at < line.size()) {
        size_t end = at;
        while (end < line.size() && isPrinted(line[end]))
            ++end;
        to.append(line.data() + at, end - at);
        at = end;
        if (at == line.size())
            break;
        const char c = line[at];
        if (c == escape) {
            at = behindEscape(line, at);
        } else if (c == '\r') {
            ++at;
            if (at < line.size() && line[at] != '\r')
                to.clear();
        } else if (c == '\xc2' && at + 1 < line.size() && static_cast<unsigned char>(line[at + 1]) < 0xa0) {
            at = line[at + 1] == '\x9b' ? behindControl(line, at + 2) : at + 2; // U+0080 to U+009F
        } else if (c == '\xc2') {
            to.push_back(c);
            ++at;
        } else {
            ++at;
        }
    }
}

void passStyle(std::string_view line, ansi::Style &style)
{
    // What stands before the last reset does not matter.
    size_t from = line.rfind("\x1b[0m"sv);
    const size_t other = line.rfind("\x1b[m"sv);
    if (from == string_view::npos || (other != string_view::npos && other > from))
        from = other;
    if (from != string_view::npos) {
        style = {};
        line.remove_prefix(from);
        if (line.find(escape, 1) == string_view::npos)
            return;
    }
    (void)ansi::read(QString::fromUtf8(line.data(), static_cast<qsizetype>(line.size())), style);
}

Level guessLevel(std::string_view shown)
{
    static const Pairs pairs;
    if (has(shown, 0, "+ "sv) || has(shown, 0, "$ "sv))
        return Level::Plain;
    shown = shown.substr(0, looked);
    Level level = Level::Plain;
    if (has(shown, 0, "::error "sv) || has(shown, 0, "::error::"sv))
        return Level::Error;
    if (has(shown, 0, "::warning "sv) || has(shown, 0, "::warning::"sv))
        return Level::Warning;
    for (size_t at = 0; at + 1 < shown.size(); ++at) {
        size_t sign = pairs.first(shown.data() + at);
        if (sign == 0)
            continue;
        const size_t pair = Pairs::pair(shown.data() + at);
        for (--sign; sign < std::size(signs) && Pairs::pair(signs[sign].text.data()) == pair; ++sign) {
            if (signs[sign].level > level && isSign(signs[sign], shown, at))
                level = signs[sign].level;
        }
        if (level == Level::Error)
            break;
    }
    return level;
}

} // namespace signalbox::logline

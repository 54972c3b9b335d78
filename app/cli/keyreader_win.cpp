#include "app/cli/keyreader.h"

#include <QElapsedTimer>
#include <QPointer>
#include <QWinEventNotifier>

#include <atomic>
#include <windows.h>

namespace signalbox::cli
{

namespace
{

std::atomic<bool> isKeyMode = false;
DWORD modeBefore = 0;

} // namespace

namespace system
{

void leaveKeyMode()
{
    if (isKeyMode.exchange(false))
        SetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), modeBefore);
}

} // namespace system

class KeyReader::Private
{
public:
    QByteArray waiting() const
    {
        QByteArray typed;
        DWORD count = 0;
        INPUT_RECORD record;
        while (GetNumberOfConsoleInputEvents(input, &count) && count > 0 &&
               ReadConsoleInputW(input, &record, 1, &count) && count > 0) {
            const KEY_EVENT_RECORD &key = record.Event.KeyEvent;
            const bool isPlain = (key.dwControlKeyState & (LEFT_ALT_PRESSED | RIGHT_ALT_PRESSED)) == 0;
            if (record.EventType == KEY_EVENT && key.bKeyDown && isPlain && key.uChar.UnicodeChar <= L'~')
                typed.append(static_cast<char>(key.uChar.UnicodeChar)); // 0 for the arrows and their like
        }
        return typed;
    }

    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    std::unique_ptr<QWinEventNotifier> notifier;
    QElapsedTimer since;
    KeyDecoder decoder;
};

KeyReader::KeyReader(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    d->since.start();
    if (!GetConsoleMode(d->input, &modeBefore))
        return; // no console: no keys
    // Ctrl+C stays what it is.
    SetConsoleMode(d->input,
                   (modeBefore | ENABLE_PROCESSED_INPUT) & ~static_cast<DWORD>(ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT));
    isKeyMode = true;
    FlushConsoleInputBuffer(d->input);
    d->notifier = std::make_unique<QWinEventNotifier>(d->input);
    connect(d->notifier.get(), &QWinEventNotifier::activated, this, [this] {
        const QByteArray keys = d->decoder.keysOf(d->waiting(), d->since.elapsed());
        const QPointer<KeyReader> reader(this); // a key may end it
        for (const char key : keys) {
            if (reader)
                emit reader->pressed(key);
        }
    });
}

KeyReader::~KeyReader()
{
    end();
}

bool KeyReader::hasKeys() const
{
    return d->notifier != nullptr;
}

bool KeyReader::isForeground() const
{
    return hasKeys();
}

void KeyReader::end()
{
    if (d->notifier)
        d->notifier->setEnabled(false); // it may be calling
    if (isKeyMode)
        FlushConsoleInputBuffer(d->input);
    system::leaveKeyMode();
}

} // namespace signalbox::cli

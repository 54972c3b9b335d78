#pragma once

#include <QObject>

#include <memory>

namespace signalbox
{

// What the desktop asks for. Qt 6.4 tells neither, so each platform has a file of its own (systemappearance_linux.cpp,
// _win.cpp, _mac.mm). GUI thread; cheap to ask, tells when it changes.
class SystemAppearance : public QObject
{
    Q_OBJECT
public:
    enum class Scheme { Unknown, Light, Dark };

    using QObject::QObject;
    ~SystemAppearance() override;

    static std::unique_ptr<SystemAppearance> create();

    virtual Scheme scheme() const = 0;
    virtual bool wantsReducedMotion() const = 0;

signals:
    void changed();
};

} // namespace signalbox

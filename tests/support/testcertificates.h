#pragma once

#include <QByteArray>
#include <QStringList>

#include <memory>

namespace signalbox::test
{

struct KeyPair
{
    QByteArray certPem;
    QByteArray keyPem;
};

// A certificate authority made for one test run. P-256, nothing on disk.
class TestAuthority
{
public:
    explicit TestAuthority(const QByteArray &name);
    ~TestAuthority();

    QByteArray caPem() const;
    // `names`: DNS names or IPv4 addresses. Days count from now; validTo < 0 has expired.
    KeyPair issue(const QByteArray &commonName, const QStringList &names, int validFromDays = -1,
                  int validToDays = 30) const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox::test

#pragma once

#include "services/ledger/signing/sshsig.h"

#include <QByteArrayView>

#include <memory>

namespace signalbox::ssh
{

// Checks signatures with OpenSSL's libcrypto and keeps the keys it has seen ready. One thread; make one per thread.
class SshVerifier
{
public:
    SshVerifier();
    ~SshVerifier();
    SshVerifier(const SshVerifier &) = delete;
    SshVerifier &operator=(const SshVerifier &) = delete;

    // True: the holder of signature.key signed exactly this message in signature.ns. Whose key that is, and whether it
    // may sign there, is not asked here.
    bool isValid(const SshSignature &signature, QByteArrayView message);
    // The same for data that is no SSHSIG; `data` is what was signed.
    bool isValidRaw(const SshSignature &signature, QByteArrayView data);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox::ssh

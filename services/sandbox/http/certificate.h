#pragma once

#include "models/domain/result.h"

#include <memory>
#include <string>

struct evp_pkey_st;
struct x509_st;

namespace signalbox::sandbox
{

// A P-256 key and a self-signed certificate for 127.0.0.1 and localhost, made for one start of the sandbox; the key
// never leaves memory. Several servers can share it: a client that trusts certificatePem() trusts just them.
class LoopbackCertificate
{
public:
    static Result<std::shared_ptr<const LoopbackCertificate>> make();
    ~LoopbackCertificate();
    LoopbackCertificate(const LoopbackCertificate &) = delete;
    LoopbackCertificate &operator=(const LoopbackCertificate &) = delete;

    std::string certificatePem() const;
    x509_st *certificate() const { return m_certificate; }
    evp_pkey_st *key() const { return m_key; }

private:
    LoopbackCertificate() = default;
    x509_st *m_certificate = nullptr;
    evp_pkey_st *m_key = nullptr;
};

// 256 random bits as text that fits a header and a YAML file.
Result<std::string> randomToken();

} // namespace signalbox::sandbox

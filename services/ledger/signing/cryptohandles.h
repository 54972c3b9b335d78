#pragma once

#include "models/domain/freer.h"
#include "services/ledger/signing/publickey.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>

// For the files of this folder only: owners of OpenSSL's objects.
namespace signalbox::ssh
{

using PkeyHandle = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using PkeyContextHandle = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestContextHandle = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using NumberHandle = std::unique_ptr<BIGNUM, Freer<BN_clear_free>>;
using EcdsaSignatureHandle = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;
using ParamBuilderHandle = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;
using ParamsHandle = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;

inline const unsigned char *bytesOf(QByteArrayView view)
{
    return reinterpret_cast<const unsigned char *>(view.data());
}
inline NumberHandle numberOf(QByteArrayView magnitude)
{
    return NumberHandle(BN_bin2bn(bytesOf(magnitude), static_cast<int>(magnitude.size()), nullptr));
}

const char *groupName(KeyType type);                            // of ECDSA, as OpenSSL calls it; null: none
const EVP_MD *digestOf(KeyType type, QByteArrayView algorithm); // null: Ed25519 signs without one
// `selection` EVP_PKEY_PUBLIC_KEY or EVP_PKEY_KEYPAIR. Null: the parameters are no key.
PkeyHandle keyFrom(const char *type, int selection, OSSL_PARAM *params);
PkeyHandle publicPkey(const PublicKey &key); // null: its numbers are no key of its kind

} // namespace signalbox::ssh

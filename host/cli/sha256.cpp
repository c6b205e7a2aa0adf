// SPDX-License-Identifier: Apache-2.0
#include "host/cli/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <new>
#include <vector>

#include "host/model/error.hpp"

namespace squat::cli {

struct Sha256::Impl {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~Impl() { EVP_MD_CTX_free(context); }
};

namespace {
void require(bool ok) {
  if (!ok) throw Error(ExitCode::kInternal, "SHA-256 failed in libcrypto");
}
}  // namespace

Sha256::Sha256() {
  // A hash needs none of what the system's openssl.cnf sets up, which takes as long as loading a small model.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  impl_ = std::make_unique<Impl>();
  if (impl_->context == nullptr) throw std::bad_alloc();
  require(EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::add(const std::int32_t* values, std::size_t count) {
  std::vector<unsigned char> bytes(4 * count);
  for (std::size_t i = 0; i < count; ++i) {
    for (unsigned b = 0; b < 4; ++b)
      bytes[4 * i + b] = static_cast<unsigned char>(static_cast<std::uint32_t>(values[i]) >> (8 * b));
  }
  require(EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()) == 1);
}

void Sha256::add(const std::string& bytes) { require(EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()) == 1); }

std::string Sha256::finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  require(EVP_DigestFinal_ex(impl_->context, digest, &length) == 1);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4];
    hex += "0123456789abcdef"[digest[i] & 15];
  }
  return hex;
}

}  // namespace squat::cli

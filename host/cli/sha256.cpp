// SPDX-License-Identifier: Apache-2.0
#include "host/cli/sha256.hpp"

#include <nettle/sha2.h>

#include <array>
#include <vector>

namespace squat::cli {

struct Sha256::Impl {
  sha256_ctx context;
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) { sha256_init(&impl_->context); }

Sha256::~Sha256() = default;

void Sha256::add(const std::int32_t* values, std::size_t count) {
  std::vector<std::uint8_t> bytes(4 * count);
  for (std::size_t i = 0; i < count; ++i) {
    for (unsigned b = 0; b < 4; ++b)
      bytes[4 * i + b] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(values[i]) >> (8 * b));
  }
  sha256_update(&impl_->context, bytes.size(), bytes.data());
}

void Sha256::add(const std::string& bytes) {
  sha256_update(&impl_->context, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

std::string Sha256::finish() {
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
  sha256_digest(&impl_->context, digest.size(), digest.data());
  std::string hex;
  for (const std::uint8_t byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

}  // namespace squat::cli

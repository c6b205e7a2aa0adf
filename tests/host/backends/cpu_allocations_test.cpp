// SPDX-License-Identifier: Apache-2.0
// Decoding allocates nothing once it is warm, except the two vectors of the result it hands out.
#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include "host/backends/cpu/cpu_device.hpp"
#include "tests/catch.hpp"
#include "tests/support/random_model.hpp"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t size) noexcept {
  allocations.fetch_add(1);
  return std::malloc(size == 0 ? 1 : size);
}
void* counted_or_throw(std::size_t size) {
  void* p = counted(size);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(std::size_t size) { return counted_or_throw(size); }
void* operator new[](std::size_t size) { return counted_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  allocations.fetch_add(1);
  const std::size_t step = static_cast<std::size_t>(alignment);
  void* p = std::aligned_alloc(step, (size + step - 1) / step * step);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

using namespace squat;

TEST_CASE("a decoded token allocates only its result", "[cpu]") {
  constexpr long kResultVectors = 2;  // logits, 8-bit tokens per layer
  for (const bool gpt2 : {false, true}) {
    for (const int threads : {1, 2}) {
      test::RandomModelSpec spec;
      spec.gpt2 = gpt2;
      if (gpt2) spec.kv_heads = spec.heads;
      const auto m = test::random_model(spec);
      backends::CpuDevice device(m, {"auto", threads});
      const std::vector<int> token(1, 5);
      device.run(token, engine::RowRange::kLast);
      for (int i = 0; i < 100; ++i) {
        const long before = allocations.load();
        const engine::PassResult result = device.run(token, engine::RowRange::kLast);
        const long after = allocations.load();
        REQUIRE(result.logits.size() == static_cast<std::size_t>(spec.vocab));
        REQUIRE(after - before == kResultVectors);
      }
    }
  }
}

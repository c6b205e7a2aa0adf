// SPDX-License-Identifier: Apache-2.0
// The gemm command: sums tile by tile from the ring, then the post operations.
#include <cstring>
#include <stdexcept>
#include <vector>

#include "hls/gated.hpp"
#include "hls/requantize.hpp"
#include "hls/rope.hpp"
#include "sim/functional/functional_kernel.hpp"

namespace squat::sim {
namespace {

using spec::get;
using spec::Record;

/// Weight of output channel `channel` (0..31) at column `i` of a bank's tile.
int weight(const std::deque<RingWord>& bank, std::uint32_t i, std::uint32_t channel, bool eight_bit) {
  if (eight_bit) return static_cast<std::int8_t>(bank[2 * i + channel / 16][channel % 16]);
  const int nibble = (bank[i][channel / 2] >> (4 * (channel % 2))) & 15;
  return nibble >= 8 ? nibble - 16 : nibble;
}

hls::Requant requant(const Record& r, spec::Field m, spec::Field s) { return {get(r, m), get(r, s)}; }

/// Slot and column of an output in a region whose consumer may be banded.
struct Place {
  std::uint32_t slot, column;
};

Place place(std::uint32_t slot, std::uint32_t token, std::uint32_t column, std::uint32_t ks) {
  return ks == 0 ? Place{slot, column} : Place{4 * (column / ks) + token, column % ks};
}

/// One token's 32 channels of a tile after the array: what the post-processor does with them.
class Post {
 public:
  Post(const Record& r, OnChip& chip, const MemoryView& memory, std::uint64_t io)
      : r_(r), chip_(chip), memory_(memory), io_(io) {}

  void operator()(std::uint32_t token, std::uint32_t tile, const std::int32_t* acc) {
    switch (get(r_, spec::kGemmPost)) {
      case spec::kPostResidual:
        return vector_words(token, tile, acc, true);
      case spec::kPostRaw:
        return vector_words(token, tile, acc, false);
      case spec::kPostRope:
        return rope(token, tile, acc);
      case spec::kPostGated:
        return gated(token, tile, acc);
      case spec::kPostGelu:
        return gelu(token, tile, acc);
      case spec::kPostCode:
        return code(token, tile, acc);
      case spec::kPostLogits: {
        const std::uint64_t unit =
            get(r_, spec::kGemmDst) + std::uint64_t{token} * get(r_, spec::kGemmDstStride) + std::uint64_t{tile} * 8;
        std::memcpy(memory_(io_ + unit * 16, 128), acc, 128);
        return;
      }
      default:
        throw std::runtime_error("functional kernel: unknown post operation");
    }
  }

 private:
  bool eight(std::uint32_t token) const { return chip_.tables[get(r_, spec::kGemmOutTable)].eight[token] != 0; }
  std::uint32_t slot(std::uint32_t token) const {
    return chip_.tables[get(r_, spec::kGemmOutTable)].grouping.slot_of_token[token];
  }
  void store(Place p, std::int8_t value) {
    chip_.activation.at(get(r_, spec::kGemmOBase), get(r_, spec::kGemmOStride), p.slot, p.column) =
        static_cast<std::uint8_t>(value);
  }

  void vector_words(std::uint32_t token, std::uint32_t tile, const std::int32_t* acc, bool add) {
    for (std::uint32_t c = 0; c < 32; ++c) {
      std::int32_t& lane =
          chip_.vector[get(r_, spec::kGemmOBase) + token * get(r_, spec::kGemmOStride) + tile * 2 + c / 16][c % 16];
      lane = add ? lane + hls::requantize(acc[c], requant(r_, spec::kGemmM0, spec::kGemmS0), INT32_MIN, INT32_MAX) : acc[c];
    }
  }

  void rope(std::uint32_t token, std::uint32_t tile, const std::int32_t* acc) {
    const std::uint32_t head_dim = 1U << get(r_, spec::kGemmLog2HeadDim);
    const hls::Requant rq = requant(r_, spec::kGemmM0, spec::kGemmS0);
    const std::uint32_t ks = get(r_, spec::kGemmOKs);
    for (std::uint32_t c = 0; c < 32; c += 2) {
      const std::uint32_t channel = tile * 32 + c;
      const std::uint32_t d = channel % head_dim;
      std::int8_t y[2];
      hls::rope_pair(hls::requantize(acc[c], rq, -32768, 32767), hls::requantize(acc[c + 1], rq, -32768, 32767),
                     chip_.rope[token * (head_dim / 2) + d / 2], eight(token), y[0], y[1]);
      for (std::uint32_t j = 0; j < 2; ++j) {
        Place p{token + get(r_, spec::kGemmSlotOffset), channel + j};
        if (ks != 0) p = Place{4 * ((d + j) / ks) + token, channel / head_dim * ks + (d + j) % ks};
        p.column += get(r_, spec::kGemmOColumn);
        store(p, y[j]);
      }
    }
  }

  void gated(std::uint32_t token, std::uint32_t tile, const std::int32_t* acc) {
    for (std::uint32_t c = 0; c < 32; c += 2) {
      const std::int32_t g = hls::requantize(acc[c], requant(r_, spec::kGemmM0, spec::kGemmS0), hls::kGateMin, hls::kGateMax);
      const std::int32_t u =
          hls::requantize(acc[c + 1], requant(r_, spec::kGemmM1, spec::kGemmS1), hls::kGateMin, hls::kGateMax);
      const std::int8_t y = hls::silu_mul(g, u, static_cast<int>(get(r_, spec::kGemmFrac)),
                                          requant(r_, spec::kGemmM2, spec::kGemmS2), eight(token));
      store(place(slot(token), token, get(r_, spec::kGemmOColumn) + tile * 16 + c / 2, get(r_, spec::kGemmOKs)), y);
    }
  }

  void gelu(std::uint32_t token, std::uint32_t tile, const std::int32_t* acc) {
    for (std::uint32_t c = 0; c < 32; ++c) {
      const std::int32_t g = hls::requantize(acc[c], requant(r_, spec::kGemmM0, spec::kGemmS0), hls::kGateMin, hls::kGateMax);
      const std::int8_t y = hls::gelu_code(g, static_cast<int>(get(r_, spec::kGemmFrac)),
                                           requant(r_, spec::kGemmM2, spec::kGemmS2), eight(token));
      store(place(slot(token), token, get(r_, spec::kGemmOColumn) + tile * 32 + c, get(r_, spec::kGemmOKs)), y);
    }
  }

  void code(std::uint32_t token, std::uint32_t tile, const std::int32_t* acc) {
    for (std::uint32_t c = 0; c < 32; ++c) {
      const std::int8_t y = hls::requantize_code(acc[c], requant(r_, spec::kGemmM0, spec::kGemmS0), eight(token));
      store(place(slot(token), token, get(r_, spec::kGemmOColumn) + tile * 32 + c, get(r_, spec::kGemmOKs)), y);
    }
  }

  const Record& r_;
  OnChip& chip_;
  const MemoryView& memory_;
  std::uint64_t io_;
};

}  // namespace

void FunctionalKernel::gemm(const Record& r) {
  const std::uint32_t ks = get(r, spec::kGemmKs);
  const std::uint32_t mode = get(r, spec::kGemmMode);
  const std::uint32_t tokens = get(r, spec::kGemmTokens);
  const bool banded = get(r, spec::kGemmBanded) != 0;
  const bool grouped = get(r, spec::kGemmGrouped) != 0;
  const std::uint32_t words = ks * (mode == 0 ? 1 : 2);
  if (get(r, spec::kGemmK) != 4 * ks) throw std::runtime_error("functional kernel: gemm k is not 4*ks");
  const WidthTable& in_table = chip_->tables[get(r, spec::kGemmInTable)];
  if (grouped && in_table.grouping.tokens != static_cast<int>(tokens))
    throw std::runtime_error("functional kernel: width table of another pass");
  Post post(r, *chip_, memory_, arguments_.io);
  std::vector<int> w(std::size_t{4} * ks * 32);
  for (std::uint32_t tile = 0; tile < get(r, spec::kGemmTiles); ++tile) {
    for (std::uint32_t bank = 0; bank < 4; ++bank) {
      auto& ring = chip_->ring[bank];
      if (ring.size() < words) throw std::runtime_error("functional kernel: gemm without its weights");
      for (std::uint32_t i = 0; i < ks; ++i) {
        for (std::uint32_t c = 0; c < 32; ++c) w[(std::size_t{bank} * ks + i) * 32 + c] = weight(ring, i, c, mode != 0);
      }
      ring.erase(ring.begin(), ring.begin() + words);
    }
    for (std::uint32_t token = 0; token < tokens; ++token) {
      const std::uint32_t slot = grouped ? in_table.grouping.slot_of_token[token] : token;
      const std::uint32_t group_last = get(r, spec::kGemmFirstPosition) + (slot / 16) * 16 + 15;
      std::uint32_t steps = 4 * ks;
      if (get(r, spec::kGemmCausal) == 2) steps = std::min(steps, (group_last + 1 + 7) / 8 * 8);
      std::int32_t acc[32] = {};
      if (get(r, spec::kGemmBias) != 0) {
        for (std::uint32_t c = 0; c < 32; ++c)
          acc[c] = chip_->params[spec::kBufferBias].at((get(r, spec::kGemmBiasBase) + tile * 2) * 16 + c);
      }
      for (std::uint32_t k = 0; k < steps; ++k) {
        const std::uint32_t at = banded ? 4 * (k / ks) + token : slot;
        const std::uint8_t byte =
            chip_->activation.at(get(r, spec::kGemmABase), get(r, spec::kGemmAStride), at, banded ? k % ks : k);
        const int a = mode == 2 ? byte : static_cast<std::int8_t>(byte);
        for (std::uint32_t c = 0; c < 32; ++c) acc[c] += a * w[std::size_t{k} * 32 + c];
      }
      if (get(r, spec::kGemmCausal) == 1 && tile * 32 > group_last) continue;
      post(token, tile, acc);
    }
  }
}

}  // namespace squat::sim

// SPDX-License-Identifier: Apache-2.0
#include "host/cli/published.hpp"

namespace squat::cli {
namespace {

struct Column {
  int weight_bits;
  const char* activations;
  double rho;
};

// W8A8, W4A8, 4:8 = 1:3, 1:1, 3:1, W4A4
constexpr Column kColumns[6] = {{8, "8", 1.0},     {4, "8", 1.0},      {4, "mixed", 0.75},
                                {4, "mixed", 0.5}, {4, "mixed", 0.25}, {4, "4", 0.0}};

struct Line {
  const char* shape;
  const char* device;
  double fp16;
  double ms[6];
};

constexpr Line kLines[4] = {{"llama-58m", "OnePlus 11", 4.54, {3.22, 2.56, 2.39, 2.23, 2.10, 2.02}},
                            {"llama-58m", "Raspberry Pi 5", 15.63, {9.40, 7.50, 7.30, 7.08, 6.89, 6.78}},
                            {"gpt2-97m", "OnePlus 11", 6.22, {4.35, 3.42, 3.06, 3.02, 2.86, 2.75}},
                            {"gpt2-97m", "Raspberry Pi 5", 23.04, {13.75, 12.45, 11.24, 10.98, 10.01, 9.74}}};

nlohmann::ordered_json row(const Line& line, int weight_bits, const char* activations, const nlohmann::ordered_json& rho,
                           double ms) {
  return {{"device", line.device},      {"shape", line.shape},  {"phase", "not stated"}, {"weight_bits", weight_bits},
          {"activations", activations}, {"rho", rho},           {"tokens", 128},         {"context", nullptr},
          {"ms_per_token", ms},         {"source", "published"}};
}

}  // namespace

nlohmann::ordered_json published_rows() {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Line& line : kLines) {
    rows.push_back(row(line, 16, "16", nullptr, line.fp16));
    for (int i = 0; i < 6; ++i)
      rows.push_back(row(line, kColumns[i].weight_bits, kColumns[i].activations, kColumns[i].rho, line.ms[i]));
  }
  return rows;
}

}  // namespace squat::cli

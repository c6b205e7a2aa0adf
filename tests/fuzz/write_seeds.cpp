// SPDX-License-Identifier: Apache-2.0
// write_seeds FOLDER: the seeds of every target as FOLDER/TARGET/seed-N; prints the names of the targets.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/fuzz/targets.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_seeds FOLDER\n";
    return 2;
  }
  for (const squat::fuzz::Target& target : squat::fuzz::targets()) {
    const std::filesystem::path folder = std::filesystem::path(argv[1]) / target.name;
    std::filesystem::create_directories(folder);
    int number = 0;
    for (const std::string& seed : target.seeds()) {
      std::ofstream out(folder / ("seed-" + std::to_string(number++)), std::ios::binary);
      if (!out.write(seed.data(), static_cast<std::streamsize>(seed.size())).flush()) {
        std::cerr << folder.string() << ": cannot be written\n";
        return 3;
      }
    }
    std::cout << target.name << '\n';
  }
}

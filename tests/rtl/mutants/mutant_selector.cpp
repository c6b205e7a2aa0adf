// SPDX-License-Identifier: Apache-2.0
// Linked into tests of mutated RTL (scripts/mutate_rtl.py): passes the number in SQUAT_MUTANT on to the simulation, and lets
// every register start from a random value, so that a missing reset shows.
#include <verilated.h>

#include <cstdlib>
#include <string>

namespace {

bool select_mutant() {
  const char* const number = std::getenv("SQUAT_MUTANT");
  const std::string argument = std::string("+mutant=") + (number != nullptr ? number : "0");
  const char* arguments[] = {"", argument.c_str()};
  Verilated::commandArgs(2, arguments);
  Verilated::randReset(2);
  Verilated::randSeed(1);
  return true;
}

const bool kSelected = select_mutant();

}  // namespace

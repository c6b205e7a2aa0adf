// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/simulation_options.hpp"

#include <cstdlib>
#include <utility>

#include "host/model/error.hpp"
#include "tests/catch.hpp"

using namespace squat::backends;

TEST_CASE("simulation options: survive the way through the environment") {
  SimulationOptions o;
  o.config = "kv260";
  o.ddr = DdrParameters{32, 100, 50, 1000, 4};
  o.stall_seed = 12345678901234ULL;
  o.fault = {3, 4};
  o.trace = "wave.fst";
  o.cycle_limit = 99;
  export_to_environment(o);
  const SimulationOptions back = options_from_environment();
  CHECK(back.config == "kv260");
  CHECK(back.ddr == o.ddr);
  CHECK(back.stall_seed == o.stall_seed);
  CHECK(back.fault.read_burst == 3);
  CHECK(back.fault.write_burst == 4);
  CHECK(back.trace == "wave.fst");
  CHECK(back.cycle_limit == 99);

  export_to_environment({});  // the next device must not inherit anything
  CHECK(options_from_environment().memory() == DdrParameters{});
  CHECK(options_from_environment().config == "sim");
  CHECK(options_from_environment().stall_seed == 0);
  CHECK(options_from_environment().trace.empty());
}

TEST_CASE("simulation options: nonsense in the environment is named") {
  for (const char* text : {"64", "64,60,105,2340,8,1", "a,b,c,d,e", "-64,60,105,2340,8", "24,60,105,2340,8", "0,60,105,2340,8",
                           "64,60,105,100,8", "99999999999999999999999,60,105,2340,8", "64,60,99999999999,2340,8"}) {
    CAPTURE(text);
    ::setenv("SQUAT_SIM_DDR", text, 1);
    CHECK_THROWS_AS(options_from_environment(), squat::Error);
  }
  ::unsetenv("SQUAT_SIM_DDR");
  ::setenv("SQUAT_SIM_STALL_SEED", "12x", 1);
  CHECK_THROWS_WITH(options_from_environment(), Catch::Matchers::Contains("SQUAT_SIM_STALL_SEED=12x"));
  ::unsetenv("SQUAT_SIM_STALL_SEED");
  ::setenv("SQUAT_SIM_CONFIG", "zcu102", 1);
  CHECK_THROWS_WITH(options_from_environment(), Catch::Matchers::Contains("SQUAT_SIM_CONFIG=zcu102") &&
                                                    Catch::Matchers::Contains("kv260") && Catch::Matchers::Contains("sim"));
  ::unsetenv("SQUAT_SIM_CONFIG");
}

TEST_CASE("simulation options: a memory as fast as the configuration's ports, unless told otherwise") {
  SimulationOptions o;
  for (const auto& [config, bytes] : {std::pair{"sim", 64U}, {"kv260", 64U}, {"alveo", 256U}}) {
    o.config = config;
    export_to_environment(o);
    DdrParameters expected;
    expected.bytes_per_cycle = bytes;
    CHECK(options_from_environment().memory() == expected);
    o.ddr = DdrParameters{};
    o.ddr->bytes_per_cycle = 256;  // what alveo has anyway
    export_to_environment(o);
    CHECK(options_from_environment().memory() == *o.ddr);
    o.ddr.reset();
  }
  CHECK_THROWS_AS(default_ddr("zcu102"), squat::Error);
  export_to_environment({});
}

// SPDX-License-Identifier: Apache-2.0
// The binary tables of an xclbin, and what they say about each other.
#pragma once

#include <string>
#include <vector>

#include "host/xclbin/part.hpp"
#include "host/xclbin/xclbin.hpp"

namespace squat::xclbin {

// Each throws input_error when the count does not fit the section or an entry is malformed.
std::vector<Memory> read_memories(const Part& part);
std::vector<Connection> read_connections(const Part& part);
std::vector<Ip> read_ips(const Part& part);
std::vector<Clock> read_clocks(const Part& part);

/// Throws input_error unless connections lead to arguments, compute units and used memories that exist, and compute units and
/// the XML's kernel instances are the same.
void check_indices(const std::string& file, const Xclbin& x);

std::string write_memories(const std::vector<Memory>& memories);
std::string write_connections(const std::vector<Connection>& connections);
std::string write_ips(const std::vector<Ip>& ips);
std::string write_clocks(const std::vector<Clock>& clocks);

}  // namespace squat::xclbin

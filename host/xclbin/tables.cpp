// SPDX-License-Identifier: Apache-2.0
#include "host/xclbin/tables.hpp"

#include "host/xclbin/layout.hpp"

namespace squat::xclbin {
namespace {

/// The number of entries, which with the count must fill the section up to zeros of less than one entry.
std::size_t entries(const Part& part, const layout::Table& table) {
  const std::size_t size = part.bytes().size();
  if (size < table.first) part.refuse(0, "size", "at least " + std::to_string(table.first) + " bytes", std::to_string(size));
  const std::uint32_t count = table.count_bytes == 2 ? part.number<std::uint16_t>(0) : part.number<std::uint32_t>(0);
  const std::size_t room = (size - table.first) / table.entry_bytes;
  if (count > room || room > count) {
    part.refuse(0, "count", std::to_string(room) + " for " + std::to_string(size) + " bytes", std::to_string(count));
  }
  for (std::size_t i = table.first + count * table.entry_bytes; i < size; ++i) {
    if (part.bytes()[i] != 0) part.refuse(i, "padding", "0", "another byte");
  }
  return count;
}

/// Calls f(position in the part) for each entry.
template <class T, class F>
std::vector<T> read_table(const Part& part, const layout::Table& table, F&& f) {
  const std::size_t count = entries(part, table);
  std::vector<T> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back(f(table.first + i * table.entry_bytes));
  return rows;
}

std::int32_t index_at(const Part& part, std::size_t at, const char* field) {
  const auto value = part.number<std::uint32_t>(at);
  if (value > 0xffff) part.refuse(at, field, "an index below 65536", std::to_string(value));
  return static_cast<std::int32_t>(value);
}

template <typename UInt>
void put(std::string& out, UInt value) {
  std::uint8_t bytes[sizeof(UInt)];
  model::store_le(bytes, value);
  out.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

void put_text(std::string& out, const std::string& text, std::size_t size) {
  if (text.size() >= size)
    throw input_error("xclbin: '" + text + "' is longer than the " + std::to_string(size - 1) + " characters its field holds");
  out += text;
  out.append(size - text.size(), '\0');
}

/// The count, its padding, and room for nothing else.
std::string table_start(const layout::Table& table, std::size_t count) {
  std::string out(table.first, '\0');
  auto* bytes = reinterpret_cast<std::uint8_t*>(out.data());
  if (table.count_bytes == 2)
    model::store_le(bytes, static_cast<std::uint16_t>(count));
  else
    model::store_le(bytes, static_cast<std::uint32_t>(count));
  return out;
}

}  // namespace

std::vector<Memory> read_memories(const Part& part) {
  return read_table<Memory>(part, layout::kMemTopology, [&](std::size_t at) {
    Memory m;
    m.type = part.number<std::uint8_t>(at);
    const auto used = part.number<std::uint8_t>(at + 1);
    if (used > 1) part.refuse(at + 1, "used", "0 or 1", std::to_string(used));
    m.used = used == 1;
    m.kib = part.number<std::uint64_t>(at + 8);
    m.base = part.number<std::uint64_t>(at + 16);
    m.tag = part.text(at + 24, 16, "tag");
    if (!m.streaming() && (m.kib >> 54 != 0 || m.base + m.kib * 1024 < m.base))
      part.refuse(at + 8, "size", "a bank that ends below 2^64", std::to_string(m.kib) + " KiB at " + std::to_string(m.base));
    return m;
  });
}

std::vector<Connection> read_connections(const Part& part) {
  return read_table<Connection>(part, layout::kConnectivity, [&](std::size_t at) {
    return Connection{index_at(part, at, "argument index"), index_at(part, at + 4, "compute unit index"),
                      index_at(part, at + 8, "memory index")};
  });
}

std::vector<Ip> read_ips(const Part& part) {
  return read_table<Ip>(part, layout::kIpLayout, [&](std::size_t at) {
    Ip ip;
    ip.type = part.number<std::uint32_t>(at);
    ip.properties = part.number<std::uint32_t>(at + 4);
    ip.base = part.number<std::uint64_t>(at + 8);
    ip.name = part.text(at + 16, 64, "name");
    return ip;
  });
}

std::vector<Clock> read_clocks(const Part& part) {
  return read_table<Clock>(part, layout::kClocks, [&](std::size_t at) {
    Clock clock;
    clock.mhz = part.number<std::uint16_t>(at);
    clock.type = part.number<std::uint8_t>(at + 2);
    clock.name = part.text(at + 8, 128, "name");
    return clock;
  });
}

std::string write_memories(const std::vector<Memory>& memories) {
  std::string out = table_start(layout::kMemTopology, memories.size());
  for (const Memory& m : memories) {
    put(out, m.type);
    put(out, static_cast<std::uint8_t>(m.used ? 1 : 0));
    out.append(6, '\0');
    put(out, m.kib);
    put(out, m.base);
    put_text(out, m.tag, 16);
  }
  return out;
}

std::string write_connections(const std::vector<Connection>& connections) {
  std::string out = table_start(layout::kConnectivity, connections.size());
  for (const Connection& c : connections) {
    for (const std::int32_t index : {c.argument, c.ip, c.memory}) put(out, static_cast<std::uint32_t>(index));
  }
  return out;
}

std::string write_ips(const std::vector<Ip>& ips) {
  std::string out = table_start(layout::kIpLayout, ips.size());
  for (const Ip& ip : ips) {
    put(out, ip.type);
    put(out, ip.properties);
    put(out, ip.base);
    put_text(out, ip.name, 64);
  }
  return out;
}

std::string write_clocks(const std::vector<Clock>& clocks) {
  std::string out = table_start(layout::kClocks, clocks.size());
  for (const Clock& clock : clocks) {
    put(out, clock.mhz);
    put(out, clock.type);
    out.append(5, '\0');
    put_text(out, clock.name, 128);
  }
  return out;
}

}  // namespace squat::xclbin

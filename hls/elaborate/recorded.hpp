// SPDX-License-Identifier: Apache-2.0
// Integers that record what is done with them: a leaf run on them becomes a SystemVerilog module. Widths are those of ap_int
// (hls/ap/ap_int.hpp), so the module is what the leaf means in a Vitis kernel.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "hls/ap/integer.hpp"
#include "hls/leaves/numbers.hpp"

namespace squat::elaborate {

/// The module that is being recorded; one at a time.
class Module {
 public:
  explicit Module(std::string name);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// The module as text, with `comment` (one line) above it.
  std::string text(const std::string& comment) const;

  void add_port(const std::string& declaration) { ports_.push_back(declaration); }
  void add_assign(const std::string& line) { lines_.push_back(line); }
  /// Declares a wire for an expression; returns its name.
  std::string wire(int width, bool is_signed, const std::string& expression);
  static Module& current();

 private:
  std::string name_;
  std::vector<std::string> ports_, lines_;
  int wires_ = 0;
};

/// "logic signed [7:0]".
std::string type_text(int width, bool is_signed, const std::string& kind);

/// A named value of the module, or a literal.
template <int W, bool S>
class Recorded {
 public:
  explicit Recorded(std::string name) : name_(std::move(name)) {}
  template <typename T, typename = std::enable_if_t<std::is_integral_v<T>>>
  Recorded(T v) : name_(literal(static_cast<std::int64_t>(ap::Integer<W, S>(v).bits()))) {}
  template <int V, bool R>
  Recorded(const Recorded<V, R>& other) : name_(Module::current().wire(W, S, other.sized(W))) {}
  Recorded(const Recorded&) = default;

  const std::string& name() const { return name_; }
  /// The value in `width` bits, extended as its sign says: a cast keeps the sign of its operand.
  std::string sized(int width) const { return width == W ? name_ : std::to_string(width) + "'(" + name_ + ")"; }

 private:
  static std::string literal(std::int64_t v) {
    const std::string digits = std::to_string(W) + (S ? "'sd" : "'d");
    if (S && v < 0) return "(-" + digits + std::to_string(-v) + ")";
    return digits + std::to_string(static_cast<std::uint64_t>(v));
  }
  std::string name_;
};

using Flag = Recorded<1, false>;

template <typename T>
using RecordedConstant = Recorded<ap::AsInteger<T>::width, std::is_signed_v<T>>;

#define SQUAT_RECORD_BINARY(NAME, RESULT, EXPRESSION)                                        \
  template <int VA, bool SA, int VB, bool SB>                                                \
  auto operator NAME(const Recorded<VA, SA>& a, const Recorded<VB, SB>& b) {                 \
    constexpr int common = ap::sum_width(VA, SA, VB, SB);                                    \
    constexpr bool sign = SA || SB;                                                          \
    static_cast<void>(common + sign);                                                        \
    using Result = RESULT;                                                                   \
    return record<Result>(EXPRESSION);                                                       \
  }                                                                                          \
  template <int VA, bool SA, typename T, typename = std::enable_if_t<std::is_integral_v<T>>> \
  auto operator NAME(const Recorded<VA, SA>& a, T b) {                                       \
    return a NAME RecordedConstant<T>(b);                                                    \
  }                                                                                          \
  template <int VB, bool SB, typename T, typename = std::enable_if_t<std::is_integral_v<T>>> \
  auto operator NAME(T a, const Recorded<VB, SB>& b) {                                       \
    return RecordedConstant<T>(a) NAME b;                                                    \
  }

template <typename Result>
struct RecordedType;
template <int W, bool S>
struct RecordedType<Recorded<W, S>> {
  static constexpr int width = W;
  static constexpr bool is_signed = S;
};

template <typename Result>
Result record(const std::string& expression) {
  return Result(Module::current().wire(RecordedType<Result>::width, RecordedType<Result>::is_signed, expression));
}

#define SQUAT_SIZED(NAME, WIDTH) a.sized(WIDTH) + " " #NAME " " + b.sized(WIDTH)
#define SQUAT_COMPARED(NAME) "$signed(" + a.sized(common) + ") " #NAME " $signed(" + b.sized(common) + ")"
#define SQUAT_COMMA ,
SQUAT_RECORD_BINARY(+, Recorded<common SQUAT_COMMA sign>, SQUAT_SIZED(+, common))
SQUAT_RECORD_BINARY(-, Recorded<common SQUAT_COMMA true>, SQUAT_SIZED(-, common))
SQUAT_RECORD_BINARY(*, Recorded<VA + VB SQUAT_COMMA sign>, SQUAT_SIZED(*, VA + VB))
SQUAT_RECORD_BINARY(&, Recorded<common - 1 SQUAT_COMMA sign>, SQUAT_SIZED(&, common - 1))
SQUAT_RECORD_BINARY(|, Recorded<common - 1 SQUAT_COMMA sign>, SQUAT_SIZED(|, common - 1))
SQUAT_RECORD_BINARY(^, Recorded<common - 1 SQUAT_COMMA sign>, SQUAT_SIZED(^, common - 1))
SQUAT_RECORD_BINARY(<, Flag, SQUAT_COMPARED(<))
SQUAT_RECORD_BINARY(>, Flag, SQUAT_COMPARED(>))
SQUAT_RECORD_BINARY(<=, Flag, SQUAT_COMPARED(<=))
SQUAT_RECORD_BINARY(>=, Flag, SQUAT_COMPARED(>=))
SQUAT_RECORD_BINARY(==, Flag, SQUAT_COMPARED(==))
SQUAT_RECORD_BINARY(!=, Flag, SQUAT_COMPARED(!=))
#undef SQUAT_RECORD_BINARY
#undef SQUAT_SIZED
#undef SQUAT_COMPARED
#undef SQUAT_COMMA

inline Flag operator&&(const Flag& a, const Flag& b) { return record<Flag>(a.name() + " && " + b.name()); }
inline Flag operator||(const Flag& a, const Flag& b) { return record<Flag>(a.name() + " || " + b.name()); }

template <int W, bool S>
Recorded<W, S> operator~(const Recorded<W, S>& v) {
  return record<Recorded<W, S>>("~" + v.name());
}
template <int W, bool S>
Recorded<W, S> operator<<(const Recorded<W, S>& v, int n) {
  return record<Recorded<W, S>>(v.name() + " << " + std::to_string(n));
}
template <int W, bool S>
Recorded<W, S> operator>>(const Recorded<W, S>& v, int n) {
  return record<Recorded<W, S>>(v.name() + (S ? " >>> " : " >> ") + std::to_string(n));
}
template <int W, bool S, int V>
Recorded<W, S> operator<<(const Recorded<W, S>& v, const Recorded<V, false>& n) {
  return record<Recorded<W, S>>(v.name() + " << " + n.name());
}
template <int W, bool S, int V>
Recorded<W, S> operator>>(const Recorded<W, S>& v, const Recorded<V, false>& n) {
  return record<Recorded<W, S>>(v.name() + (S ? " >>> " : " >> ") + n.name());
}

/// The family (hls/leaves/numbers.hpp).
struct RecordedNumbers {
  template <int W>
  using Int = Recorded<W, true>;
  template <int W>
  using Uint = Recorded<W, false>;
  using Bool = Flag;

  template <typename A, typename B>
  static auto product(const A& a, const B& b) {
    return a * b;
  }
  template <int High, int Low>
  static Int<High - Low + 1> field(const Int<48>& v) {
    return record<Int<High - Low + 1>>(v.name() + "[" + std::to_string(High) + ":" + std::to_string(Low) + "]");
  }
  template <int Index>
  static Uint<1> bit(const Int<48>& v) {
    return record<Uint<1>>(v.name() + "[" + std::to_string(Index) + "]");
  }
  template <typename T>
  static T select(const Flag& condition, const T& yes, const T& no) {
    return record<T>(condition.name() + " ? " + yes.name() + " : " + no.name());
  }
};

/// Ports of the current module.
template <typename T>
T input(const std::string& name) {
  Module::current().add_port(type_text(RecordedType<T>::width, RecordedType<T>::is_signed, "input  logic") + " " + name);
  return T(name);
}
template <int W, bool S>
void output(const std::string& name, const Recorded<W, S>& v) {
  Module::current().add_port(type_text(W, S, "output logic") + " " + name);
  Module::current().add_assign("  assign " + name + " = " + v.name() + ";");
}

}  // namespace squat::elaborate

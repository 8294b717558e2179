// A connection that begins with one protocol and goes on with another, under a fuzzer: while a part
// speaks, its own subject decides.
#pragma once

#include <drywire/protocol/switching.hpp>
#include <drywire/testkit/fuzz.hpp>

#include <cstddef>
#include <variant>

namespace drywire {

/// What the subjects have to have besides what the driver asks for: both name their `machine`;
/// `First` has the limits of its machine as small(); `Second` makes its machine behind a `switched`
/// of the first, and in begin() sees it with that event again, for wishes of its own.
template <class First, class Second>
class switching_subject {
 public:
  using first_machine = typename First::machine;
  using second_machine = typename Second::machine;
  using switched = typename first_machine::switched;
  using machine = switching<first_machine, second_machine>;

  static constexpr std::size_t block_bytes = First::block_bytes;
  // Those of the first until its output has left, and those of the second.
  static constexpr std::size_t blocks_max = First::blocks_max + Second::blocks_max;
  static_assert(block_bytes >= Second::block_bytes);

  explicit switching_subject(testkit::choices decisions)
      : first_(decisions), second_(decisions), decisions_(decisions) {}

  static machine make(storage& memory) {
    return machine([&memory](const switched& s) { return Second::make(memory, s); }, memory,
                   First::small());
  }

  void react(machine& m, const typename machine::event& event) {
    if (const auto* e = std::get_if<0>(&event)) {
      const auto* s = std::get_if<switched>(e);
      s != nullptr ? second_.begin(*m.second(), *s) : first_.react(*m.first(), *e);
    } else {
      second_.react(*m.second(), *std::get_if<1>(&event));
    }
  }

  const typename machine::command& wish() {
    if (decisions_.below(2) == 0) {
      wish_.template emplace<0>(first_.wish());
    } else {
      wish_.template emplace<1>(second_.wish());
    }
    return wish_;
  }

  static bool is_last(const typename machine::event& event) {
    const auto* e = std::get_if<0>(&event);
    if (e == nullptr) return Second::is_last(*std::get_if<1>(&event));
    return !std::holds_alternative<switched>(*e) && First::is_last(*e);
  }

 private:
  First first_;
  Second second_;
  testkit::choices decisions_;
  typename machine::command wish_;
};

}  // namespace drywire

// What a machine writes, as text.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/protocol.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <string>

namespace drywire::tests {

inline std::string text_of(const output_view& view) {
  std::string all;
  for (const const_bytes piece : view.pieces) {
    CHECK(!piece.empty());
    all += as_text(piece);
  }
  return all;
}

/// All output, taken in portions; "|" stands for the fin.
template <class Machine>
std::string all_output(Machine& machine, std::size_t portion) {
  std::string all;
  while (true) {
    const output_view view = machine.output(portion);
    if (view.empty()) return all;
    all += text_of(view);
    if (view.fin) all += '|';
    machine.consume_output(view.size());
  }
}

}  // namespace drywire::tests

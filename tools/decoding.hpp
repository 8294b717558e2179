// What the decoders of all protocols do alike.
#pragma once

#include "event_writer.hpp"
#include "failure.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>

namespace drywire::tools {

/// Nobody waits for what the machine says. True if it said something.
template <class Machine>
bool drop_output(Machine& machine) {
  constexpr std::size_t at_once = 65536;
  bool dropped = false;
  for (auto view = machine.output(at_once); !view.empty(); view = machine.output(at_once)) {
    machine.consume_output(view.size());
    dropped = true;
  }
  return dropped;
}

/// Gives `in` to the end to the decoder, which writes by `writer`. Then its fault, if there is one,
/// is told on `errors`, and the result is 1, else 0. Throws failure when reading fails.
template <class Decoder>
int decode_all(std::FILE* in, const std::string& name, Decoder decoder, event_writer& writer,
               std::FILE* errors) {
  std::array<std::byte, 65536> block;
  while (const std::size_t n = std::fread(block.data(), 1, block.size(), in)) {
    decoder.receive(std::span(block).first(n));
  }
  if (std::ferror(in) != 0) throw failure(name + ": " + std::strerror(errno));
  decoder.receive_eof();
  writer.flush();
  const auto fault = decoder.fault();
  if (!fault) return 0;
  const std::string what = name + ":" + std::to_string(decoder.offset()) + ": " +
                           std::string(to_string(*fault)) + " (" +
                           std::string(rfc_section(*fault)) + ")\n";
  std::fputs(what.c_str(), errors);
  return 1;
}

}  // namespace drywire::tools

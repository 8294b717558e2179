// Field lines, which heads and trailers have in common, and the ends of lines.
#pragma once

#include "message.hpp"

namespace drywire::naive {

[[nodiscard]] bool before_line_end(char c);

/// CRLF, or what is wrong with it; `otherwise`, if there isn't even half of one.
bool CRLF(text& t, http1::fault otherwise, faults& wrong);

/// *( field-line CRLF ) CRLF
struct section {
  naive::fields fields;  // of the last line also what came before a wrong byte
  faults wrong;
  bool complete = false;
};
[[nodiscard]] section read_section(text& t);

}  // namespace drywire::naive

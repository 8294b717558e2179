// Heads, chunked bodies and trailers after RFC 9112, each from the whole of what follows.
//
// A message that is refused may have several faults, and which of them is told isn't promised. So
// what is given back is all that may be told: of a line the first wrong byte, and besides it what
// is wrong with the meaning of what stands before it. Most messages have one fault.
#pragma once

#include "grammar.hpp"

#include <drywire/protocol/http1.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace drywire::naive {

using faults = std::set<http1::fault>;

struct field {
  std::string name;
  std::string value;
  bool ends_oddly;  // with a tab, stricter: which a field of framing can't, or with a wrong byte
};
using fields = std::vector<field>;

/// One of either role.
struct head {
  std::string method;  // of a request
  std::string target;
  std::string host;
  http1::target_form form = http1::target_form::origin;
  unsigned status = 0;  // of a response
  std::string reason;
  unsigned version = 11;
  naive::fields fields;
  http1::framing body = http1::framing::none;
  std::uint64_t length = 0;
  bool keep_alive = false;
  bool expects_continue = false;
  bool asks_upgrade = false;

  std::size_t size = 0;   // bytes, with the empty line
  faults wrong;           // if it is refused
  bool complete = false;  // its end was found, or it is refused before
};

/// If `complete` is false, `wrong` has what a reader may tell that looks at fields as they come.
[[nodiscard]] head read_request_head(const std::string& all, const http1::limits& limits);
/// The response to a request of that method.
[[nodiscard]] head read_response_head(const std::string& all, const std::string& method,
                                      const http1::limits& limits);

/// A chunked body, as far as it came.
struct chunked_body {
  std::string data;
  naive::fields trailers;  // without those that may not stand there
  std::size_t size = 0;    // bytes on the wire
  faults wrong;
  bool complete = false;
};
[[nodiscard]] chunked_body read_chunked_body(const std::string& all, std::size_t head_fields,
                                             const http1::limits& limits);

}  // namespace drywire::naive

// Writes what normalise() says of an event, one a line, for people or as JSON. In constant memory:
// a body goes out as it comes, in one line however it was cut.
//
//   request method="GET" target="/" version="HTTP/1.1" Host="a"
//   {"event":"request","details":[["method","GET"],["target","/"],...]}
//   body "text"
//   {"event":"body","bytes":"text"}
//
// In JSON each character is one byte, U+0000 to U+00FF, as in ISO 8859-1.
#pragma once

#include <drywire/base/bytes.hpp>

#include <cstdio>
#include <string>
#include <string_view>

namespace drywire::tools {

class event_writer {
 public:
  enum class form : unsigned char { text, json };

  event_writer(std::FILE* out, form how) noexcept : out_(out), form_(how) {}
  event_writer(const event_writer&) = delete;
  event_writer& operator=(const event_writer&) = delete;
  ~event_writer() { end_line(); }

  // What normalise() calls.
  void event(std::string_view name);
  void detail(std::string_view key, std::string_view value);
  void piece(std::string_view name, const_bytes bytes);

  /// Ends the line of the event that was begun last, if there is one.
  void end_line();
  /// end_line(), and gives all of it to the system.
  void flush();

 private:
  enum class within : unsigned char { nothing, event, details, bytes };

  void put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), out_); }
  void put_escaped(std::string_view bytes);

  std::FILE* out_;
  form form_;
  within within_ = within::nothing;
  std::string piece_;  // the name of the piece that goes on
};

}  // namespace drywire::tools

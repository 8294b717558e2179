// What a hostile, broken or lost peer does to an HTTP/1.1 server, and what that has to answer.
#pragma once

#include "child.hpp"
#include "raw_client.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace drywire::traffic {

struct hostile_row {
  enum class end : std::uint8_t {
    closed,     ///< the server half-closes behind its last reply
    flooded,    ///< as closed; a peer that goes on sending past the linger limit may see a reset
    reset,      ///< the server drops a peer that doesn't read
    abandoned,  ///< the peer itself drops the connection
  };

  std::string name;
  std::vector<step> script;
  std::vector<unsigned> statuses;  ///< of all replies, in order
  end how = end::closed;
  bool cut_off = false;  ///< the last reply was begun and can't be completed
};

/// Each is one connection. They expect the site of write_hostile_site(), and the limits of
/// hostile_limits().
[[nodiscard]] const std::vector<hostile_row>& hostile_rows();

/// Options of `drywire serve`: timeouts short enough for a test.
[[nodiscard]] arguments hostile_limits();
void write_hostile_site(const temporary_folder& root);

/// What was wrong with how the server at `port` met the row; empty when nothing was.
[[nodiscard]] std::string check_row(std::uint16_t port, const hostile_row& row);

}  // namespace drywire::traffic

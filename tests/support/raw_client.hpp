// A client that follows a script on a bare socket, for what no well-behaved client would do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace drywire::traffic {

struct step {
  enum class kind : std::uint8_t {
    send,          ///< `bytes`, as fast as they go
    send_slowly,   ///< `bytes`, one by one, `pause_ms` apart
    half_close,    ///< a FIN
    reset,         ///< a RST, and that is the end
    stop_reading,  ///< from here on nothing is read, until the server gives up, or
    read_again,
  };
  kind what = kind::send;
  std::string bytes = {};
  int pause_ms = 0;
};

struct conversation {
  enum class end : std::uint8_t {
    closed,     ///< the server's FIN
    reset,      ///< its RST
    abandoned,  ///< the script's own reset
    late,       ///< nothing of that for half a minute
  };
  std::string received;
  end how = end::late;
};

[[nodiscard]] const char* to_string(conversation::end how) noexcept;

/// Connects to 127.0.0.1, follows the script, reading meanwhile, then reads until the end. Throws
/// std::runtime_error when it can't connect.
[[nodiscard]] conversation converse(std::uint16_t port, const std::vector<step>& script);

/// Of the responses in `received`, in order; those that begin in a body are not told apart.
[[nodiscard]] std::vector<unsigned> statuses_in(const std::string& received);

/// A connection without a script, for a test that looks at answers between its own bytes. Waits
/// half a minute for each.
class raw_connection {
 public:
  /// To 127.0.0.1. Throws std::runtime_error when it can't connect.
  explicit raw_connection(std::uint16_t port);
  raw_connection(const raw_connection&) = delete;
  raw_connection& operator=(const raw_connection&) = delete;
  ~raw_connection();

  /// False when the connection has gone.
  bool send(const std::string& bytes) noexcept;
  /// Reads until all that has come ends with `last`; true when it does.
  bool read_until(const std::string& last);
  /// Reads until the end. True for a FIN, false for a reset.
  bool read_to_end();
  /// All that has come, and forgets it.
  [[nodiscard]] std::string take();

 private:
  long read_some();

  int socket_;
  std::string received_;
};

/// One persistent connection of a client that wants nothing but to be served.
class bystander {
 public:
  explicit bystander(std::uint16_t port) : connection_(port) {}

  /// One more GET for the file of write_hostile_site(): true when its answer is complete.
  [[nodiscard]] bool is_served();

 private:
  raw_connection connection_;
};

}  // namespace drywire::traffic

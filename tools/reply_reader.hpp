// Replies of an HTTP/1.1 server, checked against what was asked: for the simulated clients. It
// believes nothing, and names what is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace drywire::tools {

/// The bytes that belong to an identity: every request has one of its own.
[[nodiscard]] char identity_byte(std::uint64_t identity, std::uint64_t position) noexcept;
void write_identity(char* to, std::size_t size, std::uint64_t identity,
                    std::uint64_t position) noexcept;

struct expected_reply {
  std::uint64_t identity = 0;
  unsigned status = 200;
  std::uint64_t size = 0;   ///< of the body, made of the identity's bytes
  bool checks_body = true;  ///< not of an error's text
};

class reply_reader {
 public:
  void expect(const expected_reply& next) { expected_.push_back(next); }
  /// False once something is wrong(). Complete replies are no longer expected.
  [[nodiscard]] bool receive(std::string_view bytes);
  /// Forgets what is expected: for a new connection. `excuses_timeout`: a 408 may take the place of
  /// any reply; what is behind it isn't looked at.
  void reset(bool excuses_timeout);

  /// Replies that have not come whole.
  [[nodiscard]] std::size_t waiting() const noexcept { return expected_.size(); }
  /// Some of a reply has come, and not all.
  [[nodiscard]] bool within_reply() const noexcept { return at_ != part::head || !line_.empty(); }
  [[nodiscard]] std::uint64_t complete() const noexcept { return complete_; }
  [[nodiscard]] const std::string& wrong() const noexcept { return wrong_; }
  /// A 408 came that is excused.
  [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }
  /// The server said that it closes behind this reply.
  [[nodiscard]] bool closing() const noexcept { return closing_; }

 private:
  enum class part : std::uint8_t { head, body, chunk_size, chunk, chunk_end, trailers };

  void receive_line(std::string_view& bytes);
  void take_line();
  void take_head_line(std::string_view line);
  void end_head();
  void receive_body(std::string_view& bytes);
  void end_reply();
  void fail(std::string_view what);

  std::deque<expected_reply> expected_;
  part at_ = part::head;
  bool status_seen_ = false;
  bool chunked_ = false;
  bool closing_ = false;
  bool excuses_timeout_ = false;
  bool timed_out_ = false;
  unsigned status_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t position_ = 0;  // in the body
  std::uint64_t left_ = 0;      // of the body or chunk
  std::string line_;
  std::uint64_t complete_ = 0;
  std::string wrong_;
};

}  // namespace drywire::tools

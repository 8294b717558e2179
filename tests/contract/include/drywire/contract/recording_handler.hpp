// A stream handler that counts all it is told, does what a case asks of it, and notices what no
// stream may do: tell anything after on_closed, tell the end from within the stream's own member,
// read while paused.
#pragma once

#include <drywire/loop/stream.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::contract {

class recording_handler final : public stream_handler {
 public:
  recording_handler() = default;
  recording_handler(const recording_handler&) = delete;
  recording_handler& operator=(const recording_handler&) = delete;

  // The stream's members, watched. Precondition: `to` is set.
  std::size_t write(std::string_view bytes);
  std::size_t write(std::span<const const_bytes> pieces);
  /// Writes a pattern, on from where it stopped, until a write is short. Returns the bytes
  /// accepted.
  std::size_t fill();
  void pause();
  void resume();
  void shutdown();
  void close(duration flush_timeout = seconds(15));
  void abort();
  /// Precondition: the stream has been told nothing that makes it fail.
  [[nodiscard]] int release();

  /// Forgets what a case asked for: its locals are gone.
  void forget() noexcept;
  [[nodiscard]] bool ended() const noexcept { return closes != 0; }

  stream* to = nullptr;  // null once it is closed
  int opens = 0;
  int datas = 0;
  int eofs = 0;
  int writables = 0;
  int closes = 0;
  error reason;
  std::string text;
  std::size_t received = 0;  // also when the text isn't kept
  bool keeps_text = true;
  std::size_t filled = 0;               // by fill()
  std::string order;                    // o, d, e, w, c as they came
  std::vector<std::string> violations;  // of the contract, in words

  // What a case does within the callback, behind the counting.
  std::function<void()> then_open;
  std::function<void(lent_buffer&)> then_data;
  std::function<void()> then_eof;
  std::function<void()> then_writable;
  std::function<void()> then_closed;

 private:
  void on_open(stream& s) noexcept override;
  void on_data(stream& s, lent_buffer& lent) noexcept override;
  void on_eof(stream& s) noexcept override;
  void on_writable(stream& s) noexcept override;
  void on_closed(stream& s, error why) noexcept override;
  void told(const stream& s, char what, int& count);
  template <class Call>
  auto watched(Call call);

  int calls_ = 0;  // of the stream's members that go on
  bool paused_ = false;
  bool closing_ = false;  // close() or abort() was called
};

}  // namespace drywire::contract

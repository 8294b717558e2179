// permessage-deflate by zlib alone: the other side of the tests of ours.
#pragma once

#include <drywire/base/bytes.hpp>

#include <zlib.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace drywire::tests {

inline constexpr std::string_view deflate_tail("\x00\x00\xff\xff", 4);

/// Compresses messages, each to one payload.
class zlib_sender {
 public:
  explicit zlib_sender(int window_bits = 15, bool takeover = true, int level = 6)
      : takeover_(takeover) {
    if (deflateInit2(&z_, level, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::runtime_error("deflateInit2");
    }
  }
  zlib_sender(const zlib_sender&) = delete;
  zlib_sender& operator=(const zlib_sender&) = delete;
  ~zlib_sender() { deflateEnd(&z_); }

  std::string send(std::string_view message) {
    std::string payload = flush(message);
    payload.resize(payload.size() - deflate_tail.size());
    if (!takeover_) deflateReset(&z_);
    return payload;
  }

  /// With the tail: for a message of several flushes.
  std::string flush(std::string_view message) {
    std::string copy(message);
    std::string made(copy.size() + copy.size() / 100 + 100, '\0');
    z_.next_in = reinterpret_cast<Bytef*>(copy.data());
    z_.avail_in = static_cast<uInt>(copy.size());
    z_.next_out = reinterpret_cast<Bytef*>(made.data());
    z_.avail_out = static_cast<uInt>(made.size());
    ::deflate(&z_, Z_SYNC_FLUSH);
    made.resize(made.size() - z_.avail_out);
    return made;
  }

 private:
  z_stream z_{};
  bool takeover_;
};

/// Undoes what was sent; throws if that isn't deflate, or refers back too far.
class zlib_receiver {
 public:
  explicit zlib_receiver(int window_bits = 15, bool takeover = true) : takeover_(takeover) {
    if (inflateInit2(&z_, -window_bits) != Z_OK) throw std::runtime_error("inflateInit2");
  }
  zlib_receiver(const zlib_receiver&) = delete;
  zlib_receiver& operator=(const zlib_receiver&) = delete;
  ~zlib_receiver() { inflateEnd(&z_); }

  std::string receive(std::string payload) {
    std::string message = feed(std::move(payload));
    message += feed(std::string(deflate_tail));
    if (!takeover_) inflateReset(&z_);
    return message;
  }

  std::string feed(std::string payload) {
    std::array<Bytef, 4096> out;
    std::string message;
    z_.next_in = reinterpret_cast<Bytef*>(payload.data());
    z_.avail_in = static_cast<uInt>(payload.size());
    do {
      z_.next_out = out.data();
      z_.avail_out = static_cast<uInt>(out.size());
      const int result = inflate(&z_, Z_SYNC_FLUSH);
      if (result != Z_OK && result != Z_BUF_ERROR) throw std::runtime_error("not deflate");
      message.append(reinterpret_cast<const char*>(out.data()), out.size() - z_.avail_out);
    } while (z_.avail_out == 0);
    return message;
  }

 private:
  z_stream z_{};
  bool takeover_;
};

}  // namespace drywire::tests

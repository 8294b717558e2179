// What the decoders are given: made by zlib's own deflate, and frames written by hand.
#pragma once

#include <string>
#include <string_view>

namespace drywire::tests {

/// zlib's windowBits: negative is raw, 8 to 15 zlib, 16 more gzip.
std::string encoded(std::string_view plain, int window_bits, int level = 6);

inline std::string gzip(std::string_view plain, int level = 6) {
  return encoded(plain, 15 + 16, level);
}

/// A gzip member with every optional field, and its head's checksum.
std::string gzip_with_fields(std::string_view plain);

/// Text that compresses about 4:1, the same for the same size.
std::string prose(std::size_t size);
/// Bytes that don't compress.
std::string noise(std::size_t size);

}  // namespace drywire::tests

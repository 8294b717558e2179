// Messages of HTTP/1.1 at random, for comparing two readers of them: most are right, some are
// nearly so, and some have a byte or two that were hit.
#pragma once

#include <drywire/testkit/random.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace http1_test {

class random_messages {
 public:
  explicit random_messages(std::uint64_t seed) : numbers_(seed) {}

  /// One to three of them, one behind the other.
  std::string requests();
  std::string responses();

  /// At least 0, less than n.
  std::size_t below(std::size_t n) { return numbers_.below(n); }

 private:
  using choices = std::initializer_list<const char*>;
  const char* one_of(choices all) { return all.begin()[below(all.size())]; }
  // The first of them mostly.
  const char* mostly(choices all) { return below(24) != 0 ? *all.begin() : one_of(all); }

  std::string request();
  std::string response();
  std::string field_lines();
  std::string framing_and_body();
  std::string chunks();
  std::string letters(std::size_t most);
  std::string hit(std::string message);

  drywire::testkit::random numbers_;
};

}  // namespace http1_test

// Makes a fuzz target of a function that throws testkit::law_broken.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/testkit/fuzz.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace drywire {

template <class Run>
int fuzz_one(Run run, const std::uint8_t* data, std::size_t size) {
  try {
    run(const_bytes(reinterpret_cast<const std::byte*>(data), size));
  } catch (const testkit::law_broken& broken) {
    std::fprintf(stderr, "law broken: %s\n", broken.what());
    std::abort();
  }
  return 0;
}

}  // namespace drywire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

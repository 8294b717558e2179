// The selector of the BSDs, on an emulation of theirs.
#include "kqueue_selector.hpp"

#include <drywire/contract/cases.hpp>
#include <drywire/loop/native.hpp>

int main(int argc, char* argv[]) {
  const auto make = [] {
    return drywire::make_native({.selector = drywire::test::emulated_kqueue()});
  };
  return drywire::contract::run_cases({"native-kqueue", make}, argc, argv);
}

// The conformance suite over a loop that isn't drywire's - or, as here, as if it were not.
#include <drywire/contract/cases.hpp>
#include <drywire/loop/native.hpp>

int main(int argc, char* argv[]) {
  return drywire::contract::run_cases({"mine", [] { return drywire::make_native(); }}, argc, argv);
}

// Loops that leave something behind, by what that is: each case over them has to fail.
#include <drywire/contract/cases.hpp>
#include <drywire/contract/nodes.hpp>
#include <drywire/loop/native.hpp>

#include <sys/eventfd.h>

using namespace drywire;

namespace {

std::unique_ptr<backend> leaving_a_descriptor() {
  (void)::eventfd(0, EFD_CLOEXEC);
  return make_native();
}

std::unique_ptr<backend> leaving_a_timer() {
  static contract::called_timer kept;
  auto made = make_native();
  made->core().arm(kept, made->time().steady + seconds(5));
  return made;
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc < 2) return 2;
  const std::string what = argv[1];
  argv[1] = argv[0];
  const auto make = what == "timer" ? leaving_a_timer : leaving_a_descriptor;
  return contract::run_cases({"leaving a " + what, make}, argc - 1, argv + 1);
}

// poll(2) and the pipe that wakes it, which are the last resort everywhere: what the native loop
// takes for granted of epoll would fail here.
#include <drywire/contract/cases.hpp>
#include <drywire/loop/native.hpp>

int main(int argc, char* argv[]) {
  const auto make = [] { return drywire::make_native({.selector = drywire::selectors().back()}); };
  return drywire::contract::run_cases({"native-poll", make}, argc, argv);
}

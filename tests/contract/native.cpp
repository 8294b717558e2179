#include <drywire/contract/cases.hpp>
#include <drywire/loop/native.hpp>

int main(int argc, char* argv[]) {
  return drywire::contract::run_cases({"native", [] { return drywire::make_native(); }}, argc,
                                      argv);
}

#include <drywire/contract/cases.hpp>
#include <drywire/uv/uv.hpp>

int main(int argc, char* argv[]) {
  return drywire::contract::run_cases({"uv", [] { return drywire::make_uv(); }}, argc, argv);
}

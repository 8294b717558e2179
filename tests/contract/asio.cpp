#include <drywire/asio/asio.hpp>
#include <drywire/contract/cases.hpp>

int main(int argc, char* argv[]) {
  return drywire::contract::run_cases({"asio", [] { return drywire::make_asio(); }}, argc, argv);
}

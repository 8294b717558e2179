#include "../../examples/plain_backend.hpp"

#include <drywire/contract/cases.hpp>

int main(int argc, char* argv[]) {
  return drywire::contract::run_cases({"plain", plain::make_plain}, argc, argv);
}

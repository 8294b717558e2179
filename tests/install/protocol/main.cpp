#include <drywire/base/instant.hpp>

int main() { return drywire::instant{} < drywire::instant::never() ? 0 : 1; }

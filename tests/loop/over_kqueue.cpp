#include "kqueue_selector.hpp"
#include "tested_selector.hpp"

namespace drywire::test {

selector_kind tested_selector() { return emulated_kqueue(); }

}  // namespace drywire::test

#include "tested_selector.hpp"

namespace drywire::test {

selector_kind tested_selector() { return built_in_selector("epoll"); }

}  // namespace drywire::test

#include "kqueue_selector.hpp"

#include "selector.hpp"

namespace drywire::test {

selector_kind emulated_kqueue() { return {"kqueue", open_kqueue}; }

}  // namespace drywire::test

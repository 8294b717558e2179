// Why the command can't do what it was asked for: one line, for the person who asked.
#pragma once

#include <stdexcept>

namespace drywire::tools {

class failure : public std::runtime_error {
 public:
  using runtime_error::runtime_error;
};

}  // namespace drywire::tools

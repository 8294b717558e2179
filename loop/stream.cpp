#include <drywire/loop/stream.hpp>

#include <cerrno>

namespace drywire {

namespace {

class ignoring final : public stream_handler {
  void on_data(stream&, lent_buffer&) noexcept override {}
  void on_eof(stream&) noexcept override {}
  void on_closed(stream&, error) noexcept override {}
};

constinit ignoring the_ignoring_handler;

}  // namespace

result<int> stream::release() noexcept { return error(ENOTSUP); }

stream_handler& stream::ignoring_handler() noexcept { return the_ignoring_handler; }

}  // namespace drywire

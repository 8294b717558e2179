#include "served_loop.hpp"

#include "flag_values.hpp"

namespace drywire::tools {

namespace {

http_server_options options_of(const served_loop::shared& with, http_trace& trace,
                               site_counters* counters) {
  http_server_options options = with.wanted.server;
  options.trace = with.traced ? &trace : nullptr;
  options.counters = counters == nullptr ? nullptr : &counters->http;
  return options;
}

}  // namespace

served_loop::served_loop(const shared& with, site_counters* counters)
    : loop_(make_loop(with.wanted.loop)),
      sockets_(*loop_, with.wanted.site, with.room, with.log,
               counters == nullptr ? nullptr : &counters->websockets),
      site_(*loop_, with.wanted.site, with.log, with.counters, &sockets_),
      server_(
          *loop_, [this](exchange& x) { site_.answer(x); }, options_of(with, trace_, counters)) {}

}  // namespace drywire::tools

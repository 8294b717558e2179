#include "get.hpp"

#include "failure.hpp"
#include "flag_values.hpp"
#include "get_request.hpp"
#include "limit_names.hpp"
#include "name_resolver.hpp"
#include "transfer.hpp"

#include <drywire/adapters/http_client.hpp>

#include <cstdio>
#include <utility>

namespace drywire::tools {

namespace {

http_client_options options_of(const get_flags& wanted, resolver& names) {
  http_client_options options;
  options.names = &names;
  options.connections_max = 2;  // a redirect's, while the one before it closes
  options.blocks_max = 16;
  for (const said_limit& l : wanted.limits) set_client_limit(options, l.name, l.value, l.where);
  if (wanted.connect_timeout) options.connect_timeout = *wanted.connect_timeout;
  if (!wanted.unix_path.empty()) options.connect_to = parse_unix_path(wanted.unix_path);
  return options;
}

}  // namespace

int get(const get_flags& wanted) {
  const auto loop = make_chosen_loop(wanted.loop);
  name_resolver names(*loop);
  transfer response(wanted, loop->core());
  http_client client(*loop, options_of(wanted, names));
  get_request request(wanted, response.present(), loop->core().remote());
  slow_input* const slow = request.slow();
  http_request asked = request.take();
  response.tell(asked);
  const http_call_handle call = client.start(std::move(asked), response);
  if (slow != nullptr) {
    slow->when_ready([&call] { static_cast<void>(call->pull_again()); });
  }
  while (!response.over() && loop->run_once(duration::max())) {
  }
  client.close();
  if (const error e = loop->run()) {
    throw failure("loop '" + std::string(loop->name()) + "': " + std::string(e.message()));
  }
  if (!response.why().empty()) {
    std::fprintf(stderr, "drywire: %s: %s\n", wanted.url.c_str(), response.why().c_str());
  }
  return response.status();
}

}  // namespace drywire::tools

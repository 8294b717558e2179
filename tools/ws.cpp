#include "ws.hpp"

#include "failure.hpp"
#include "flag_values.hpp"
#include "name_resolver.hpp"
#include "ws_session.hpp"

#include <drywire/adapters/websocket_client.hpp>

#include <cstdio>
#include <string_view>

namespace drywire::tools {

namespace {

websocket_client_options client_options(const ws_flags& wanted, resolver& names) {
  websocket_client_options options{.connections_max = 1, .names = &names};
  if (wanted.connect_timeout) options.connect_timeout = *wanted.connect_timeout;
  if (!wanted.unix_path.empty()) options.connect_to = parse_unix_path(wanted.unix_path);
  return options;
}

std::vector<http1::field> fields_of(const ws_flags& wanted) {
  std::vector<http1::field> fields;
  for (const auto& [name, value] : wanted.fields) fields.push_back({name, value});
  return fields;
}

void run(backend& loop, websocket_client& client, ws_session& session) {
  session.handle_signals();
  while (!session.over() && loop.run_once(duration::max())) {
  }
  session.remove_signals();
  client.close();
  if (const error e = loop.run()) {
    throw failure("loop '" + std::string(loop.name()) + "': " + std::string(e.message()));
  }
}

}  // namespace

int ws(const ws_flags& wanted) {
  const auto loop = make_chosen_loop(wanted.loop);
  name_resolver names(*loop);
  ws_session session(wanted, *loop);
  const std::vector<std::string_view> protocols(wanted.subprotocols.begin(),
                                                wanted.subprotocols.end());
  websocket_client client(*loop, client_options(wanted, names));
  session.begin(client.connect(wanted.url, session,
                               {.limits = wanted.limits,
                                .compression = wanted.compression,
                                .protocols = protocols,
                                .pieces = true},
                               fields_of(wanted)));
  run(*loop, client, session);
  session.finish_output();
  if (!session.why().empty()) {
    std::fprintf(stderr, "drywire: %s: %s\n", wanted.url.c_str(), session.why().c_str());
  }
  return session.status();
}

}  // namespace drywire::tools

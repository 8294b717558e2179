#include "compare.hpp"

#include <drywire/protocol/http1_client.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/storage.hpp>

#include <algorithm>
#include <memory>
#include <span>
#include <sstream>

namespace drywire::naive {

namespace {

template <class Event>
void describe(const Event& event, testkit::trace& trace) {
  normalise(event, trace);
  std::visit(
      [&](const auto& e) {
        if constexpr (requires { e.head; }) describe_reading(*e.head, trace);
      },
      event);
}

// One machine's life: the bytes in portions, output that leaves at once, the end of the input.
template <class Machine, class React>
testkit::trace live(Machine& machine, std::string_view wire, std::size_t portion, bool clean,
                    const React& react) {
  testkit::trace told;
  std::string kept;
  const auto leave = [&] { machine.consume_output(machine.output(1U << 30U).size()); };
  const auto offer = [&] {
    const auto lent = std::make_unique<std::byte[]>(kept.size());
    const mutable_bytes bytes(lent.get(), kept.size());
    std::ranges::copy(text_bytes(kept), bytes.begin());
    auto cursor = machine.receive(bytes);
    bool any = false;
    while (const auto event = cursor.next()) {
      any = true;
      describe(*event, told);
      react(machine, *event);
      leave();
    }
    kept.assign(as_text(cursor.remaining()));
    return any || cursor.consumed() > 0;
  };
  while (!wire.empty()) {
    kept += wire.substr(0, portion);
    wire.remove_prefix(std::min(portion, wire.size()));
    while (offer()) leave();
  }
  if (kept.empty()) machine.receive_eof(clean);
  while (offer()) leave();
  return told;
}

std::string in_words(const testkit::trace& told) {
  std::ostringstream out;
  out << told;
  return out.str();
}

verdict compare(const testkit::trace& ours, const testkit::trace& cut, const reading& naive) {
  verdict v;
  if (ours != cut) {
    v.difference = "whole:\n" + in_words(ours) + "cut:\n" + in_words(cut);
    return v;
  }
  v.refused = !naive.last.empty();
  v.exact = naive.last.size() <= 1;
  const auto& all = ours.entries();
  const auto& expected = naive.events.entries();
  v.events = expected.size();
  bool same = all.size() == expected.size() + (v.refused ? 1 : 0) &&
              std::equal(expected.begin(), expected.end(), all.begin());
  if (same && v.refused) {
    const testkit::trace_entry& last = all.back();
    same = naive.last.contains(last.name == "peer error" ? last.details[0].second : last.name);
  }
  if (same) return v;
  v.difference = "ours:\n" + in_words(ours) + "naive:\n" + in_words(naive.events);
  for (const std::string& name : naive.last) v.difference += "or " + name + '\n';
  return v;
}

// A portion that any bytes have their own of. Little comes byte by byte: then nothing is known of
// what is behind a wrong one.
std::size_t some_bytes(std::string_view wire) { return wire.size() < 32 ? 1 : 1 + wire.size() % 7; }

void ask(http1::client& client, const std::string& how) {
  errc done = errc::ok;
  if (how == "CONNECT") {
    done = client.send_request("CONNECT", "a:1", {});
  } else if (how == "UPGRADE") {
    done = client.send_request("GET", "/", {{"Host", "a"}, {"Upgrade", "x"}});
  } else {
    done = client.send_request(how, "/", {{"Host", "a"}});
  }
  static_cast<void>(done);
}

}  // namespace

verdict compare_requests(std::string_view wire, const http1::limits& limits, bool clean) {
  const auto answer = [](http1::server& server, const http1::server_event& event) {
    if (!std::holds_alternative<http1::request_end>(event)) return;
    errc done = server.respond(200, {}, text_bytes("fine"));
    if (done != errc::ok) done = server.respond(501);
    static_cast<void>(done);
  };
  const auto read = [&](std::size_t portion) {
    testkit::heap_storage memory(http1::server::block_bytes);
    http1::server server(memory, limits);
    return live(server, wire, portion, clean, answer);
  };
  return compare(read(wire.size()), read(some_bytes(wire)),
                 read_requests(std::string(wire), limits, clean));
}

verdict compare_responses(std::string_view wire, const std::vector<std::string>& requests,
                          const http1::client_limits& limits, bool clean) {
  const auto read = [&](std::size_t portion) {
    testkit::heap_storage memory(http1::client::block_bytes);
    http1::client client(memory, limits);
    std::size_t asked = 0;
    const auto ask_next = [&] {
      if (asked < requests.size()) ask(client, requests[asked++]);
      client.consume_output(client.output(1U << 30U).size());
    };
    ask_next();
    return live(client, wire, portion, clean, [&](http1::client&, const http1::client_event& e) {
      if (std::holds_alternative<http1::exchange_over>(e)) ask_next();
    });
  };
  return compare(read(wire.size()), read(some_bytes(wire)),
                 read_responses(std::string(wire), requests, limits, clean));
}

namespace {

void lower(http1::limits& limits) {
  limits.head_bytes_max = 300;
  limits.start_line_bytes_max = 100;
  limits.fields_max = 6;
  limits.chunk_overhead_bytes_max = 60;
  limits.trailer_bytes_max = 60;
  limits.body_bytes_max = 200;
}

}  // namespace

http1::limits low_limits() {
  http1::limits limits;
  lower(limits);
  return limits;
}

http1::client_limits low_client_limits() {
  http1::client_limits limits;
  lower(limits);
  limits.informational_max = 3;
  return limits;
}

}  // namespace drywire::naive

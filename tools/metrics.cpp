#include "metrics.hpp"

namespace drywire::tools {

namespace {

using loops = std::span<const site_counters* const>;

void begin_metric(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void add_sample(std::string& out, std::string_view name, std::string_view labels,
                std::uint64_t value) {
  out.append(name).append("{").append(labels).append("} ");
  out.append(std::to_string(value)).append("\n");
}

std::string loop_label(std::size_t loop) { return "loop=\"" + std::to_string(loop) + "\""; }

// A sample for each loop.
template <class Value>
void add_metric(std::string& out, loops all, std::string_view name, std::string_view type,
                std::string_view help, Value value) {
  begin_metric(out, name, type, help);
  for (std::size_t i = 0; i < all.size(); ++i) add_sample(out, name, loop_label(i), value(*all[i]));
}

// The ends first, so that a difference is never below zero.
std::uint64_t difference(const counter& begun, const counter& ended) noexcept {
  const std::uint64_t less = ended.value();
  return begun.value() - less;
}

void add_connections(std::string& out, loops all) {
  add_metric(out, all, "drywire_connections_total", "counter", "Connections accepted.",
             [](const site_counters& c) { return c.http.connections.value(); });
  add_metric(out, all, "drywire_connections_dropped_total", "counter",
             "Connections dropped as they came: over the limit, or while draining.",
             [](const site_counters& c) { return c.http.connections_dropped.value(); });
  add_metric(out, all, "drywire_connections", "gauge", "Connections now.",
             [](const site_counters& c) {
               return difference(c.http.connections, c.http.connections_ended);
             });
}

void add_requests(std::string& out, loops all) {
  add_metric(out, all, "drywire_requests_total", "counter", "Requests with a complete head.",
             [](const site_counters& c) { return c.http.requests.value(); });
  add_metric(out, all, "drywire_requests_in_flight", "gauge",
             "Requests whose response has not left whole.", [](const site_counters& c) {
               return difference(c.http.requests, c.http.requests_ended);
             });
  add_metric(out, all, "drywire_responses_cut_off_total", "counter",
             "Responses that did not leave whole.",
             [](const site_counters& c) { return c.http.requests_cut_off.value(); });
  constexpr std::string_view name = "drywire_responses_total";
  begin_metric(out, name, "counter", "Responses to these requests, by the class of their status.");
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t hundreds = 1; hundreds < 6; ++hundreds) {
      const std::string labels = loop_label(i) + ",class=\"" + std::to_string(hundreds) + "xx\"";
      add_sample(out, name, labels, all[i]->http.responses[hundreds].value());
    }
  }
}

void add_bytes(std::string& out, loops all) {
  add_metric(out, all, "drywire_sent_bytes_total", "counter", "Bytes that the system took.",
             [](const site_counters& c) { return c.http.bytes_sent.value(); });
  add_metric(out, all, "drywire_received_body_bytes_total", "counter",
             "Bytes of request bodies that were asked for.",
             [](const site_counters& c) { return c.http.body_bytes_received.value(); });
}

// Two samples for each loop.
void add_directions(std::string& out, loops all, std::string_view name, std::string_view help,
                    counter websocket_counters::*in, counter websocket_counters::*out_of) {
  begin_metric(out, name, "counter", help);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const websocket_counters& c = all[i]->websockets;
    add_sample(out, name, loop_label(i) + ",direction=\"in\"", (c.*in).value());
    add_sample(out, name, loop_label(i) + ",direction=\"out\"", (c.*out_of).value());
  }
}

void add_peer_errors(std::string& out, loops all) {
  constexpr std::string_view name = "drywire_peer_errors_total";
  begin_metric(out, name, "counter", "Connections that ended because the peer broke a rule.");
  for (std::size_t i = 0; i < http1::fault_count; ++i) {
    const auto what = static_cast<http1::fault>(i);
    if (what >= http1::fault::not_a_response) continue;  // only a client tells those
    std::uint64_t sum = 0;
    for (const site_counters* loop : all) sum += loop->http.peer_errors[i].value();
    add_sample(out, name, "fault=\"" + std::string(to_string(what)) + "\"", sum);
  }
}

void add_websocket_errors(std::string& out, loops all) {
  constexpr std::string_view name = "drywire_websocket_peer_errors_total";
  begin_metric(out, name, "counter", "WebSockets that ended because the peer broke a rule.");
  for (std::size_t i = 0; i < websocket::fault_count; ++i) {
    std::uint64_t sum = 0;
    for (const site_counters* loop : all) sum += loop->websockets.peer_errors[i].value();
    const auto what = static_cast<websocket::fault>(i);
    add_sample(out, name, "fault=\"" + std::string(to_string(what)) + "\"", sum);
  }
}

void add_websockets(std::string& out, loops all) {
  add_metric(out, all, "drywire_websocket_connections_total", "counter",
             "WebSockets whose handshake was completed.",
             [](const site_counters& c) { return c.websockets.connections.value(); });
  add_metric(out, all, "drywire_websocket_connections", "gauge", "WebSockets now.",
             [](const site_counters& c) {
               return difference(c.websockets.connections, c.websockets.connections_ended);
             });
  add_directions(out, all, "drywire_websocket_messages_total", "Whole messages.",
                 &websocket_counters::messages_received, &websocket_counters::messages_sent);
  add_directions(
      out, all, "drywire_websocket_message_bytes_total", "Bytes of messages, without compression.",
      &websocket_counters::message_bytes_received, &websocket_counters::message_bytes_sent);
  add_metric(out, all, "drywire_chat_dropped_total", "counter",
             "Members of the chat that were dropped because they did not read.",
             [](const site_counters& c) { return c.websockets.chat_dropped.value(); });
}

}  // namespace

std::string metrics_text(loops all) {
  std::string out;
  add_connections(out, all);
  add_requests(out, all);
  add_bytes(out, all);
  add_peer_errors(out, all);
  add_websockets(out, all);
  add_websocket_errors(out, all);
  return out;
}

}  // namespace drywire::tools

// The opening handshake in both roles, on any fields. The first byte says what is wanted of
// permessage-deflate, and by 4 that a client doesn't offer it, the second how large its windows
// are; of the rest each line is one field, its name by its first character. What is accepted, and
// what not, is compared with a naive reading.
#include "harness.hpp"
#include "naive_handshake.hpp"

#include <drywire/websocket/handshake.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace drywire {

namespace {

using testkit::law_broken;
using websocket::compression;
using websocket::handshake_fault;
using fields = std::vector<http1::field>;

void require(bool law, const char* text) {
  if (!law) throw law_broken(text);
}

std::string_view name_of(char c) {
  switch (c) {
    case 'u': return "Upgrade";
    case 'c': return "Connection";
    case 'k': return "Sec-WebSocket-Key";
    case 'v': return "sec-websocket-version";
    case 'p': return "Sec-WebSocket-Protocol";
    case 'e': return "Sec-WebSocket-Extensions";
    case 'a': return "Sec-WebSocket-Accept";
    case 'o': return "Origin";
    case 'h': return "Host";
    default: return "X-Other";
  }
}

// A server.

bool good_protocols(const fields& sent) {
  const naive::strings names = naive::elements(sent, "Sec-WebSocket-Protocol");
  const std::set<std::string> differing(names.begin(), names.end());
  return differing.size() == names.size() && names.size() <= websocket::protocols_max &&
         std::ranges::all_of(names, naive::is_token) &&
         (!names.empty() || naive::values(sent, "Sec-WebSocket-Protocol").empty());
}

bool good_request(const http1::request_head& head, const fields& sent) {
  const naive::strings keys = naive::values(sent, "Sec-WebSocket-Key");
  return head.method == "GET" && head.minor_version == 1 && head.asks_upgrade &&
         naive::lists(sent, "Upgrade", "websocket") && keys.size() == 1 && naive::is_key(keys[0]) &&
         naive::values(sent, "Sec-WebSocket-Version") == naive::strings{"13"} &&
         good_protocols(sent) && naive::extensions(sent);
}

// The first offer that is good, and that doesn't forbid what is wanted.
std::optional<websocket::deflate_parameters> naive_choice(const fields& sent,
                                                          const compression& wanted) {
  const std::vector<naive::extension> offers = naive::extensions(sent).value();
  for (const naive::extension& one : offers) {
    const auto offer = naive::deflate_in(one);
    if (one.name != "permessage-deflate" || !offer) continue;
    if (wanted.peer_window_bits < 15 && !offer->contains("client_max_window_bits")) continue;
    websocket::deflate_parameters agreed;
    agreed.server_no_context_takeover =
        !wanted.own_context || offer->contains("server_no_context_takeover");
    agreed.client_no_context_takeover =
        !wanted.peer_context || offer->contains("client_no_context_takeover");
    agreed.server_window_bits = static_cast<std::uint8_t>(
        std::min<int>(wanted.own_window_bits, naive::bits_in(*offer, "server_max_window_bits")));
    agreed.client_window_bits = static_cast<std::uint8_t>(
        std::min<int>(wanted.peer_window_bits, naive::bits_in(*offer, "client_max_window_bits")));
    return agreed;
  }
  return std::nullopt;
}

// What we answer says what was agreed on, and can be read.
void check_answer(const http1::field_list answer,
                  const std::optional<websocket::deflate_parameters>& agreed) {
  const auto named = naive::extensions(answer);
  require(named && named->size() == (agreed ? 1 : 0), "one extension is answered, or none");
  if (!agreed) return;
  const auto params = naive::deflate_in(named->front());
  require(named->front().name == "permessage-deflate" && params, "an answer is well formed");
  require(
      params->contains("server_no_context_takeover") == agreed->server_no_context_takeover &&
          params->contains("client_no_context_takeover") == agreed->client_no_context_takeover &&
          naive::bits_in(*params, "server_max_window_bits") == agreed->server_window_bits &&
          naive::bits_in(*params, "client_max_window_bits") == agreed->client_window_bits,
      "an answer says what was agreed on");
}

void check_server(const fields& sent, const compression& wanted) {
  http1::request_head head;
  head.method = "GET";
  head.fields = sent;
  const http1::field* host = head.find("Host");
  head.host = host == nullptr ? std::string_view("a.example") : host->value;
  head.asks_upgrade = naive::lists(sent, "Connection", "upgrade") && head.find("Upgrade");
  // Its answer to a host that no HTTP machine lets through means nothing.
  static_cast<void>(websocket::origin_allowed(head));
  require(websocket::asks_for_websocket(head) == naive::lists(sent, "Upgrade", "websocket"),
          "who asks for WebSocket");
  const auto wrong = websocket::check_request(head);
  require(!wrong == good_request(head, sent), "which requests are good");
  if (wrong) return require(status_of(*wrong) >= 400, "a refusal has a status");

  const std::array<std::string_view, 2> ours{"chat", "v2"};
  const std::string_view protocol = websocket::choose_protocol(head, ours);
  const naive::strings names = naive::elements(sent, "Sec-WebSocket-Protocol");
  const auto offered = [&](std::string_view name) { return std::ranges::count(names, name) != 0; };
  require(protocol == (offered("chat") ? "chat" : offered("v2") ? "v2" : ""), "a subprotocol");

  const auto agreed = websocket::choose_deflate(head, wanted);
  require(agreed == naive_choice(sent, wanted), "what is agreed on");
  const websocket::handshake_response response(head, protocol, agreed);
  check_answer(response.fields(), agreed);
  require(naive::values(response.fields(), "Sec-WebSocket-Accept")[0].size() == 28, "an accept");
}

// A client.

class sample_entropy final : public entropy {
 public:
  void fill(mutable_bytes to) noexcept override {
    const const_bytes nonce = text_bytes("the sample nonce");  // as in RFC 6455 1.3
    std::ranges::copy(nonce, to.begin());
  }
};

bool good_deflate(const std::vector<naive::extension>& named, const compression& wanted) {
  if (named.empty()) return true;
  const auto answer = naive::deflate_in(named.front());
  if (named.size() > 1 || named.front().name != "permessage-deflate" || !answer) return false;
  const auto client_bits = answer->find("client_max_window_bits");
  return (client_bits == answer->end() || client_bits->second > 0) &&
         (wanted.peer_context || answer->contains("server_no_context_takeover")) &&
         naive::bits_in(*answer, "server_max_window_bits") <= wanted.peer_window_bits;
}

bool good_response(const fields& sent, const compression* wanted) {
  const naive::strings upgrade = naive::values(sent, "Upgrade");
  const naive::strings protocol = naive::values(sent, "Sec-WebSocket-Protocol");
  const auto named = naive::extensions(sent);
  return upgrade.size() == 1 && naive::lower(upgrade[0]) == "websocket" &&
         naive::lists(sent, "Connection", "upgrade") &&
         naive::values(sent, "Sec-WebSocket-Accept") ==
             naive::strings{"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="} &&
         (protocol.empty() || protocol == naive::strings{"chat"} ||
          protocol == naive::strings{"v2"}) &&
         naive::values(sent, "Sec-WebSocket-Extensions").size() < 2 && named &&
         (wanted == nullptr ? named->empty() : good_deflate(*named, *wanted));
}

void check_client(const fields& sent, const compression* wanted) {
  sample_entropy random;
  const std::array<std::string_view, 2> protocols{"chat", "v2"};
  const websocket::handshake_request request(random, protocols, wanted);
  require(request.valid(), "what is wanted can be offered");
  http1::response_head head;
  head.status = 101;
  head.fields = sent;
  websocket::handshake_request::agreement agreed;
  const auto wrong = request.check_response(head, agreed);
  require(!wrong == good_response(sent, wanted), "which responses are good");
  if (wrong)
    return require(status_of(*wrong) == 0 || *wrong == handshake_fault::invalid_extensions,
                   "a response's fault has no status");
  require(agreed.deflate.has_value() == !naive::extensions(sent)->empty(), "compression or none");
  if (!agreed.deflate) return;
  require(agreed.deflate->server_window_bits <= wanted->peer_window_bits &&
              agreed.deflate->client_window_bits <= wanted->own_window_bits &&
              (wanted->own_context || agreed.deflate->client_no_context_takeover) &&
              (wanted->peer_context || agreed.deflate->server_no_context_takeover),
          "nothing is agreed on that goes beyond what is wanted");
}

void check(const_bytes input) {
  if (input.size() < 2) return;
  const auto flags = std::to_integer<unsigned>(input[0]);
  const auto windows = std::to_integer<unsigned>(input[1]);
  const compression wanted{.own_context = (flags & 1) != 0,
                           .peer_context = (flags & 2) != 0,
                           .own_window_bits = static_cast<std::uint8_t>(8 + windows % 8),
                           .peer_window_bits = static_cast<std::uint8_t>(8 + windows / 8 % 8)};
  std::string_view rest = as_text(input.subspan(2));
  fields sent;
  naive::strings texts;  // trimmed, as the HTTP machines give them
  while (!rest.empty()) {
    const std::string line(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    texts.push_back(line.empty() ? line : line.substr(0, 1) + naive::trimmed(line.substr(1)));
  }
  for (const std::string& text : texts) {
    if (!text.empty()) sent.push_back({name_of(text[0]), std::string_view(text).substr(1)});
  }
  check_server(sent, wanted);
  check_client(sent, (flags & 4) != 0 ? nullptr : &wanted);
}

}  // namespace

}  // namespace drywire

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(&drywire::check, data, size);
}

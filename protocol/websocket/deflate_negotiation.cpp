#include "deflate_negotiation.hpp"

#include <algorithm>
#include <cstring>

namespace drywire::websocket {

namespace {

constexpr std::string_view server_takeover = "server_no_context_takeover";
constexpr std::string_view client_takeover = "client_no_context_takeover";
constexpr std::string_view server_window = "server_max_window_bits";
constexpr std::string_view client_window = "client_max_window_bits";
static_assert(deflate_name.size() + server_takeover.size() + client_takeover.size() +
                  server_window.size() + client_window.size() + 4 * std::string_view("; ").size() +
                  2 * std::string_view("=15").size() <=
              deflate_text_bytes);

constexpr std::uint8_t window_bits_min = 8;
constexpr std::uint8_t window_bits_max = 15;

// "8" to "15", without leading zeros, RFC 7692 7.1.2.1; else 0. A quoted value has backslashes.
std::uint8_t window_bits_in(std::string_view value) noexcept {
  unsigned number = 0;
  for (const char c : value) {
    if (c == '\\') continue;
    if (c < '0' || c > '9' || (number == 0 && c == '0')) return 0;
    number = number * 10 + static_cast<unsigned>(c - '0');
    if (number > window_bits_max) return 0;
  }
  return number < window_bits_min ? std::uint8_t{0} : static_cast<std::uint8_t>(number);
}

// Each may be there once, so what has been read is where it goes.
bool read_flag(const extension_param& param, bool& to) noexcept {
  if (to || param.has_value) return false;
  to = true;
  return true;
}

bool read_window(const extension_param& param, std::uint8_t& to) noexcept {
  to = window_bits_in(param.value);
  return to != 0;
}

bool read_param(const extension_param& param, deflate_params& to) noexcept {
  if (param.name == server_takeover) return read_flag(param, to.server_no_context_takeover);
  if (param.name == client_takeover) return read_flag(param, to.client_no_context_takeover);
  if (param.name == server_window) {
    return to.server_max_window_bits == 0 && read_window(param, to.server_max_window_bits);
  }
  if (param.name != client_window || to.limits_client_window) return false;
  to.limits_client_window = true;
  return !param.has_value || read_window(param, to.client_max_window_bits);
}

class text_writer {
 public:
  explicit text_writer(deflate_text& to) noexcept : to_(to) { put(deflate_name); }

  void put_param(std::string_view name) noexcept {
    put("; ");
    put(name);
  }
  void put_param(std::string_view name, std::uint8_t bits) noexcept {
    put_param(name);
    put("=");
    if (bits >= 10) put("1");
    const char digit = static_cast<char>('0' + bits % 10);
    put({&digit, 1});
  }
  [[nodiscard]] std::string_view text() const noexcept { return {to_.data(), size_}; }

 private:
  void put(std::string_view s) noexcept {
    std::memcpy(to_.data() + size_, s.data(), s.size());
    size_ += s.size();
  }

  deflate_text& to_;
  std::size_t size_ = 0;
};

std::uint8_t or_largest(std::uint8_t bits) noexcept { return bits == 0 ? window_bits_max : bits; }

}  // namespace

std::optional<deflate_params> read_deflate_params(extension_reader& from) noexcept {
  deflate_params params;
  bool good = true;
  while (const auto param = from.next_param()) good = read_param(*param, params) && good;
  if (!good || from.malformed()) return std::nullopt;
  return params;
}

std::optional<deflate_parameters> accept_offer(const deflate_params& offer,
                                               const compression& wanted) noexcept {
  const std::uint8_t ours =
      std::min(wanted.own_window_bits, or_largest(offer.server_max_window_bits));
  // RFC 7692 7.1.2.2: who didn't say that its window can be limited isn't told to.
  const std::uint8_t theirs =
      std::min(wanted.peer_window_bits, or_largest(offer.client_max_window_bits));
  if (theirs < window_bits_max && !offer.limits_client_window) return std::nullopt;
  return deflate_parameters{
      .server_no_context_takeover = offer.server_no_context_takeover || !wanted.own_context,
      .client_no_context_takeover = offer.client_no_context_takeover || !wanted.peer_context,
      .server_window_bits = ours,
      .client_window_bits = theirs};
}

std::string_view write_answer(const deflate_parameters& agreed, bool names_server_window,
                              deflate_text& to) noexcept {
  text_writer out(to);
  if (agreed.server_no_context_takeover) out.put_param(server_takeover);
  if (agreed.client_no_context_takeover) out.put_param(client_takeover);
  if (names_server_window || agreed.server_window_bits < window_bits_max) {
    out.put_param(server_window, agreed.server_window_bits);
  }
  if (agreed.client_window_bits < window_bits_max) {
    out.put_param(client_window, agreed.client_window_bits);
  }
  return out.text();
}

std::string_view write_offer(const compression& wanted, deflate_text& to) noexcept {
  text_writer out(to);
  if (!wanted.peer_context) out.put_param(server_takeover);
  if (!wanted.own_context) out.put_param(client_takeover);
  if (wanted.peer_window_bits < window_bits_max) {
    out.put_param(server_window, wanted.peer_window_bits);
  }
  if (wanted.own_window_bits < window_bits_max) {
    out.put_param(client_window, wanted.own_window_bits);
  } else {
    out.put_param(client_window);
  }
  return out.text();
}

std::optional<deflate_parameters> accept_answer(const deflate_params& answer,
                                                const compression& wanted) noexcept {
  // A limit that has a value in an offer may lack it; not in an answer.
  if (answer.limits_client_window && answer.client_max_window_bits == 0) return std::nullopt;
  // An offer with a limit to the server is accepted by confirming it, RFC 7692 7.1.1.1 and 7.1.2.1.
  if (!wanted.peer_context && !answer.server_no_context_takeover) return std::nullopt;
  const std::uint8_t theirs = or_largest(answer.server_max_window_bits);
  if (theirs > wanted.peer_window_bits) return std::nullopt;
  // A limit to ourselves needs no confirmation: we keep to it anyhow.
  return deflate_parameters{
      .server_no_context_takeover = answer.server_no_context_takeover,
      .client_no_context_takeover = answer.client_no_context_takeover || !wanted.own_context,
      .server_window_bits = theirs,
      .client_window_bits =
          std::min(wanted.own_window_bits, or_largest(answer.client_max_window_bits))};
}

}  // namespace drywire::websocket

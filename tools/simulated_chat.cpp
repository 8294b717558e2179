#include "simulated_chat.hpp"

#include "reply_reader.hpp"

#include <charconv>

namespace drywire::tools {

namespace {

// Small messages stay plain with the default; here they are what compression is tested by.
constexpr std::uint32_t compressed_bytes_min = 32;
// An hour has many silences: who is heard of by others' messages needs few pings.
constexpr duration ping_after = seconds(120);

websocket_options options_of_chat() {
  websocket_options options;
  options.limits.ping_after = ping_after;
  options.compression.emplace();
  options.compression->own_context = true;
  options.compression->peer_context = true;
  options.compression->message_bytes_min = compressed_bytes_min;
  return options;
}

}  // namespace

bool take_numbers(std::string_view& text, std::uint64_t* to, std::size_t count) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i != count; ++i) {
    const auto [behind, failed] = std::from_chars(at, end, to[i]);
    if (failed != std::errc() || behind == end || *behind != ' ') return false;
    at = behind + 1;
  }
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  return true;
}

char chat_letter(std::uint64_t who, std::uint64_t number, std::size_t at) noexcept {
  return static_cast<char>('a' + (identity_byte(who ^ number << 48U, at) & 7));
}

// One connection on the server.
class simulated_chat::guest final : public websocket_handler {
 public:
  guest(simulated_chat& chat, room& in, std::uint64_t who) : chat_(chat), room_(in), who_(who) {}

 private:
  void on_open(websocket_peer& peer) noexcept override {
    static_cast<void>(peer.send(std::to_string(room_.number) + ' '));
    static_cast<void>(room_.everybody.add(peer));
  }

  void on_message(websocket_peer&, const websocket_message& m) noexcept override {
    std::uint64_t number = 0;
    std::string_view letters = m.text();
    if (!take_numbers(letters, &number, 1)) return violate("says what is no message");
    if (number != heard_ + 1) {
      return violate("is heard to say " + std::to_string(number) + " behind " +
                     std::to_string(heard_));
    }
    heard_ = number;
    chat_.tell(room_, who_, number, letters);
  }

  // The last call: it dies in it.
  void on_closed(websocket_peer&, const websocket_outcome& how) noexcept override {
    check_end(how);
    chat_.guests_.erase(who_);
  }

  void check_end(const websocket_outcome& how) noexcept {
    if (chat_.plan_.over && how.end == websocket_end::aborted) return;
    const auto found = chat_.records_.find(who_);
    if (!how.clean()) {
      const bool excused = chat_.plan_.losses_excused && (is_loss(how) || dropped(how));
      const bool left = found == chat_.records_.end() || found->second.dropped;
      if (!excused && !(left && is_loss(how))) violate("ends on the server: " + how.message());
      return;
    }
    if (found == chat_.records_.end()) return;
    chat_record& record = found->second;
    record.heard_close = true;
    record.told = room_.number;
    if (!record.said_close) return violate("is heard to say goodbye, and didn't");
    if (heard_ != record.said) {
      violate("has said " + std::to_string(record.said) + " messages, and " +
              std::to_string(heard_) + " were heard");
    }
  }

  // The group drops whom too much waits for.
  static bool dropped(const websocket_outcome& how) noexcept {
    return how.end == websocket_end::aborted;
  }

  void violate(const std::string& what) noexcept {
    chat_.plan_.violate("connection " + std::to_string(who_), what);
  }

  simulated_chat& chat_;
  room& room_;
  const std::uint64_t who_;
  std::uint64_t heard_ = 0;
};

simulated_chat::simulated_chat(client_plan& plan) noexcept : plan_(plan) {}

simulated_chat::~simulated_chat() = default;

bool simulated_chat::answer(exchange& x) {
  static const websocket_options options = options_of_chat();
  std::string_view target = x.request().target;
  constexpr std::string_view folder = "/chat/";
  if (!target.starts_with(folder)) return false;
  std::string path(target.substr(folder.size()));
  for (char& c : path) c = c == '/' ? ' ' : c;
  path += ' ';
  std::string_view rest = path;
  std::uint64_t numbers[2] = {};
  if (!take_numbers(rest, numbers, 2)) return false;
  const auto [room_number, who] = numbers;
  auto& place = guests_[who];
  place = std::make_unique<guest>(*this, rooms_[room_number], who);
  if (!x.accept_websocket(*place, options)) {
    guests_.erase(who);
    plan_.violate("connection " + std::to_string(who), "is refused");
  }
  return true;
}

void simulated_chat::tell(room& in, std::uint64_t who, std::uint64_t number,
                          std::string_view letters) {
  told_ =
      std::to_string(++in.number) + ' ' + std::to_string(who) + ' ' + std::to_string(number) + ' ';
  told_ += letters;
  in.everybody.send(told_);
}

bool is_loss(const websocket_outcome& how) noexcept {
  using websocket::fault;
  switch (how.end) {
    case websocket_end::fault:
      return how.fault == fault::connection_lost || how.fault == fault::pong_timeout ||
             how.fault == fault::message_timeout || how.fault == fault::write_timeout ||
             how.fault == fault::close_timeout;
    case websocket_end::no_connection:
    case websocket_end::bad_http: return true;
    case websocket_end::refused: return how.status == 408;
    default: return false;
  }
}

}  // namespace drywire::tools

#include "simulated_chatter.hpp"

#include <algorithm>
#include <string_view>

namespace drywire::tools {

namespace {

// So many to a room, each of which says something every two and a half minutes on average: an hour
// of a thousand clients is 24,000 messages, each told to eight.
constexpr std::size_t room_members = 8;
constexpr std::size_t think_ms_max = 300'000;

constexpr std::size_t join_ms_max = 60'000;
constexpr std::size_t messages_max = 20;  // before it leaves
constexpr std::size_t drop_once_in = 8;   // instead of a Close
constexpr std::size_t long_message_once_in = 64;
constexpr std::size_t pieces_once_in = 8;
constexpr std::size_t piece_ms_max = 2'000;
constexpr std::size_t ping_once_in = 16;
constexpr std::size_t hold_once_in = 32;
constexpr std::size_t hold_ms_max = 5'000;

duration ms(std::size_t n) { return milliseconds(static_cast<std::int64_t>(n)); }

// Some compress, some of them from one message to the next, with windows of all sizes.
void choose_compression(websocket_options& options, std::uint64_t number) {
  if (number % 4 == 0) return;
  websocket::compression& wanted = options.compression.emplace();
  wanted.message_bytes_min = 32;
  if (number % 4 == 1) return;
  wanted.own_window_bits = static_cast<std::uint8_t>(8 + number % 8);
  wanted.peer_window_bits = static_cast<std::uint8_t>(15 - number % 7);
  wanted.own_context = number % 16 == 2 || number % 16 == 6;
  wanted.peer_context = number % 16 == 2 || number % 16 == 7;
}

}  // namespace

simulated_chatter::simulated_chatter(backend& loop, websocket_client& client, simulated_chat& chat,
                                     client_plan& plan, std::size_t clients, std::uint64_t number,
                                     std::uint64_t seed)
    : loop_(loop),
      client_(client),
      chat_(chat),
      plan_(plan),
      number_(number),
      room_(number % std::max<std::size_t>(clients / room_members, 1)),
      random_(seed) {
  choose_compression(options_, number);
  plan_next(step::join, ms(random_.below(join_ms_max)));
}

simulated_chatter::~simulated_chatter() {
  timer::cancel();
  if (peer_) static_cast<void>(peer_->abandon());
}

void simulated_chatter::finish() noexcept {
  timer::cancel();
  if (record_ == nullptr) return;
  static_cast<void>(peer_->resume());
  if (peer_->open()) say_close();
}

void simulated_chatter::plan_next(step what, duration pause) noexcept {
  next_ = what;
  loop_.core().arm(*this, loop_.time().steady + pause);
}

void simulated_chatter::on_timer() noexcept {
  switch (next_) {
    case step::join: return join();
    case step::say: return say();
    case step::go_on_saying: return go_on_saying();
    case step::resume: static_cast<void>(peer_->resume()); return think();
  }
}

void simulated_chatter::join() {
  ++plan_.connects;
  who_ = number_ << 24U | ++joined_;
  record_ = &chat_.begin(who_);
  left_to_say_ = static_cast<std::uint32_t>(1 + random_.below(messages_max));
  welcome_ = false;
  const std::string url =
      "ws://10.0.0.1/chat/" + std::to_string(room_) + '/' + std::to_string(who_);
  peer_ = client_.connect(url, *this, options_);
}

void simulated_chatter::on_open(websocket_peer&) noexcept { think(); }

void simulated_chatter::think() noexcept {
  if (!plan_.over) plan_next(step::say, ms(random_.below(think_ms_max)));
}

void simulated_chatter::say() {
  if (left_to_say_ == 0) return leave();
  if (once_in(hold_once_in) && peer_->hold() == errc::ok) {
    return plan_next(step::resume, ms(random_.below(hold_ms_max)));
  }
  if (once_in(ping_once_in)) static_cast<void>(peer_->send_ping());
  --left_to_say_;
  const std::uint64_t number = record_->said + 1;
  message_ = std::to_string(number) + ' ';
  for (std::size_t at = 0, size = size_of_message(); at != size; ++at) {
    message_ += chat_letter(who_, number, at);
  }
  message_ += chat_end;
  if (once_in(pieces_once_in)) return begin_pieces();
  if (peer_->send(message_) == errc::ok) {
    ++record_->said;
    ++plan_.requests;
  }
  think();
}

std::size_t simulated_chatter::size_of_message() noexcept {
  return once_in(long_message_once_in) ? random_.below(20'000) : random_.below(300);
}

void simulated_chatter::begin_pieces() {
  sent_ = 0;
  if (peer_->start_message(websocket::kind::text) != errc::ok) return think();
  go_on_saying();
}

void simulated_chatter::go_on_saying() noexcept {
  const std::size_t size = std::min(1 + random_.below(message_.size()), message_.size() - sent_);
  const std::string_view piece = std::string_view(message_).substr(sent_, size);
  const errc done = peer_->send_piece(piece);
  if (done == errc::ok) sent_ += size;
  if (sent_ != message_.size()) {
    return plan_next(step::go_on_saying, ms(random_.below(piece_ms_max)));
  }
  if (peer_->finish_message() != errc::ok) return leave();
  ++record_->said;
  ++plan_.requests;
  think();
}

void simulated_chatter::leave() noexcept {
  if (!once_in(drop_once_in)) return say_close();
  ++plan_.abandoned;
  record_->dropped = true;
  static_cast<void>(peer_->abort());
}

// Before it is open there is nobody to say goodbye to.
void simulated_chatter::say_close() noexcept {
  if (peer_->close() == errc::ok) {
    record_->said_close = true;
  } else {
    record_->dropped = true;
    static_cast<void>(peer_->abort());
  }
}

void simulated_chatter::on_message(websocket_peer&, const websocket_message& m) noexcept {
  std::uint64_t numbers[3] = {};
  std::string_view letters = m.text();
  if (!take_numbers(letters, numbers, 1)) return violate("is told what is no message");
  const std::uint64_t room_number = numbers[0];
  if (!welcome_) {
    welcome_ = true;
    last_told_ = room_number;
    if (!letters.empty()) violate("isn't welcomed");
    return;
  }
  ++plan_.replies;
  if (room_number != last_told_ + 1) {
    return violate("is told message " + std::to_string(room_number) + " behind " +
                   std::to_string(last_told_));
  }
  last_told_ = room_number;
  if (!take_numbers(letters, numbers + 1, 2)) return violate("is told what nobody says");
  check_letters(numbers[1], numbers[2], letters);
}

void simulated_chatter::check_letters(std::uint64_t who, std::uint64_t number,
                                      std::string_view letters) noexcept {
  if (!letters.ends_with(chat_end)) return violate("is told a message without its end");
  letters.remove_suffix(1);
  for (std::size_t at = 0; at != letters.size(); ++at) {
    if (letters[at] != chat_letter(who, number, at)) {
      return violate("is told a wrong letter at " + std::to_string(at));
    }
  }
}

void simulated_chatter::on_closed(websocket_peer&, const websocket_outcome& how) noexcept {
  timer::cancel();
  if (how.clean()) {
    check_clean_end();
  } else if (how.end != websocket_end::aborted || !record_->dropped) {
    ++plan_.cut_off;
    if (!plan_.losses_excused || !is_loss(how)) violate("ends: " + how.message());
  }
  chat_.forget(who_);
  record_ = nullptr;
  if (!plan_.over) plan_next(step::join, ms(random_.below(join_ms_max)));
}

void simulated_chatter::check_clean_end() noexcept {
  if (!record_->said_close) return violate("is told goodbye by a server that has no reason");
  if (!record_->heard_close) return violate("has its goodbye answered, which nobody heard");
  if (welcome_ && last_told_ != record_->told) {
    violate("was told " + std::to_string(record_->told) + " messages, and " +
            std::to_string(last_told_) + " arrived");
  }
}

void simulated_chatter::violate(const std::string& what) noexcept {
  plan_.violate("client " + std::to_string(number_), what);
}

}  // namespace drywire::tools

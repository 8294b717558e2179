#include "chat_room.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace drywire::tools {

// Dies when the last hall has been told, or can't be told any more.
struct chat_room::line {
  explicit line(std::string what) : text(std::move(what)) {}
  line(const line&) = delete;
  line& operator=(const line&) = delete;
  ~line() {
    if (home) home->post(std::move(delivered));
  }

  std::string text;
  std::optional<loop_remote> home;
  task delivered;
};

void chat_room::add(chat_hall& hall, const loop_remote& loop) {
  const std::lock_guard lock(mutex_);
  places_.push_back({&hall, loop});
}

void chat_room::remove(chat_hall& hall) noexcept {
  const std::lock_guard lock(mutex_);
  std::erase_if(places_, [&](const place& p) { return p.hall == &hall; });
}

std::string chat_room::enter(const std::string& wanted_name) {
  const std::lock_guard lock(mutex_);
  std::string name = wanted_name;
  for (std::size_t n = 2; !names_.insert(name).second; ++n) {
    name = wanted_name + " " + std::to_string(n);
  }
  notify(name, "has come");
  return name;
}

void chat_room::leave(const std::string& name) {
  const std::lock_guard lock(mutex_);
  names_.erase(name);
  notify(name, "has gone");
}

void chat_room::say(const std::string& name, std::string_view text, const loop_remote& home,
                    task delivered) {
  const auto what = std::make_shared<line>((name + ": ").append(text));
  what->home = home;
  what->delivered = std::move(delivered);
  const std::lock_guard lock(mutex_);
  post(what);
}

void chat_room::notify(const std::string& name, const char* what) {
  post(std::make_shared<line>("* " + name + " " + what + ", " + std::to_string(names_.size()) +
                              " here"));
}

// Under the lock, so that the order is the same everywhere.
void chat_room::post(const std::shared_ptr<const line>& what) {
  for (const place& p : places_) {
    p.loop.post([hall = p.hall, what] { hall->tell(what->text); });
  }
}

}  // namespace drywire::tools

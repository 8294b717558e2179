// The chat of /chat: one room for all loops. What is said in it reaches every loop, in the same
// order on each.
//
// A line is "NAME: TEXT", or "* NOTICE" of the room's own. None is kept.
#pragma once

#include <drywire/loop/loop_core.hpp>

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::tools {

/// The room's part on one loop.
class chat_hall {
 public:
  /// A line for all that are here. On the loop's thread.
  virtual void tell(std::string_view line) noexcept = 0;

 protected:
  chat_hall() = default;
  chat_hall(const chat_hall&) = default;
  chat_hall& operator=(const chat_hall&) = default;
  ~chat_hall() = default;
};

/// Any thread may call it. Outlives its halls.
class chat_room {
 public:
  /// What is posted to `loop` after this comes to the hall. It has to be there until the loop runs
  /// no more.
  void add(chat_hall& hall, const loop_remote& loop);
  /// Nothing is posted for the hall any more.
  void remove(chat_hall& hall) noexcept;

  /// Adds to the name what makes it the only one, and lets everybody know.
  [[nodiscard]] std::string enter(const std::string& wanted_name);
  void leave(const std::string& name);
  /// `delivered` runs on the loop `home`, unless that ends before, when every hall has been told.
  void say(const std::string& name, std::string_view text, const loop_remote& home, task delivered);

 private:
  struct line;
  struct place {
    chat_hall* hall;
    loop_remote loop;
  };

  void notify(const std::string& name, const char* what);
  void post(const std::shared_ptr<const line>& what);

  std::mutex mutex_;
  std::set<std::string> names_;
  std::vector<place> places_;
};

}  // namespace drywire::tools

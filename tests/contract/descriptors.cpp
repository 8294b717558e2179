// The process's descriptors: when there are none left, and that none is inherited.
#include "case.hpp"

#include <drywire/contract/nodes.hpp>
#include <drywire/contract/process.hpp>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>

CONTRACT_LIST(descriptor_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

struct ignoring_signals final : signal_handler {
  void on_signal(int) noexcept override {}
};

}  // namespace

CONTRACT_CASE("EMFILE on accept sheds the peers, costs no CPU, and ends with the shortage") {
  recording_listener& listening = on.listen();
  std::vector<raw_peer> waiting;
  constexpr int more_than_a_turn_sheds = 100;
  for (int i = 0; i != more_than_a_turn_sheds; ++i) waiting.emplace_back(listening.where);
  {
    const no_more_descriptors limit;
    on.expect_idle();
    CHECK(listening.errors == 1);  // at most once a second
    CHECK(listening.last_error == error(EMFILE));
    CHECK(listening.streams.empty());
    for (raw_peer& peer : waiting) {
      peer.read();
      CHECK(peer.ended());
    }
  }
  CHECK(listening.closes == 0);
  const raw_peer late(listening.where);
  on.run_until([&] { return listening.streams.size() == 1; });
}

CONTRACT_CASE("EMFILE on accept: the listener may be closed from its callback") {
  recording_listener& listening = on.listen();
  const raw_peer waiting(listening.where);
  listening.then_error = [&] { listening.close(); };
  const no_more_descriptors limit;
  on.run_until([&] { return listening.closes == 1; });
  CHECK(listening.errors == 1);
}

CONTRACT_CASE("EMFILE on connect is told by on_closed, never from within connect") {
  recording_listener& listening = on.listen();
  const no_more_descriptors limit;
  recording_handler& client = on.connect(listening.where);
  on.run_until([&] { return client.ended(); });
  CHECK(client.order == "c");
  CHECK(client.reason == error(EMFILE));
}

CONTRACT_CASE("EMFILE on connect: writing, pausing, closing before it is told do nothing") {
  recording_listener& listening = on.listen();
  const no_more_descriptors limit;
  recording_handler& client = on.connect(listening.where);
  CHECK(client.write("x") == 0);
  client.pause();
  client.resume();
  client.shutdown();
  client.close();
  client.abort();
  on.run_until([&] { return client.ended(); });
  CHECK(client.order == "c");
}

CONTRACT_CASE("EMFILE on listen is the result") {
  recording_listener nobody(on);
  const no_more_descriptors limit;
  const auto made = on.loop().listen(endpoint::loopback_v4(0), nobody);
  REQUIRE_FALSE(made);
  CHECK(made.error() == error(EMFILE));
}

CONTRACT_CASE("every descriptor is closed on exec", capability::native_handles) {
  recording_listener& listening = on.listen();
  recording_handler& client = on.connect(listening.where);
  called_timer timer;
  on.core().arm(timer, on.loop().time().steady + seconds(60));
  ignoring_signals signals;
  const bool told = on.loop().handle_signal(SIGUSR1, signals) == error();
  CHECK(told == has(on.loop().capabilities(), capability::signals));
  on.run_until([&] { return client.opens == 1 && listening.streams.size() == 1; });
  std::vector<int> made;  // by loops in this process, also what they share
  std::ranges::set_difference(open_descriptors(), descriptors_before_loops(),
                              std::back_inserter(made));
  CHECK(made.size() >= 3);
  for (const int fd : made) {
    INFO("descriptor " << fd);
    CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  }
  on.loop().remove_signal(SIGUSR1);
}

CONTRACT_CASE("a loop that is destroyed gives all its descriptors back") {
  const std::vector<int> before = open_descriptors();
  {
    fixture other(on.tested());
    recording_listener& listening = other.listen();
    recording_handler& client = other.connect(listening.where);
    other.run_until([&] { return client.opens == 1; });
    other.destroy_loop();
    other.tear_down();
  }
  CHECK(open_descriptors() == before);
}

// on_closed comes exactly once, last, whatever the end and whatever the stream was doing: every
// pair of them is a case.
#include "case.hpp"

#include <cerrno>

using namespace drywire;
using namespace drywire::contract;

namespace {

enum class doing { nothing, paused, short_write, connecting };
enum class end { close, abort, fins, reset, detach };

constexpr std::pair<doing, const char*> all_doing[] = {{doing::nothing, "an idle stream"},
                                                       {doing::paused, "a paused stream"},
                                                       {doing::short_write, "after a short write"},
                                                       {doing::connecting, "while connecting"}};
constexpr std::pair<end, const char*> all_ends[] = {{end::close, "close"},
                                                    {end::abort, "abort"},
                                                    {end::fins, "FIN both ways"},
                                                    {end::reset, "a reset"},
                                                    {end::detach, "detach"}};

// The stream under test, connected to a plain socket; the peer may have to be accepted yet.
struct scene {
  explicit scene(fixture& runs_on) : on(runs_on), tested(on.connect(listening.local())) {}

  fixture& on;
  raw_listener listening;
  recording_handler& tested;
  raw_peer peer;
  std::size_t accepted = 0;
  int detached = 0;

  void begin(doing what) {
    if (what == doing::connecting) return;
    peer = listening.accept();
    on.run_until([this] { return tested.opens == 1; });
    if (what == doing::paused) tested.pause();
    if (what == doing::short_write) accepted = on.fill(tested);
    on.turn();
  }
  void finish(doing what, end how);
  void check(doing what, end how) const;
};

void scene::finish(doing what, end how) {
  switch (how) {
    case end::close: tested.close(); break;
    case end::abort: tested.abort(); break;
    case end::fins: tested.shutdown(); break;
    case end::reset: break;
    case end::detach: on.loop().detach([this] { ++detached; }); break;
  }
  CHECK_FALSE(tested.ended());
  if (what == doing::connecting && how != end::fins && how != end::reset) return;
  if (!peer) peer = listening.accept();
  if (how == end::fins) peer.fin();
  if (how == end::reset) peer.reset();
  if (what == doing::paused && (how == end::fins || how == end::reset)) {
    on.turn();
    if (!tested.ended()) tested.resume();
  }
}

void scene::check(doing what, end how) const {
  CHECK(tested.closes == 1);
  CHECK(tested.order.back() == 'c');
  CHECK(tested.eofs == (how == end::fins ? 1 : 0));
  if (how != end::detach) CHECK(tested.writables == 0);  // it begins at the end of a turn
  CHECK(detached == (how == end::detach ? 1 : 0));
  if (how == end::detach) {
    CHECK(tested.reason == error(ECANCELED));
  } else if (how != end::reset) {
    CHECK(tested.reason == error());
  } else if (what == doing::short_write) {
    CHECK((tested.reason == error(ECONNRESET) || tested.reason == error(EPIPE)));
  } else {
    CHECK(tested.reason == error(ECONNRESET));
  }
  if (how == end::close || how == end::fins) {
    CHECK(peer.received.size() == accepted);
    if (peer) CHECK(peer.eof);
  }
  if ((how == end::abort || how == end::detach) && peer) CHECK(peer.failure == error(ECONNRESET));
}

void run_cell(fixture& on, doing what, end how) {
  scene s(on);
  s.begin(what);
  s.finish(what, how);
  on.run_until([&] {
    s.peer.read();
    return s.tested.ended() && (!s.peer || s.peer.ended());
  });
  on.turn();
  s.check(what, how);
}

case_list make_matrix() {
  case_list cells;
  for (const auto& [how, end_name] : all_ends) {
    for (const auto& [what, doing_name] : all_doing) {
      cells.push_back({std::string("on_closed exactly once: ") + end_name + ", " + doing_name,
                       false, capability::none,
                       [how, what](fixture& on) { run_cell(on, what, how); }});
    }
  }
  return cells;
}

}  // namespace

const case_list& drywire::contract::closing_matrix() {
  static const case_list cells = make_matrix();
  return cells;
}

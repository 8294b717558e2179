// Each fault by its name: that it happens, that it is all that happens, and that it leaves the
// bytes in order.
#include "sim_hosts.hpp"

#include <drywire/contract/pattern.hpp>

#include <catch2/generators/catch_generators.hpp>

#include <functional>
#include <map>
#include <set>

using namespace drywire;
using drywire::sim::fault;
using drywire::sim::fault_set;
using drywire::test::two_hosts;

namespace {

// What 200 connections come across that send 2,000 bytes one way, over half a minute.
struct survey {
  explicit survey(fault_set faults) : hosts({.seed = 11, .faults = faults}) {
    listening = hosts.listen(1000);
    for (int i = 0; i != 200; ++i) go_through_one();
  }

  void go_through_one();
  void connect();
  void transfer();

  two_hosts hosts;
  descriptor listening;
  descriptor client;
  descriptor server;
  std::map<std::string, int> seen;
  std::set<std::size_t> sent;
  std::set<std::size_t> received;
  std::int64_t connect_ms_max = 0;
  std::int64_t transfer_ms_max = 0;
};

void survey::go_through_one() {
  client.close();
  server.close();
  connect();
  if (client && server) transfer();
}

void survey::connect() {
  const instant begin = hosts.time();
  auto begun = hosts.a.connect(hosts.b.v4(80));
  if (!begun) return void(++seen[std::string(begun.error().name())]);
  client = std::move(*begun);
  const auto over = [&] {
    return hosts.a.is_writable(client.get()) && hosts.b.is_readable(listening.get());
  };
  if (!hosts.wait_until(over, seconds(10))) {
    const error why = hosts.a.pending_error(client.get());
    return void(++seen[why ? std::string(why.name()) : "hangs"]);
  }
  connect_ms_max = std::max(connect_ms_max, (hosts.time() - begin).nanoseconds / 1'000'000);
  auto taken = hosts.b.accept(listening.get());
  while (!taken && taken.error() == error(EAGAIN)) {
    ++seen["EAGAIN though ready"];
    taken = hosts.b.accept(listening.get());
  }
  if (!taken) {
    ++seen[std::string(taken.error().name())];
    hosts.b.shed(listening.get(), 1);
    return;
  }
  server = std::move(taken->fd);
}

void survey::transfer() {
  const std::string bytes = contract::pattern(2000);
  std::string_view left = bytes;
  std::string got;
  const instant begin = hosts.time();
  for (int quiet_s = 0; quiet_s != 30;) {
    const bool writable = hosts.a.is_writable(client.get());
    const auto n =
        left.empty() ? result<std::size_t>(error()) : two_hosts::send(hosts.a, client, left);
    if (n && *n != 0) {
      sent.insert(*n);
      left.remove_prefix(*n);
    } else if (!left.empty()) {
      ++seen[n.error() == error(EAGAIN) && writable ? "EAGAIN though ready"
                                                    : std::string(n.error().name())];
      if (n.error() != error(EAGAIN)) return;
    }
    hosts.settle(milliseconds(100));
    char some[4096];
    const bool readable = hosts.b.is_readable(server.get());
    const auto m = hosts.b.receive(server.get(), std::as_writable_bytes(std::span(some)));
    if (m && *m != 0) {
      received.insert(*m);
      got.append(some, *m);
      CHECK(bytes.starts_with(got));
      if (got.size() == bytes.size()) {
        ++seen["whole"];
        transfer_ms_max = std::max(transfer_ms_max, (hosts.time() - begin).nanoseconds / 1'000'000);
        hosts.settle(seconds(30));
        const auto last = hosts.b.receive(server.get(), std::as_writable_bytes(std::span(some)));
        ++seen[last ? "FIN" : std::string(last.error().name())];
        return;
      }
    } else if (m || m.error() != error(EAGAIN)) {
      return void(++seen[m ? "FIN" : std::string(m.error().name())]);
    } else if (readable) {
      ++seen["EAGAIN though ready"];
    } else {
      hosts.settle(seconds(1));
      ++quiet_s;
    }
  }
  ++seen["silent"];
}

}  // namespace

TEST_CASE("faults are named, in lists, both ways") {
  CHECK(sim::named_faults().size() == 12);
  CHECK(fault_set::parse("none") == fault_set());
  CHECK(fault_set::parse("all") == fault_set::all());
  CHECK(fault_set::parse("reset,latency") == (fault::latency | fault::reset));
  CHECK(fault_set::parse("") == std::nullopt);
  CHECK(fault_set::parse("reset,") == std::nullopt);
  CHECK(fault_set::parse("rest") == std::nullopt);
  CHECK(fault_set().to_string() == "none");
  CHECK(fault_set::parse(fault_set::all().to_string()) == fault_set::all());
  for (const auto& each : sim::named_faults()) {
    CHECK(fault_set::parse(each.name) == fault_set(each.what));
    CHECK_FALSE(each.meaning.empty());
  }
}

TEST_CASE("without faults nothing is short, late or lost") {
  survey s{fault_set()};
  CHECK(s.seen == std::map<std::string, int>{{"whole", 200}, {"EAGAIN", 200}});
  CHECK(s.sent == std::set<std::size_t>{2000});
  CHECK(s.received == std::set<std::size_t>{2000});
  CHECK(s.connect_ms_max == 0);
}

// Whatever the compiler and its options. It changes with the simulator: then write the new one
// here.
TEST_CASE("a seed's trace is known") {
  survey s{fault_set::all()};
  CHECK(s.hosts.net.events().hash() == 0x9f377acf562900ccU);
}

TEST_CASE("latency: connects and bytes are late, and all arrive") {
  survey s{fault::latency};
  CHECK(s.seen["whole"] == 200);
  CHECK(s.connect_ms_max > 500);
}

TEST_CASE("bandwidth: bytes are late, and all arrive") {
  survey s{fault::bandwidth};
  CHECK(s.seen["whole"] == 200);
  CHECK(s.connect_ms_max == 0);
  CHECK(s.transfer_ms_max >= 1000);
}

TEST_CASE("short_reads: any number of bytes, down to one, and all arrive") {
  survey s{fault::short_reads};
  CHECK(s.seen["whole"] == 200);
  CHECK(s.sent.size() == 1);
  CHECK(s.received.size() > 50);
  CHECK(*s.received.begin() == 1);
}

TEST_CASE("short_writes: any number of bytes, down to one, and all arrive") {
  survey s{fault::short_writes};
  CHECK(s.seen["whole"] == 200);
  CHECK(s.sent.size() > 50);
  CHECK(*s.sent.begin() == 1);
}

TEST_CASE("would_block: EAGAIN for what is ready, and all bytes arrive") {
  survey s{fault::would_block};
  CHECK(s.seen["whole"] == 200);
  CHECK(s.seen["EAGAIN though ready"] > 20);
}

TEST_CASE("reset: some connections are reset, behind whole bytes") {
  survey s{fault::reset};
  CHECK(s.seen["whole"] > 150);
  CHECK(s.seen["ECONNRESET"] > 3);
  CHECK(s.seen.size() == 3);
}

TEST_CASE("half_close: some ends can't send any more") {
  survey s{fault::half_close};
  CHECK(s.seen["whole"] > 150);
  CHECK(s.seen["FIN"] > 3);
  CHECK(s.seen.size() <= 4);
}

TEST_CASE("stall: some ends read nothing for a while, and all bytes arrive") {
  survey s{fault::stall};
  CHECK(s.seen["whole"] + s.seen["silent"] == 200);
  CHECK(s.seen["whole"] > 190);
}

TEST_CASE("refuse: some connects are refused") {
  survey s{fault::refuse};
  CHECK(s.seen["ECONNREFUSED"] > 3);
  CHECK(s.seen["whole"] + s.seen["ECONNREFUSED"] == 200);
}

TEST_CASE("vanish: some connects hang, some connections fall silent") {
  survey s{fault::vanish};
  CHECK(s.seen["hangs"] > 1);
  CHECK(s.seen["whole"] > 150);
}

TEST_CASE("descriptors: EMFILE now and then") {
  survey s{fault::descriptors};
  CHECK(s.seen["EMFILE"] > 1);
  CHECK(s.seen["whole"] + s.seen["EMFILE"] == 200);
}

TEST_CASE("clock: the wall clock jumps, the steady one goes on") {
  two_hosts hosts({.faults = fault::clock});
  int jumps = 0;
  now before = hosts.net.clocks();
  for (int i = 0; i != 1000; ++i) {
    hosts.net.pass(seconds(1));
    const now after = hosts.net.clocks();
    CHECK(after.steady - before.steady == seconds(1));
    if (after.unix_seconds != before.unix_seconds + 1) ++jumps;
    before = after;
  }
  CHECK(jumps > 1);
  CHECK(jumps < 100);
}

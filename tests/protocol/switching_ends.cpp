// How a connection that switches ends: by its peer, by time, and for want of memory.
#include "switching_fixture.hpp"

using namespace switching_test;

namespace {

using server = fixture<server_machine>;

// A tunnel behind a 101 that hasn't left.
void open(server& f) {
  f.receive(upgrading);
  CHECK(grant(f.machine) == errc::ok);
  CHECK(f.receive() == lines{"switched"});
}

}  // namespace

TEST_CASE("the peer's end, wherever it comes, is told once and in order") {
  const std::string input = std::string(upgrading) + "abc";
  for (std::size_t at = 0; at <= input.size(); ++at) {
    for (const bool clean : {true, false}) {
      INFO(at << ' ' << clean);
      server f;
      f.at(0);
      f.react = [&](const server_machine::event& e) {
        const auto* http = std::get_if<http1::server_event>(&e);
        if (http != nullptr && std::holds_alternative<http1::request_end>(*http)) {
          CHECK(grant(f.machine) == errc::ok);
        }
        const auto* t = std::get_if<tunnel::event>(&e);
        if (t != nullptr && std::holds_alternative<tunnel::end>(*t)) {
          CHECK(f.machine.second()->finish() == errc::ok);
        }
      };
      f.receive(input.substr(0, at));
      CHECK(f.kept.empty());
      const lines last = f.eof(clean);
      if (at == 0) {
        CHECK(last.empty());
      } else if (at < upgrading.size()) {
        CHECK(last == lines{clean ? "truncated head" : "transport failed"});
      } else {
        CHECK(last == lines{clean ? "end" : "connection lost"});
      }
      CHECK(f.machine.ending() == (clean ? ending::close : ending::reset));
      CHECK(f.output().ends_with('|') == clean);
      CHECK(f.eof(clean).empty());
      CHECK(f.receive("more").empty());
      CHECK(f.memory.in_use() == 0);
    }
  }
}

TEST_CASE("an end that was told before the switch is handed on") {
  server f;
  f.receive(connecting);
  f.eof();
  CHECK(f.machine.ending() == ending::open);
  CHECK(grant(f.machine) == errc::ok);
  CHECK(f.receive() == lines{"switched", "end"});
  CHECK(!f.machine.wants_input());
  CHECK(f.machine.ending() == ending::open);
  CHECK(f.machine.second()->send(text_bytes("answer")) == errc::ok);
  CHECK(f.machine.second()->finish() == errc::ok);
  CHECK(f.machine.ending() == ending::close);
  CHECK(f.output() == std::string(switched_200) + "answer|");
}

TEST_CASE("the second part knows the time, and the first's doesn't run on") {
  server f;
  f.at(0);
  f.receive(upgrading);
  f.at(50);
  CHECK(grant(f.machine) == errc::ok);
  CHECK(f.receive() == lines{"switched"});
  CHECK(f.machine.deadline() == instant{} + seconds(80));
  f.output();
  CHECK(f.machine.deadline() == instant{} + seconds(650));
  CHECK(f.at(649).empty());
  CHECK(f.at(650) == lines{"idle timeout"});
  CHECK(f.machine.ending() == ending::close);
}

TEST_CASE("without time there is none in the second part either") {
  server f;
  open(f);
  CHECK(f.machine.deadline() == instant::never());
}

TEST_CASE("a peer that doesn't read the switch is lost to the second part") {
  server f;
  f.at(0);
  open(f);
  CHECK(f.machine.second()->send(text_bytes("x")) == errc::ok);
  f.machine.consume_output(f.machine.output(10).size());
  f.at(10);
  CHECK(f.machine.second()->hold() == errc::ok);
  CHECK(f.at(29).empty());
  const lines told = f.at(30);
  CHECK(told.size() == 1);
  CHECK(f.machine.ending() == ending::reset);
  CHECK(!f.machine.wants_input());
  CHECK(f.output().empty());
  CHECK(f.machine.deadline() == instant::never());
  CHECK(f.at(3600).empty());
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("the first part's time to write isn't that of the second") {
  tunnel::limits l;
  l.write_timeout = seconds(1000);
  server f(l);
  f.at(0);
  open(f);
  CHECK(f.machine.second()->send(text_bytes("x")) == errc::ok);
  CHECK(f.machine.deadline() == instant{} + seconds(30));
  CHECK(f.at(30) == lines{"connection lost"});
  CHECK(f.machine.ending() == ending::reset);
  CHECK(f.output().empty());
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("a switch that can't leave isn't made to look complete by what is over behind it") {
  server f;
  f.at(0);
  open(f);
  CHECK(f.machine.second()->finish() == errc::ok);
  CHECK(f.eof() == lines{"end"});
  CHECK(f.machine.ending() == ending::close);
  CHECK(f.at(30).empty());
  CHECK(f.machine.ending() == ending::reset);
  CHECK(f.output().empty());
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("a second part that is reset takes the first's output along") {
  server f;
  open(f);
  CHECK(f.machine.second()->abort() == errc::ok);
  CHECK(f.machine.ending() == ending::reset);
  CHECK(f.output().empty());
  f.receive();
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("a machine may die at any place of a switch") {
  const auto at = [](int stop) {
    testkit::heap_storage memory(http1::server::block_bytes);
    {
      server_machine machine([&](const auto&) { return tunnel::connection(memory); }, memory);
      std::string bytes(upgrading);
      auto cursor = machine.receive(std::as_writable_bytes(std::span(bytes)));
      for (int i = 0; i < stop; ++i) {
        if (!cursor.next()) break;
        if (i == 1) CHECK(grant(machine) == errc::ok);
        if (i == 2) CHECK(machine.second()->send(text_bytes("x")) == errc::ok);
      }
    }
    return memory.in_use();
  };
  for (int stop = 0; stop < 5; ++stop) CHECK(at(stop) == 0);
}

TEST_CASE("whichever block isn't there, a switch loses nothing but itself") {
  const std::string input = std::string(upgrading) + "abc";
  // Byte by byte; an application that finds no memory gives up.
  const auto run = [&](std::size_t refused) {
    testkit::heap_storage memory(http1::server::block_bytes);
    memory.refuse(refused);
    std::string written;
    {
      server_machine machine([&](const auto&) { return tunnel::connection(memory); }, memory);
      const auto give_up = [&](errc done) {
        if (done == errc::ok) return;
        CHECK(done == errc::no_memory);
        if (machine.first() != nullptr) CHECK(machine.first()->abort() == errc::ok);
        if (machine.second() != nullptr) CHECK(machine.second()->abort() == errc::ok);
      };
      const auto drain = [&](std::span<char> lent) {
        auto cursor = machine.receive(std::as_writable_bytes(lent));
        while (const auto e = cursor.next()) {
          const auto* http = std::get_if<http1::server_event>(&*e);
          const auto* t = std::get_if<tunnel::event>(&*e);
          const auto* d = t != nullptr ? std::get_if<tunnel::data>(t) : nullptr;
          if (d != nullptr) give_up(machine.second()->send(d->bytes));
          if (http == nullptr || !std::holds_alternative<http1::request_end>(*http)) continue;
          give_up(machine.first()->switch_protocols({echo}));
        }
        CHECK(cursor.remaining().empty());
        const output_view view = machine.output(1000);
        written += tests::text_of(view);
        machine.consume_output(view.size());
      };
      for (char c : input) drain({&c, 1});
      machine.receive_eof(true);
      drain({});
      if (machine.second() != nullptr) static_cast<void>(machine.second()->finish());
      drain({});
      CHECK((machine.ending() == ending::close || machine.ending() == ending::reset));
    }
    CHECK(memory.in_use() == 0);
    if (written == std::string(switched_101) + "abc") CHECK(memory.requests() < refused);
    return memory.requests();
  };
  const std::size_t requests = run(1000);
  REQUIRE(requests == 5);  // the head, the 101, and each byte that is echoed
  for (std::size_t n = 1; n <= requests; ++n) {
    INFO(n);
    run(n);
  }
}

// Sequential code on any loop: tasks that await a protocol's events, time, and each other.
//
//   co::task<void> greet(backend& loop, co::transport from, storage& memory) {
//     co::connection<http1::server> c(loop, std::move(from), {}, memory);
//     while (auto event = co_await c.next_event()) {
//       if (std::holds_alternative<http1::request>(*event))
//       static_cast<void>(c.call().respond(204));
//     }
//   }
//
// Each header in coroutine/ can be had alone. docs/coroutines.md shows how they go together.
#pragma once

#include <drywire/adapters/coroutine/connection.hpp>
#include <drywire/adapters/coroutine/scope.hpp>
#include <drywire/adapters/coroutine/shield.hpp>
#include <drywire/adapters/coroutine/sleep.hpp>
#include <drywire/adapters/coroutine/task.hpp>
#include <drywire/adapters/coroutine/transport.hpp>
#include <drywire/adapters/coroutine/when.hpp>

// An application on GLib's main loop, as one with GTK is; the native loop is a GSource of it.
//
//   guest_in_glib PORT
#include "guest.hpp"

#include <drywire/loop/native.hpp>

#include <glib-unix.h>
#include <glib.h>

#include <algorithm>

namespace {

// GLib allocates it and frees it: nothing here has a destructor.
struct loop_source {
  GSource base;
  drywire::native_loop* loop;
  gpointer descriptor;  // GLib's name for native_handle()
};

loop_source& mine(GSource* source) { return *reinterpret_cast<loop_source*>(source); }

// Before each wait: how long that may be.
gboolean prepare(GSource* source, gint* wait_ms) {
  drywire::native_loop& loop = *mine(source).loop;
  const drywire::instant due = loop.core().next_deadline();
  if (due == drywire::instant::never()) {
    *wait_ms = -1;
    return FALSE;
  }
  const std::int64_t ns = (due - loop.time().steady).nanoseconds;
  *wait_ms = static_cast<gint>(std::clamp<std::int64_t>(ns / 1'000'000 + (ns > 0), 0, 60'000));
  return *wait_ms == 0;
}

// Behind each wait: whether to dispatch.
gboolean check(GSource* source) {
  loop_source& self = mine(source);
  return g_source_query_unix_fd(source, self.descriptor) != 0 ||
         self.loop->core().next_deadline() <= self.loop->time().steady;
}

gboolean dispatch(GSource* source, GSourceFunc, gpointer) {
  mine(source).loop->run_once(drywire::duration());  // may have been its last
  return G_SOURCE_CONTINUE;
}

GSource* attach(drywire::native_loop& loop) {
  static GSourceFuncs functions{prepare, check, dispatch, nullptr, nullptr, nullptr};
  GSource* source = g_source_new(&functions, sizeof(loop_source));
  mine(source).loop = &loop;
  mine(source).descriptor = g_source_add_unix_fd(source, loop.native_handle(), G_IO_IN);
  g_source_attach(source, nullptr);
  return source;
}

struct application {
  GMainLoop* host;
  guest* served;
};

gboolean tick(gpointer data) {
  const auto& self = *static_cast<application*>(data);
  if (self.served->tick()) return G_SOURCE_CONTINUE;
  g_main_loop_quit(self.host);
  return G_SOURCE_REMOVE;
}

}  // namespace

int main(int argc, char** argv) {
  auto loop = drywire::make_native();
  if (!loop) return 1;
  GSource* source = attach(*loop);
  guest served(std::move(loop), argc > 1 ? argv[1] : "8080", [&] {
    g_source_destroy(source);
    g_source_unref(source);
  });

  application self{g_main_loop_new(nullptr, FALSE), &served};
  g_timeout_add(10, tick, &self);
  g_main_loop_run(self.host);
  g_main_loop_unref(self.host);
}

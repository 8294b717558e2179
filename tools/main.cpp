// The `drywire` command. Exit status: 0; 1 when a peer broke a rule (decode, get, ws), exchanges
// were cut off (serve, get) or a promise was broken (sim); 2 when it can't do what it was asked
// for, with one line on standard error.
#include "command_line.hpp"
#include "config_file.hpp"
#include "decode.hpp"
#include "decode_websocket.hpp"
#include "failure.hpp"
#include "get.hpp"
#include "serve.hpp"
#include "sim.hpp"
#include "ws.hpp"

#include <drywire/backends/make_backend.hpp>

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

namespace {

using namespace drywire::tools;

// One of the three that is closed would be the next socket's, and be written to. What fills its
// place can't be used either: who tries gets an error, as before.
void fill_standard_descriptors() {
  for (const int fd : {0, 1, 2}) {
    if (::fcntl(fd, F_GETFD) < 0) {
      static_cast<void>(::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY));
    }
  }
}

int run_serve(const serve_flags& flags) {
  const wishes file = flags.config.empty() ? wishes{} : read_config(flags.config);
  settings wanted = resolve_settings(flags.said, read_environment(std::getenv("DRYWIRE_LOOP")),
                                     file, drywire::backend_names());
  wanted.server.fixed_unix_seconds = flags.fixed_date;
  return serve(wanted, flags.trace, stdout);
}

int decode(std::FILE* in, const std::string& name, const decode_flags& flags) {
  const messages kind = flags.responses ? messages::responses : messages::requests;
  if (flags.protocol == "http1") return decode_http1(in, name, kind, flags.json, stdout, stderr);
  return decode_websocket(in, name, kind, parse_extensions(flags.extensions), flags.json, stdout,
                          stderr);
}

int run_decode(const decode_flags& flags) {
  if (flags.file.empty()) return decode(stdin, "standard input", flags);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(flags.file.c_str(), "rb"),
                                                           &std::fclose);
  if (!in) throw failure(flags.file + ": " + std::strerror(errno));
  return decode(in.get(), flags.file, flags);
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_descriptors();
  try {
    const command_line wanted = parse_command_line(argc, argv);
    std::fputs(wanted.text.c_str(), stdout);
    if (wanted.serve) return run_serve(*wanted.serve);
    if (wanted.decode) return run_decode(*wanted.decode);
    if (wanted.get) return get(*wanted.get);
    if (wanted.ws) return ws(*wanted.ws);
    if (wanted.sim) return simulate(*wanted.sim, stdout);
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "drywire: %s\n", e.what());
    return 2;
  }
}

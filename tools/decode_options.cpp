#include "options.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace drywire::tools {

void add_decode(CLI::App& app, command_line& parsed) {
  auto flags = std::make_shared<decode_flags>();
  auto* decode = app.add_subcommand("decode", "Write the events that bytes make, one a line");
  decode
      ->add_option("protocol", flags->protocol, "The protocol that they speak: http1 or websocket")
      ->required()
      ->check(CLI::IsMember({"http1", "websocket"}));
  decode->add_option("file", flags->file, "A file of bytes that a client sent (standard input)");
  decode->add_flag("--responses", flags->responses, "The bytes are what a server sent");
  decode->add_flag("--json", flags->json, "Write each event as a JSON object");
  decode->add_option("--extensions", flags->extensions,
                     "What a WebSocket's handshake agreed on: permessage-deflate; ...");
  decode->callback([flags, &parsed] { parsed.decode = *flags; });
}

}  // namespace drywire::tools

#include "chat_page.hpp"

namespace drywire::tools {

// What a message or a name holds is shown as text, never as markup.
const std::string_view chat_page = R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>chat</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { display: flex; flex-direction: column; gap: .75rem; box-sizing: border-box;
         height: 100vh; max-width: 44rem; margin: 0 auto; padding: 1rem; }
  h1 { font-size: 1.25rem; margin: 0; }
  #log { flex: 1; overflow: auto; margin: 0; padding: .5rem 1rem; list-style: none;
         border: 1px solid GrayText; white-space: pre-wrap; overflow-wrap: anywhere; }
  #log .notice { color: GrayText; font-style: italic; }
  form { display: flex; gap: .5rem; align-items: center; }
  input { flex: 1; min-width: 0; }
  input, button { font: inherit; padding: .25rem .5rem; }
  [hidden] { display: none; }
</style>
<h1>chat</h1>
<ol id="log" role="log" aria-label="Messages" tabindex="0"></ol>
<form id="enter">
  <label for="name">Your name</label>
  <input id="name" maxlength="32" autocomplete="nickname" required autofocus>
  <button>Enter</button>
</form>
<form id="say" hidden>
  <label for="text">Message</label>
  <input id="text" maxlength="1000" autocomplete="off" required>
  <button>Send</button>
</form>
<script>
  "use strict";
  const [log, enter, say, name, text] =
      ["log", "enter", "say", "name", "text"].map((id) => document.getElementById(id));
  const shown_max = 500;
  let socket;

  // "NAME: TEXT", or "* NOTICE": a name has no colon, a notice neither.
  function show(line) {
    const entry = document.createElement("li");
    const colon = line.startsWith("* ") ? -1 : line.indexOf(": ");
    if (colon < 0) {
      entry.className = "notice";
      entry.textContent = line;
    } else {
      const who = document.createElement("b");
      who.textContent = line.slice(0, colon);
      entry.append(who, line.slice(colon));
    }
    const follow = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    log.append(entry);
    while (log.childElementCount > shown_max) log.firstElementChild.remove();
    if (follow) log.scrollTop = log.scrollHeight;
  }

  function let_in(open) {
    enter.hidden = open;
    say.hidden = !open;
    (open ? text : name).focus();
  }

  enter.addEventListener("submit", (event) => {
    event.preventDefault();
    if (socket && socket.readyState < WebSocket.CLOSING) return;
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    const query = "?name=" + encodeURIComponent(name.value);
    socket = new WebSocket(scheme + location.host + location.pathname + query);
    socket.onopen = () => let_in(true);
    socket.onmessage = (event) => show(event.data);
    socket.onclose = (event) => {
      show(`* the connection has ended (${event.code}${event.reason && " "}${event.reason})`);
      let_in(false);
    };
  });

  say.addEventListener("submit", (event) => {
    event.preventDefault();
    socket.send(text.value);
    text.value = "";
  });
</script>
)html";

}  // namespace drywire::tools

#include "chat_page.hpp"

namespace drywire::tools {

// What a message or a name holds is shown as text, never as markup.
const std::string_view chat_page = R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>chat</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif;
          --edge: color-mix(in srgb, CanvasText 25%, Canvas);
          --quiet: color-mix(in srgb, CanvasText 65%, Canvas); }
  body { display: flex; flex-direction: column; gap: .75rem; box-sizing: border-box;
         height: 100vh; height: 100dvh; max-width: 44rem; margin: 0 auto; padding: 1rem; }
  header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
  h1 { font-size: 1.25rem; margin: 0; }
  #state { margin: 0; color: var(--quiet); font-size: .875rem; text-align: right; }
  #log { flex: 1; overflow: auto; margin: 0; padding: .75rem 1rem; list-style: none;
         border: 1px solid var(--edge); border-radius: .5rem;
         white-space: pre-wrap; overflow-wrap: anywhere; }
  #log b { color: LinkText; }
  #log .notice { color: var(--quiet); font-size: .875rem; }
  form { display: flex; gap: .5rem; align-items: center; }
  input { flex: 1; min-width: 0; border: 1px solid var(--edge); }
  input, button { font: inherit; padding: .375rem .75rem; border-radius: .5rem; }
  [hidden] { display: none; }
</style>
<header>
  <h1>chat</h1>
  <p id="state" role="status"></p>
</header>
<ol id="log" role="log" aria-label="Messages" tabindex="0"></ol>
<form id="enter">
  <label for="name">Your name</label>
  <input id="name" maxlength="32" autocomplete="nickname" required autofocus>
  <button>Enter</button>
</form>
<form id="say" hidden>
  <input id="text" aria-label="Message" placeholder="Message" autocomplete="off">
  <button>Send</button>
</form>
<script>
  "use strict";
  const [log, state, enter, say, name, text] = ["log", "state", "enter", "say", "name", "text"].map(
      (id) => document.getElementById(id));
  const shown_max = 500;
  const message_bytes_max = 4096;
  const wait_min = 1000, wait_max = 30000;
  const served_again = [1001, 1006, 1012, 1013];  // whoever is told another code did wrong
  let socket, wait;

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
    if (say.hidden !== open) return;
    enter.hidden = open;
    say.hidden = !open;
    (open ? text : name).focus();
  }

  function connect() {
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    const query = "?name=" + encodeURIComponent(name.value);
    socket = new WebSocket(scheme + location.host + location.pathname + query);
    state.textContent = "connecting";
    socket.onopen = () => {
      wait = wait_min;
      state.textContent = "connected";
      let_in(true);
    };
    socket.onmessage = (event) => show(event.data);
    socket.onclose = (event) => {
      if (state.textContent === "connected") {
        show(`* the connection has ended (${event.code}${event.reason && " "}${event.reason})`);
      }
      if (!say.hidden && served_again.includes(event.code)) return connect_again();
      state.textContent = `no connection (${event.code})`;
      let_in(false);
    };
  }

  // Who was in and lost the server comes back with it, later each time.
  function connect_again() {
    state.textContent = `no connection, trying again in ${wait / 1000} s`;
    setTimeout(connect, wait);
    wait = Math.min(2 * wait, wait_max);
  }

  enter.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!socket || socket.readyState === WebSocket.CLOSED) connect();
  });

  // What can't be sent stays where it is, with why beside it.
  function why_not() {
    const bytes = new TextEncoder().encode(text.value).length;
    if (bytes > message_bytes_max) return `Too long by ${bytes - message_bytes_max} bytes`;
    return socket.readyState === WebSocket.OPEN ? "" : "No connection now";
  }

  text.addEventListener("input", () => text.setCustomValidity(""));
  say.querySelector("button").addEventListener("click", () => text.setCustomValidity(why_not()));
  say.addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value === "") return;
    socket.send(text.value);
    text.value = "";
  });
</script>
)html";

}  // namespace drywire::tools

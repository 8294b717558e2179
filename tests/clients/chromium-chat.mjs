// Chromium opens a chat twice; the DevTools protocol types as a keyboard does. Writes what the pages
// show at the end. chromium-chat.mjs URL PROFILE
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";

const { WebSocket } = createRequire(import.meta.url)("ws");  // found by NODE_PATH
const [url, profile] = process.argv.slice(2);
const patience = 60_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, found) {
  const end = Date.now() + patience;
  for (let value; Date.now() < end; await pause(20)) {
    if ((value = await found())) return value;
  }
  throw new Error(`in vain: ${what}`);
}

class Browser {
  #replies = new Map();
  #listeners = [];
  #next = 0;

  static async launch() {
    const b = new Browser();
    b.process = spawn("chromium", [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
      "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"],
      { stdio: "ignore" });
    const [port, path] = await until("Chromium's port", () => {
      const file = `${profile}/DevToolsActivePort`;
      const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n") : [];
      return lines.length >= 2 && lines;
    });
    b.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
    b.socket.on("message", (text) => b.#take(JSON.parse(text)));
    await new Promise((resolve, reject) => b.socket.on("open", resolve).on("error", reject));
    return b;
  }

  #take(message) {
    if (!message.id) return this.#listeners.forEach((each) => each(message));
    const { resolve, reject } = this.#replies.get(message.id);
    this.#replies.delete(message.id);
    if (message.error) reject(new Error(message.error.message));
    else resolve(message.result);
  }

  on(listener) { this.#listeners.push(listener); }

  ask(method, params = {}, sessionId = undefined) {
    const id = ++this.#next;
    this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((resolve, reject) => this.#replies.set(id, { resolve, reject }));
  }

  async close() {
    const gone = new Promise((resolve) => this.process.on("exit", resolve));
    await this.ask("Browser.close");
    await gone;
  }
}

class Page {
  static async open(browser) {
    const p = new Page();
    p.browser = browser;
    const { targetId } = await browser.ask("Target.createTarget", { url: "about:blank" });
    p.targetId = targetId;
    p.session = (await browser.ask("Target.attachToTarget", { targetId, flatten: true })).sessionId;
    browser.on(({ method, params, sessionId }) => {
      if (sessionId === p.session && method === "Network.webSocketHandshakeResponseReceived") {
        p.handshake = params.response.headers;
      }
    });
    await p.ask("Network.enable");
    await p.ask("Page.enable");
    await p.ask("Emulation.setFocusEmulationEnabled", { enabled: true });
    await p.ask("Page.navigate", { url });
    await until("the page", () => p.value("document.activeElement?.id === 'name'"));
    return p;
  }

  close() { return this.browser.ask("Target.closeTarget", { targetId: this.targetId }); }

  ask(method, params) { return this.browser.ask(method, params, this.session); }

  async value(expression) {
    return (await this.ask("Runtime.evaluate", { expression })).result.value;
  }

  lines() { return this.value("[...document.querySelectorAll('#log li')].map(" +
                              "(li) => li.textContent).join('\\n')"); }

  // Each character as a key that goes down and up, then Enter.
  async type(text) {
    for (const key of text) {
      await this.ask("Input.dispatchKeyEvent", { type: "keyDown", key, text: key });
      await this.ask("Input.dispatchKeyEvent", { type: "keyUp", key });
    }
    const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 };
    await this.ask("Input.dispatchKeyEvent", { type: "keyDown", text: "\r", ...enter });
    await this.ask("Input.dispatchKeyEvent", { type: "keyUp", ...enter });
  }

  async enter(name) {
    await this.type(name);
    await until(`${name} is let in`, () => this.value("document.activeElement?.id === 'text'"));
  }

  shows(line) {
    return until(`'${line}'`, async () => (await this.lines()).split("\n").includes(line));
  }
}

const browser = await Browser.launch();
try {
  const [one, two] = [await Page.open(browser), await Page.open(browser)];
  await one.enter("Ann");
  await one.shows("* Ann has come, 1 here");
  await two.enter("Bob");
  await one.shows("* Bob has come, 2 here");
  await one.type("hello, Bob: <b>bold</b> žluťoučký 🐎");
  await two.shows("Ann: hello, Bob: <b>bold</b> žluťoučký 🐎");
  await two.type("hello, Ann");
  await one.shows("Bob: hello, Ann");
  const long = "deflates well ".repeat(50).trim();
  await two.type(long);
  for (const page of [one, two]) await page.shows(`Bob: ${long}`);
  assert.equal(await two.value("document.getElementById('log').querySelector('b b')"), null);
  const extensions = one.handshake["Sec-WebSocket-Extensions"];
  console.log(extensions ? `compression: with ${extensions}` : "compression: without");
  console.log(await one.lines());
  console.log(await two.lines());
  // What is too long stays where it is.
  await one.ask("Input.insertText", { text: "x".repeat(65536) });
  await one.type("");
  await until("why it isn't sent", () => one.value("text.validationMessage.includes('61440')"));
  assert.equal(await one.value("text.value.length"), 65536);
  await one.value("text.value = ''");
  await two.close();
  await one.shows("* Bob has gone, 1 here");
  // Who has lost the server comes back: here the page only thinks that it has.
  await one.value("socket.dispatchEvent(new CloseEvent('close', { code: 1006 }))");
  await one.shows("* the connection has ended (1006)");
  await one.shows("* Ann 2 has come, 2 here");
  await one.type("here again");
  await one.shows("Ann 2: here again");
} finally {
  await browser.close();
}

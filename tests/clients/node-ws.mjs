// Node's ws as a client of an echo. node-ws.mjs URL OUT: URL is of a server with the default
// options; what it agrees to is left in OUT.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";

const { WebSocket } = createRequire(import.meta.url)("ws");  // found by NODE_PATH
const [url, out] = process.argv.slice(2);
const told = [];

function once(ws, name) {
  return new Promise((resolve, reject) => {
    const handlers = { error: reject, close: (code) => reject(new Error(`closed: ${code}`)),
                       [name]: (...values) => { forget(); resolve(values); } };
    const forget = () => Object.entries(handlers).forEach(([e, h]) => ws.off(e, h));
    Object.entries(handlers).forEach(([e, h]) => ws.on(e, h));
  });
}

async function open(options = {}) {
  const ws = new WebSocket(`${url}/ws`, { maxPayload: 0, ...options });
  ws.on("upgrade", (response) => ws.agreed = response.headers["sec-websocket-extensions"]);
  await once(ws, "open");
  return ws;
}

async function close(ws, code = 1000, reason = "") {
  const closed = once(ws, "close");
  ws.close(code, reason);
  const [code_back, reason_back] = await closed;
  return `${code_back} ${reason_back}`;
}

// The echo of `data`, sent in pieces of `size` bytes if that is given.
async function echo(ws, data, binary, size = data.length) {
  const answer = once(ws, "message");
  let at = 0;
  do {
    const piece = data.subarray(at, at += size);
    ws.send(piece, { binary, fin: at >= data.length });
  } while (at < data.length);
  const [bytes, isBinary] = await answer;
  assert.equal(isBinary, binary);
  assert.ok(bytes.equals(data), `${data.length} bytes in pieces of ${size}`);
}

const sizes = [0, 1, 125, 126, 127, 65535, 65536, 1000003];
const text = Buffer.from("žluťoučký kůň 🐎 ".repeat(200));
const random = crypto.randomBytes(16 << 20);  // as large as a message may be
const deflatable = Buffer.from(random.toString("hex", 0, 8 << 20));

async function messages(ws) {
  for (const size of sizes) await echo(ws, random.subarray(0, size), true);
  for (const size of sizes) await echo(ws, deflatable.subarray(0, size), false);
  await echo(ws, text, false);
  await echo(ws, text, false, 7);  // cut within characters
  await echo(ws, random.subarray(0, 100000), true, 1024);
  await echo(ws, Buffer.alloc(0), true);
}

async function largeMessages(ws) {
  await echo(ws, random, true);
  await echo(ws, deflatable, false);
  await echo(ws, random, true, 1 << 20);
}

// Many at once come back in their order.
async function many(ws) {
  const count = 3000;
  let next = 0;
  const all = new Promise((resolve) => ws.on("message", (bytes) => {
    assert.equal(bytes.toString(), `message ${next}`);
    if (++next === count) resolve();
  }));
  for (let i = 0; i < count; ++i) ws.send(`message ${i}`);
  await all;
  ws.removeAllListeners("message");
}

async function pings(ws) {
  for (const payload of ["", "p", "x".repeat(125)]) {
    const pong = once(ws, "pong");
    ws.ping(payload);
    assert.equal((await pong)[0].toString(), payload);
  }
  // Between the pieces of a message.
  const pong = once(ws, "pong");
  const message = once(ws, "message");
  ws.send("one ", { fin: false });
  ws.ping("between");
  ws.send("two", { fin: true });
  assert.equal((await pong)[0].toString(), "between");
  assert.equal((await message)[0].toString(), "one two");
}

const deflates = {
  none: false,
  default: { threshold: 0 },
  "no contexts": { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 },
  "small windows": { serverMaxWindowBits: 9, clientMaxWindowBits: 9, threshold: 0 },
  "client keeps": { serverNoContextTakeover: true, clientMaxWindowBits: 12, threshold: 0 },
};
for (const [name, perMessageDeflate] of Object.entries(deflates)) {
  const ws = await open({ perMessageDeflate });
  told.push(`${name}: ${ws.agreed ?? "no extension"}`);
  await messages(ws);
  await many(ws);
  await pings(ws);
  if (name === "none" || name === "default") await largeMessages(ws);
  assert.equal(await close(ws), "1000 ");
}

// Close codes: the peer's answer has ours.
for (const [code, reason] of [[1000, "done"], [1001, ""], [3000, "r".repeat(123)], [4999, "ů"]]) {
  const answer = await close(await open(), code, reason);
  assert.equal(answer.split(" ")[0], `${code}`);
  told.push(`close ${answer}`);
}
{
  const ws = await open();
  const closed = once(ws, "close");
  ws.close();  // without a code
  assert.equal((await closed)[0], 1005);
}

// What breaks a rule is answered by the code for it.
async function refused(code, breakIt, options = {}) {
  const ws = await open(options);
  const closed = once(ws, "close");
  breakIt(ws);
  assert.equal((await closed)[0], code);
}
await refused(1007, (ws) => ws.send(Buffer.from([0x61, 0xff]), { binary: false }));
await refused(1007, (ws) => ws.send(Buffer.from([0xe2, 0x82]), { binary: false }));
await refused(1002, (ws) => ws.send("not masked", { mask: false }));
if (process.env.PEER === undefined) await refused(1009, (ws) => ws.send(Buffer.alloc((16 << 20) + 100)), { perMessageDeflate: false });

// A handshake that is refused is a response.
async function status(path, options) {
  const ws = new WebSocket(url + path, options);
  const [, response] = await once(ws, "unexpected-response");
  const answer = `${path}: ${response.statusCode} ${response.headers["sec-websocket-version"] ?? ""}`;
  ws.on("error", () => {});
  response.resume();
  ws.terminate();
  return answer;
}
if (process.env.PEER === undefined) {
  told.push(await status("/nothing-here", {}));
  told.push(await status("/ws", { origin: "http://elsewhere.example" }));
  const same = await open({ origin: url.replace("ws:", "http:") });
  await close(same);
}

fs.writeFileSync(`${out}/told`, told.join("\n") + "\n");

// The fetch that Node has built in, which is undici: kept connections, streamed bodies, many at once.
import assert from "node:assert/strict";
import diagnostics from "node:diagnostics_channel";
import fs from "node:fs";

const [url, root, out] = process.argv.slice(2);
let connections = 0;
diagnostics.subscribe("undici:client:connected", () => ++connections);

const large = fs.readFileSync(`${root}/large.txt`);
const bytes = async (response) => Buffer.from(await response.arrayBuffer());

function* pieces(data, size) {
  for (let i = 0; i < data.length; i += size) yield data.subarray(i, i + size);
}
// A body without a length goes out chunked; what the server made of it comes back.
async function upload(data, size) {
  const body = ReadableStream.from?.(pieces(data, size)) ?? streamOf(pieces(data, size));
  const response = await fetch(`${url}/echo`, { method: "POST", body, duplex: "half" });
  assert.equal(response.status, 200);
  return bytes(response);
}
function streamOf(iterator) {  // Node 18 has no ReadableStream.from
  return new ReadableStream({
    pull(controller) {
      const { value, done } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

// One after the other. The end of a body may be told before its connection is free again, so that a
// second one is opened; without keep-alive there would be twenty.
for (let i = 0; i < 20; ++i) {
  const file = `r/${i + 11}.svg`;
  const response = await fetch(`${url}/${file}`);
  assert.equal(response.status, 200);
  assert.ok((await bytes(response)).equals(fs.readFileSync(`${root}/${file}`)), file);
}
assert.ok(connections <= 3, `${connections} connections`);
const got = await fetch(`${url}/large.txt`);
assert.ok((await bytes(got)).equals(large));
const head = await fetch(`${url}/large.txt`, { method: "HEAD" });
assert.equal(head.headers.get("content-length"), String(large.length));
assert.equal((await bytes(head)).length, 0);
assert.equal((await fetch(`${url}/nothing-here`)).status, 404);
const moved = await fetch(`${url}/r`);  // it follows the redirect to r/, a folder without an index
assert.ok(moved.redirected && moved.url === `${url}/r/`);
await bytes(moved);

assert.ok((await upload(large, 10007)).equals(large));
assert.ok((await upload(Buffer.alloc(0), 1)).length === 0);
const known = await fetch(`${url}/echo`, { method: "PUT", body: large });  // with a length
assert.ok((await bytes(known)).equals(large));

// Many at once, each with a body of its own.
await Promise.all(
  Array.from({ length: 64 }, async (_, i) => {
    const mine = large.subarray(i * 1000, i * 1000 + 50_000 + i);
    assert.ok((await upload(mine, 4096)).equals(mine), `upload ${i}`);
  }));

// One that is given up halfway leaves the others alone.
const control = new AbortController();
const cut = await fetch(`${url}/large.txt`, { signal: control.signal });
await cut.body.getReader().read();
control.abort();
assert.ok((await bytes(await fetch(`${url}/large.txt`))).equals(large));

const fields = Object.fromEntries([...got.headers].filter(([name]) => name !== "keep-alive"));
fs.writeFileSync(`${out}/headers`, JSON.stringify([fields, Object.fromEntries(head.headers)]));

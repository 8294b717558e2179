// Node's http, with a keep-alive agent, and its fetch.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";

const [url, out] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

function request(path, options = {}, body = undefined) {
  return new Promise((resolve, reject) => {
    const r = http.request(url + path, { agent, ...options }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      const port = response.socket.localPort;  // gone with the end
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers,
                  body: Buffer.concat(pieces), port }));
    });
    r.on("error", reject);
    if (body) for (let i = 0; i < body.length; i += 10007) r.write(body.subarray(i, i + 10007));
    r.end();
  });
}

const large = await request("/large.txt");
assert.equal(large.status, 200);
assert.equal(large.body.length, Number(large.headers["content-length"]));
const echoed = await request("/echo", { method: "POST" }, large.body);  // chunked
assert.ok(echoed.body.equals(large.body));
const many = await Promise.all(Array.from({ length: 100 }, (_, i) => request(`/r/${i % 40 + 11}.svg`)));
assert.ok(many.every((r) => r.status === 200));
assert.ok(new Set(many.map((r) => r.port)).size <= 4);
const head = await request("/large.txt", { method: "HEAD" });
assert.equal(head.body.length, 0);

const fetched = await (await fetch(url + "/echo", { method: "PUT", body: large.body })).arrayBuffer();
assert.ok(Buffer.from(fetched).equals(large.body));
assert.equal((await fetch(url + "/nothing-here")).status, 404);

fs.writeFileSync(`${out}/large`, large.body);
fs.writeFileSync(`${out}/headers`, JSON.stringify([large.headers, head.headers, many[0].headers]));
fs.writeFileSync(`${out}/many`, Buffer.concat(many.map((r) => r.body)));
agent.destroy();

// Node's http: files with ranges, codings, uploads, and answers that end too early.
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import zlib from "node:zlib";

const root = process.argv[2];
const codings = { gzip: zlib.createGzip, deflate: zlib.createDeflate,
                  "deflate-raw": zlib.createDeflateRaw };

function sendFile(request, response, path) {
  if (!fs.existsSync(path)) return response.writeHead(404).end("no such file");
  if (fs.statSync(path).isDirectory()) {
    if (request.url.endsWith("/")) return sendFile(request, response, `${path}index.html`);
    return response.writeHead(301, { Location: `${request.url}/` }).end("moved");
  }
  const size = fs.statSync(path).size;
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  if (!range) {
    response.writeHead(200, { "Content-Length": size });
    return request.method === "HEAD" ? response.end() : fs.createReadStream(path).pipe(response);
  }
  const start = range[1] === "" ? size - Number(range[2]) : Number(range[1]);
  const end = range[1] === "" || range[2] === "" ? size - 1 : Number(range[2]);
  if (start >= size) return response.writeHead(416, { "Content-Range": `bytes */${size}` }).end();
  response.writeHead(206, { "Content-Range": `bytes ${start}-${end}/${size}`,
                            "Content-Length": end - start + 1 });
  fs.createReadStream(path, { start, end }).pipe(response);
}

function receive(request, response) {
  const hash = crypto.createHash("sha256");
  request.on("data", (piece) => hash.update(piece));
  request.on("end", () => {
    const length = request.headers["content-length"] ?? request.headers["transfer-encoding"];
    response.end(`${request.method} ${length} ${hash.digest("hex")}\n`);
  });
}

const server = http.createServer((request, response) => {
  const [, first, name] = request.url.split("/");
  if (first === "chunked") return fs.createReadStream(`${root}/${name}`).pipe(response);
  if (first in codings) {
    response.setHeader("Content-Encoding", first.split("-")[0]);
    return fs.createReadStream(`${root}/${name}`).pipe(codings[first]()).pipe(response);
  }
  switch (first) {
    case "upload": return receive(request, response);
    case "moved":
      request.resume();
      return request.on("end", () => response.writeHead(307, { Location: "/upload" }).end());
    case "refuse":
      return response.writeHead(413, { Connection: "close" }).end("too large");
    case "trailers":
      response.writeHead(200, { Trailer: "Checked" });
      response.write("body");
      response.addTrailers({ Checked: "yes" });
      return response.end();
    case "cut":
      response.writeHead(200, { "Content-Length": 2000 });
      return response.write(fs.readFileSync(`${root}/numbers.txt`).subarray(0, 1000),
                            () => response.socket.end());
    default: return sendFile(request, response, root + request.url);
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

// Node's ws as a server: what is at each path is what ../ws asks for.
import http from "node:http";
import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(import.meta.url)("ws");  // found by NODE_PATH

const paths = {
  "/echo": (ws) => ws.on("message", (bytes, binary) => ws.send(bytes, { binary })),
  "/told": (ws) => {
    ws.send(`${ws.agreed ?? "no extension"} ${ws.protocol || "no protocol"}`);
    ws.close(1000);
  },
  "/fragments": (ws) => {
    ws.send("one ", { fin: false });
    ws.ping("between");
    ws.send("two ", { fin: false });
    ws.send("three", { fin: true });
    ws.close(1000);
  },
  "/pings": (ws) => {
    ws.on("pong", (payload) => { ws.send(`pong: ${payload}`); ws.close(1000); });
    ws.ping("are you there");
  },
  "/pinged": (ws) => {
    let pings = 0;
    ws.on("ping", () => {
      if (++pings !== 3) return;
      ws.send("three pings");
      ws.close(1000);
    });
  },
  "/line-ends": (ws) => {
    ws.send("two\nlines");
    ws.send("\\ one");
    ws.send(Buffer.from([0x00, 0xff]));
    ws.close(1000);
  },
  "/closes": (ws) => { ws.send("bye"); ws.close(4001, "gone fishing"); },
};

const server = http.createServer();
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 64 },
                                      maxPayload: 0 });
sockets.on("headers", (headers, request) => {
  request.agreed = headers.find((line) => line.startsWith("Sec-WebSocket-Extensions: "))?.slice(26);
});
server.on("upgrade", (request, socket, head) => {
  const serve = paths[request.url];
  if (!serve) return socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  sockets.handleUpgrade(request, socket, head, (ws) => {
    ws.agreed = request.agreed;
    ws.on("error", (e) => console.error(request.url, e.message));
    serve(ws);
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

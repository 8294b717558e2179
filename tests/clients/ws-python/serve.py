"""python3-websockets as a server: what is at each path is what ../ws asks for. Written for versions
10 to 15."""
import asyncio
import http
import inspect

import websockets


async def echo(ws):
    async for message in ws:
        await ws.send(message)


async def told(ws):
    fields = ws.response.headers if hasattr(ws, "response") else ws.response_headers
    agreed = fields.get("Sec-WebSocket-Extensions", "no extension")
    await ws.send(f"{agreed} {ws.subprotocol or 'no protocol'}")


async def fragments(ws):
    async def pieces():
        for piece in ("one ", "two ", "three"):
            yield piece
            await asyncio.sleep(0.01)
    pong = await ws.ping(b"between")
    await ws.send(pieces())
    await pong


async def pings(ws):
    await (await ws.ping(b"are you there"))
    await ws.send("pong: are you there")


async def line_ends(ws):
    await ws.send("two\nlines")
    await ws.send("\\ one")
    await ws.send(b"\x00\xff")


async def closes(ws):
    await ws.send("bye")
    await ws.close(4001, "gone fishing")


PATHS = {"/echo": echo, "/told": told, "/fragments": fragments, "/pings": pings,
         "/line-ends": line_ends, "/closes": closes}


async def serve(ws):
    await PATHS[ws.request.path if hasattr(ws, "request") else ws.path](ws)


async def refuse_old(path, fields):
    return None if path in PATHS else (http.HTTPStatus.FORBIDDEN, [], b"")


def refuse_new(connection, request):
    return None if request.path in PATHS else connection.respond(http.HTTPStatus.FORBIDDEN, "")


async def main():
    old = "extra_headers" in inspect.signature(websockets.serve.__init__).parameters
    async with websockets.serve(
            serve, "127.0.0.1", 0, max_size=None, ping_interval=None, subprotocols=["first"],
            process_request=refuse_old if old else refuse_new) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())

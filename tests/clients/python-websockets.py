"""python3-websockets as a client of an echo. python-websockets.py URL OUT: URL is of a server with
the default options; what it agrees to is left in OUT. Written for versions 10 to 15."""
import asyncio
import inspect
import os
import random
import sys

import websockets
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

url, out = sys.argv[1:]
told = []
fields_option = "additional_headers"
if "extra_headers" in inspect.signature(websockets.connect.__init__).parameters:
    fields_option = "extra_headers"

SIZES = [0, 1, 125, 126, 127, 65535, 65536, 1000003]
TEXT = "žluťoučký kůň 🐎 " * 30000
LARGE = random.Random(1).randbytes(16 << 20)  # as large as a message may be
DEFLATABLE = LARGE[:8 << 20].hex()


def connect(path="/ws", fields={}, **options):
    options = {"compression": None, "max_size": None, "ping_interval": None, **options}
    return websockets.connect(url + path, **{fields_option: fields}, **options)


def agreed(ws):
    """What the server's response says of extensions."""
    fields = ws.response.headers if hasattr(ws, "response") else ws.response_headers
    return fields.get("Sec-WebSocket-Extensions", "no extension")


async def echo(ws, message):
    await ws.send(message)
    assert await ws.recv() == message


async def messages(ws):
    for size in SIZES:
        await echo(ws, LARGE[:size])
        await echo(ws, DEFLATABLE[:size])
    await echo(ws, TEXT)
    pieces = [LARGE[at:at + 4096] for at in range(0, 400000, 4096)]
    await ws.send(pieces)
    assert await ws.recv() == b"".join(pieces)
    await ws.send(["ko", "n", "", "ec"])
    assert await ws.recv() == "konec"


async def large_messages(ws):
    await echo(ws, LARGE)
    await echo(ws, DEFLATABLE)


async def many(ws):
    """More than any buffer holds, all sent before the last is read."""
    async def send_all():
        for i in range(3000):
            await ws.send(f"message {i}")
    sending = asyncio.ensure_future(send_all())
    for i in range(3000):
        assert await ws.recv() == f"message {i}"
    await sending


async def pings(ws):
    for payload in (b"", b"p", b"x" * 125):
        await asyncio.wait_for(await ws.ping(payload), 30)


DEFLATES = {
    "none": None,
    "default": {},
    "no contexts": {"server_no_context_takeover": True, "client_no_context_takeover": True},
    "small windows": {"server_max_window_bits": 9, "client_max_window_bits": 9},
    "all": {"server_no_context_takeover": True, "client_no_context_takeover": True,
            "server_max_window_bits": 10, "client_max_window_bits": 11},
}


async def exchange_messages():
    for name, parameters in DEFLATES.items():
        extensions = None if parameters is None else [ClientPerMessageDeflateFactory(**parameters)]
        async with connect(extensions=extensions) as ws:
            told.append(f"{name}: {agreed(ws)}")
            await messages(ws)
            await many(ws)
            await pings(ws)
            if name in ("none", "default"):
                await large_messages(ws)
            await ws.close()
            assert ws.close_code == 1000, ws.close_code


async def close_codes():
    for code, reason in [(1000, "done"), (1001, ""), (3000, "r" * 123), (4999, "ů")]:
        async with connect() as ws:
            await ws.close(code, reason)
            told.append(f"close {ws.close_code} {ws.close_reason}")
            assert ws.close_code == code


async def is_closed_with(code, message):
    async with connect() as ws:
        try:
            await ws.send(message)
            await ws.recv()
        except ConnectionClosed as end:
            assert end.rcvd is not None and end.rcvd.code == code, end
            return
        raise AssertionError(f"no close with {code}")


async def status(path, fields):
    try:
        async with connect(path, fields):
            return f"{path}: accepted"
    except websockets.exceptions.InvalidHandshake as refusal:
        response = getattr(refusal, "response", refusal)
        return f"{path}: {response.status_code}"


async def main():
    await exchange_messages()
    await close_codes()
    if "PEER" not in os.environ:
        await is_closed_with(1009, b"b" * ((16 << 20) + 100))
        told.append(await status("/nothing-here", {}))
        told.append(await status("/ws", {"Origin": "http://elsewhere.example"}))
        told.append(await status("/ws", {"Origin": url.replace("ws:", "http:")}))


asyncio.run(main())
with open(f"{out}/told", "w") as file:
    print("\n".join(told), file=file)

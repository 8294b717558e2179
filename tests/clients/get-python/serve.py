# Python's http.server on a free port, with the version of HTTP that is named.
import functools
import http.server
import sys

version, root = sys.argv[1:]


class handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = version


server = http.server.ThreadingHTTPServer(
    ("127.0.0.1", 0), functools.partial(handler, directory=root))
print(server.server_port, flush=True)
server.serve_forever()

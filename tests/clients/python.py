# Python's http.client: one kept connection, chunked and sized bodies, HTTP/1.0.
import http.client
import sys

url, root, out = sys.argv[1:]
address = url.removeprefix("http://")
with open(root + "/large.txt", "rb") as file:
    large = file.read()

connection = http.client.HTTPConnection(address, timeout=30)
connection.connect()
socket = connection.sock


def ask(method, path, body=None, fields={}, chunked=False):
    connection.request(method, path, body=body, headers=fields, encode_chunked=chunked)
    response = connection.getresponse()
    text = response.read()
    assert connection.sock is socket, f"{method} {path} cost the connection"
    return response, text


def pieces(data, size):
    for at in range(0, len(data), size):
        yield data[at:at + size]


got, text = ask("GET", "/large.txt")
assert got.status == 200 and text == large
head, text = ask("HEAD", "/large.txt")
assert head.getheader("Content-Length") == str(len(large)) and text == b""
missing, _ = ask("GET", "/nothing-here")
assert missing.status == 404
moved, _ = ask("GET", "/r")
assert moved.status == 308 and moved.getheader("Location").endswith("/r/")
wrong, _ = ask("POST", "/large.txt", b"x" * 1000)
assert wrong.status == 405

for size in (1, 10007):  # Transfer-Encoding: chunked, since an iterator has no length
    data = large[:3000] if size == 1 else large
    echo, text = ask("POST", "/echo", pieces(data, size), {"Transfer-Encoding": "chunked"}, True)
    assert echo.status == 200 and text == data
echo, text = ask("PUT", "/echo", large)
assert echo.status == 200 and text == large
for i in range(11, 51):
    got_one, text = ask("GET", f"/r/{i}.svg")
    with open(f"{root}/r/{i}.svg", "rb") as file:
        assert text == file.read()

# As HTTP/1.0 speaks it: no chunks, and the end of the connection.
old = http.client.HTTPConnection(address, timeout=30)
old._http_vsn, old._http_vsn_str = 10, "HTTP/1.0"
old.request("GET", "/large.txt")
response = old.getresponse()
assert response.read() == large and response.will_close

with open(out + "/headers", "w") as file:
    file.write(repr([got.getheaders(), head.getheaders(), missing.getheaders()]))

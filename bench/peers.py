"""peers.py idle|trickle PORT PID COUNT: many connections to a server, and what they cost it.

idle: each connection has sent a request and read its answer, and waits. trickle: each has sent a
byte of a head a second for eight seconds, while another peer is served. Prints the growth of the
server's resident memory for each connection."""
import resource
import socket
import sys
import time

kind, port, pid, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
request = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n"


def resident():
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def connect():
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def exchange(peer):
    peer.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = peer.recv(65536)
        if not piece:
            sys.exit("the server closed a connection: " + repr(answer))
        answer += piece
    length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    body = answer.split(b"\r\n\r\n", 1)[1]
    while len(body) < length:
        body += peer.recv(65536)
    return answer.split()[1] == b"200"


bystander = connect()
for _ in range(100):
    exchange(bystander)
before = resident()
peers = [connect() for _ in range(count)]
if kind == "idle":
    served = sum(exchange(peer) for peer in peers)
else:
    served = 0
    for byte in request[:8]:
        for peer in peers:
            peer.sendall(bytes([byte]))
        served += exchange(bystander)
        time.sleep(1)
grown = resident() - before
who = "answered" if kind == "idle" else "answers to a bystander meanwhile"
print(f"{len(peers)} connections, {served} {who}: {grown // len(peers)} resident bytes each")

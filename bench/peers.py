"""peers.py idle|trickle PORT PID COUNT: many connections to a server, and what they cost it.

idle: each connection has sent a request and read its answer, and waits. trickle: each sends a byte
of a head a second until its time is up and it is told 408, while another peer is served. Prints the
growth of the server's resident memory for each connection."""
import resource
import select
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


def status_of(peer):
    peer.settimeout(30)
    answer = peer.recv(65536)
    return answer.split()[1] if answer else b"nothing"


def trickle(peers):
    """Until all were told something, within a minute. Returns the most that was resident."""
    most, served, rounds, waiting = 0, 0, 0, list(peers)
    told = {}
    while waiting and rounds < 60:
        byte = request[rounds:rounds + 1] or b"x"
        ready = set(select_readable(waiting))
        for peer in ready:
            status = status_of(peer)
            told[status] = told.get(status, 0) + 1
        waiting = [peer for peer in waiting if peer not in ready]
        for peer in waiting:
            try:
                peer.sendall(byte)
            except OSError:
                pass  # it is told, and will be read
        served += exchange(bystander)
        most = max(most, resident())
        rounds += 1
        time.sleep(1)
    endings = ", ".join(f"{n} told {s.decode()}" for s, n in sorted(told.items()))
    print(f"{len(peers)} connections, {endings or 'none told anything'}, "
          f"{served} of {rounds} answers to a bystander meanwhile", end="")
    return most


def select_readable(peers):
    poll = select.poll()
    by_number = {}
    for peer in peers:
        poll.register(peer, select.POLLIN)
        by_number[peer.fileno()] = peer
    return [by_number[number] for number, _ in poll.poll(0)]


bystander = connect()
for _ in range(100):
    exchange(bystander)
before = resident()
peers = [connect() for _ in range(count)]
if kind == "idle":
    served = sum(exchange(peer) for peer in peers)
    print(f"{count} connections, {served} answered", end="")
    most = resident()
else:
    most = trickle(peers)
print(f": {(most - before) // count} resident bytes each")

"""A TCP relay on loopback that reads no more from its clients than so many bytes a second.

Arguments: the port to relay to, and the rate. Prints "READY <port>" once it listens. It relays at
full speed until it gets SIGUSR1, then slowly until it gets SIGUSR2. A process of its own, because
what a paused socket of a runtime still reads is the runtime's own affair.
"""

import signal
import socket
import sys
import threading
import time

target, rate = int(sys.argv[1]), int(sys.argv[2])
slow = threading.Event()
signal.signal(signal.SIGUSR1, lambda *_: slow.set())
signal.signal(signal.SIGUSR2, lambda *_: slow.clear())


def pump(source, sink, throttled):
    try:
        due = time.monotonic()
        while data := source.recv(2048):
            sink.sendall(data)
            if not (throttled and slow.is_set()):
                continue
            due = max(due, time.monotonic() - 0.1) + len(data) / rate
            time.sleep(max(0, due - time.monotonic()))
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


listener = socket.create_server(("127.0.0.1", 0))
print(f"READY {listener.getsockname()[1]}", flush=True)


def accept():
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", target))
        for ends in ((client, server, True), (server, client, False)):
            threading.Thread(target=pump, args=ends, daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
# Signals are seen by the main thread only, between two instructions of it.
while True:
    time.sleep(0.05)

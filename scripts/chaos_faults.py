"""What the receiver of scripts/chaos does to a request, one function for each fault, named after it.

Usage:  import chaos_faults; not a command of its own.

  FAULTS        by name: functions of an exchange and a random number generator
  LINK_FAULTS   by name: functions of a raw socket, before any TLS

Each is written against `chaos_receiver.Exchange`, so it works on HTTP/1.1 and on HTTP/2, where `reset` is a RST_STREAM.
A fault that calls `take` lets the receiver do its work: the sender may not learn of it, but the events are there.

Needs:  Python 3.10.
"""
import asyncio
import email.utils
import socket
import struct
import time

FAULTS, LINK_FAULTS = {}, {}
BEYOND_EVERY_TIMEOUT = 4  # seconds
MORE_THAN_SOCKETS_HOLD = 700_000  # bytes; chaos_receiver keeps its socket's buffer small


def fault(function):
    FAULTS[function.__name__] = function
    return function


def link_fault(function):
    LINK_FAULTS[function.__name__] = function
    return function


# Without a fault


async def accept(exchange, rng):
    await exchange.take()
    await exchange.answer(rng.choice([200, 200, 202, 204]))


# Connections: before TLS is there


@link_fault
async def reset_on_accept(link, rng):
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@link_fault
async def close_on_accept(link, rng):
    pass


@link_fault
async def abort_in_handshake(link, rng):
    await asyncio.get_running_loop().sock_recv(link, rng.randrange(1, 200))
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@link_fault
async def garbage_in_handshake(link, rng):
    await asyncio.get_running_loop().sock_recv(link, 4096)
    await asyncio.get_running_loop().sock_sendall(link, b"HTTP/1.0 400 Bad Request\r\n\r\n")


@link_fault
async def alert_in_handshake(link, rng):
    await asyncio.get_running_loop().sock_recv(link, 4096)
    await asyncio.get_running_loop().sock_sendall(link, bytes([21, 3, 3, 0, 2, 2, 80]))  # internal_error


@link_fault
async def hang_in_handshake(link, rng):
    await asyncio.sleep(BEYOND_EVERY_TIMEOUT)


# Connections that break


@fault
async def reset_after_headers(exchange, rng):
    exchange.reset()


@fault
async def reset_in_body(exchange, rng):
    await exchange.read_some()
    exchange.reset()


@fault
async def close_in_body(exchange, rng):
    await exchange.read_some()
    exchange.close()


@fault
async def reset_after_body(exchange, rng):
    """Ambiguous: the events are there, and the sender can't know."""
    await exchange.take()
    exchange.reset()


@fault
async def close_after_body(exchange, rng):
    """Ambiguous."""
    await exchange.take()
    exchange.close()


@fault
async def lose_after_body(exchange, rng):
    """The body came, but the receiver dies before it does its work."""
    await exchange.read_all()
    exchange.close()


@fault
async def cut_headers(exchange, rng):
    """Ambiguous: the answer ends in the middle of its headers."""
    await exchange.take()
    if hasattr(exchange, "send_raw"):
        await exchange.send_raw(b"HTTP/1.1 200 OK\r\ncontent-le")
    exchange.close()


@fault
async def cut_body(exchange, rng):
    """Ambiguous: fewer bytes of the answer than its content-length says."""
    await exchange.take()
    await exchange.begin(rng.choice([200, 500]), [("content-length", "1000")])
    await exchange.send(b"x" * rng.randrange(1, 900))
    exchange.close()


@fault
async def cut_chunks(exchange, rng):
    """Ambiguous: the answer's last chunk is missing."""
    await exchange.take()
    await exchange.begin(200)
    await exchange.send(b"{")
    exchange.reset()


@fault
async def close_while_idle(exchange, rng):
    """The connection ends after a good answer, as at the end of a keep-alive time."""
    await accept(exchange, rng)
    await asyncio.sleep(rng.random() * 0.01)
    exchange.close()


@fault
async def go_away(exchange, rng):
    await exchange.take()
    await exchange.go_away()
    await exchange.answer(200)


# Answers that ask for another attempt


@fault
async def server_error(exchange, rng):
    await exchange.read_all()
    await exchange.answer(rng.choice([500, 502, 503, 504, 507, 599]), body=b"try again" * rng.randrange(3))


@fault
async def too_busy(exchange, rng):
    """429 or 503 with a Retry-After of 0 to 2 seconds."""
    await exchange.read_all()
    await exchange.answer(rng.choice([429, 503]), [("retry-after", str(rng.choice([0, 0, 0, 1, 2])))])


@fault
async def too_busy_until(exchange, rng):
    """429 or 503 with a Retry-After that is one of the three HTTP dates."""
    await exchange.read_all()
    then = time.time() + rng.choice([-3600, 0, 1, 2])
    form = rng.choice([lambda: email.utils.formatdate(then, usegmt=True),
                       lambda: time.strftime("%A, %d-%b-%y %H:%M:%S GMT", time.gmtime(then)),
                       lambda: time.asctime(time.gmtime(then))])
    await exchange.answer(rng.choice([429, 503]), [("retry-after", form())])


@fault
async def odd_retry_after(exchange, rng):
    await exchange.read_all()
    await exchange.answer(503, [("retry-after", rng.choice(["", "soon", "-1", "1.5", "99999999999999999999999"]))])


@fault
async def request_timeout(exchange, rng):
    await exchange.read_all()
    await exchange.answer(408)


@fault
async def too_early(exchange, rng):
    await exchange.read_all()
    await exchange.answer(425)


# Answers before the body is read


@fault
async def early_success(exchange, rng):
    """200 first; the body is read after that. See `early_success_cut` for small ones."""
    if exchange.length < MORE_THAN_SOCKETS_HOLD:
        return await accept(exchange, rng)
    exchange.record.status = 200
    await exchange.answer(200)
    exchange.record.sent = False
    await exchange.take()


@fault
async def early_success_cut(exchange, rng):
    """200 with a part of the body read, then the connection ends: an answer to a request that did not arrive.

    Where the body is small, the sender has given all of it to the network before it sees the answer, and can't know."""
    if exchange.length < MORE_THAN_SOCKETS_HOLD:
        return await early_success(exchange, rng)
    await exchange.begin(200, [("content-length", "0")])
    await exchange.read_some()
    exchange.close()


@fault
async def early_unavailable(exchange, rng):
    await exchange.answer(503)
    await asyncio.sleep(0.02)
    exchange.close()


@fault
async def early_too_large(exchange, rng):
    await exchange.answer(413)
    await asyncio.sleep(0.02)
    exchange.close()


# Answers that take their time, or too much room


@fault
async def delay(exchange, rng):
    await exchange.take()
    await asyncio.sleep(rng.random() * 0.3)
    await exchange.answer(200)


@fault
async def hang(exchange, rng):
    """Ambiguous: no answer before the timeout."""
    await exchange.take()
    await asyncio.sleep(BEYOND_EVERY_TIMEOUT)
    exchange.close()


@fault
async def hang_before_body(exchange, rng):
    await asyncio.sleep(BEYOND_EVERY_TIMEOUT)
    exchange.close()


@fault
async def slow_loris(exchange, rng):
    """Ambiguous: the answer comes one byte at a time and has no end before the timeout."""
    await exchange.take()
    await exchange.begin(200, [("content-length", "1000")])
    for _ in range(int(BEYOND_EVERY_TIMEOUT / 0.05)):
        await exchange.send(b".")
        await asyncio.sleep(0.05)
    exchange.close()


@fault
async def giant_headers(exchange, rng):
    """Ambiguous: more headers than are read."""
    await exchange.take()
    await exchange.begin(200, [(f"x-{number}", "h" * 4000) for number in range(50)] + [("content-length", "0")])
    await exchange.finish()
    exchange.record.sent = False


@fault
async def giant_body(exchange, rng):
    """More body than is read; the status stands."""
    await exchange.take()
    await exchange.begin(200, [("content-length", str(8 << 20))])
    exchange.record.sent = True
    for _ in range(512):
        await exchange.send(b"b" * 16384)


@fault
async def endless_body(exchange, rng):
    """A body without a length that does not end; the status stands."""
    await exchange.take()
    await exchange.begin(200)
    exchange.record.sent = True
    while True:
        await exchange.send(b"e" * 16384)


@fault
async def interim_answers(exchange, rng):
    """Interim answers (100, 102, 103) before the real one."""
    for status in rng.choices([102, 103], k=rng.randrange(1, 4)):
        await exchange.interim(status)
    await accept(exchange, rng)


@fault
async def garbage(exchange, rng):
    """Ambiguous: what comes back is no HTTP."""
    await exchange.take()
    await exchange.garbage()


# Answers that refuse for good


@fault
async def forbidden(exchange, rng):
    await exchange.read_all()
    await exchange.answer(rng.choice([401, 403, 404, 405, 409, 418]))


@fault
async def redirect(exchange, rng):
    await exchange.read_all()
    await exchange.answer(rng.choice([301, 302, 307, 308]), [("location", "https://localhost:1/elsewhere")])


@fault
async def gone(exchange, rng):
    await exchange.read_all()
    await exchange.answer(410)


async def refuse_poison(exchange, rng):
    """What a receiver does that can't take one of the events: it takes none of the batch."""
    await exchange.read_all()
    await exchange.answer(rng.choice([400, 422]))

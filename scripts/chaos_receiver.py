"""The receiver of scripts/chaos: HTTPS on loopback, HTTP/1.1 and HTTP/2, that misbehaves as it is told and remembers.

Usage:  import chaos_receiver; not a command of its own.

  Receiver(context, choose, refuse_link)   `await start()`, `await go_down()`, `await come_up()`, `await stop()`
  Record                                   what is known of one request, in the order of their arrival in `records`

It lives in the harness's own process, which is never killed, so what it took it remembers. A request is *taken* when
its body was read whole and the fault that was drawn for it lets the receiver do its work: from then on its events are
there, whatever becomes of the answer.

Needs:  Python 3.10; for HTTP/2 the packages of scripts/interop_packages.txt.
"""
import asyncio
import itertools
import re
import socket
import ssl
import struct

# Each event of the harness holds its number once, as #0000123#; those of scripts/events.py have it in their id.
MARK = re.compile(rb"#(\d{7})#")
ID = re.compile(rb'"id":"evt_(\d{10})"')
GONE = (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, TimeoutError, OSError)


class Record:
    """One request whose headers arrived.

    link       the number of its connection
    taken      its place among all requests that were taken, from 0; None: the receiver did not get so far
    status     of the answer that was begun; None: there was none
    sent       whether the whole answer was handed to the network, and the connection left alone after that
    """

    def __init__(self, path, headers, version, link):
        self.path, self.headers, self.version, self.link = path, headers, version, link
        self.webhook_id = headers.get("webhook-id", "")
        self.body, self.events, self.fault = b"", [], ""
        self.complete, self.taken, self.status, self.sent = False, None, None, False


class Exchange:
    """One request and its answer, whatever the version of HTTP; the faults are written against it."""

    def __init__(self, receiver, record, length):
        """`length`: of the body, as the headers tell it."""
        self.receiver, self.record, self.length = receiver, record, length
        self.body = bytearray()

    async def read_all(self):
        while await self.read_some():
            pass
        if len(self.body) != self.length:
            raise ConnectionError("the body was cut short")
        record = self.record
        record.complete = True
        record.events = [int(number) for number in self.receiver.mark.findall(self.body)]
        record.body = bytes(self.body) if self.receiver.keeps_bodies else hash(bytes(self.body))

    async def take(self):
        """Reads what is left of the body; then its events are there."""
        if not self.record.complete:
            await self.read_all()
        self.record.taken = next(self.receiver.order)
        self.receiver.taken.set()

    async def answer(self, status, headers=(), body=b""):
        await self.begin(status, [("content-length", str(len(body))), *headers])
        await self.send(body)
        await self.finish()


class Http1Exchange(Exchange):
    """HTTP/1.1: one request after the other on a connection."""

    def __init__(self, receiver, record, length, reader, writer):
        super().__init__(receiver, record, length)
        self.reader, self.writer = reader, writer
        self.over = False  # whether the connection can't be used again

    async def read_some(self):
        left = self.length - len(self.body)
        piece = await self.reader.read(min(65536, left)) if left else b""
        self.body += piece
        return piece

    async def begin(self, status, headers=()):
        self.record.status = status
        self.chunked = not any(name == "content-length" for name, _ in headers)
        headers = [*headers, ("transfer-encoding", "chunked")] if self.chunked else headers
        await self.send_raw(f"HTTP/1.1 {status} -\r\n".encode()
                            + "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n")

    async def send(self, piece):
        if piece:
            await self.send_raw(b"%x\r\n%b\r\n" % (len(piece), piece) if self.chunked else piece)

    async def finish(self):
        if self.chunked:
            await self.send_raw(b"0\r\n\r\n")
        self.record.sent = True

    async def send_raw(self, piece):
        await write(self.writer, piece)

    async def interim(self, status):
        await self.send_raw(f"HTTP/1.1 {status} -\r\n\r\n".encode())

    async def garbage(self):
        """Something that is no HTTP."""
        await self.send_raw(b"220 mail.example.com ESMTP\r\n" * 3)
        self.over = True

    def reset(self):
        """Ends the connection with a RST."""
        self.over = True
        reset(self.writer)

    def close(self):
        """Ends the connection with a FIN, without TLS's closing."""
        self.over = True
        self.writer.transport.abort()

    async def go_away(self):
        """After the answer: what HTTP/1.1 has in place of a GOAWAY."""
        self.over = True


async def write(writer, piece):
    writer.write(piece)
    await writer.drain()
    # A drain that need not wait does not let the loop find out that the peer is gone.
    await asyncio.sleep(0)
    if writer.transport.is_closing():
        raise ConnectionError("the connection is closed")


def reset(writer):
    try:
        writer.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass  # closed already
    writer.transport.abort()


async def read_head(reader):
    """The request line's path and the headers; None when the connection ended before them."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:
        return None
    fields = [line.split(":", 1) for line in head[1:] if line]
    return head[0].split(" ")[1], {name.lower(): value.strip() for name, value in fields}


class Receiver:
    """One port. `choose(record)` gives the fault (a coroutine function of the exchange) for a request; `refuse_link()`
    one for a connection (of the socket), or None. Several receivers may share `records` and `order`. `mark` finds the
    events' numbers in a body; where `keeps_bodies` is false, a record has a hash in place of the body."""

    def __init__(self, context, choose, refuse_link=lambda: None, keeps_bodies=True, records=None, order=None,
                 mark=MARK):
        self.mark = mark
        self.context, self.choose, self.refuse_link, self.keeps_bodies = context, choose, refuse_link, keeps_bodies
        self.records = [] if records is None else records
        self.order = order or itertools.count()
        self.taken, self.numbers = asyncio.Event(), itertools.count()
        self.tasks, self.writers, self.errors = set(), set(), []
        self.port, self.listener, self.accepting = None, None, None

    async def start(self):
        # A second socket holds the port while the receiver is down, so that nobody else gets it.
        self.holder = self.bind(0)
        self.port = self.holder.getsockname()[1]
        await self.come_up()
        return self

    async def come_up(self):
        self.listener = self.bind(self.port)
        self.listener.listen(512)
        self.accepting = asyncio.ensure_future(self.accept())

    async def go_down(self):
        """As a process that is killed: nothing listens, and every connection is reset."""
        if self.listener is None:
            return
        self.accepting.cancel()
        await asyncio.gather(self.accepting, return_exceptions=True)
        self.listener.close()
        self.listener = None
        for writer in list(self.writers):
            reset(writer)
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def stop(self):
        await self.go_down()
        self.holder.close()
        for error in self.errors:
            raise error

    @staticmethod
    def bind(port):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        listener.bind(("127.0.0.1", port))
        listener.setblocking(False)
        return listener

    async def accept(self):
        loop = asyncio.get_running_loop()
        while True:
            link, _ = await loop.sock_accept(self.listener)
            self.run(self.connection, link)

    def run(self, work, argument):
        task = asyncio.ensure_future(self.forgiving(work, argument))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def forgiving(self, work, argument):
        """A connection that ends is what this is all about; anything else is an error of the harness."""
        try:
            await work(argument)
        except GONE:
            pass
        except Exception as error:
            self.errors.append(error)

    async def connection(self, link):
        loop = asyncio.get_running_loop()
        fault = self.refuse_link()
        if fault:
            try:
                return await fault(link)
            finally:
                link.close()
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = asyncio.StreamReader(limit=1 << 20)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, link, ssl=self.context)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        writer.number = next(self.numbers)
        writer.link = link  # for `reset`, also when the transport has let go of it
        self.writers.add(writer)
        try:
            if writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2":
                from chaos_http2 import Http2Connection
                await Http2Connection(self, reader, writer).serve()
            else:
                await self.serve(reader, writer)
        finally:
            self.writers.discard(writer)
            writer.close()

    async def serve(self, reader, writer):
        while head := await read_head(reader):
            record = Record(head[0], head[1], "1.1", writer.number)
            exchange = Http1Exchange(self, record, int(head[1].get("content-length", 0)), reader, writer)
            await self.handle(exchange)
            if exchange.over or len(exchange.body) < exchange.length:
                return

    async def handle(self, exchange):
        self.records.append(exchange.record)
        fault = self.choose(exchange.record)
        exchange.record.fault = fault.__name__
        await fault(exchange)


def server_context(certificates, http2=True):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    return context

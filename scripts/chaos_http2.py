"""HTTP/2 for the receiver of scripts/chaos, on top of the package h2.

Usage:  import chaos_http2; not a command of its own. See scripts/chaos_receiver.py.

Each stream is an `Http2Exchange`, with the same faults as HTTP/1.1. A body is acknowledged as it is read, so that an
answer before the body really meets a sender that waits for its window.

Needs:  Python 3.11 with the packages of scripts/interop_packages.txt.
"""
import asyncio

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import hyperframe.frame

from chaos_receiver import Exchange, Record, reset, write


class Http2Exchange(Exchange):
    """One stream."""

    def __init__(self, connection, record, length, stream):
        super().__init__(connection.receiver, record, length)
        self.connection, self.stream = connection, stream
        self.pieces = asyncio.Queue()
        self.reset_by_peer, self.has_ended = False, False

    async def read_some(self):
        piece, flow = await self.pieces.get()
        if piece is None:
            self.pieces.put_nowait((None, 0))
            if not self.has_ended:
                raise ConnectionError("the stream was reset")
            return b""
        self.body += piece
        await self.connection.acknowledge(self.stream, flow)
        return piece or b" "

    def end(self, whole):
        """No more comes. A body that came whole stays so, whatever happens to the stream after that."""
        self.has_ended |= whole
        self.reset_by_peer |= not whole
        self.pieces.put_nowait((None, 0))

    async def begin(self, status, headers=()):
        self.record.status = status
        await self.call("send_headers", [(":status", str(status)), *headers])

    async def send(self, piece):
        while piece:
            if self.reset_by_peer:
                raise ConnectionError("the stream was reset")
            window = self.window()
            if window <= 0:
                self.connection.grown.clear()
                await self.connection.grown.wait()
                continue
            await self.call("send_data", piece[:window])
            piece = piece[window:]

    async def finish(self):
        await self.call("end_stream")
        self.record.sent = True

    async def interim(self, status):
        await self.call("send_headers", [(":status", str(status))])

    async def garbage(self):
        """Something that is no frame."""
        self.connection.over = True
        await write(self.connection.writer, b"\xff" * 64)

    def reset(self, code=h2.errors.ErrorCodes.INTERNAL_ERROR):
        """RST_STREAM: the connection's other streams go on."""
        try:
            self.connection.h2.reset_stream(self.stream, code)
        except h2.exceptions.ProtocolError:
            return  # the sender was faster
        self.connection.writer.write(self.connection.h2.data_to_send())

    def close(self):
        """Ends the connection under all its streams."""
        self.connection.over = True
        reset(self.connection.writer)

    async def go_away(self):
        """GOAWAY that names the newest stream: those under way may end, new ones need another connection."""
        await self.connection.go_away()

    def window(self):
        try:
            return min(self.connection.h2.local_flow_control_window(self.stream),
                       self.connection.h2.max_outbound_frame_size)
        except h2.exceptions.ProtocolError:
            raise ConnectionError("the stream is closed") from None

    async def call(self, name, *arguments):
        if self.connection.over:
            raise ConnectionError("the connection is over")
        try:
            getattr(self.connection.h2, name)(self.stream, *arguments)
        except h2.exceptions.ProtocolError:
            raise ConnectionError("the stream is closed") from None
        await self.connection.flush()


class Http2Connection:
    def __init__(self, receiver, reader, writer):
        self.receiver, self.reader, self.writer = receiver, reader, writer
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.streams, self.open = {}, 0
        self.last = None  # the newest stream that a GOAWAY named
        self.grown = asyncio.Event()
        self.over = False

    async def serve(self):
        self.h2.initiate_connection()
        await self.flush()
        try:
            while data := await self.reader.read(65536):
                if self.over:
                    continue
                try:
                    events = self.h2.receive_data(data)
                except h2.exceptions.ProtocolError:
                    break
                for event in events:
                    self.heed(event)
                await self.flush()
        finally:
            self.over = True
            for exchange in self.streams.values():
                exchange.end(whole=False)
            self.grown.set()

    def heed(self, event):
        exchange = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.RequestReceived):
            headers = dict(event.headers)
            record = Record(headers[":path"], headers, "2", self.writer.number)
            exchange = Http2Exchange(self, record, int(headers.get("content-length", 0)), event.stream_id)
            self.streams[event.stream_id] = exchange
            if self.last is None or event.stream_id <= self.last:
                self.receiver.run(self.handle, exchange)
        elif isinstance(event, h2.events.DataReceived) and exchange:
            exchange.pieces.put_nowait((event.data, event.flow_controlled_length))
        elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset)) and exchange:
            exchange.end(whole=isinstance(event, h2.events.StreamEnded))
            self.grown.set()
        elif isinstance(event, (h2.events.WindowUpdated, h2.events.RemoteSettingsChanged)):
            self.grown.set()

    async def handle(self, exchange):
        self.open += 1
        try:
            await self.receiver.handle(exchange)
        finally:
            self.open -= 1
            await self.discard(exchange)
            if self.last is not None and self.open == 0:
                self.over = True
                self.writer.close()

    async def discard(self, exchange):
        """What nobody read of a body takes up the connection's window, for all streams, until it is acknowledged."""
        while not exchange.pieces.empty() or not (exchange.has_ended or exchange.reset_by_peer or self.over):
            piece, flow = await exchange.pieces.get()
            if piece is not None:
                await self.acknowledge(exchange.stream, flow)

    async def acknowledge(self, stream, flow):
        if flow and not self.over:
            try:
                self.h2.acknowledge_received_data(flow, stream)
            except h2.exceptions.ProtocolError:
                return  # the stream is closed; its window with it
            await self.flush()

    async def go_away(self):
        # By hand: h2's own close_connection would end the streams under way, too.
        if self.last is None:
            self.last = max(self.streams)
            await write(self.writer, hyperframe.frame.GoAwayFrame(last_stream_id=self.last).serialize())

    async def flush(self):
        await write(self.writer, self.h2.data_to_send())

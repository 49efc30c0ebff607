"""An HTTPS receiver made of Python's standard library, for scripts/interop: HTTP/1.1 with keep-alive, a thread each.

Usage:  import interop_receiver; not a command of its own.

  with Receiver(certificate, key) as receiver:    without the two: plain HTTP, for behind a proxy
      receiver.route("/path", check)              check(headers, body) raises to refuse; what it returns is the answer
      receiver.url, receiver.taken["/path"], receiver.refused["/path"]

Needs:  Python 3.9.
"""
import collections
import http.server
import ssl
import threading


class Refused(Exception):
    """The request is answered 401."""


class Receiver:
    """A context manager. `taken` holds (headers, body) of each accepted request by path, names in lower case;
    `refused` holds why the others were not."""

    def __init__(self, certificate=None, key=None):
        self.taken = collections.defaultdict(list)
        self.refused = collections.defaultdict(list)
        self.connections = 0
        self._checks = {}
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.receiver = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            # The handshake is left to the connection's own thread, so that nobody can hold up the others.
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True,
                                                      do_handshake_on_connect=False)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if certificate else 'http'}://localhost:{self.port}"

    def route(self, path, check):
        """Takes requests to `path` from now on, and forgets what came there before."""
        self._checks[path] = check
        self.taken[path], self.refused[path] = [], []

    def answer(self, path, headers, body):
        """Status and body for one request."""
        check = self._checks.get(path)
        if check is None:
            return 404, b""
        try:
            text = check(headers, body) or b""
        except Exception as error:  # whatever a verifier throws at a request means that it does not take it
            self.refused[path].append(f"{type(error).__name__}: {error}")
            return 401, b""
        self.taken[path].append((headers, body))
        return 200, text

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def process_request(self, request, client_address):
        self.receiver.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request, client_address):
        pass  # a client that goes away is no news


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        # A value stands here as it came: http.server reads headers as ISO 8859-1.
        headers = {name.lower(): value for name, value in self.headers.items()}
        if "content-length" not in headers:
            self.close_connection = True
            status, text = 411, b""
        else:
            body = self.rfile.read(int(headers["content-length"]))
            status, text = self.receiver.answer(self.path, headers, body)
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(text)))
        if text:
            self.send_header("Content-Type", "application/json")
        self._headers_buffer.append(b"\r\n" + text)  # one write, one TLS record
        self.flush_headers()

    def log_message(self, *_):
        pass

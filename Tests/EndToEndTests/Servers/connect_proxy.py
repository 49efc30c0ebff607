#!/usr/bin/env python3
"""An HTTP proxy for tests that knows CONNECT alone and prints what it was sent.

Usage:  connect_proxy.py [--status STATUS] [--user NAME:PASSWORD] [--tls CERTIFICATE KEY]

  --status STATUS       the answer to every CONNECT, instead of a tunnel
  --user NAME:PASSWORD  whoever does not show them is answered with 407

Prints `listening on PORT`, then each line of what comes before the tunnel. Ends when standard input does.

Needs:  Python 3.9.
"""
import argparse
import base64
import select
import socket
import socketserver
import ssl
import sys
import threading

parser = argparse.ArgumentParser()
parser.add_argument("--status", type=int)
parser.add_argument("--user")
parser.add_argument("--tls", nargs=2)
options = parser.parse_args()


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        client = self.request
        if options.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*options.tls)
            client = context.wrap_socket(client, server_side=True)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = client.recv(1)
            if not byte:
                return
            head += byte
        lines = head.decode().split("\r\n")[:-2]
        print("\n".join(lines), flush=True)
        wanted = options.user and "Basic " + base64.b64encode(options.user.encode()).decode()
        if wanted and f"Proxy-Authorization: {wanted}" not in lines:
            client.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")
            return
        if options.status:
            client.sendall(b"HTTP/1.1 %d No\r\nRetry-After: 99999\r\nContent-Length: 0\r\n\r\n" % options.status)
            return
        host, port = lines[0].split()[1].rsplit(":", 1)
        server = socket.create_connection((host.strip("[]"), int(port)))
        client.sendall(b"HTTP/1.1 200 OK\r\nRetry-After: 99999\r\n\r\n")
        ends = {client: server, server: client}
        while True:
            ready = [end for end in ends if isinstance(end, ssl.SSLSocket) and end.pending()]
            for end in ready or select.select(list(ends), [], [])[0]:
                piece = end.recv(65536)
                if not piece:
                    return
                ends[end].sendall(piece)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client):
        pass


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("listening on", server.server_address[1], flush=True)
sys.stdin.read()

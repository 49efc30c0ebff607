#!/usr/bin/env python3
"""A receiver over TLS for tests: it can ask for client certificates, take access tokens, and give them.

Usage:  https_server.py CERTIFICATE KEY [OPTION...]

POST to /token is a request for a token (RFC 6749 section 4.4) of the client `id` with its secret; any other
path takes what it gets, or with tokens only what carries the newest one.

  --client-ca FILE    asks for a client certificate of that authority, without which nothing is taken
  --ask-ca FILE       the same, but takes connections without one, too
  --secret TEXT       the client's secret, `s e:cret` without
  --token TEXT        what tokens begin with, `token-` without; their number follows
  --tokens            any other path wants a token
  --uses N            every token is refused after N deliveries
  --never-accept      every token is refused
  --expires-in N      seconds; else the answer has no expires_in
  --fail N            the first N token requests are answered with 503
  --tls-1.2           no later version
  --close             every connection serves one request, and the line says whether its TLS session was resumed

Prints `listening on PORT`, then a line for each request: path, status, and what it showed (the common name of its
certificate; the number of its token). Ends when standard input does.

Needs:  Python 3.9.
"""
import argparse
import base64
import http.server
import json
import socket
import ssl
import sys
import threading
import urllib.parse

parser = argparse.ArgumentParser()
parser.add_argument("certificate")
parser.add_argument("key")
parser.add_argument("--client-ca")
parser.add_argument("--ask-ca")
parser.add_argument("--secret", default="s e:cret")
parser.add_argument("--token", default="token-")
parser.add_argument("--tokens", action="store_true")
parser.add_argument("--uses", type=int)
parser.add_argument("--never-accept", action="store_true")
parser.add_argument("--expires-in", type=float)
parser.add_argument("--fail", type=int, default=0)
parser.add_argument("--close", action="store_true")
parser.add_argument("--tls-1.2", dest="old", action="store_true")
options = parser.parse_args()

lock = threading.Lock()
issued = 0
used = 0
asked = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock:
            status, answer, shown = self.token(body) if self.path == "/token" else self.take()
            resumed = " resumed" if options.close and self.connection.session_reused else ""
            print(self.path, status, shown + resumed, flush=True)
        answer = answer.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        if options.close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer)

    def token(self, body):
        global issued, used, asked
        asked += 1
        if asked <= options.fail:
            return 503, "", "down"
        credentials = base64.b64decode(self.headers.get("Authorization", "Basic ")[6:]).decode()
        name, _, secret = credentials.partition(":")
        if (urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(secret)) != ("id", options.secret):
            return 401, json.dumps({"error": "invalid_client", "error_description": "no such secret"}), "refused"
        if urllib.parse.parse_qs(body.decode()) != {"grant_type": ["client_credentials"], "scope": ["a b"]}:
            return 400, json.dumps({"error": "invalid_request"}), "refused"
        issued, used = issued + 1, 0
        grant = {"access_token": f"{options.token}{issued}", "token_type": "bearer"}
        if options.expires_in is not None:
            grant["expires_in"] = options.expires_in
        return 200, json.dumps(grant), f"gave {issued}"

    def take(self):
        global used
        peer = self.connection.getpeercert() or {}
        names = [value for part in peer.get("subject", ()) for key, value in part if key == "commonName"]
        shown = names[0] if names else "-"
        authorization = self.headers.get("Authorization", "-")
        if not options.tokens:
            return 200, "", f"{shown} {authorization}"
        if authorization != f"Bearer {options.token}{issued}" or options.never_accept or used == options.uses:
            return 401, "", authorization
        used += 1
        return 200, "", authorization

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    def finish_request(self, request, client):
        # In the connection's own thread, so that a handshake that fails stops nobody else.
        request = context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        try:
            request.do_handshake()
        except (ssl.SSLError, OSError) as error:
            print("handshake failed", getattr(error, "reason", error), flush=True)
            # What the client has sent already would reset the connection, and the alert would be lost.
            socket.socket.shutdown(request, socket.SHUT_WR)
            while socket.socket.recv(request, 4096):
                pass
            request.close()
            return
        super().finish_request(request, client)

    def handle_error(self, request, client):
        print("connection failed", flush=True)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(options.certificate, options.key)
if options.old:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
if options.client_ca or options.ask_ca:
    context.load_verify_locations(options.client_ca or options.ask_ca)
    context.verify_mode = ssl.CERT_REQUIRED if options.client_ca else ssl.CERT_OPTIONAL
server = Server(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print("listening on", server.server_port, flush=True)
sys.stdin.read()

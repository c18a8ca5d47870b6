#!/usr/bin/env python3
"""A TCP server on port 80 of every address: answers each line with its NAME. Usage: server.py NAME"""
import socketserver
import sys


class Line(socketserver.StreamRequestHandler):
    def handle(self):
        for _ in self.rfile:
            self.wfile.write(sys.argv[1].encode() + b"\n")


class Server(socketserver.ThreadingTCPServer):
    address_family, allow_reuse_address, daemon_threads = 10, True, True  # AF_INET6, which also takes IPv4


server = Server(("::", 80), Line)
print("listening", flush=True)
server.serve_forever()

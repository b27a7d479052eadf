"""An MCP server for tests over streamable HTTP: each session is a server.lua beside this file, HOW the last word of the path.

front.py [--key KEY] prints its port and serves 127.0.0.1 until its stdin ends. POST /json/HOW answers with a body, /sse/HOW
with a stream of events that stays open behind the answer; GET / tells how many sessions began, ended (by DELETE) and live.
HOW may also be one of the ways below in which only this transport can fail.
"""
import http.server
import json
import os
import subprocess
import sys
import threading

KEY = sys.argv[2] if sys.argv[1:2] == ["--key"] else None
HERE = os.path.dirname(os.path.abspath(__file__))
sessions, began, ended = {}, 0, 0
lock = threading.Lock()


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def give(self, status, body=b"", kind="application/json", **more):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def chunk(self, text):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
        self.wfile.flush()

    def do_GET(self):
        with lock:
            self.give(200, json.dumps({"began": began, "ended": ended, "live": len(sessions)}).encode())

    def do_DELETE(self):
        global ended
        with lock:
            server = sessions.pop(self.headers.get("Mcp-Session-Id"), None)
            ended += server is not None
        if server:
            server.kill()
            server.wait()
        self.give(200 if server else 404)

    def begin(self, how):
        global began
        server = subprocess.Popen(["lua5.4", HERE + "/server.lua", how], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        with lock:
            began += 1
            sessions["session-%d" % began] = server
            return "session-%d" % began, server

    def do_POST(self):
        _, way, how = self.path.split("/")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message = json.loads(body)
        if KEY and self.headers.get("Authorization") != "Bearer " + KEY:
            said = self.headers.get("Authorization", "nothing")
            return self.give(401, ("I do not know you, " + said).encode(), "text/plain")
        if how == "elsewhere":
            return self.give(307, Location="http://127.0.0.1:1/")
        if how == "busy":
            return self.give(503, b"too much to do", "text/plain")
        if how == "bare":
            return self.give(200)
        if how == "flood":
            return self.flood(way)
        if message.get("method") == "initialize":
            name, server = self.begin(how)
            more = {"Mcp_Session_Id": name}
        else:
            name, more = self.headers.get("Mcp-Session-Id"), {}
            server = sessions.get(name)
            if not server or how == "forgets" and message.get("method") == "tools/call":
                return self.give(404)
            if self.headers.get("MCP-Protocol-Version") is None:
                return self.give(400, b"no version", "text/plain")
        server.stdin.write(body + b"\n")
        server.stdin.flush()
        if "id" not in message or "method" not in message:
            return self.give(202)
        self.relay(way, server, message["id"], more)

    def relay(self, way, server, number, more):
        if way == "sse":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream; charset=utf-8")
            self.send_header("Transfer-Encoding", "chunked")
            for key, value in more.items():
                self.send_header(key.replace("_", "-"), value)
            self.end_headers()
            self.chunk(b"id: 1\ndata:\n\n")  # a first event without data, as servers send it
        while True:
            line = server.stdout.readline()
            if not line:
                break
            if way == "sse":
                self.chunk(b"event: message\ndata: " + line + b"\n")
            try:
                if json.loads(line).get("id") == number:
                    break
            except ValueError:
                break
        if way == "sse" and line:  # the stream stays open: whoever has the answer does not wait for its end
            while server.poll() is None and not self.gone():
                pass
            return
        if way == "json":
            self.give(200, line.rstrip(b"\n"), **more)
        else:
            self.wfile.write(b"0\r\n\r\n")

    def flood(self, way):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if way == "sse" else "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.chunk(b"data: ")
        while True:  # until nobody reads any more
            self.chunk(b"x" * 65536)

    def gone(self):
        self.connection.settimeout(0.2)
        try:
            return self.connection.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


front = Server(("127.0.0.1", 0), Front)
threading.Thread(target=front.serve_forever, daemon=True).start()
print(front.server_address[1], flush=True)
sys.stdin.read()
for server in list(sessions.values()):
    server.kill()

"""A small HTTP/1.1 server for one WSGI application on loopback: connections are kept, a thread each."""

from __future__ import annotations

import io
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


class Server(ThreadingHTTPServer):
    """The server; its threads end with the process."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, application: WSGIApplication) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.application = application

    def server_bind(self) -> None:
        """Bind without asking the resolver for the host's name, as the parent class does."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error; anything else is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def listen(application: WSGIApplication) -> Server:
    """A server that listens already, on a free port."""
    return Server(application)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "ecrtui-demo"
    disable_nagle_algorithm = True
    timeout = 120

    def _answer(self) -> None:
        body = self._read_body()
        sent: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            sent[:] = [status, headers]
            return lambda data: None

        application = cast(Server, self.server).application
        try:
            payload = b"".join(application(self._environ(body), start_response))
        except Exception:  # noqa: BLE001 - a fault of ours or of moto's must look like one of AWS's
            traceback.print_exc()
            payload = b'{"__type": "InternalFailure", "message": "The embedded account failed"}'
            length = ("Content-Length", str(len(payload)))
            start_response("500 Internal Server Error", [("Content-Type", "application/json"), length])
        head = [f"HTTP/1.1 {sent[0]}", f"Date: {self.date_time_string()}"]
        head += [f"{name}: {value}" for name, value in sent[1]]
        text = "\r\n".join(head) + "\r\n\r\n"
        self.wfile.write(text.encode("latin-1") + (b"" if self.command == "HEAD" else payload))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _answer  # noqa: N815

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _read_chunks(self) -> bytes:
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)

    def _environ(self, body: bytes) -> WSGIEnvironment:
        path, _, query = self.path.partition("?")
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "REQUEST_URI": self.path,
            "RAW_URI": self.path,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(cast(Server, self.server).server_port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH", "TRANSFER_ENCODING"):
                environ[f"HTTP_{key}"] = value
        return environ

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing is logged: standard output belongs to the parent process."""

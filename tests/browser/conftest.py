"""Debian's Chromium without a screen, and the published pages on a local server under a subpath."""

import functools
import http.server
import threading
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium: apt-get install chromium fonts-noto-cjk")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve():
    """serve(folder) gives the address under which the folder's files are served: …/course/."""
    servers = []

    class Files(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            inside = path.removeprefix("/course")
            return super().translate_path(inside if inside != path else "/no/such/file")

        def log_message(self, *args):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            """The browser may leave a page before all of it has come."""

    def start(folder):
        server = Server(("127.0.0.1", 0), functools.partial(Files, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/course/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()

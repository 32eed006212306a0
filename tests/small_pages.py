"""Notebooks of one cell that need no network and no faces, and questions to the server that serves them."""

import http.client
import json
import urllib.parse
from pathlib import Path

from csnviz.servers import Server

PICTURE = b"\x89PNG\r\n\x1a\n" + b"the bytes of a face " * 40


def notebook(path: Path, *lines: str) -> Path:
    """A notebook of one cell, written there."""
    source = [line + "\n" for line in lines]
    cell = {"cell_type": "code", "execution_count": None, "id": "only", "metadata": {}, "outputs": [], "source": source}
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": [cell] if lines else [], "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole))
    return path


def ask(
    server: Server, path: str, headers: dict[str, str] | None = None, method: str = "GET", body: str | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of the answer to a request for exactly this path."""
    parts = urllib.parse.urlsplit(server.address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.request(method, path, body=body, headers=headers or {})
    reply = connection.getresponse()
    found = reply.status, reply.read(), dict(reply.getheaders())
    connection.close()
    return found


def token(server: Server) -> str:
    """The token in a server's address."""
    return server.address.rpartition("token=")[2]


def with_token(server: Server) -> dict[str, str]:
    """A header that has the token."""
    return {"Authorization": f"token {token(server)}"}


def kernel_of(page: bytes) -> str:
    """The name of the kernel of a page, as the page says it."""
    return json.loads(page.split(b'type="application/json">')[1].split(b"</script>")[0])["kernelId"]

"""A small HTTP client that tells what happened instead of raising: a broken connection is an answer with status 0."""

import http.client
import json
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PATIENCE = 10


@dataclass
class Answer:
    status: int
    headers: dict = field(default_factory=dict)
    text: str = ""
    seconds: float = 0.0

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def replica(self):
        return self.headers.get("x-served-by", "")


class Client:
    """Calls one origin; a bearer token and headers go with every call."""

    def __init__(self, origin, token=None, headers=None):
        self.origin, self.token, self.headers = origin, token, headers or {}

    def signed_in(self, token):
        return Client(self.origin, token, self.headers)

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)

    def call(self, method, path, body=None, headers=None, patience=PATIENCE):
        address = urlsplit(self.origin)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=patience)
        sent = {"X-Refresh-Transport": "body", **self.headers, **(headers or {})}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = json.dumps(body)
        began = time.monotonic()
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            text = response.read().decode()
            received = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, received, text, time.monotonic() - began)
        except (OSError, http.client.HTTPException, socket.timeout) as error:
            return Answer(0, {}, f"{type(error).__name__}: {error}", time.monotonic() - began)
        finally:
            connection.close()

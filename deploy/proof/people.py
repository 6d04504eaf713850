"""Users of the stack, and what they carry."""

import base64
import json
import secrets
import subprocess
import time
from dataclasses import dataclass

from client import Client
from stack import EDGE, ROOT, check

PASSWORD = "a long and memorable phrase"


@dataclass
class Person:
    email: str
    id: str
    access_token: str
    refresh_token: str

    @property
    def client(self):
        return Client(EDGE, self.access_token)


def _person(answer):
    check(answer.status in (200, 201), f"signing in: {answer}")
    body = answer.json
    return Person(body["user"]["email"], body["user"]["id"], body["access_token"], body["refresh_token"])


def register(client=None):
    email = f"proof-{secrets.token_hex(6)}@example.org"
    body = {"email": email, "name": "Proof", "password": PASSWORD}
    return _person((client or Client(EDGE)).post("/auth/register", body))


def log_in(email, client=None):
    """Waits when that was tried too often: all of this comes from one address."""
    client, body = client or Client(EDGE), {"email": email, "password": PASSWORD}
    answer = client.post("/auth/login", body)
    while answer.status == 429:
        time.sleep(int(answer.headers["retry-after"]))
        answer = client.post("/auth/login", body)
    return _person(answer)


def make_administrator():
    email = f"admin-{secrets.token_hex(6)}@example.org"
    create = ["docker", "compose", "run", "--rm", "-T", "signet", "admin", "create", "--email", email, "--name", "Root"]
    done = subprocess.run(create, cwd=ROOT, input=PASSWORD + "\n", capture_output=True, text=True, timeout=60)
    check(done.returncode == 0, f"admin create: {done.stdout}{done.stderr}")
    return log_in(email)


def parts(token):
    return token.split(".")


def encode(data):
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def decode(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def forged(token):
    """The same token, but of an administrator: the signature no longer fits."""
    header, payload, signature = parts(token)
    return ".".join([header, encode(decode(payload) | {"roles": ["admin"], "scope": "admin users"}), signature])


def unsigned(token):
    _, payload, _ = parts(token)
    return ".".join([encode({"alg": "none", "typ": "at+jwt"}), payload, ""])


def of_unknown_key(token):
    header, payload, signature = parts(token)
    return ".".join([encode(decode(header) | {"kid": secrets.token_urlsafe(32)}), payload, signature])

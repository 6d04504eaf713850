"""The signing keys of the stack: which there are, and who signs with which."""

import time

import people
from client import Client
from stack import READS, VERIFIED, check, compose, wait_until

# For which verifiers keep the key set: scripts/test-stack has the stack say so.
MAX_AGE = 10


def of(token):
    return people.decode(people.parts(token)[0])["kid"]


def command(*arguments):
    """What `signet keys` prints: the name of each key and its state, the newest first."""
    lines = compose("run", "--rm", "-T", "signet", "keys", *arguments).splitlines()
    return [tuple(line.split()[:2]) for line in lines]


def only(keys, state):
    found = [kid for kid, its in keys if its == state]
    check(len(found) == 1, f"{state} are {found} of {keys}")
    return found[0]


def wait_until_next_is_known():
    """Until there is a key after the one that signs, and every verifier has asked since."""
    wait_until("the next key", lambda: any(state == "next" for _, state in command("list")))
    time.sleep(MAX_AGE)


class Session:
    """Somebody who renews a token at one replica of the issuer."""

    def __init__(self, issuer):
        self.issuer = issuer
        self.refresh_token = people.register(issuer).refresh_token

    def renew(self):
        answer = self.issuer.post("/auth/refresh", {"refresh_token": self.refresh_token})
        check(answer.status == 200, f"refresh: {answer}")
        self.refresh_token = answer.json["refresh_token"]
        return answer.json["access_token"]


def taken_by(replicas, token):
    """The replicas, as `revocation.wait_until_followed` tells them, all of which must take this token."""
    for service, client in replicas:
        answer = client.signed_in(token).get(READS[service])
        check(answer.status == 200, f"{service} to a token under {of(token)}: {answer}")
    return len(replicas)


def taken_at_the_edge(token):
    return Client(VERIFIED, token).get("/users/me").status == 200

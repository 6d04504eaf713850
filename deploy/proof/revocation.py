"""How soon what was revoked is refused: every replica of every resource service is asked all the time, by itself and
through HAProxy, from before a revocation until the last of them refuses."""

import http.client
import random
import statistics
import threading
import time
from contextlib import nullcontext
from urllib.parse import urlsplit

import people
from stack import EDGE, READS, SERVICES, check, docker, replica_clients, wait_until

RESOURCES = list(SERVICES)[1:]
# From the answer to whoever revokes to the last replica's first refusal, in seconds.
PROMISE = 1
# The same when the replica of the issuer that was followed dies in this moment.
PROMISE_WHEN_KILLED = 2
# Then it is over, and failed.
PATIENCE = 15
# Between two calls of one of them, in seconds.
PAUSE = 0.005


class Witness(threading.Thread):
    """Calls one origin again and again, and notes who answered what, and when."""

    def __init__(self, origin, path, token):
        super().__init__(daemon=True)
        address = urlsplit(origin)
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=5)
        self.name, self.path, self.token = f"{origin}{path}", path, token
        self.accepted, self.refused, self.others = {}, {}, []
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(PAUSE):
            began = time.monotonic()
            try:
                self.connection.request("GET", self.path, headers={"Authorization": f"Bearer {self.token}"})
                response = self.connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException) as error:
                self.others.append(repr(error))
                self.connection.close()
                continue
            replica = response.headers.get("X-Served-By", "")
            if response.status == 200:
                self.accepted.setdefault(replica, []).append(began)
            elif response.status == 401:
                self.refused.setdefault(replica, time.monotonic())
            else:
                self.others.append(f"{response.status} of {replica}")

    def end(self):
        self.over.set()
        self.join()
        self.connection.close()


def wait_until_followed():
    """Until no replica of a resource service has anything to say against its feed. Returns where they are."""
    replicas = [(service, client) for service in RESOURCES for client in replica_clients(service)]

    def is_well(client):
        answer = client.get("/readyz")
        return answer.status == 200 and answer.json["reasons"] == {}

    wait_until("every replica follows the feed", lambda: all(is_well(client) for _, client in replicas))
    return replicas


def seconds_until_refused(replicas, token, revoke, circumstance=None):
    """How long each replica took after the answer to `revoke`, who is called under a circumstance."""
    direct = [Witness(client.origin, READS[service], token) for service, client in replicas]
    balanced = [Witness(EDGE, READS[service], token) for service in RESOURCES for _ in range(2)]
    witnesses = direct + balanced
    try:
        wait_until("every replica accepts", lambda: all(witness.accepted for witness in witnesses), PATIENCE)
        names = {name for witness in direct for name in witness.accepted}
        check(len(names) == len(replicas), f"asked {len(replicas)} replicas, {names} answered")

        def refusers(some):
            return {name for witness in some for name in list(witness.refused)}

        # In any moment of whatever somebody does once a second.
        time.sleep(random.random())
        with circumstance or nullcontext():
            began = time.monotonic()
            answer = revoke()
            done = time.monotonic()
        check(answer.status in (200, 204), f"revoking: {answer}")
        wait_until("refused by every replica", lambda: refusers(direct) == names == refusers(balanced), PATIENCE)
    finally:
        for witness in witnesses:
            witness.end()
    for witness in witnesses:
        check(not witness.others, f"{witness.name}: {witness.others[:3]}")
    took = {}
    for name in names:
        first = min(witness.refused[name] for witness in direct if name in witness.refused)
        last = max(asked for witness in witnesses for asked in witness.accepted.get(name, [0]))
        check(began < first, f"{name} refused what was not revoked yet")
        check(last < first, f"{name} accepted again what it had refused")
        took[name] = max(first - done, 0)
    return took


def rounds(person, administrator, issuers, logouts, sessions, roles):
    """What ends tokens, each as a pair of a token and a call that revokes it, at one replica of the issuer after the other."""
    for turn in range(logouts):
        one = people.log_in(person.email)
        yield one.access_token, lambda: issuers[turn % 2].signed_in(one.access_token).post("/auth/logout", {})
    for turn in range(sessions):
        one = people.log_in(person.email)
        session = people.decode(people.parts(one.access_token)[1])["sid"]
        other = issuers[turn % 2].signed_in(person.access_token)
        yield one.access_token, lambda: other.call("DELETE", f"/auth/sessions/{session}")
    for turn in range(roles):
        answer = issuers[turn % 2].post("/auth/refresh", {"refresh_token": person.refresh_token})
        check(answer.status == 200, f"refresh: {answer}")
        person.refresh_token = answer.json["refresh_token"]
        path, wanted = f"/auth/admin/users/{person.id}/roles", {"roles": ["customer", "provider"][: 1 + (turn + 1) % 2]}
        yield answer.json["access_token"], lambda: issuers[turn % 2].signed_in(administrator.access_token).call("PUT", path, wanted)


def in_words(seconds):
    """Of many."""
    half, last = statistics.median(seconds), max(seconds)
    return f"half of {len(seconds)} refusals within {half * 1000:.0f} ms, the last after {last * 1000:.0f} ms"


def streams(container):
    """How many connections a replica of the issuer has at its gRPC port."""
    lines = docker("exec", container, "cat", "/proc/net/tcp").splitlines()[1:]
    ends = [line.split()[1:4] for line in lines]
    return sum(1 for local, _, state in ends if local.endswith(":0FA1") and state == "01")


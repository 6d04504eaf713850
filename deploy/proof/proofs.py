"""What the stack promises, each promise as a function: it returns what it saw, in a line, or raises `Failed`."""

import json
import os
import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import keys
import people
import revocation
from client import Client
from stack import (
    EDGE, READS, SERVICES, VERIFIED, address, all_up, check, compose, containers, docker, inspect, killing, load,
    nothing_failed, replica_clients, run, servers_up, summary, wait_until, wait_until_healthy,
)

FULL = os.environ.get("SIGNET_FULL") == "1"
# How long PostgreSQL and Redis stay away, in seconds.
OUTAGE = 30 if FULL else 8
MEBIBYTE = 1024 * 1024


class Proofs:
    def __init__(self):
        self.person = people.register()
        self.token = self.person.access_token

    def renew(self):
        """A token lives ten minutes; what follows may take longer than what is left."""
        self.person = people.log_in(self.person.email)
        self.token = self.person.access_token

    # Built and bounded

    def images_are_small(self):
        base = int(docker("image", "inspect", "--format", "{{.Size}}", "debian:trixie-slim"))
        sizes = {}
        for program in [*SERVICES, "signet"]:
            image = f"signet/{program}"
            sizes[program] = (int(docker("image", "inspect", "--format", "{{.Size}}", image)) - base) / MEBIBYTE
            check(sizes[program] <= 60, f"{image} is {sizes[program]:.1f} MiB above its base")
            user = docker("image", "inspect", "--format", "{{.Config.User}}", image).strip()
            check(user == "10001:10001", f"{image} runs as {user!r}")
        return "above the base: " + ", ".join(f"{name} {size:.0f} MiB" for name, size in sizes.items())

    def memory_is_bounded(self):
        limits, used = 0, 0
        for container in compose("ps", "--all", "--quiet").split():
            limit = inspect(container)["HostConfig"]["Memory"]
            check(limit > 0, f"{container} has no memory limit")
            limits += limit
        check(limits <= 1024 * MEBIBYTE, f"the limits add up to {limits / MEBIBYTE:.0f} MiB")
        for line in docker("stats", "--no-stream", "--format", "{{.MemUsage}}", *compose("ps", "--quiet").split()).splitlines():
            number = line.split("/")[0].strip()
            used += float(number[:-3]) * {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[number[-3:]]
        return f"limits add up to {limits / MEBIBYTE:.0f} MiB, {used:.0f} MiB in use"

    def containers_are_locked_down(self):
        for service in [*SERVICES, "haproxy"]:
            for container in containers(service):
                host = inspect(container)["HostConfig"]
                check(host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"], f"{service} may do more than it needs")
                published = {port for port, at in inspect(container)["NetworkSettings"]["Ports"].items() if at}
                check(bool(published) == (service == "haproxy"), f"{service} publishes {published}")
        owners = []
        for service in [*SERVICES, "postgres", "redis", "haproxy"]:
            for container in containers(service):
                details = inspect(container)
                mounts = [mount.get("Name", "") for mount in details["Mounts"]]
                told = " ".join(details["Config"]["Env"])
                if any(name.endswith("secrets-auth") for name in mounts) or "MASTER_KEY" in told:
                    owners.append(service)
                check("://" not in told.replace("http://", "").replace("https://", ""), f"{service}: a URL with a password in its environment")
        check(set(owners) == {"auth-service"}, f"the master key is seen by {set(owners)}")
        return "read-only, no capabilities, one port published, the master key mounted by auth-service alone"

    # One issuer out of two

    def racing_first_starts_made_one_key(self):
        sets = [client.get("/.well-known/jwks.json").json["keys"] for client in replica_clients("auth-service")]
        check(len(sets) == 2 and sets[0][0] == sets[1][0], f"the replicas publish {sets}")
        states = compose("exec", "-T", "postgres", "psql", "-U", "postgres", "-d", "auth", "-Atc", "SELECT state FROM signing_keys ORDER BY state").split()
        # A few seconds after the first start the next one is published too.
        check(states in (["active"], ["active", "next"]), f"in the database are keys that are {states}")
        return "two replicas that started on an empty database sign with the same single key"

    def sessions_are_everywhere(self):
        one, other = replica_clients("auth-service")
        person = people.log_in(self.person.email, one)
        refreshed = other.post("/auth/refresh", {"refresh_token": person.refresh_token})
        check(refreshed.status == 200, f"refresh at the other replica: {refreshed}")
        again = one.post("/auth/refresh", {"refresh_token": person.refresh_token})
        check(again.json["refresh_token"] == refreshed.json["refresh_token"], "a repeated refresh got another successor")
        return "logged in at one replica, refreshed at the other, repeated at the first: the same successor"

    def limits_are_shared(self):
        """Ten attempts at an account from one address, then one every twelve seconds, wherever they arrive."""
        email = f"nobody-{time.time_ns()}@example.org"
        guess = {"email": email, "password": "not the right password"}
        clients = replica_clients("auth-service")
        statuses = [clients[attempt % 2].post("/auth/login", guess).status for attempt in range(16)]
        check(statuses.count(401) <= 12 and statuses[-1] == 429, f"answers to guesses: {statuses}")
        return f"16 guesses in turn at two replicas: {statuses.count(401)} judged, {statuses.count(429)} refused"

    # Revocation

    def what_is_revoked_is_refused_everywhere(self):
        """At one replica of the issuer; every replica of the others hears of it."""
        person, administrator = people.register(), people.make_administrator()
        replicas = revocation.wait_until_followed()
        logouts, sessions, roles = (8, 8, 24) if FULL else (3, 3, 6)
        seconds = []
        for token, revoke in revocation.rounds(person, administrator, replica_clients("auth-service"), logouts, sessions, roles):
            seconds += revocation.seconds_until_refused(replicas, token, revoke).values()
        check(max(seconds) < revocation.PROMISE, revocation.in_words(seconds))
        return f"{logouts} × logged out, {sessions} × ended from another device, {roles} × other roles; " \
               f"{len(replicas)} replicas, by themselves and through HAProxy: {revocation.in_words(seconds)}"

    def killed_issuer_revokes_by_the_other(self):
        """The replica that most of the others follow dies, and what is revoked in this moment is refused all the same."""
        person, seconds, lost = people.register(), [], []
        for _ in range(6 if FULL else 2):
            replicas = revocation.wait_until_followed()
            one = people.log_in(person.email)
            issuers = dict(zip(containers("auth-service"), replica_clients("auth-service")))
            followers = {container: revocation.streams(container) for container in issuers}
            victim = max(followers, key=followers.get)
            [other] = [client for container, client in issuers.items() if container != victim]
            lost.append(followers[victim])
            check(sum(followers.values()) == len(replicas), f"streams: {followers}")

            def log_out():
                return other.signed_in(one.access_token).post("/auth/logout", {})

            try:
                death = killing(victim, issuers[victim])
                seconds += revocation.seconds_until_refused(replicas, one.access_token, log_out, death).values()
            finally:
                docker("start", victim)
                wait_until_healthy(victim)
                wait_until("auth-service complete", lambda: servers_up("auth") == 2)
        check(max(seconds) < revocation.PROMISE_WHEN_KILLED, revocation.in_words(seconds))
        return f"killed with {', '.join(map(str, lost))} of {len(replicas)} streams: {revocation.in_words(seconds)}"

    # Other keys

    def keys_take_turns_unnoticed(self):
        """Under load; the edge that verifies by itself takes the new key too."""
        keys.wait_until_next_is_known()
        replicas = revocation.wait_until_followed()
        sessions = [keys.Session(client) for client in replica_clients("auth-service")]
        old = sessions[0].renew()
        with load(self.token) as result:
            began = time.monotonic()
            wished = keys.command("rotate")
            signing = keys.of(old)

            def all_sign_with_another():
                return {keys.of(session.renew()) for session in sessions}.isdisjoint({signing})

            wait_until("another key signs everywhere", all_sign_with_another)
            took = time.monotonic() - began
            fresh = [session.renew() for session in sessions]
            asked = sum(keys.taken_by(replicas, token) for token in [old, *fresh])
            edge = [keys.taken_at_the_edge(token) for token in [old, *fresh]]
            # Until every verifier, and the edge, has asked for the keys again.
            time.sleep(keys.MAX_AGE)
            asked += sum(keys.taken_by(replicas, token) for token in [old, *fresh])
            edge += [keys.taken_at_the_edge(token) for token in [old, *fresh]]
        nothing_failed(result)
        check(result["repeated_writes"] == 0, f"{summary(result)}: {result['examples']}")
        check(all(edge), f"at the edge old and new tokens are taken: {edge}")
        now = keys.command("list")
        check((signing, "retiring") in now and len(now) <= len(wished) + 1, f"before {wished}, now {now}")
        check(keys.of(fresh[0]) == keys.of(fresh[1]) == keys.only(now, "active"), f"signing {fresh}, keys {now}")
        return f"both issuers sign with the next key {took:.1f} s after the wish; {asked} questions under both keys and " \
               f"{len(edge)} at the edge, all taken; {summary(result)}"

    def revoked_key_is_refused_everywhere(self):
        """While it signs, at one replica of the issuer. Whoever signs in or renews a token then goes on."""
        seconds, onward = [], []
        for turn in range(4 if FULL else 1):
            keys.wait_until_next_is_known()
            issuers, replicas = replica_clients("auth-service"), revocation.wait_until_followed()
            administrator, sessions = people.make_administrator(), [keys.Session(issuer) for issuer in issuers]
            token = sessions[turn % 2].renew()
            path = f"/auth/admin/keys/{keys.of(token)}/revoke"
            seconds += revocation.seconds_until_refused(
                replicas, token, lambda: issuers[turn % 2].signed_in(administrator.access_token).post(path)).values()
            began = time.monotonic()
            fresh = [people.log_in(administrator.email, issuer).access_token for issuer in issuers]
            fresh += [session.renew() for session in sessions]
            for one in fresh:
                keys.taken_by(replicas, one)
            onward.append(time.monotonic() - began)
            edge = wait_until("the edge takes the new key and refuses the revoked one",
                              lambda: keys.taken_at_the_edge(fresh[0]) and Client(VERIFIED, token).get("/users/me").replica == "", 30)
        check(max(seconds) < revocation.PROMISE, revocation.in_words(seconds))
        self.renew()
        return f"{revocation.in_words(seconds)}; then logins and refreshes at each issuer were good everywhere, asked for " \
               f"within {max(onward):.1f} s; the edge itself refuses it {edge:.1f} s later"

    # Load balancing

    def every_replica_serves(self):
        paths = list(READS.values())
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda number: self.person.client.get(paths[number % 4]), range(1000)))
        statuses = {answer.status for answer in answers}
        check(statuses == {200}, f"statuses: {statuses}")
        counts = {}
        for answer in answers:
            counts[answer.replica] = counts.get(answer.replica, 0) + 1
        for service in SERVICES:
            replicas = [name for name in counts if name.startswith(service)]
            check(len(replicas) == 2, f"{service}: served by {replicas}")
        return "1000 × 200 with one token; by replica: " + ", ".join(str(counts[name]) for name in sorted(counts))

    def ordinary_clients_are_served(self):
        """By the profile `load`, as anybody would start it."""
        result = json.loads(compose("run", "--rm", "-T", "load", "--seconds", "5", "--clients", "4"))
        nothing_failed(result)
        check(result["repeated_writes"] == 0, f"{summary(result)}: {result['examples']}")
        return f"{summary(result)}; {result['per_second']} a second, {result['milliseconds']}"

    def scaling_finds_its_load(self):
        with load(self.token) as result:
            compose("up", "--detach", "--no-recreate", "--scale", "users-service=4", "users-service")
            took = wait_until("four replicas of users-service", lambda: servers_up("users") == 4)
            time.sleep(2)
        nothing_failed(result)
        served = {name: count for name, count in result["served_by"].items() if name.startswith("users-service")}
        check(len(served) == 4, f"served by {served}")
        with load(self.token) as shrinking:
            compose("up", "--detach", "--no-recreate", "--scale", "users-service=2", "users-service")
            wait_until("two replicas of users-service", lambda: servers_up("users") == 2)
            time.sleep(1)
        nothing_failed(shrinking)
        return f"four replicas in use {took:.1f} s after the command, {sorted(served.values())}; {summary(result)}; and back to two: {summary(shrinking)}"

    # Losing parts

    def killed_replicas_are_not_missed(self):
        with load(self.token) as result:
            for service in SERVICES:
                victim = containers(service)[0]
                docker("kill", "--signal", "KILL", victim)
                time.sleep(1.5)
                docker("start", victim)
                wait_until_healthy(victim)
                wait_until(f"{service} complete", lambda: servers_up(service.removesuffix("-service")) == 2)
        nothing_failed(result)
        return f"one of each killed in turn: {summary(result)}"

    def rolling_restart_is_not_noticed(self):
        slowest = 0
        with load(self.token) as result:
            for service in SERVICES:
                for container in containers(service):
                    began = time.monotonic()
                    docker("stop", container)
                    slowest = max(slowest, time.monotonic() - began)
                    code = inspect(container)["State"]["ExitCode"]
                    check(code == 0, f"{service} ended with {code}")
                    docker("start", container)
                    wait_until_healthy(container)
                    wait_until(f"{service} complete", lambda: servers_up(service.removesuffix("-service")) == 2)
        nothing_failed(result)
        check(result["repeated_writes"] == 0, f"{summary(result)}: {result['examples']}")
        check(slowest <= 10.5, f"a replica took {slowest:.1f} s to end")
        return f"every replica of every service: {summary(result)}; the slowest ended after {slowest:.1f} s, all with status 0"

    def issuer_may_be_away(self):
        auth = containers("auth-service")
        docker("stop", *auth)
        try:
            for service in list(SERVICES)[1:]:
                for _ in range(6):
                    answer = self.person.client.get(READS[service])
                    check(answer.status == 200, f"{service} without an issuer: {answer}")
            edge = Client(VERIFIED, self.token).get("/users/me")
            check(edge.status == 200, f"verified at the edge: {edge}")
            login = Client(EDGE).post("/auth/login", {"email": self.person.email, "password": people.PASSWORD})
            check(login.status == 503 and login.json["code"] == "unavailable" and "retry-after" in login.headers, f"login: {login}")
        finally:
            docker("start", *auth)
        back = wait_until("an issuer", lambda: Client(EDGE).get("/.well-known/jwks.json").status == 200)
        for container in auth:
            wait_until_healthy(container)
        wait_until("both issuers", all_up)
        self.renew()
        return f"tokens go on, a login answers 503 in {login.seconds * 1000:.0f} ms; back {back:.1f} s after the start"

    def database_may_be_away(self):
        [postgres] = containers("postgres")
        slowest, checked = 0, 0
        for how, back in (("stop", "start"), ("pause", "unpause")):
            docker(how, postgres)
            try:
                end = time.monotonic() + OUTAGE
                answers = [Client(EDGE).post("/auth/login", {"email": self.person.email, "password": people.PASSWORD})]
                while time.monotonic() < end:
                    booking = {"offering_id": str(uuid.uuid4()), "starts_at": "2030-01-01T09:00:00Z"}
                    confirm = {"card_number": "4242424242424242"}
                    answers += [
                        self.person.client.call("PATCH", "/users/me", {"display_name": "Ada"}),
                        self.person.client.post("/appointments", booking),
                        self.person.client.post(f"/payments/{uuid.uuid4()}/confirm", confirm, headers={"Idempotency-Key": "1"}),
                        self.person.client.get("/auth/sessions"),
                    ]
                    for answer in answers:
                        check(answer.status == 503 and "retry-after" in answer.headers, f"while the database is away ({how}): {answer}")
                        slowest, checked = max(slowest, answer.seconds), checked + 1
                    answers = []
                    keys = Client(EDGE).get("/.well-known/jwks.json")
                    check(keys.status == 200, f"JWKS while the database is away: {keys}")
                    refused = Client(EDGE, people.forged(self.token)).get("/users/me")
                    check(refused.status == 401, f"a forged token while the database is away: {refused}")
                    check(all_up(), "a replica is not ready only because the database is away")
                    time.sleep(0.3)
            finally:
                docker(back, postgres)
            if how == "stop":
                wait_until_healthy(postgres)
            recovery = wait_until("recovery", lambda: self.person.client.call("PATCH", "/users/me", {"display_name": "Ada"}).status == 200)
            check(recovery <= 5, f"recovery took {recovery:.1f} s after {back}")
            for service in SERVICES:
                wait_until(f"{service} recovered", lambda: self.person.client.get(READS[service]).status == 200, 5)
        check(slowest <= 1, f"the slowest 503 took {slowest:.2f} s")
        return f"stopped, then frozen, for {OUTAGE} s each: {checked} × 503 with Retry-After, the slowest after {slowest * 1000:.0f} ms; " \
               f"JWKS and verification go on; last recovery {recovery:.1f} s"

    def redis_may_be_away(self):
        [redis] = containers("redis")
        seen = []
        for how, back in (("stop", "start"), ("pause", "unpause")):
            with load(self.token) as result:
                docker(how, redis)
                try:
                    end = time.monotonic() + OUTAGE
                    while time.monotonic() < end:
                        people.log_in(self.person.email)
                        time.sleep(OUTAGE / 4)
                finally:
                    docker(back, redis)
            nothing_failed(result)
            check(result["repeated_writes"] == 0, f"{summary(result)}: {result['examples']}")
            seen.append(f"{how}: {summary(result)}, the slowest after {result['milliseconds']['max']:.0f} ms")
        wait_until_healthy(redis)
        return f"away for {OUTAGE} s each time, logins go on; {'; '.join(seen)}"

    def data_outlives_the_containers(self):
        compose("down", "--timeout", "12", patience=120)
        compose("up", "--detach", "--wait", patience=300)
        wait_until("every replica", all_up)
        refreshed = Client(EDGE).post("/auth/refresh", {"refresh_token": self.person.refresh_token})
        check(refreshed.status == 200, f"refresh after down and up: {refreshed}")
        me = self.person.client.get("/users/me")
        check(me.status == 200 and me.json["id"] == self.person.id, f"an old token after down and up: {me}")
        self.renew()
        return "after down and up: the session refreshes, the old access token is valid, the password is known"

    # The edge

    def edge_verifies(self):
        def status(token):
            return Client(VERIFIED, token).get("/users/me").status

        seen = {
            "good": status(self.token), "none": status(None), "garbage": status("garbage"), "forged": status(people.forged(self.token)),
            "unsigned": status(people.unsigned(self.token)),
        }
        check(seen == {"good": 200, "none": 401, "garbage": 401, "forged": 401, "unsigned": 401}, f"{seen}")
        replica = Client(VERIFIED, people.forged(self.token)).get("/users/me").replica
        check(replica == "", f"a forged token reached {replica}")
        for token in (None, "garbage", people.forged(self.token), people.unsigned(self.token), people.of_unknown_key(self.token)):
            answer = Client(EDGE, token).get("/users/me")
            check(answer.status == 401 and "www-authenticate" in answer.headers and answer.replica, f"at the service: {answer}")
        return ", ".join(f"{name} {code}" for name, code in seen.items()) + "; the same from the services themselves"

    def others_take_the_same_tokens(self):
        consumers = {"consumer-python": 5001, "consumer-node": 5002, "consumer-rust": 5003}
        compose("--profile", "consumers", "up", "--build", "--detach", "--wait", *consumers, patience=900)
        seen = {}
        for consumer, port in consumers.items():
            origin = f"http://localhost:{port}"
            good = Client(origin, self.token).get("/whoami")
            check(good.status == 200 and good.json["sub"] == self.person.id, f"{consumer}: {good}")
            bad = [None, "garbage", people.forged(self.token), people.unsigned(self.token), people.of_unknown_key(self.token)]
            seen[consumer] = [Client(origin, token).get("/whoami").status for token in bad]
            check(seen[consumer] == [401] * 5, f"{consumer}: {seen[consumer]}")
        compose("--profile", "consumers", "rm", "--stop", "--force", *consumers)
        return f"{', '.join(consumers)}: a good token 200; none, garbage, forged, unsigned and of an unknown key 401"

    def edge_speaks_tls_and_http2(self):
        def curl(*arguments):
            return run("curl", "-s", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", *arguments)

        seen = [curl("-k", "https://localhost:8443/.well-known/jwks.json"), curl("--http2-prior-knowledge", f"{EDGE}/.well-known/jwks.json")]
        check(seen == ["2 200", "2 200"], f"{seen}")
        return "HTTP/2 over TLS and in the clear"

    def edge_keeps_limits(self):
        with socket.create_connection(("localhost", 8080), 10) as slow:
            slow.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n")
            began = time.monotonic()
            slow.settimeout(10)
            answer = slow.recv(1000)
            waited = time.monotonic() - began
        check(b" 408 " in answer.split(b"\r\n")[0] + b" " and waited < 7, f"a slow sender got {answer[:60]} after {waited:.1f} s")
        large = Client(EDGE).get("/providers", headers={"X-Large": "x" * 20_000})
        check(large.status == 400, f"20 kB of headers: {large}")
        many = Client(EDGE).get("/providers", headers={f"X-{number}": "1" for number in range(100)})
        check(many.status == 400, f"100 headers: {many}")
        for hidden in ("/metrics", "/readyz", "/livez", "/openapi.json"):
            check(Client(EDGE).get(hidden).status == 404, f"{hidden} is open to the outside")
        return f"a slow sender is cut off after {waited:.1f} s; too large and too many headers are 400; operations stay inside"

    def forwarded_addresses_are_haproxys(self):
        person = people.log_in(self.person.email, Client(EDGE, headers={"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"}))
        check("203.0.113.9" not in person.client.get("/auth/sessions").text, "a client's word for its address was believed")
        [direct, _] = replica_clients("auth-service")
        person = people.log_in(self.person.email, Client(direct.origin, headers={"X-Forwarded-For": "203.0.113.9"}))
        check("203.0.113.9" not in direct.signed_in(person.access_token).get("/auth/sessions").text, "somebody else than HAProxy was believed")
        return "X-Forwarded-For of a client, or of anybody but HAProxy, is not believed"

    def one_id_goes_through(self):
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        told = self.person.client.get("/users/me", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        check(told.headers["x-request-id"] == trace, f"{told.headers}")
        made = [Client(EDGE).get(path).headers["x-request-id"] for path in ("/users/me", "/nowhere", "/providers")]
        check(len(set(made)) == 3 and all(len(id) == 32 for id in made), f"{made}")
        logs = compose("logs", "--no-color", "haproxy", "users-service")
        check(sum(made[0] in line for line in logs.splitlines()) >= 2, "HAProxy and the service log different ids")
        return "a client's trace goes on, others get one; HAProxy and the services log the same id"

    def edge_limits_rate(self):
        """Last, since it sets HAProxy another limit."""
        compose("up", "--detach", "--wait", "--no-deps", "haproxy", environment={"SIGNET_EDGE_REQUESTS_PER_10_S": "50"})
        wait_until("every replica", all_up)
        answers = [Client(EDGE).get("/.well-known/jwks.json") for _ in range(80)]
        passed, refused = ([answer for answer in answers if answer.status == status] for status in (200, 429))
        check(len(passed) + len(refused) == 80 and 40 <= len(passed) <= 60, f"{len(passed)} passed, {len(refused)} refused")
        check(refused[0].json["code"] == "rate_limited" and refused[0].headers["retry-after"], f"{refused[0]}")
        return f"50 requests in 10 s allowed: of 80 at once {len(passed)} passed, {len(refused)} were answered 429"

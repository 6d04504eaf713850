"""The running stack, by `docker compose`: its containers, what happens to them, and the load that it is under."""

import json
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from client import Client

ROOT = Path(__file__).resolve().parent.parent.parent
EDGE = "http://localhost:8080"
VERIFIED = "http://localhost:8081"
SERVICES = {
    "auth-service": 3001,
    "users-service": 3002,
    "appointments-service": 3003,
    "payments-service": 3004,
}

# A route of each service that reads its database, and one that does not need any.
READS = {
    "auth-service": "/auth/sessions",
    "users-service": "/users/me",
    "appointments-service": "/appointments",
    "payments-service": "/payments",
}


class Failed(Exception):
    """Something is not as it must be."""


def check(condition, message):
    if not condition:
        raise Failed(message)


def run(*command, patience=300, environment=None):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patience, stdin=subprocess.DEVNULL,
                          env=os.environ | (environment or {}))
    check(done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def docker(*arguments, **more):
    return run("docker", *arguments, **more)


def compose(*arguments, **more):
    return docker("compose", *arguments, **more)


def wait_until(what, condition, patience=60):
    """Returns how long it took, in seconds."""
    began = time.monotonic()
    while not condition():
        check(time.monotonic() - began < patience, f"{what}: not within {patience} s")
        time.sleep(0.05)
    return time.monotonic() - began


def containers(service):
    return compose("ps", "--all", "--quiet", service).split()


def inspect(container):
    return json.loads(docker("inspect", container))[0]


def address(container):
    """Reachable from this machine, past HAProxy."""
    [network] = [network for name, network in inspect(container)["NetworkSettings"]["Networks"].items() if name.endswith("_inside")]
    return network["IPAddress"]


def replica_clients(service):
    return [Client(f"http://{address(container)}:{SERVICES[service]}") for container in containers(service)]


@contextmanager
def killing(container, client):
    """From the moment of its death: Docker's own word comes a while later."""
    with subprocess.Popen(["docker", "kill", "--signal", "KILL", container], stdout=subprocess.DEVNULL) as process:
        while client.get("/livez", patience=0.2).status == 200:
            check(process.poll() in (None, 0), f"{container[:12]} could not be killed")
        yield


def is_healthy(container):
    return inspect(container)["State"].get("Health", {}).get("Status") == "healthy"


def wait_until_healthy(container, patience=60):
    return wait_until(f"{container[:12]} healthy", lambda: is_healthy(container), patience)


def servers_up(backend):
    """How many replicas HAProxy sends requests of `backend` to, by its own statistics."""
    rows = Client("http://localhost:8404").get("/;csv").text.splitlines()
    head = rows[0].lstrip("# ").split(",")
    servers = [dict(zip(head, row.split(","))) for row in rows[1:]]
    return sum(
        1 for server in servers
        if server["pxname"] == backend and server["svname"] not in ("FRONTEND", "BACKEND") and server["status"] == "UP"
    )


def all_up(replicas=2):
    return all(servers_up(service.removesuffix("-service")) >= replicas for service in SERVICES)


@contextmanager
def load(token, clients=8, writes=True, pause=20):
    """Ordinary clients that run until the block ends; what came back is in the dict that this yields."""
    command = ["node", "deploy/load/load.mjs", "--url", EDGE, "--seconds", "600",
               "--clients", str(clients), "--pause", str(pause)]
    if not writes:
        command.append("--read-only")
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True,
                               env=dict(os.environ, ACCESS_TOKEN=token))
    result = {}
    time.sleep(1)
    check(process.poll() is None, "the load ended at once")
    try:
        yield result
        process.send_signal(signal.SIGINT)
        result.update(json.loads(process.communicate(timeout=60)[0]))
    finally:
        process.kill()
        process.wait()


def summary(result):
    return f"{result['requests']} requests, {result['failed_reads']} failed reads, " \
           f"{result['repeated_writes']} repeated and {result['lost_writes']} lost writes"


def nothing_failed(result):
    check(result["failed_reads"] == 0 and result["lost_writes"] == 0, f"{summary(result)}: {result['examples']}")

"""The issuer's public keys, fetched in the background and kept through an outage.

PyJWKClient does the fetching and the parsing. Its own cache is switched off: it drops known keys when their time is over
and the issuer is away, and asks an issuer that is away anew for every request.
"""

import asyncio
import contextlib
import logging
from time import monotonic

from jwt import PyJWK, PyJWKClient
from jwt.exceptions import PyJWTError

log = logging.getLogger("uvicorn.error")

# For how long after the last successful fetch keys are still used, in seconds.
STALE_LIMIT = 24 * 3600
FETCH_TIMEOUT = 3


class Unavailable(Exception):
    """No keys are at hand, so that no token can be judged."""


class Keys:
    def __init__(self, url: str, max_age: float, cooldown: float) -> None:
        self._client = PyJWKClient(url, cache_jwk_set=False, timeout=FETCH_TIMEOUT)
        self._max_age = max_age
        self._cooldown = cooldown
        self._known: dict[str, PyJWK] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._flight: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Keeps the keys fresh, for ever, so that no request under a known key waits for the network."""
        while True:
            await self._fetch()
            await asyncio.sleep(self._max_age if self._fetched >= self._tried else self._cooldown)

    async def find(self, kid: str) -> PyJWK | None:
        """The key of that name. An unknown name costs the issuer one request per cooldown, however many ask."""
        if kid not in self._usable():
            if self._flight or monotonic() - self._tried >= self._cooldown:
                await self._fetch()
            if not self._usable():
                raise Unavailable
        return self._usable().get(kid)

    def _usable(self) -> dict[str, PyJWK]:
        return self._known if monotonic() - self._fetched < STALE_LIMIT else {}

    async def _fetch(self) -> None:
        """Joins the fetch that is under way or starts one. Never raises: without new keys the old ones stay."""
        if self._flight is None:
            self._tried = monotonic()
            self._flight = asyncio.create_task(self._replace())
            self._flight.add_done_callback(lambda _: setattr(self, "_flight", None))
        # The client's timeout is for each read of the socket; this one is for the whole.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._flight), FETCH_TIMEOUT)

    async def _replace(self) -> None:
        try:
            found = await asyncio.to_thread(self._client.get_signing_keys)
        except (PyJWTError, ValueError, OSError) as error:
            log.warning("the issuer's keys could not be fetched: %s", error)
            return
        self._known = {key.key_id: key for key in found if key.key_type == "RSA" and key.key_id}
        self._fetched = monotonic()

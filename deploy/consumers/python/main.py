"""A service that lets in whoever has a good access token. Run it with `python main.py`; what it reads is in settings.py."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request

from keys import Keys, Unavailable
from settings import Settings
from tokens import Refused, Tokens

log = logging.getLogger("uvicorn.error")
settings = Settings.from_environment()
keys = Keys(settings.jwks_url, settings.max_age, settings.cooldown)
tokens = Tokens(keys, settings.issuer, settings.audience)


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    refresh = asyncio.create_task(keys.run())
    yield
    refresh.cancel()


app = FastAPI(title="A consumer of Signet's tokens", lifespan=lifespan)


def unauthorized(challenge: str) -> HTTPException:
    return HTTPException(401, "a valid access token is needed", {"WWW-Authenticate": challenge})


async def caller(request: Request) -> dict[str, Any]:
    """The claims of the caller's token (RFC 6750 §2.1, §3)."""
    values = request.headers.getlist("authorization")
    if not values:
        raise unauthorized("Bearer")
    scheme, _, token = values[0].partition(" ")
    try:
        if len(values) > 1 or scheme.lower() != "bearer":
            raise Refused("not one bearer token")
        return await tokens.verify(token.lstrip(" "))
    except Refused as refused:
        log.info("refused: %s", refused)
        raise unauthorized('Bearer error="invalid_token"') from None
    except Unavailable:
        raise HTTPException(503, "tokens cannot be verified now", {"Retry-After": "5"}) from None


def needs(scope: str) -> Any:
    """A dependency: lets only tokens in that grant `scope`."""

    async def check(claims: Annotated[dict[str, Any], Depends(caller)]) -> dict[str, Any]:
        if scope not in claims["scope"].split(" "):
            challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
            raise HTTPException(403, f"the scope {scope} is needed", {"WWW-Authenticate": challenge})
        return claims

    return Depends(check)


@app.get("/")
async def root() -> dict[str, str]:
    return {"service": "consumer-python"}


@app.get("/livez")
async def livez() -> dict[str, str]:
    return {"status": "alive"}


@app.get("/whoami")
async def whoami(claims: Annotated[dict[str, Any], needs("profile")]) -> dict[str, Any]:
    return {name: claims[name] for name in ("sub", "scope", "roles")} | {"service": "consumer-python"}


if __name__ == "__main__":
    # On SIGTERM uvicorn stops to listen, finishes what it has begun, and ends.
    uvicorn.run(app, host=settings.host, port=settings.port, timeout_graceful_shutdown=10, access_log=False)

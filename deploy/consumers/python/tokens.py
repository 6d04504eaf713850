"""Access tokens (RFC 9068): a string in, claims out, or `Refused`. All rules about a token are in `Tokens.verify`."""

from typing import Any

import jwt

from keys import Keys

LEEWAY = 30
LONGEST = 8 * 1024
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "roles"]


class Refused(Exception):
    """The token is not good. Why is for the log, never for the caller."""


class Tokens:
    def __init__(self, keys: Keys, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience

    async def verify(self, token: str) -> dict[str, Any]:
        """Raises `Refused`, or `keys.Unavailable` when there are no keys to judge by."""
        if len(token) > LONGEST:
            raise Refused("too long")
        try:
            header = jwt.get_unverified_header(token)
            # What costs nothing comes first, so that garbage never makes us ask the issuer.
            if header.get("alg") != "RS256":
                raise Refused("the algorithm is not RS256")
            # PyJWT does not look at `typ`: without this an ID token would pass for an access token.
            if str(header.get("typ")).lower() not in ("at+jwt", "application/at+jwt"):
                raise Refused("not an access token")
            key = await self._keys.find(str(header.get("kid")))
            if key is None:
                raise Refused("unknown key")
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY,
                options={"require": REQUIRED},
            )
        # PyJWT lets some malformed tokens through to where Python itself objects.
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Refused(str(error)) from error
        if not isinstance(claims["scope"], str) or not isinstance(claims["roles"], list):
            raise Refused("a claim has the wrong type")
        return claims

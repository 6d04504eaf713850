"""What the environment says: ISSUER, JWKS_URL, AUDIENCE, LISTEN, and how long keys are kept. No default for whom to trust."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    issuer: str
    jwks_url: str
    audience: str
    host: str
    port: int
    # A key set is fetched again this often (seconds).
    max_age: float
    # Whatever happens, the issuer is asked at most once in this time (seconds).
    cooldown: float

    @classmethod
    def from_environment(cls) -> "Settings":
        missing = [name for name in ("ISSUER", "JWKS_URL") if not os.environ.get(name)]
        if missing:
            raise SystemExit(f"these variables are needed: {', '.join(missing)}")
        host, _, port = os.environ.get("LISTEN", "127.0.0.1:5001").rpartition(":")
        return cls(
            issuer=os.environ["ISSUER"],
            jwks_url=os.environ["JWKS_URL"],
            audience=os.environ.get("AUDIENCE", "users"),
            host=host.strip("[]"),
            port=int(port),
            max_age=float(os.environ.get("JWKS_MAX_AGE_SECONDS", "300")),
            cooldown=float(os.environ.get("JWKS_COOLDOWN_SECONDS", "10")),
        )

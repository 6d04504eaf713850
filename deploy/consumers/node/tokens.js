// Access tokens (RFC 9068): a string in, claims out, or `Refused`. All rules about a token are in `verify`.

import { jwtVerify } from "jose";
import { Unavailable } from "./keys.js";

const longest = 8 * 1024;

/** The token is not good. Why is for the log, never for the caller. */
export class Refused extends Error {}

/** Rejects with `Refused`, or with `Unavailable` when there are no keys to judge by. */
export async function verify(token, keys, { issuer, audience }) {
  if (token.length > longest) throw new Refused("too long");
  const { payload } = await jwtVerify(token, keys.find, {
    algorithms: ["RS256"],
    typ: "at+jwt",
    issuer,
    audience,
    clockTolerance: 30,
    // Also makes jose refuse an `iat` in the future.
    maxTokenAge: 3600,
    requiredClaims: ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "roles"],
  }).catch((error) => {
    throw error instanceof Unavailable ? error : new Refused(error.message);
  });
  if (typeof payload.sub !== "string" || typeof payload.scope !== "string" || !Array.isArray(payload.roles)) {
    throw new Refused("a claim has the wrong type");
  }
  return payload;
}

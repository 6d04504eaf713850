// What the environment says: ISSUER, JWKS_URL, AUDIENCE, LISTEN, and how long keys are kept. No default for whom to trust.

const needed = ["ISSUER", "JWKS_URL"];

export function fromEnvironment(environment = process.env) {
  const missing = needed.filter((name) => !environment[name]);
  if (missing.length > 0) throw new Error(`these variables are needed: ${missing.join(", ")}`);

  const listen = environment.LISTEN ?? "127.0.0.1:5002";
  const colon = listen.lastIndexOf(":");
  return {
    issuer: environment.ISSUER,
    jwksUrl: new URL(environment.JWKS_URL),
    audience: environment.AUDIENCE ?? "users",
    host: listen.slice(0, colon).replace(/^\[|\]$/g, ""),
    port: Number(listen.slice(colon + 1)),
    // A key set is fetched again this often (ms).
    maxAge: 1000 * Number(environment.JWKS_MAX_AGE_SECONDS ?? 300),
    // Whatever happens, the issuer is asked at most once in this time (ms).
    cooldown: 1000 * Number(environment.JWKS_COOLDOWN_SECONDS ?? 10),
  };
}

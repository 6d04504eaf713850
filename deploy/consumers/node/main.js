// A service that lets in whoever has a good access token. Run it with `node main.js`; what it reads is in settings.js.

import express from "express";
import { Keys, Unavailable } from "./keys.js";
import { fromEnvironment } from "./settings.js";
import { Refused, verify } from "./tokens.js";

const settings = fromEnvironment();
const keys = new Keys(settings);
const app = express().disable("x-powered-by");

function refuse(response, status, challenge, message) {
  response.set("WWW-Authenticate", challenge).status(status).json({ error: message });
}

/** Lets only callers in whose token grants `scope` (RFC 6750 §2.1, §3). Their claims are `request.claims`. */
function needs(scope) {
  return async (request, response, next) => {
    const values = request.headersDistinct.authorization ?? [];
    if (values.length === 0) return refuse(response, 401, "Bearer", "a valid access token is needed");
    try {
      const [, token] = values.length === 1 ? (/^bearer +(\S+)$/i.exec(values[0]) ?? []) : [];
      if (!token) throw new Refused("not one bearer token");
      request.claims = await verify(token, keys, settings);
    } catch (error) {
      if (error instanceof Unavailable) {
        return response.set("Retry-After", "5").status(503).json({ error: "tokens cannot be verified now" });
      }
      console.info(`refused: ${error.message}`);
      return refuse(response, 401, 'Bearer error="invalid_token"', "a valid access token is needed");
    }
    if (!request.claims.scope.split(" ").includes(scope)) {
      return refuse(response, 403, `Bearer error="insufficient_scope", scope="${scope}"`, `the scope ${scope} is needed`);
    }
    next();
  };
}

app.get("/", (_, response) => response.json({ service: "consumer-node" }));

app.get("/livez", (_, response) => response.json({ status: "alive" }));

app.get("/whoami", needs("profile"), ({ claims: { sub, scope, roles } }, response) => {
  response.json({ sub, scope, roles, service: "consumer-node" });
});

keys.run();
const server = app.listen(settings.port, settings.host, (error) => {
  if (error) throw error;
  const { address, port } = server.address();
  console.info(`listening on http://${address}:${port}`);
});

// Stops to listen, finishes what it has begun, and ends.
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    keys.stop();
    server.close(() => process.exit(0));
    setTimeout(() => process.exit(1), 10_000).unref();
  });
}

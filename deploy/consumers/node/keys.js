// The issuer's public keys, fetched in the background and kept through an outage.
//
// jose's createRemoteJWKSet fetches and finds them. By itself it refuses known keys when `cacheMaxAge` is over and the
// issuer is away, starts its cooldown only after a fetch that went well, and lets an empty set replace a good one; so
// here it never lets keys expire, a timer refreshes them, and its requests pass through `ask`.

import { createRemoteJWKSet, customFetch } from "jose";

// For how long after the last successful fetch keys are still used (ms).
const staleLimit = 24 * 3600 * 1000;

/** No keys are at hand, so that no token can be judged. */
export class Unavailable extends Error {}

export class Keys {
  #set;
  #maxAge;
  #cooldown;
  #tried = -Infinity;
  #fetched = -Infinity;
  #timer;

  constructor({ jwksUrl, maxAge, cooldown }) {
    this.#maxAge = maxAge;
    this.#cooldown = cooldown;
    this.#set = createRemoteJWKSet(jwksUrl, {
      cacheMaxAge: Infinity,
      cooldownDuration: cooldown,
      timeoutDuration: 3000,
      [customFetch]: (url, options) => this.#ask(url, options),
    });
  }

  /** Keeps the keys fresh until `stop`, so that no request under a known key waits for the network. */
  async run() {
    let pause = this.#maxAge;
    try {
      await this.#set.reload();
    } catch (error) {
      console.warn(`the issuer's keys could not be fetched: ${error.message}`);
      pause = this.#cooldown;
    }
    this.#timer = setTimeout(() => this.run(), pause);
    this.#timer.unref();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /** What jose wants: the key for a token's header. */
  find = async (header, token) => {
    // Without this jose would take the only key there is for a token that names none.
    if (typeof header.kid !== "string") throw new Error("no key is named");
    try {
      return await this.#set(header, token);
    } catch (error) {
      if (!this.#usable()) throw new Unavailable();
      throw error;
    }
  };

  #usable() {
    return Date.now() - this.#fetched < staleLimit;
  }

  async #ask(url, options) {
    if (Date.now() - this.#tried < this.#cooldown) throw new Error("the issuer was asked a moment ago");
    this.#tried = Date.now();
    const response = await fetch(url, options);
    const { keys } = await response.clone().json();
    if (response.ok && keys.length > 0) this.#fetched = Date.now();
    else throw new Error("no keys came");
    return response;
  }
}

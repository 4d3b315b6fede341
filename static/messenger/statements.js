/** What the page says of its player: asked for, looked at, and compared with whoever was here before. */

import { localError, ServiceError } from "./api.js";
import { backOff } from "./clock.js";
import { subjectOf } from "./proof.js";

/** @typedef {import("./types.d.ts").Identity} Identity */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./session.js").Turn} Turn */

const TOKEN_PATIENCE = 15_000;
const PLAYER_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** @param {string} why */
const unavailable = (why) => localError("PLAYER_TOKEN_UNAVAILABLE", `no player token: ${why}`);

export class Statements {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    /** The newest holds. */ this.count = 0;
    /** Stated before the last logout or switch: a page that states it again has not said anew who is here. @type {string | null} */ this.ended = null;
    /** @type {Promise<unknown>} */ this.comparing = Promise.resolve();
    /** Nothing is sent while the page is asked again who is here. @type {Promise<void> | null} */ this.held = null;
    this.free = () => {};
  }

  /** Only null and the empty text mean nobody: all else that is no token is a failure, and no logout. @param {boolean} fresh @returns {Promise<string | null>} */
  async playerToken(fresh) {
    const { session } = this;
    await session.introduced;
    let token = fresh ? null : session.stated;
    if (!token) {
      try {
        token = await session.bridge.ask("token", { fresh }, TOKEN_PATIENCE);
      } catch (error) {
        throw unavailable(error instanceof Error ? error.message : String(error));
      }
    }
    if (token && typeof token === "object") throw Object.assign(unavailable("the page is older than the last login or logout: load it anew"), { stale: true });
    if (token && !PLAYER_TOKEN.test(token)) throw Object.assign(unavailable("it gave "), { given: token });
    return token || null;
  }

  /** Nothing goes out until the page has said who is here. */
  hold() {
    this.held ||= new Promise((resolve) => (this.free = resolve));
  }

  release() {
    this.free();
    this.held = null;
  }

  /** The page states who the player is. Another player than the stored one, or none: all of the first one goes. @param {Identity} stated */
  async take(stated) {
    const { session } = this;
    clearTimeout(session.startTimer); // a page that says the same again, as frameworks do, disturbs no chat
    const number = ++this.count;
    const token = await this.ask(stated, number);
    // One after the other: what two statements do at once would look like two tabs.
    const turn = this.comparing.then(() => (token === undefined || number !== this.count ? undefined : this.settle(stated, token)));
    this.comparing = turn.catch(() => {});
    await turn;
    if (number === this.count && !session.live && !this.held && session.listener.wanted()) await session.open();
  }

  /** The token that is stated; undefined where it could not be had: then all stays, and the page is asked again. @param {Identity} stated @param {number} number @returns {Promise<string | null | undefined>} */
  async ask(stated, number) {
    if (stated.known || stated.stale || this.session.owner === undefined) return stated.token || null;
    this.hold();
    for (let failures = 1; number === this.count; failures++) {
      try {
        return await this.playerToken(false);
      } catch (error) {
        if (number !== this.count || !(error instanceof ServiceError)) return undefined;
        this.session.listener.doubted(error);
        await backOff(failures, error);
      }
    }
    return undefined;
  }

  /** @param {Identity} stated @param {string | null} token */
  async settle(stated, token) {
    const { session } = this;
    const { epoch, stored } = await session.store.read();
    if (session.turn.epoch !== undefined && epoch !== session.turn.epoch) session.leave();
    const { turn } = session;
    turn.epoch = epoch;
    if (stated.stale || (token && token === this.ended) || (stated.known && stated.old && stored && stored.subject !== subjectOf(token))) return this.doubt();
    const before = stored ? stored.subject : session.owner; // storage may have lost what is still on the screen
    if (stated.known || session.owner !== undefined) await this.compare(token, before, turn);
    else if (session.live || session.opening) session.restart(epoch);
    session.turn.epoch ??= (await session.store.read()).epoch;
    session.planStart(stated.known ? token : null);
    this.release();
  }

  /** @param {string | null} token @param {string | null | undefined} before @param {Turn} turn */
  async compare(token, before, turn) {
    const { session } = this;
    const subject = subjectOf(token);
    if (typeof before === "string" && before !== subject) {
      const { record } = session;
      session.leave();
      // The newcomer's own token may have been in our hands already: stated a second time, it is none from before the switch.
      if (this.ended === token) this.ended = null;
      session.turn.epoch = turn.epoch;
      await session.forget(session.turn);
      if (record) await session.revoke(record); // storage may have lost it
      return;
    }
    // An opening for the same player goes on: to end what it has begun would end the token that it was begun with.
    const runs = session.live ? session.owner : turn.subject;
    if ((session.live || session.opening) && runs !== subject) session.restart(turn.epoch);
  }

  /** An old page speaks of somebody else than the newest one did: it has to be loaded anew before anybody is shown. */
  doubt() {
    const { session } = this;
    session.suspend();
    session.introduce();
    this.release();
    session.bridge.tell("wiped");
    session.listener.wiped();
  }
}

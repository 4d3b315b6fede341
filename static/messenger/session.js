/** The player's session: whose it is, resuming, starting, refreshing, ending. */

import { isOver, localError, request, ServiceError, sessionIn } from "./api.js";
import { backOff, now } from "./clock.js";
import { makeProof, subjectOf, unverifiedClaims } from "./proof.js";
import { Statements } from "./statements.js";

/** @typedef {import("./types.d.ts").FrameSettings} FrameSettings */
/** @typedef {import("./types.d.ts").StoredSession} StoredSession */
/** @typedef {import("./types.d.ts").Conversation} Conversation */
/** @typedef {import("./types.d.ts").Player} Player */
/** @typedef {import("./keys.js").KeyStore} KeyStore */
/** @typedef {import("./tabs.js").Tabs} Tabs */
/** @typedef {import("./bridge.js").Bridge} Bridge */
/** @typedef {import("./api.js").Call} Call */
/** @typedef {{messages: import("./types.d.ts").Message[], has_more: boolean}} Page */
/** `page`: the end of its transcript. @typedef {{conversation: Conversation, player: Player | null, page: Page}} Live */
/** @typedef {import("./types.d.ts").SessionListener} Listener */
/** @typedef {{epoch: number, stored: StoredSession | null, answer: Promise<Live> | null}} Glance */
/** What was begun between two logouts or switches; `epoch`: the stored one, once it is known; `subject`: for whom a session is opened. @typedef {{epoch?: number, subject?: string | null}} Turn */

const START_PATIENCE = 20_000;
const REFRESH_MARGIN = 120_000;
const REFRESH_RETRY = 15_000;
/** A static player token is spent so long before it ends. */
const START_MARGIN = 30_000;
const LONGEST_TIMER = 2 ** 31 - 1;

export class Session {
  /** @param {FrameSettings} settings @param {Bridge} bridge @param {Tabs} tabs @param {KeyStore} store @param {Listener} listener */
  constructor(settings, bridge, tabs, store, listener) {
    this.settings = settings;
    this.bridge = bridge;
    this.tabs = tabs;
    this.store = store;
    this.listener = listener;
    /** @type {StoredSession | null} */ this.record = null;
    /** @type {Live | null} */ this.live = null;
    /** @type {Promise<Live> | null} */ this.opening = null;
    /** The player token that the page has put in our hands. @type {string | null} */ this.stated = null;
    /** Whose the last session was; undefined: nobody's. @type {string | null | undefined} */ this.owner = undefined;
    this.failures = 0;
    /** Another one after every logout and switch: what was begun before belongs to somebody else. @type {Turn} */ this.turn = {};
    /** What the page says of its player. */ this.page = new Statements(this);
    this.startTimer = this.refreshTimer = 0;
    this.introduce = () => {};
    /** Until the page has stated an identity for the first time. @type {Promise<void>} */ this.introduced = new Promise((resolve) => (this.introduce = resolve));
  }

  /** A session that works: the live one, else the stored one, else a new one. @param {boolean} [going] only a chat that goes on @returns {Promise<Live>} */
  open(going) {
    if (this.live) return Promise.resolve(this.live);
    if (this.opening) return this.opening;
    this.listener.opening();
    const opening = this.tabs.alone(() => this.resumeOrStart(this.turn, going));
    this.opening = opening;
    const done = () => {
      if (this.opening === opening) this.opening = null;
    };
    opening.then(done, (error) => {
      const current = this.opening === opening;
      done();
      if (current) this.failed(error instanceof ServiceError ? error : localError("INTERNAL_ERROR", String(error)));
    });
    return opening;
  }

  /** @param {ServiceError} error */
  async failed(error) {
    const { turn } = this;
    this.listener.failed(error);
    const patience = ++this.failures;
    if (!error.temporary) return;
    await backOff(patience, error);
    const nobodyTried = patience === this.failures && turn === this.turn;
    if (nobodyTried && !this.live && this.listener.wanted()) this.open().catch(() => {});
  }

  /** @param {Turn} turn @param {boolean} [going] @returns {Promise<Live>} */
  async resumeOrStart(turn, going) {
    const glance = this.glance();
    // The epoch first: whoever logs out while the page is asked has logged this tab out too.
    turn.epoch ??= (await glance).epoch;
    const token = await this.page.playerToken(false);
    this.requireCurrent(turn);
    turn.subject = subjectOf(token);
    const { epoch, stored, answer } = await this.glance(await glance);
    if (epoch !== turn.epoch) this.evict(turn);
    this.requireCurrent(turn);
    const record = await this.recordFor(token, stored, turn);
    this.requireCurrent(turn);
    const live = answer && record === stored && (await this.resume(record, token, turn, answer));
    if (!live && going && !this.listener.wanted()) throw localError("INVALID_SESSION", "no chat goes on");
    return live || this.start(record, token, turn);
  }

  /** @param {Turn} turn */
  requireCurrent(turn) {
    if (turn !== this.turn) throw localError("INVALID_SESSION", "signed out meanwhile");
  }

  /** What is stored, and what the service says of it: shown only once it is known to be this player's. @param {Glance} [before] @returns {Promise<Glance>} */
  async glance(before) {
    const { epoch, stored } = await this.store.read();
    if (before && before.stored?.token === stored?.token) return { epoch, stored, answer: before.answer };
    const answer = stored?.token && stored.expires_at > now() ? this.look(stored) : null;
    answer?.catch(() => {});
    return { epoch, stored, answer };
  }

  /** What is stored if it is this player's; else all is forgotten and a new key made. @param {string | null} token @param {StoredSession | null} stored @param {Turn} turn */
  async recordFor(token, stored, turn) {
    if (stored && (stored.subject === null || stored.subject === subjectOf(token))) return stored;
    if (stored) {
      this.listener.wiped();
      await this.forget(turn);
      this.requireCurrent(turn);
    }
    return this.store.create(turn.epoch || 0);
  }

  /** @param {StoredSession} record @param {string | null} token @param {Turn} turn @param {Promise<Live>} answer null: nothing to resume */
  async resume(record, token, turn, answer) {
    if (record.subject !== subjectOf(token)) return null;
    try {
      const live = await answer;
      this.requireCurrent(turn);
      return live.conversation.status === "closed" ? null : this.accept(record, live, true);
    } catch (error) {
      if (isOver(error) && turn === this.turn) return null;
      throw error;
    }
  }

  /** @param {StoredSession} record @param {string | null} token @param {Turn} turn @returns {Promise<Live>} */
  async start(record, token, turn, again = false) {
    const proof = await makeProof(record.keys, "POST", this.settings.start_url, token);
    const body = { brand_id: this.settings.brand_id, player_token: token || undefined, locale: this.settings.locale || undefined };
    const answer = await this.bridge.ask("start", { proof, body }, START_PATIENCE).catch(() => null);
    if (!answer) throw localError("UNREACHABLE", "the conversation start got no answer");
    if (answer.status === 200 || answer.status === 201) return this.begin(record, token, answer.body, turn);
    const error = new ServiceError(answer.status, answer.body, Number(answer.retry_after) || 0);
    const next = again ? undefined : await this.secondChance(error, token);
    this.requireCurrent(turn);
    if (next === undefined) throw error;
    const { stored } = await this.store.read();
    return this.start(await this.recordFor(next, stored, turn), next, turn, true);
  }

  /** The player token to try once more with, or undefined. @param {ServiceError} error @param {string | null} token */
  async secondChance(error, token) {
    if (error.repairable) return token;
    if (error.code !== "PLAYER_TOKEN_REUSED" && error.code !== "PLAYER_TOKEN_EXPIRED") return undefined;
    const fresh = await this.page.playerToken(true);
    return fresh && fresh !== token ? fresh : undefined;
  }

  /**
   * The answer came through the operator's page: it is believed only after our own origin has confirmed it.
   * @param {StoredSession} record @param {string | null} token @param {any} answer @param {Turn} turn
   */
  async begin(record, token, answer, turn) {
    const subject = subjectOf(token);
    /** @type {StoredSession} */ const next = { ...record, ...sessionIn(answer?.session), subject, conversation_id: String(answer?.conversation?.id || "") };
    const live = await this.look(next, answer.resumed !== true);
    const mine = turn === this.turn && (live.player?.player_id ?? null) === subject;
    // Only in the place of what was there when it was begun: of two sessions that tabs open at once, a logout would find one.
    const written = mine && (await this.store.write(turn.epoch || 0, next, record.token));
    if (!written || turn !== this.turn) {
      await this.revoke(next);
      const quicker = mine && turn === this.turn && (await this.store.read());
      if (quicker && quicker.epoch === turn.epoch) return this.resumeOrStart(turn);
      if (quicker) this.evict(turn);
      throw localError("INVALID_SESSION", "the session is another player's");
    }
    this.tabs.tell("session");
    return this.accept(next, live, answer.resumed === true);
  }

  /** What the service says of the session's conversation. @param {StoredSession} record @param {boolean} [isNew] @returns {Promise<Live>} */
  async look(record, isNew = false) {
    const path = `/v1/conversations/${encodeURIComponent(record.conversation_id || "")}`;
    const paths = isNew ? [path] : [path, `${path}/messages`];
    const [about, page = { messages: [], has_more: false }] = await Promise.all(paths.map(async (path) => (await this.send(record, { method: "GET", path })).json()));
    return { conversation: about.conversation, player: about.player || null, page };
  }

  /** @param {StoredSession} record @param {Live} live @param {boolean} resumed @returns {Live} */
  accept(record, live, resumed) {
    this.record = record;
    this.live = live;
    this.owner = record.subject;
    this.failures = 0;
    this.planRefresh();
    this.listener.started(live, resumed);
    return live;
  }

  /** @param {StoredSession} record @param {Call} call */
  send(record, call) {
    return request(this.settings.service_origin, record.keys, record.token || "", call);
  }

  /** One request of the conversation; a session that ended meanwhile is opened anew, once. @param {(live: Live) => Call} build @returns {Promise<Response>} */
  async call(build) {
    await this.page.held;
    const live = await this.open();
    const used = /** @type {StoredSession} */ (this.record);
    try {
      return await this.send(used, build(live));
    } catch (error) {
      if (!isOver(error) || !(await this.renew(used))) throw error;
    }
    return this.send(/** @type {StoredSession} */ (this.record), build(await this.open()));
  }

  /** @param {StoredSession} used the session that was refused @returns {Promise<boolean>} whether there is another one now */
  async renew(used) {
    if (this.live && this.record?.token !== used.token) return true;
    const { turn } = this;
    const { epoch, stored } = await this.store.read();
    if (epoch !== turn.epoch) this.evict(turn);
    if (turn !== this.turn) return false; // whoever left is not brought back
    if (this.live && stored?.token && stored.token !== used.token && stored.conversation_id === used.conversation_id) {
      this.record = stored;
      this.planRefresh();
      return true;
    }
    if (this.live) {
      this.stop();
      this.listener.expired();
      await this.release(used);
    }
    if (this.owner === undefined || !this.listener.wanted()) return false;
    await this.open();
    return true;
  }

  planRefresh() {
    clearTimeout(this.refreshTimer);
    const left = (this.record?.expires_at || 0) - now();
    this.refreshTimer = setTimeout(() => this.refresh(), Math.min(LONGEST_TIMER, Math.max(1000, left - Math.min(REFRESH_MARGIN, left / 3))));
  }

  /** A newer token, while somebody looks; a page in the background lets its session run out. */
  async refresh() {
    const used = this.record;
    if (!this.live || !used) return;
    if (document.visibilityState === "hidden") return document.addEventListener("visibilitychange", () => this.refresh(), { once: true });
    try {
      await this.tabs.alone(() => this.replace(used));
      if (this.live) this.planRefresh();
    } catch (error) {
      if (isOver(error)) await this.renew(used).catch(() => {});
      else this.refreshTimer = setTimeout(() => this.refresh(), REFRESH_RETRY);
    }
  }

  /** @param {StoredSession} used */
  async replace(used) {
    const { turn } = this;
    const before = await this.store.read();
    if (await this.adopts(before, used, turn)) return;
    this.requireCurrent(turn);
    const response = await this.send(used, { method: "POST", path: "/v1/session/refresh" });
    const next = { ...used, ...sessionIn((await response.json()).session) };
    const written = turn === this.turn && (await this.store.write(turn.epoch || 0, next, used.token));
    if (!written && (await this.adopts(await this.store.read(), used, turn))) return;
    // Who has logged out meanwhile, in whatever tab, is not brought back by what was on its way.
    if (turn !== this.turn || !this.live) return this.revoke(next);
    this.record = next;
    this.tabs.tell("session");
  }

  /** Another tab was quicker: its session is this one's too, or nobody's any more. @param {{epoch: number, stored: StoredSession | null}} shelf @param {StoredSession} used @param {Turn} turn */
  async adopts({ epoch, stored }, used, turn) {
    if (epoch !== turn.epoch) this.evict(turn);
    if (turn !== this.turn || !stored?.token || stored.token === used.token || stored.conversation_id !== used.conversation_id) return false;
    this.record = stored;
    return true;
  }

  /** The live session is gone; what is stored stays. */
  stop() {
    clearTimeout(this.refreshTimer);
    this.live = this.record = null;
  }

  /** The conversation was closed: its session ended with it, the key stays for the next one. */
  async closed() {
    const { record } = this;
    this.stop();
    if (record) await this.release(record);
  }

  /** A dead token is kept no longer, unless another tab has put a live one in its place. @param {StoredSession} record */
  async release(record) {
    await this.store.write(this.turn.epoch || 0, { ...record, token: null }, record.token);
  }

  /** Everything of the player leaves this browser, in every tab, and the service is told. @param {string} [wish] which logout; done once */
  async logout(wish) {
    if (wish && (await this.store.did(wish))) return;
    const { record } = this;
    this.leave();
    const { turn } = this;
    const { epoch, gone } = await this.store.wipe(undefined, wish);
    turn.epoch = epoch;
    this.tabs.tell("wiped");
    for (const one of new Map([record, gone].map((one) => [one?.token, one])).values()) if (one) await this.revoke(one);
  }

  /** Nobody is here any more. */
  leave() {
    this.turn = {};
    this.page.ended = this.stated || this.page.ended;
    this.opening = this.stated = null;
    this.owner = undefined;
    clearTimeout(this.startTimer);
    this.stop();
    this.listener.wiped();
  }

  /** Another tab has logged out, or somebody else in, since this page said who is here: that counts no more. @param {Turn} turn */
  evict(turn) {
    if (turn !== this.turn) return;
    this.leave();
    this.bridge.tell("wiped");
  }

  /** The player of this turn goes, for another one on the same page. @param {Turn} turn */
  async forget(turn) {
    const { epoch, raised, gone } = await this.store.wipe(turn.epoch);
    if (!raised) return this.evict(turn);
    turn.epoch = epoch;
    this.tabs.tell("wiped");
    if (gone) await this.revoke(gone);
  }

  /** @param {StoredSession} record */
  async revoke(record) {
    if (!record.token || record.expires_at <= now()) return;
    const call = { method: "DELETE", path: "/v1/session", keepalive: true, signal: AbortSignal.timeout(5000) };
    await this.send(record, call).catch(() => {});
  }

  /** The page goes into the browser's cache: when it comes back, anybody may be there. What is stored stays. */
  suspend() {
    this.turn = {};
    this.opening = this.stated = null;
    this.owner = undefined;
    clearTimeout(this.startTimer);
    this.stop();
    this.introduced = new Promise((resolve) => (this.introduce = resolve));
  }

  /** What was begun for somebody else is begun anew. @param {number | undefined} epoch */
  restart(epoch) {
    this.turn = { epoch };
    this.opening = null;
    this.stop();
  }

  /** Spends a static token shortly before it ends. @param {string | null} token */
  planStart(token) {
    this.stated = token;
    this.introduce();
    const { exp } = unverifiedClaims(token || "");
    const left = typeof exp === "number" ? exp * 1000 - now() : 0;
    if (left <= 0) return;
    this.startTimer = setTimeout(() => this.open().catch(() => {}), Math.min(LONGEST_TIMER, Math.max(0, left - START_MARGIN)));
  }

  /** @param {{type: string}} note from another tab; the store knows whether it still holds */
  async hear({ type }) {
    const { turn } = this;
    if (type !== "wiped" && type !== "session") return;
    const { epoch, stored } = await this.store.read();
    if (turn.epoch !== undefined && epoch !== turn.epoch) this.evict(turn);
    else if (type === "session" && turn === this.turn && stored) await this.join(stored);
  }

  /** Another tab has a session that is newer than this one's: all go on with it, if it is the same player's. @param {StoredSession} stored */
  async join(stored) {
    if (this.owner === undefined) return;
    if (stored.subject !== this.owner) {
      if (!this.live) return;
      this.restart(this.turn.epoch);
      this.stated = null;
      this.bridge.tell("wiped");
      this.listener.elsewhere();
    } else if (this.live && stored.conversation_id === this.record?.conversation_id) {
      this.record = stored;
      this.planRefresh();
    } else {
      this.stop();
      await this.open().catch(() => {});
    }
  }
}

/** The player's session: whose it is, resuming, starting, refreshing, ending. */

import { localError, request, ServiceError } from "./api.js";
import { backOff, now } from "./clock.js";
import { makeProof, subjectOf, unverifiedClaims } from "./proof.js";

/** @typedef {import("./types.d.ts").FrameSettings} FrameSettings */
/** @typedef {import("./types.d.ts").StoredSession} StoredSession */
/** @typedef {import("./types.d.ts").Conversation} Conversation */
/** @typedef {import("./types.d.ts").Player} Player */
/** @typedef {import("./types.d.ts").Message} Message */
/** @typedef {import("./types.d.ts").Identity} Identity */
/** @typedef {import("./keys.js").KeyStore} KeyStore */
/** @typedef {import("./tabs.js").Tabs} Tabs */
/** @typedef {import("./bridge.js").Bridge} Bridge */
/** @typedef {import("./api.js").Call} Call */
/** @typedef {{messages: Message[], has_more: boolean}} Page */
/** `page`: the end of its transcript. @typedef {{conversation: Conversation, player: Player | null, page: Page}} Live */
/** @typedef {import("./types.d.ts").SessionListener} Listener */
/** @typedef {{stored: StoredSession | null, answer: Promise<Live> | null}} Glance */

const TOKEN_PATIENCE = 15_000;
const START_PATIENCE = 20_000;
const REFRESH_MARGIN = 120_000;
const REFRESH_RETRY = 15_000;
/** A static player token is spent so long before it ends. */
const START_MARGIN = 30_000;
const LONGEST_TIMER = 2 ** 31 - 1;
const SESSION_TOKEN = /^[\w.~+/-]{16,512}$/;

/** @param {unknown} error */
const isOver = (error) => error instanceof ServiceError && (error.code === "INVALID_SESSION" || error.code === "CONVERSATION_NOT_FOUND");

/** @param {any} session as the service answers it @returns {{token: string, expires_at: number}} */
function kept(session) {
  if (!SESSION_TOKEN.test(session?.token) || !(session?.expires_in > 0)) throw localError("INTERNAL_ERROR", "the service's answer holds no session");
  return { token: session.token, expires_at: now() + session.expires_in * 1000 };
}

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
    /** Rises at every logout and switch: what was begun before belongs to somebody else. */
    this.generation = 0;
    this.leftAt = 0;
    this.startTimer = this.refreshTimer = 0;
    this.introduce = () => {};
    /** Until the page has stated an identity for the first time. @type {Promise<void>} */ this.introduced = new Promise((resolve) => (this.introduce = resolve));
  }

  // --- opening ----------------------------------------------------------------------------------------------------------------

  /** A session that works: the live one, else the stored one, else a new one. @param {boolean} [going] only a chat that goes on @returns {Promise<Live>} */
  open(going) {
    if (this.live) return Promise.resolve(this.live);
    if (this.opening) return this.opening;
    this.listener.opening();
    const opening = this.tabs.alone(() => this.resumeOrStart(this.generation, going));
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
    const { generation } = this;
    this.listener.failed(error);
    const patience = ++this.failures;
    if (!error.temporary) return;
    await backOff(patience, error);
    const nobodyTried = patience === this.failures && generation === this.generation;
    if (nobodyTried && !this.live && this.listener.wanted()) this.open().catch(() => {});
  }

  /** @param {number} generation @param {boolean} [going] @returns {Promise<Live>} */
  async resumeOrStart(generation, going) {
    const glance = this.glance();
    const token = await this.playerToken(false);
    this.requireCurrent(generation);
    // While the page was asked, another tab may have logged out.
    const { stored, answer } = await this.glance(await glance);
    const record = await this.recordFor(token, stored);
    this.requireCurrent(generation);
    const live = answer && record === stored && (await this.resume(record, token, generation, answer));
    if (!live && going && !this.listener.wanted()) throw localError("INVALID_SESSION", "no chat goes on");
    return live || this.start(record, token, generation);
  }

  /** @param {number} generation */
  requireCurrent(generation) {
    if (generation !== this.generation) throw localError("INVALID_SESSION", "signed out meanwhile");
  }

  /** @param {boolean} fresh @returns {Promise<string | null>} */
  async playerToken(fresh) {
    await this.introduced;
    if (this.stated && !fresh) return this.stated;
    try {
      const token = await this.bridge.ask("token", { fresh }, TOKEN_PATIENCE);
      return typeof token === "string" && token ? token : null;
    } catch (error) {
      throw localError("PLAYER_TOKEN_UNAVAILABLE", `no player token: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** What is stored, and what the service says of it: shown only once it is known to be this player's. @param {Glance} [before] @returns {Promise<Glance>} */
  async glance(before) {
    const stored = await this.store.read();
    if (before && before.stored?.token === stored?.token) return { stored, answer: before.answer };
    const answer = stored?.token && stored.expires_at > now() ? this.look(stored) : null;
    answer?.catch(() => {});
    return { stored, answer };
  }

  /** What is stored if it is this player's; else all is forgotten and a new key made. @param {string | null} token @param {StoredSession | null} stored */
  async recordFor(token, stored) {
    if (stored && (stored.subject === null || stored.subject === subjectOf(token))) return stored;
    if (stored) {
      this.listener.wiped();
      await this.forget(stored);
    }
    return this.store.create();
  }

  /** @param {StoredSession} record @param {string | null} token @param {number} generation @param {Promise<Live>} answer null: nothing to resume */
  async resume(record, token, generation, answer) {
    if (record.subject !== subjectOf(token)) return null;
    try {
      const live = await answer;
      this.requireCurrent(generation);
      return live.conversation.status === "closed" ? null : this.accept(record, live, true);
    } catch (error) {
      if (isOver(error) && generation === this.generation) return null;
      throw error;
    }
  }

  /** @param {StoredSession} record @param {string | null} token @param {number} generation @returns {Promise<Live>} */
  async start(record, token, generation, again = false) {
    const proof = await makeProof(record.keys, "POST", this.settings.start_url, token);
    const body = { brand_id: this.settings.brand_id, player_token: token || undefined, locale: this.settings.locale || undefined };
    const answer = await this.bridge.ask("start", { proof, body }, START_PATIENCE).catch(() => null);
    if (!answer) throw localError("UNREACHABLE", "the conversation start got no answer");
    if (answer.status === 200 || answer.status === 201) return this.begin(record, token, answer.body, generation);
    const error = new ServiceError(answer.status, answer.body, Number(answer.retry_after) || 0);
    const next = again ? undefined : await this.secondChance(error, token);
    this.requireCurrent(generation);
    if (next === undefined) throw error;
    return this.start(await this.recordFor(next, await this.store.read()), next, generation, true);
  }

  /** The player token to try once more with, or undefined. @param {ServiceError} error @param {string | null} token */
  async secondChance(error, token) {
    if (error.repairable) return token;
    if (error.code !== "PLAYER_TOKEN_REUSED" && error.code !== "PLAYER_TOKEN_EXPIRED") return undefined;
    const fresh = await this.playerToken(true);
    return fresh && fresh !== token ? fresh : undefined;
  }

  /**
   * The answer came through the operator's page: it is believed only after our own origin has confirmed it.
   * @param {StoredSession} record @param {string | null} token @param {any} answer @param {number} generation
   */
  async begin(record, token, answer, generation) {
    const subject = subjectOf(token);
    /** @type {StoredSession} */
    const next = { ...record, ...kept(answer?.session), subject, conversation_id: String(answer?.conversation?.id || "") };
    const live = await this.look(next, answer.resumed !== true);
    const mine = () => generation === this.generation && (live.player?.player_id ?? null) === subject;
    if (mine()) await this.store.write(next);
    if (!mine()) {
      if (this.leftAt > generation && (await this.store.read())?.token === next.token) await this.store.wipe();
      await this.revoke(next);
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

  // --- using ------------------------------------------------------------------------------------------------------------------

  /** @param {StoredSession} record @param {Call} call */
  send(record, call) {
    return request(this.settings.service_origin, record.keys, record.token || "", call);
  }

  /** One request of the conversation; a session that ended meanwhile is opened anew, once. @param {(live: Live) => Call} build @returns {Promise<Response>} */
  async call(build) {
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
    const stored = await this.store.read();
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
    if (this.owner === undefined || !this.listener.wanted()) return false; // whoever left is not brought back
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
    const generation = this.generation;
    const stored = await this.store.read();
    if (stored?.token && stored.token !== used.token && stored.conversation_id === used.conversation_id) {
      this.record = stored;
      return;
    }
    const response = await this.send(used, { method: "POST", path: "/v1/session/refresh" });
    const next = { ...used, ...kept((await response.json()).session) };
    if (generation === this.generation) await this.store.replace(used, next);
    if (generation !== this.generation || !this.live) return this.revoke(next);
    this.record = next;
    this.tabs.tell("session");
  }

  // --- ending -----------------------------------------------------------------------------------------------------------------

  /** The live session is gone; what is stored stays. */
  stop() {
    clearTimeout(this.refreshTimer);
    this.live = null;
    this.record = null;
  }

  /** The conversation was closed: its session ended with it, the key stays for the next one. */
  async closed() {
    const record = this.record;
    this.stop();
    if (record) await this.release(record);
  }

  /** A dead token is kept no longer, unless another tab has put a live one in its place. @param {StoredSession} record */
  async release(record) {
    await this.store.replace(record, { ...record, token: null });
  }

  /** Everything of the player leaves this browser, in every tab, and the service is told. */
  async logout() {
    const live = this.record;
    this.leave();
    const record = live || (await this.store.read());
    if (record) await this.forget(record);
    else await this.store.wipe();
  }

  /** Nobody is here any more. */
  leave() {
    this.leftAt = ++this.generation;
    this.opening = this.stated = null;
    this.owner = undefined;
    clearTimeout(this.startTimer);
    this.stop();
    this.listener.wiped();
  }

  /** @param {StoredSession} record */
  async forget(record) {
    await this.store.wipe();
    this.tabs.tell("wiped");
    await this.revoke(record);
  }

  /** @param {StoredSession} record */
  async revoke(record) {
    if (!record.token || record.expires_at <= now()) return;
    const call = { method: "DELETE", path: "/v1/session", keepalive: true, signal: AbortSignal.timeout(5000) };
    await this.send(record, call).catch(() => {});
  }

  // --- what the page and the other tabs say -----------------------------------------------------------------------------------

  /** The page states who the player is. Another player than the stored one, or none: all of the first one goes. @param {Identity} stated */
  async identify(stated) {
    clearTimeout(this.startTimer); // a page that says the same again, as frameworks do, disturbs no chat
    const identity = stated.known || this.owner === undefined ? stated : await this.playerToken(false).then((token) => ({ known: true, token }), () => stated);
    const [subject, stored] = [subjectOf(identity.token || null), await this.store.read()];
    const busy = this.live !== null || this.opening !== null;
    const before = stored ? stored.subject : this.owner; // storage may have lost what is still on the screen
    const switched = identity.known && typeof before === "string" && before !== subject;
    if (switched) await this.logout();
    else if (busy && (!identity.known || stored?.subject !== subject)) {
      this.generation++;
      this.opening = null;
      this.stop();
    }
    this.planStart(stated.token || null);
    if (!this.live && busy && this.listener.wanted()) await this.open();
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

  /** @param {{type: string}} note from another tab */
  async hear(note) {
    const { record } = this;
    if (note.type === "wiped") this.leave();
    // Opened here after the logout, before this tab had heard of it.
    if (note.type === "wiped" && record && (await this.store.read())?.token === record.token) await this.forget(record);
    if (note.type === "session") await this.join();
  }

  /** Another tab has a session that is newer than this one's: all go on with it, if it is the same player's. */
  async join() {
    const stored = await this.store.read();
    if (!stored || this.owner === undefined) return;
    if (stored.subject !== this.owner) {
      if (!this.live) return;
      this.stop();
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

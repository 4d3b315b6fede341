/**
 * A browser with several tabs and a service, without either: whatever takes time stands in one line of steps, and a schedule says
 * which of them comes next. One seed of choices gives one run, so that each run can be repeated.
 */

import { AsyncLocalStorage } from "node:async_hooks";

const MODULES = process.env.MESSENGER_MODULES;
/** In which tab the code that runs now was begun. */
const here = new AsyncLocalStorage();
const settle = () => new Promise((resolve) => setImmediate(resolve));
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Only what lasts shorter than this is waited for: the rest are timers of long-lived pages. */
const SOON = 40_000;
const TIMERS_FIRED = 3;

/**
 * The steps that wait, and the choices that were made among them. Left alone, the oldest step comes next, and what people do comes when
 * all is at rest; a choice takes another step, lets somebody act earlier, or lets a tab lose its patience with the lock.
 */
export class Schedule {
  /** @param {Map<number, number>} choices which of the possible steps is taken at which moment; else the first */
  constructor(choices) {
    this.choices = choices;
    this.steps = [];
    this.deeds = [];
    this.widths = [];
    this.taken = [];
    this.impatient = () => null;
  }

  /** @param {string} name @param {() => unknown} work done at its turn, in one piece @returns {Promise<any>} */
  step(name, work) {
    return new Promise((resolve, reject) => {
      const run = () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      this.steps.push({ name, run, tab: here.getStore() });
    });
  }

  async next() {
    await settle();
    const possible = [...this.steps, this.deeds[0], this.impatient()].filter(Boolean);
    if (!possible.length) return false;
    const moment = this.widths.length;
    this.widths.push(possible.length);
    const chosen = possible[Math.min(this.choices.get(moment) ?? 0, possible.length - 1)];
    this.steps = this.steps.filter((step) => step !== chosen);
    if (chosen === this.deeds[0]) this.deeds.shift();
    this.taken.push(chosen.name);
    chosen.run();
    return true;
  }

  /** A page that closes takes with it what it had begun; what was sent to outlive it is not lost. @param {Tab} tab */
  drop(tab) {
    this.steps = this.steps.filter((step) => step.tab !== tab || step.name.startsWith("DELETE"));
  }
}

/** Sessions by their token; a message is written down with the player as whom it was taken. */
class Service {
  constructor() {
    this.sessions = new Map();
    this.messages = [];
    this.made = 0;
    this.reachable = true;
  }

  issue(player, conversation) {
    const token = `session-token-${String(++this.made).padStart(4, "0")}`;
    this.sessions.set(token, { player, conversation, alive: true });
    return { token, expires_in: 900 };
  }

  start(token) {
    const player = token ? JSON.parse(Buffer.from(token.split(".")[1], "base64url")).sub : null;
    const conversation = `conversation-${player}`;
    return { status: 201, body: { conversation: { id: conversation, status: "open" }, session: this.issue(player, conversation), resumed: false } };
  }

  /** @param {string} path @param {{method: string, headers: Record<string, string>, body?: string}} asked */
  answer(path, { method, headers, body }) {
    if (!this.reachable) throw new TypeError("no network");
    const session = this.sessions.get(headers.Authorization.slice("DPoP ".length));
    if (!session?.alive) return this.say(401, { error: { code: "INVALID_SESSION" } });
    if (method === "DELETE") session.alive = false;
    if (path.endsWith("/refresh")) return this.refresh(session);
    if (method === "POST") this.messages.push({ player: session.player, text: JSON.parse(body).text });
    const player = session.player === null ? null : { player_id: session.player };
    return this.say(200, { conversation: { id: session.conversation, status: "open" }, player, messages: [], has_more: false });
  }

  /** The old token ends with the new one's making. */
  refresh(session) {
    session.alive = false;
    return this.say(200, { session: this.issue(session.player, session.conversation) });
  }

  say(status, body) {
    return { ok: status < 400, status, headers: { get: () => null }, json: async () => body };
  }

  alive(player) {
    return [...this.sessions.values()].filter((session) => session.alive && session.player === player);
  }
}

/** One database for all tabs. A transaction is one step; all its requests are answered within it. */
function storage(schedule, shelves) {
  const transaction = () => {
    const one = { oncomplete: null, onerror: null, onabort: null };
    const requests = [];
    const ask = (work) => {
      const request = Object.assign(new EventTarget(), { result: undefined, onsuccess: null });
      requests.push({ request, work });
      return request;
    };
    one.objectStore = () => ({
      get: (key) => ask(() => shelves.get(key)),
      put: (record) => ask(() => shelves.set(record.scope, record) && record.scope),
      delete: (key) => ask(() => void shelves.delete(key)),
    });
    void schedule.step("storage", () => {
      for (let next; (next = requests.shift()); ) {
        next.request.result = next.work();
        next.request.onsuccess?.();
        next.request.dispatchEvent(new Event("success"));
      }
      one.oncomplete?.();
    });
    return one;
  };
  return {
    open() {
      const request = { result: { transaction }, onsuccess: null };
      queueMicrotask(() => request.onsuccess?.());
      return request;
    },
  };
}

/** The parts of the platform that the messenger's modules reach for themselves. */
function platform(browser) {
  const { schedule, service } = browser;
  const arrive = (path, asked) => {
    if (asked.signal?.aborted) throw asked.signal.reason;
    return service.answer(path, asked);
  };
  const subtle = {
    generateKey: async () => ({ publicKey: {}, privateKey: {} }),
    exportKey: async () => ({ kty: "EC", crv: "P-256", x: "x", y: "y" }),
    digest: async () => new ArrayBuffer(32),
    sign: async () => new ArrayBuffer(64),
  };
  const given = {
    crypto: { subtle, getRandomValues: (bytes) => bytes },
    indexedDB: storage(schedule, browser.shelves),
    fetch: (path, asked) => schedule.step(`${asked.method} ${path}`, () => arrive(path, asked)).then(browser.travel("answer")),
    window: new EventTarget(),
    document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
    navigator: { onLine: true },
    setTimeout: (act, time) => browser.timers.push({ act: AsyncLocalStorage.bind(act), time }),
    clearTimeout: (number) => number && delete browser.timers[number - 1],
  };
  for (const [name, value] of Object.entries(given)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

const { Session } = await import(`${MODULES}/session.js`);
const { KeyStore } = await import(`${MODULES}/keys.js`);

const SCOPE = "ws|br|https://casino.example";
const SETTINGS = { service_origin: "https://support.example", start_url: "https://support.example/start", brand_id: "br", locale: "en" };

/** One page with its messenger. `says`: the player whom the page shows; a `fixed` page cannot be asked again. */
class Tab {
  constructor(browser, name, { fixed = false } = {}) {
    this.browser = browser;
    this.name = name;
    this.fixed = fixed;
    this.given = fixed ? browser.site : undefined;
    this.stale = false;
    this.gone = false;
    /** Whose chat is on the screen: undefined where none is. */ this.shown = undefined;
    this.errors = [];
    this.unsent = new AbortController();
    /** Whom this page itself has seen off. */ this.left = new Set();
    this.session = new Session(SETTINGS, this.bridge(), this.tabs(), new KeyStore(SCOPE), this.listener());
  }

  /** Whom this page would speak for if it was asked now. */
  get speaker() {
    return this.fixed ? this.given : this.browser.site;
  }

  identity() {
    if (!this.fixed) return { known: false };
    return { known: true, token: this.stale ? null : this.browser.token(this.given), stale: this.stale };
  }

  bridge() {
    const { schedule, service } = this.browser;
    return {
      tell: (type) => type === "wiped" && (this.stale = this.fixed),
      ask: (type, value) => schedule.step(`${this.name} page ${type}`, () => this.told(type, value, service)).then(this.browser.travel(`${this.name} page`)),
    };
  }

  told(type, value, service) {
    if (type === "start") return service.start(value.body.player_token);
    if (this.browser.failing) throw new Error("an object");
    if (this.stale) return { stale: true };
    return this.browser.token(this.speaker);
  }

  tabs() {
    const { browser } = this;
    return {
      tell: (type) => browser.tell(this, type),
      alone: (work) => browser.alone(this, work),
    };
  }

  listener() {
    return {
      wanted: () => !this.gone,
      opening() {},
      started: (live) => this.shows(live.player?.player_id ?? null),
      failed: (error) => this.errors.push(error.code),
      doubted: (error) => this.errors.push(error.code),
      expired() {},
      wiped: () => this.clears(),
      elsewhere: () => this.clears(),
    };
  }

  /** Whoever has left by this very page is not brought back to its screen by what was on its way. */
  shows(player) {
    this.shown = player;
    if (player !== null && this.left.has(player)) this.browser.faults.push(`${this.name} shows ${player}, who left in it`);
  }

  /** As the messenger does: with the player goes what the player had not sent yet. */
  clears() {
    this.shown = undefined;
    this.unsent.abort();
    this.unsent = new AbortController();
  }

  // --- what happens to a page; the promise is for what comes of it, which the schedule decides

  act(deed, value) {
    return here.run(this, () => Promise.resolve(this[deed](value)).catch((error) => this.errors.push(error.code || String(error))));
  }

  identify() {
    return this.session.page.take(this.identity());
  }

  open() {
    return this.identify().then(() => this.session.open());
  }

  /** The site ends the login, and this page calls `logout`. */
  logout() {
    if (this.browser.site !== null) this.left.add(this.browser.site);
    this.browser.site = null;
    this.given = null;
    return this.session.logout();
  }

  /** Another player logs in by this page. */
  login(player) {
    this.left.delete(player);
    this.browser.site = this.given = player;
    this.stale = false;
    return this.identify();
  }

  refresh() {
    return this.session.refresh();
  }

  /** The player presses Send: `as` is whom the page speaks for at that moment. */
  send(text = "hello") {
    const as = this.shown;
    if (as === undefined) return undefined;
    const { signal } = this.unsent;
    return this.session.call(({ conversation }) => ({ method: "POST", path: `/v1/conversations/${conversation.id}/messages`, body: { text: `${text} of ${as}` }, signal }));
  }

  close() {
    this.gone = true;
    this.shown = undefined;
    const { schedule, queue } = this.browser;
    schedule.drop(this);
    this.browser.queue = queue.filter(({ tab }) => tab !== this);
    this.browser.release(this);
  }
}

export class Browser {
  /** @param {Map<number, number>} choices */
  constructor(choices) {
    this.schedule = new Schedule(choices);
    this.service = new Service();
    this.shelves = new Map();
    this.timers = [];
    this.fired = 0;
    this.open = [];
    this.queue = [];
    this.holder = null;
    this.failing = false;
    this.faults = [];
    /** Who is logged in on the operator's site, in the cookie that all its pages share. */ this.site = null;
    platform(this);
    this.schedule.impatient = () => this.loseLockPatience();
  }

  token(player) {
    return player === null ? null : `e30.${encode({ sub: player })}.c2ln`;
  }

  tab(name, options) {
    const tab = new Tab(this, name, options);
    this.open.push(tab);
    return tab;
  }

  /** An answer is one step on its way back. */
  travel(name) {
    return (value) => this.schedule.step(name, () => value);
  }

  tell(from, type) {
    for (const tab of this.open) if (tab !== from && !tab.gone) here.run(tab, () => void this.schedule.step(`${tab.name} hears ${type}`, () => here.run(tab, () => void (tab.gone || tab.session.hear({ type }).catch(() => {})))));
  }

  /** The browser's lock; a holder that hangs is not waited for for ever. */
  alone(tab, work) {
    return new Promise((resolve, reject) => {
      const begin = here.run(tab, () => () => here.run(tab, work).then(resolve, reject).finally(() => this.release(tab)));
      this.queue.push({ tab, begin });
      this.grant();
    });
  }

  grant() {
    if (this.holder || !this.queue.length) return;
    const { tab, begin } = this.queue.shift();
    this.holder = tab;
    begin();
  }

  release(tab) {
    if (this.holder === tab) this.holder = null;
    this.grant();
  }

  loseLockPatience() {
    if (!this.queue.length) return null;
    return { name: "the lock is waited for no longer", run: () => this.queue.shift().begin() };
  }

  /** Until nothing waits any more. */
  async run() {
    for (let steps = 0; steps < 2000; steps++) if (!(await this.schedule.next()) && !this.wake()) return;
    this.faults.push("it never comes to rest");
  }

  /** The shortest of the timers that wait. */
  wake() {
    const due = Object.keys(this.timers).filter((number) => this.timers[number].time < SOON);
    if (!due.length || this.fired++ >= TIMERS_FIRED) return false;
    const number = due.reduce((one, other) => (this.timers[other].time < this.timers[one].time ? other : one));
    const { act } = this.timers[number];
    delete this.timers[number];
    act();
    return true;
  }
}

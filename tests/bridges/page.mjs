/** A page for one bridge, without a browser: its clock stands still, its network answers what it is told, its vendor notes what it is told. */

import { readFileSync } from "node:fs";
import vm from "node:vm";

const FOLDER = new URL("../../sdk_snippet/helpdesks/", import.meta.url);
export const REUSED = refusal(401, "PLAYER_TOKEN_REUSED");
export const LIMITED = refusal(429, "RATE_LIMITED");
export const GONE = refusal(404, "NOT_FOUND");

export function refusal(status, code) {
  return { status, error: { code, message: "No.", request_id: "req_1" } };
}

export class Frame {
  constructor(src) {
    this.src = src;
  }
}

export class Script {
  constructor(src) {
    this.src = src;
  }
}

export class Page {
  constructor(vendor, settings = {}) {
    this.vendor = vendor;
    this.now = 1_000_000;
    this.player = "ana";
    this.tokens = 0;
    this.asked = [];
    this.answers = [];
    this.lines = [];
    this.told = [];
    this.timers = [];
    this.loads = new Set();
    this.listeners = {};
    this.kept = {};
    this.intervals = [];
    this.address = "https://casino.example/wallet";
    this.script = new Script("https://support.example/sdk/v1/helpdesks/x.js");
    this.focused = null;
    this.body = {};
    this.world = this.makeWorld(settings);
  }

  /** Runs the bridge's script; the vendor's may come before or after. */
  load() {
    vm.runInContext(readFileSync(new URL(this.vendor + ".js", FOLDER), "utf8"), this.world);
    return this;
  }

  /** The vendor's script has come. */
  arrive() {
    if (this.vendor === "zendesk") this.world.zE = (...words) => this.take(words);
    else this.world.LiveChatWidget = this.liveChat();
    for (const look of [...this.loads]) look();
    return this;
  }

  /** Something of the vendor's happens, and all that follows from it. */
  async happen(name, detail) {
    for (const listener of this.listeners[name] || []) listener(detail);
    await this.settle();
  }

  async call(...words) {
    await this.world.PlayerHelpdesk(...words);
    await this.settle();
  }

  /** Time goes by, with what was to be done in it. */
  async pass(ms) {
    this.now += ms;
    const due = this.timers.filter(({ at }) => at <= this.now);
    this.timers = this.timers.filter(({ at }) => at > this.now);
    for (const { run } of due) run();
    await this.settle();
  }

  /** The page is looked at: its settings, its body, its address. */
  async look() {
    for (const run of this.intervals) run();
    await this.settle();
  }

  /** What the vendor was told by commands of that name. */
  commands(name) {
    return this.told.filter((words) => words.includes(name)).map((words) => words.at(-1));
  }

  async settle() {
    for (let turn = 0; turn < 50; turn++) await null;
  }

  take(words) {
    if (words[0] !== "messenger:on") return void this.told.push(words);
    (this.listeners[words[1]] ||= []).push(words[2]);
  }

  liveChat() {
    return {
      call: (...words) => void this.told.push(words),
      on: (name, listener) => void (this.listeners[name] ||= []).push(listener),
      init: () => void this.told.push(["init", true]),
      get() {
        throw new Error("not loaded");
      },
    };
  }

  makeWorld(settings) {
    const storage = {
      getItem: (name) => this.kept[name] ?? null,
      setItem: (name, value) => void (this.kept[name] = value),
      removeItem: (name) => void delete this.kept[name],
    };
    const page = this.makeDocument();
    const world = {
      Document: page.Document,
      EventTarget: page.EventTarget,
      HTMLScriptElement: Script,
      document: new page.Document(),
      location: page.location,
      console: { error: (line) => this.lines.push(line), warn: (line) => this.lines.push(line) },
      fetch: (url, options) => this.answer(url, options),
      setTimeout: (run, ms) => this.timers.push({ at: this.now + ms, run }),
      setInterval: (run) => this.intervals.push(run),
      clearInterval() {},
      HTMLIFrameElement: Frame,
      localStorage: storage,
      sessionStorage: storage,
      AbortSignal: { timeout: () => undefined },
      URL,
      atob,
    };
    world.window = world;
    vm.createContext(world);
    vm.runInContext("Date", world).now = () => this.now;
    const getPlayerToken = async () => this.player && `h.${btoa(JSON.stringify({ sub: this.player })).replaceAll("=", "")}.${++this.tokens}`;
    world.playerHelpdeskSettings = { workspaceId: "ws_1", connectionId: "hd_1", getPlayerToken, ...settings };
    return world;
  }

  /** What a browser has by getters on prototypes; a named element would be a member of the document itself. */
  makeDocument() {
    const page = this;
    class EventTarget {
      addEventListener(name, listener) {
        if (name === "load") page.loads.add(listener);
        else (page.listeners[name] ||= []).push(listener);
      }
    }
    class Document extends EventTarget {
      get currentScript() {
        return page.script;
      }
      get activeElement() {
        return page.focused;
      }
      get body() {
        return page.body;
      }
    }
    const location = {
      get href() {
        return page.address;
      },
    };
    return { EventTarget, Document, location };
  }

  async answer(url, { body }) {
    const what = url.split("/").at(-1);
    const number = this.asked.push([what, JSON.parse(body).player_token]);
    const answer = this.answers.shift();
    if (answer === null) throw new TypeError("Failed to fetch");
    if (answer) return { status: answer.status, json: async () => answer };
    const widget_token = { accessToken: "dal:" + number, creationDate: this.now, expiresIn: 28_800_000 };
    const attributes = { 17826: "ref_" + number };
    return { status: 200, json: async () => (what === "attributes" ? { attributes } : { token: "jwt" + number, widget_token }) };
  }
}

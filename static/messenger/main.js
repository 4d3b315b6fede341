/** The messenger: what the page says, what the player does and what the service tells, brought together. */

import { Bridge } from "./bridge.js";
import { pause, startClock } from "./clock.js";
import { Following } from "./following.js";
import { History } from "./history.js";
import { KeyStore } from "./keys.js";
import { canonical, Texts } from "./locales.js";
import { Look } from "./look.js";
import { Outbox } from "./outbox.js";
import { Session } from "./session.js";
import { readSettings } from "./settings.js";
import { Tabs } from "./tabs.js";
import { View } from "./view.js";

/** @typedef {import("./types.d.ts").Message} Message */
/** @typedef {import("./types.d.ts").Identity} Identity */
/** @typedef {import("./types.d.ts").SdkBoot} SdkBoot */
/** @typedef {import("./types.d.ts").ServiceEvent} ServiceEvent */
/** @typedef {import("./session.js").Live} Live */
/** @typedef {import("./api.js").ServiceError} ServiceError */
/** @typedef {{color?: string, theme?: import("./types.d.ts").Theme, sound?: boolean, reopen?: boolean}} Wish */

/** @type {Record<string, string>} */
const APOLOGIES = {
  IDENTITY_REQUIRED: "error_sign_in",
  INVALID_PLAYER_TOKEN: "error_identity",
  PLAYER_TOKEN_EXPIRED: "error_identity",
  PLAYER_TOKEN_REUSED: "error_identity",
  PLAYER_TOKEN_UNAVAILABLE: "error_identity",
  RATE_LIMITED: "error_busy",
};

/** What is opened before it is loaded is drawn once, with the chat in it; only a slow network lets a player see it load. */
const HEAD_START = 80;

const settings = readSettings();
startClock(settings.server_time);
const scope = [settings.workspace_id, settings.brand_id, settings.parent_origin].join("|");
// Both the page and the storage answer while the view is made.
const bridge = new Bridge(settings.parent_origin, {
  boot: (/** @type {SdkBoot} */ value) => (booted = boot(value)),
  show: (/** @type {{text?: string, focus?: boolean}} */ value) => show(value),
  hold: () => session.page.hold(),
  hide: () => {
    opened = false;
    /** @type {HTMLElement | null} */ (document.activeElement)?.blur();
    follow();
  },
  look: (/** @type {Wish} */ value) => {
    dress(value);
    dressLauncher();
  },
  identify: async (/** @type {Identity} */ identity) => {
    await booted;
    await session.page.take(identity).catch(() => {});
  },
  logout: async (/** @type {string} */ wish) => {
    await booted;
    await session.logout(wish);
  },
  locale: async (/** @type {string} */ locale) => {
    settings.locale = await texts.load(locale);
    transcript.keepPlace(() => transcript.suggest(!transcript.suggested.hidden));
    dressLauncher();
  },
});
const store = new KeyStore(scope);
const texts = new Texts(settings);
const look = new Look(settings.look);
/** @type {View} */
const view = new View(texts, {
  send: (text) => outbox.add(text),
  retry: (id) => outbox.retry(id),
  close: () => bridge.tell("hide"),
  end: () => void endChat(),
  load: (side) => history.load(side),
});
const { transcript } = view;

let opened = false;
let unread = 0;
let wear = { color: "", ink: "" };
/** @type {Promise<import("./sound.js").Sound | null> | undefined} */ let sound;
/** The last message that the player has seen in any tab. */ let seen = "";
/** @type {Following | null} */ let following = null;
/** @type {Promise<import("./kept.js").Kept | null> | undefined} */ let keeper;
/** @type {Promise<unknown>} */ let booted = Promise.resolve();

const tabs = new Tabs(scope, hear);
/** @type {Session} */
const session = new Session(settings, bridge, tabs, store, {
  wanted: () => (reading() && view.stoppedBy !== "closed") || outbox.waits,
  opening: () => {
    view.chatting();
    view.say("loading");
  },
  started,
  failed,
  doubted: report,
  expired: () => bridge.event("session:expired"),
  wiped: () => {
    leave();
    void keeping().then((one) => one?.wipe());
    view.stopped("signed_out", "start_new", begin);
  },
  elsewhere: () => {
    leave();
    view.stopped("elsewhere", "continue_here", begin);
  },
});
/** @type {History} */
const history = new History(session, transcript, arrived);
/** @type {Outbox} */
const outbox = new Outbox(session, transcript, () => void closed());

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    tabs.tell("yield");
    void session.hear({ type: "wiped" });
  }
  if (reading()) read();
  follow();
});
// The page may come back out of the browser's cache with anybody in front of it: nothing of the player goes in.
window.addEventListener("pagehide", ({ persisted }) => {
  if (!persisted) return;
  session.suspend();
  leave();
  view.chatting();
  view.composer.form.hidden = true;
});
for (const event of ["online", "offline"]) window.addEventListener(event, () => view.say(""));

// The page has opened the panel already.
if (location.hash) begin();

// --- what the page says -------------------------------------------------------------------------------------------------------

/** @param {SdkBoot} value */
async function boot({ identity, locale, open, names, logout, ...wish }) {
  settings.locale = canonical(locale || settings.locale || "en");
  if (logout) await session.logout(logout);
  if (open) {
    opened = true;
    session.planStart(identity.stale ? null : identity.token || null);
    await Promise.race([begin(), pause(HEAD_START)]);
  }
  // Whoever is not the page's player any more is gone before the page hears that all is ready.
  const compared = open ? null : session.page.take(identity);
  dress(wish);
  await texts.load(settings.locale);
  document.documentElement.removeAttribute("data-loading");
  await Promise.race([compared, pause(HEAD_START)]);
  bridge.tell("ready", launcher());
  void texts.complete();
  await compared;
  const line = await import("./hints.js").then(({ unknown }) => unknown(names));
  if (line) bridge.tell("event", { line });
  if (!open && (wish.reopen ?? settings.look.reopen ?? true)) void keeping().then((one) => one?.reopen(begin));
}

/** What goes from one page to the next. */
function keeping() {
  return (keeper ||= import("./kept.js").then(({ Kept }) => new Kept(scope, session, view, () => opened)).catch(() => null));
}

/** @param {Wish} wish */
function dress(wish) {
  wear = look.wear(wish);
  view.sound.hidden = !(wish.sound ?? settings.look.sound);
  if (!view.sound.hidden) sound ||= import("./sound.js").then(({ Sound }) => new Sound(view.sound)).catch(() => null);
}

/** @param {{text?: string, focus?: boolean}} wish */
async function show({ text, focus }) {
  await booted;
  const already = opened;
  opened = true;
  if (unread) transcript.toLatest();
  read();
  if (text !== undefined) view.composer.fill(text);
  if (focus) view.focus();
  if (!already && !session.live && view.stoppedBy !== "closed") begin();
  follow();
}

const reading = () => opened && document.visibilityState === "visible";

/** The player has seen all there is: no tab counts it any more. */
function read() {
  count(0);
  tabs.tell("read", history.newest);
  // What ended while nobody looked goes on.
  if (!session.live && session.owner !== undefined && !view.stoppedBy) begin();
}

function launcher() {
  return { ...wear, title: texts.get("title"), label: unread ? texts.get("launcher_unread", { count: unread }) : texts.get("launcher"), count: unread };
}

function dressLauncher() {
  bridge.tell("launcher", launcher());
}

/** @param {number} now */
function count(now) {
  if (now === unread) return;
  unread = now;
  dressLauncher();
  bridge.event("unread", { count: unread });
}

// --- the session's life -------------------------------------------------------------------------------------------------------

/** Opens a session, because the player wants to talk. */
function begin() {
  const opening = session.open().catch(() => {});
  // A frame that comes late takes the keyboard from nobody.
  if (opened && document.hasFocus()) view.focus();
  return opening;
}

/** @param {Live} live @param {boolean} resumed */
function started(live, resumed) {
  const { conversation, player, page } = live;
  const { id } = conversation;
  view.chatting();
  view.signedIn(player);
  view.end.hidden = false;
  if (history.id === id) void history.catchUp();
  else {
    const replaced = history.id !== "" && !resumed;
    bridge.event("conversation:started", { conversation_id: id, resumed });
    leaveStream();
    history.show(id);
    history.restart(page);
    if (replaced) transcript.notice("ended_before");
    outbox.show();
    import("./around.js").then(({ settle }) => settle(texts), () => {});
    void keeping()
      .then((one) => one?.restore(live))
      .then((open) => open && !opened && bridge.tell("open"));
  }
  if (following) return follow();
  const one = (following = new Following(id, session, tabs, {
    event: (event) => history.id === id && take(event),
    missed: () => history.id === id && void history.catchUp(),
    alive: () => view.say(""),
    waiting,
    blocked: async () => {
      const { readWithoutEvents } = await import("./polling.js");
      const read = await readWithoutEvents(history, () => void closed()).catch(() => false);
      if (read) view.say("");
      return read;
    },
  }));
  const known = !resumed ? "0" : page.has_more ? "" : history.recall();
  void Promise.resolve(known).then((last) => {
    one.begin(last);
    follow();
  });
}

/** @param {number} failures of the stream */
function waiting(failures) {
  if (!session.live) follow();
  else if (failures > 1) view.say("reconnecting");
}

/** @param {ServiceError} error */
async function failed(error) {
  if (error.code === "INVALID_SESSION" && error.status === 0) return;
  view.stopped(APOLOGIES[error.code] || "error_connection", "retry", error.stale ? () => bridge.tell("reload") : begin);
  import("./ways.js").then(({ offer }) => offer(view, bridge, settings.look.sign_in, error)).catch(() => {});
  await report(error);
}

/** Tells the page, and its developer. @param {ServiceError} error */
async function report({ code, reason, message, requestId, given }) {
  const detail = { code, reason, message, request_id: requestId };
  const line = await import("./hints.js").then(({ lineFor, looks }) => {
    if (given) detail.message += looks(given);
    return lineFor(detail);
  }).catch(() => code);
  bridge.tell("event", { name: "identity:error", detail, line });
}

async function endChat() {
  try {
    await session.call(({ conversation }) => ({ method: "POST", path: `/v1/conversations/${encodeURIComponent(conversation.id)}/close` }));
  } catch {
    if (session.live) return view.say("reconnecting");
  }
  outbox.clear();
  tabs.tell("ended");
  await closed();
}

async function closed() {
  if (!session.live) return;
  const id = session.live.conversation.id;
  leaveStream();
  await session.closed();
  tabs.tell("closed", id);
  view.stopped("closed", "start_new", () => {
    history.show("");
    begin();
  });
  bridge.event("closed", { conversation_id: id });
}

/** Nothing of the player stays on the screen. */
function leave() {
  leaveStream();
  outbox.clear();
  history.show("");
  view.composer.fill("");
  view.signedIn(undefined);
  count(0);
}

// --- messages and events ------------------------------------------------------------------------------------------------------

/** @param {Message} message */
function arrived(message) {
  bridge.event("message", { message_id: message.id, author_type: message.author.type });
  if (reading()) tabs.tell("read", message.id);
  else if (message.id > seen) count(unread + 1);
  if (!reading()) void sound?.then((one) => one?.play());
}

/** @param {ServiceEvent} event */
function take(event) {
  if (event.type === "message" && event.data?.conversation_id === history.id) void history.receive(event.data);
  if (event.type === "typing") transcript.agentTyping(event.data?.author || { type: "agent", name: null });
  if (event.type === "handover") {
    transcript.notice("handover");
    bridge.event("handover");
  }
  if (event.type === "closed") void closed();
}

/** Streams while somebody may look: in one tab of the browser, or, where each is alone, in those that can be seen. */
function follow() {
  const visible = document.visibilityState === "visible";
  following?.follow(session.live !== null && (visible || (opened && tabs.together)));
}

function leaveStream() {
  following?.follow(false);
  following = null;
}

/** The chat goes on in another tab, and was never opened in this one. @param {ServiceEvent} event */
function overhear({ type, data }) {
  if (type === "message" && data?.author?.type === "agent") count(unread + 1);
}

/** @param {{type: string, value?: any}} note from another tab */
function hear({ type, value }) {
  if (type === "event" && value?.id === history.id) following?.hear(value.event, value.after);
  else if (type === "event" && value?.event && !history.id && !view.stoppedBy) overhear(value.event);
  if (type === "read") {
    seen = value || seen;
    count(0);
  }
  if (type === "ended") outbox.clear();
  if (type === "closed" && value === history.id) void closed();
  if (type === "yield" && document.visibilityState === "hidden") {
    following?.follow(false);
    setTimeout(follow, 100);
  }
  void session.hear({ type });
}

/** The messenger: what the page says, what the player does and what the service tells, brought together. */

import { connect } from "./bridge.js";
import { startClock } from "./clock.js";
import { hintFor } from "./hints.js";
import { KeyStore } from "./keys.js";
import { Texts } from "./locales.js";
import { Look } from "./look.js";
import { Outbox } from "./outbox.js";
import { Session } from "./session.js";
import { readSettings } from "./settings.js";
import { EventStream } from "./stream.js";
import { Tabs } from "./tabs.js";
import { View } from "./view.js";

/** @typedef {import("./types.d.ts").Message} Message */
/** @typedef {import("./types.d.ts").Identity} Identity */
/** @typedef {import("./types.d.ts").SdkBoot} SdkBoot */
/** @typedef {import("./types.d.ts").ServiceEvent} ServiceEvent */
/** @typedef {import("./session.js").Live} Live */
/** @typedef {import("./api.js").ServiceError} ServiceError */

const PAGE = "50";
/** @type {Record<string, string>} */
const APOLOGIES = {
  IDENTITY_REQUIRED: "error_sign_in",
  INVALID_PLAYER_TOKEN: "error_identity",
  PLAYER_TOKEN_EXPIRED: "error_identity",
  PLAYER_TOKEN_REUSED: "error_identity",
  PLAYER_TOKEN_UNAVAILABLE: "error_identity",
  RATE_LIMITED: "error_busy",
};

const settings = readSettings();
startClock(settings.server_time);
const scope = [settings.workspace_id, settings.brand_id, settings.parent_origin].join("|");
const texts = new Texts(settings.texts || {});
const look = new Look(settings.look || {});
const view = new View(texts, {
  send: (text) => outbox.add(text),
  retry: (id) => outbox.retry(id),
  close: () => bridge.tell("hide"),
  end: () => void endChat(),
  earlier: () => void loadEarlier().catch(() => {}),
});
const { transcript } = view;

let opened = false;
let unread = 0;
let shown = "";
let wear = look.wear({});
/** @type {AbortController | null} */ let following = null;
/** @type {EventStream | null} */ let stream = null;
/** @type {Promise<unknown>} */ let booted = Promise.resolve();

const bridge = await connect(settings.parent_origin, {
  boot: (/** @type {SdkBoot} */ value) => (booted = boot(value)),
  show: (/** @type {{text?: string} | undefined} */ value) => show(value?.text),
  hide: () => {
    opened = false;
    follow();
  },
  look: (/** @type {{color?: string, theme?: import("./types.d.ts").Theme}} */ value) => {
    wear = look.wear(value);
    dressLauncher();
  },
  identify: async (/** @type {Identity} */ identity) => {
    await booted;
    await session.identify(identity).catch(() => {});
  },
  logout: async () => {
    await booted;
    await session.logout();
  },
  locale: async (/** @type {string} */ locale) => {
    await texts.load(String(locale));
    dressLauncher();
  },
});
const tabs = new Tabs(scope, hear);
const session = new Session(settings, bridge, tabs, new KeyStore(scope), {
  wanted: () => opened,
  opening: () => {
    view.chatting();
    view.say("loading");
  },
  started,
  failed,
  expired: () => bridge.event("session:expired"),
  wiped: () => {
    leave();
    view.stopped("signed_out", "start_new", begin);
  },
  elsewhere: () => {
    leave();
    view.stopped("elsewhere", "continue_here", begin);
  },
});
const outbox = new Outbox(session, transcript, () => void closed());

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") tabs.tell("yield");
  follow();
});

// --- what the page says -------------------------------------------------------------------------------------------------------

/** @param {SdkBoot} value */
async function boot({ identity, locale, theme, color }) {
  wear = look.wear({ color, theme });
  await texts.load(locale || settings.locale);
  document.documentElement.removeAttribute("data-loading");
  await session.identify(identity);
  bridge.tell("ready", launcher());
}

/** @param {string} [text] */
async function show(text) {
  await booted;
  opened = true;
  count(0);
  if (text !== undefined) view.composer.fill(text);
  view.focus();
  transcript.toEnd();
  if (!session.live && view.stoppedBy !== "closed") begin();
  follow();
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
  session.open().catch(() => {});
  if (opened) view.focus();
}

/** @param {Live} live @param {boolean} resumed */
function started({ conversation, player }, resumed) {
  const { id } = conversation;
  view.chatting();
  view.signedIn(player);
  view.end.hidden = false;
  if (shown !== id) {
    const replaced = shown !== "" && !resumed;
    leaveStream();
    transcript.clear();
    if (replaced) transcript.notice("ended_before");
    shown = id;
    bridge.event("conversation:started", { conversation_id: id, resumed });
    void loadLatest(id);
  }
  follow();
}

/** @param {ServiceError} error */
function failed(error) {
  if (error.code === "INVALID_SESSION" && error.status === 0) return;
  view.stopped(APOLOGIES[error.code] || "error_connection", "retry", begin);
  bridge.event("identity:error", { code: error.code, reason: error.reason, message: error.message, request_id: error.requestId, hint: hintFor(error.code) });
}

async function endChat() {
  try {
    await session.call(({ conversation }) => ({ method: "POST", path: `/v1/conversations/${encodeURIComponent(conversation.id)}/close` }));
  } catch {
    if (session.live) return view.say("reconnecting");
  }
  await closed();
}

async function closed() {
  if (!session.live) return;
  const id = session.live.conversation.id;
  leaveStream();
  await session.closed();
  shown = "";
  tabs.tell("closed", id);
  view.stopped("closed", "start_new", () => {
    transcript.clear();
    begin();
  });
  bridge.event("closed", { conversation_id: id });
}

/** Nothing of the player stays on the screen. */
function leave() {
  leaveStream();
  outbox.clear();
  transcript.clear();
  view.composer.fill("");
  view.signedIn(undefined);
  shown = "";
  count(0);
}

// --- messages and events ------------------------------------------------------------------------------------------------------

/** @param {Record<string, string | undefined>} query @returns {Promise<{messages: Message[], has_more: boolean}>} */
async function fetchMessages(query) {
  const response = await session.call(({ conversation }) => ({
    method: "GET",
    path: `/v1/conversations/${encodeURIComponent(conversation.id)}/messages`,
    query: { limit: PAGE, ...query },
  }));
  return response.json();
}

/** @param {string} id the conversation that is shown */
async function loadLatest(id) {
  transcript.log.setAttribute("aria-busy", "true");
  try {
    const { messages, has_more } = await fetchMessages({});
    if (shown !== id) return;
    transcript.hasEarlier(has_more);
    for (const message of messages) transcript.add(message);
    transcript.toEnd();
  } catch {
    // the event stream loads what is missing as soon as it connects
  } finally {
    transcript.log.removeAttribute("aria-busy");
  }
}

async function loadEarlier() {
  const id = shown;
  const { messages, has_more } = await fetchMessages({ before: transcript.firstId });
  if (shown !== id) return;
  transcript.prepend(messages);
  transcript.hasEarlier(has_more);
}

/** What was said while nobody listened. */
async function catchUp() {
  const id = shown;
  for (let more = true; more; ) {
    const { messages, has_more } = await fetchMessages({ after: transcript.lastId });
    if (shown !== id) return;
    for (const message of messages) receive(message);
    more = has_more && messages.length > 0;
  }
}

/** @param {Message} message */
function receive(message) {
  if (!transcript.add(message) || message.author.type === "player") return;
  bridge.event("message", { message_id: message.id, author_type: message.author.type });
  if (!opened) count(unread + 1);
}

/** @param {ServiceEvent} event */
function take(event) {
  if (event.type === "message" && event.data?.conversation_id === shown) receive(event.data);
  if (event.type === "typing") transcript.agentTyping(event.data?.author || { type: "agent", name: null });
  if (event.type === "handover") {
    transcript.notice("handover");
    bridge.event("handover");
  }
  if (event.type === "closed") void closed();
}

/** Streams while somebody may look, in one tab of the browser. */
function follow() {
  const wanted = session.live !== null && (opened || document.visibilityState === "visible");
  if (!wanted) {
    following?.abort();
    following = null;
  }
  if (!wanted || following) return;
  const { signal } = (following = new AbortController());
  const current = (stream ||= makeStream(shown));
  void tabs.lead(signal, () => current.run(signal));
}

function leaveStream() {
  following?.abort();
  following = null;
  stream = null;
}

/** @param {string} id */
function makeStream(id) {
  return new EventStream(
    ({ headers, query, signal }) => {
      if (!session.live) return Promise.reject(new Error("no session"));
      return session.call(({ conversation }) => ({ method: "GET", path: `/v1/conversations/${encodeURIComponent(conversation.id)}/events`, headers, query, signal }));
    },
    {
      event: (event) => {
        if (shown !== id) return;
        tabs.tell("event", { id, event });
        take(event);
      },
      connected: () => {
        if (shown !== id) return;
        view.say("");
        catchUp().catch(() => {});
      },
      waiting: () => {
        if (shown === id && session.live) view.say("reconnecting");
        else leaveStream();
      },
    },
  );
}

/** @param {{type: string, value?: any}} note from another tab */
function hear({ type, value }) {
  if (type === "event" && value?.id === shown && session.live) {
    if (stream && value.event.id) stream.last = value.event.id;
    take(value.event);
  }
  if (type === "closed" && value === shown) void closed();
  if (type === "yield" && document.visibilityState === "hidden" && following) {
    following.abort();
    following = null;
    setTimeout(follow, 100);
  }
  void session.hear({ type });
}

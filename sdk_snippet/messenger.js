/*! player-messenger 0.1.0, Apache-2.0. One classic script for the operator's page: no imports, no inline styles, no HTML strings. */
(() => {
  "use strict";
  /** @import {Attributes} from "./messenger.d.ts" */
  /** @import {Handlers, Methods, FrameMessage, Parts, Refusal, Settings, Waiting} from "./internal.d.ts" */

  const VERSION = "0.1.0";
  const NAME = "[PlayerMessenger] ";
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const stub = window.PlayerMessenger;
  if (stub && stub.version) {
    console.warn(NAME + "is already on this page; the second snippet does nothing.");
    return;
  }

  const STYLES = `
:host{all:initial}
.box{position:fixed;z-index:var(--z);bottom:var(--y);right:var(--x);font:16px system-ui,sans-serif}
.left{right:auto;left:var(--x)}
button{all:unset;position:relative;display:grid;place-items:center;width:56px;height:56px;margin-left:auto;border-radius:50%;cursor:pointer;
background-color:var(--c,#2456d3);color:var(--i,#fff);box-shadow:0 1px 3px #0003,0 6px 20px #0003;transition:transform .15s}
.left button{margin-left:0}
button:hover{transform:scale(1.05)}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px #111}
[hidden],.open .chat,.box:not(.open) .down{display:none}
svg{width:26px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
span{position:absolute;top:-3px;right:-3px;min-width:10px;padding:0 5px;border-radius:10px;background:#c81e1e;color:#fff;font:600 12px/20px system-ui,sans-serif;text-align:center}
iframe{position:absolute;bottom:72px;right:0;width:min(400px,100vw - 2*var(--x));height:min(680px,var(--h,100vh) - var(--y) - 92px);border:0;border-radius:16px;
background:#fff;box-shadow:0 0 0 1px #0001,0 12px 48px #0003;visibility:hidden;opacity:0;transform:translateY(12px);transition:opacity .18s,transform .18s,visibility 0s .18s}
.left iframe{right:auto;left:0}
.dark iframe{background:#15171c}
.open iframe{visibility:visible;opacity:1;transform:none;transition-delay:0s}
@media (max-width:480px),(max-height:480px){.open iframe{position:fixed;inset:var(--t,0) 0 auto;width:100%;height:var(--h,100dvh);border-radius:0}.open button{display:none}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media (forced-colors:active){button{border:2px solid}}
@media print{.box{display:none}}`;
  const CHAT = "M21 11.5a8 8 0 0 1-8.5 8 9 9 0 0 1-3.4-.7L4 20.5l1.3-4.3A7.6 7.6 0 0 1 4 11.5a8.2 8.2 0 0 1 8.5-8 8.2 8.2 0 0 1 8.5 8Z";
  const DOWN = "m6 9 6 6 6-6";

  /** @type {Settings | null} */ let settings = null;
  /** @type {Parts | null} */ let parts = null;
  /** @type {HTMLIFrameElement | null} */ let frame = null;
  /** @type {MessagePort | null} */ let port = null;
  /** @type {Promise<void> | null} */ let ready = null;
  /** @type {Waiting | null} */ let readiness = null;
  // The player token given by boot or identify; undefined while getPlayerToken decides.
  /** @type {string | null | undefined} */ let given;
  /** @type {Attributes} */ let attributes = {};
  let open = false;
  let service = "";
  let asked = 0;
  /** @type {Map<number, Waiting>} */ const waiting = new Map();
  /** @type {Map<string, Set<(detail: any) => void>>} */ const listeners = new Map();
  const has = (/** @type {object} */ object, /** @type {string} */ name) => Object.prototype.hasOwnProperty.call(object, name);
  const bodyIsThere = new Promise((resolve) => {
    if (document.body) resolve(0);
    else document.addEventListener("DOMContentLoaded", resolve);
  });

  /** @param {string} code @param {string} text */
  const problem = (code, text) => Object.assign(new Error(NAME + text), { code });

  /** @param {string} name @param {unknown} [detail] */
  function emit(name, detail = {}) {
    for (const listener of [...(listeners.get(name) || [])]) {
      try {
        listener(detail);
      } catch (error) {
        console.error(error);
      }
    }
  }

  /** @param {Refusal} refusal */
  function identityError({ hint, ...detail }) {
    const reason = detail.reason ? ` Reason: ${detail.reason}.` : "";
    console.error(`${NAME}${detail.code} (${detail.request_id || "no request"}): ${detail.message}${reason} ${hint}`);
    emit("identity:error", detail);
  }

  // --- the launcher and the frame's place, in a shadow root

  /** @param {string} name @param {string} line */
  function icon(name, line) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS(svg.namespaceURI, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", name);
    path.setAttribute("d", line);
    svg.append(path);
    return svg;
  }

  function build() {
    const host = document.createElement("player-messenger");
    const shadow = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    const box = document.createElement("div");
    const launcher = document.createElement("button");
    const badge = document.createElement("span");
    sheet.replaceSync(STYLES);
    shadow.adoptedStyleSheets = [sheet];
    badge.hidden = true;
    // Unless deferred, the launcher waits for its frame: it never opens onto nothing.
    launcher.hidden = !settings?.defer;
    launcher.onclick = () => methods.toggle().catch(() => {});
    launcher.append(icon("chat", CHAT), icon("down", DOWN), badge);
    box.setAttribute("role", "region");
    box.append(launcher);
    box.onkeydown = (event) => void (event.key === "Escape" && methods.hide());
    shadow.append(box);
    document.body.append(host);
    parts = { host, shadow, box, launcher, badge };
    handlers.launcher({ label: "Chat", title: "Chat" });
    launcher.hidden = !settings?.defer;
  }

  /** @param {string} property @param {string | number} value */
  const place = (property, value) => parts?.box.style.setProperty(property, String(value));

  function render() {
    if (!parts || !settings) return;
    const { theme, alignment, zIndex = 2147483000, horizontalPadding = 20, verticalPadding = 20, primaryColor } = settings;
    const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme:dark)").matches);
    parts.box.className = `box ${alignment} ${open ? "open" : ""} ${dark ? "dark" : ""}`;
    parts.launcher.setAttribute("aria-expanded", String(open));
    place("--z", zIndex);
    place("--x", horizontalPadding + "px");
    place("--y", verticalPadding + "px");
    if (primaryColor) place("--c", primaryColor);
  }

  // Keeps a full-screen panel above a phone's keyboard.
  function fit() {
    const view = window.visualViewport;
    if (!view || view.scale > 1.01) return;
    place("--h", view.height + "px");
    place("--t", view.offsetTop + "px");
  }

  // --- the frame, spoken to through one MessagePort

  /** Loads the frame once; resolves when the messenger in it is ready. @returns {Promise<void>} */
  function load() {
    if (!settings || !parts) return Promise.reject(problem("NOT_BOOTED", "call boot first."));
    if (ready) return ready;
    ready = new Promise((resolve, reject) => (readiness = { resolve, reject }));
    const query = new URLSearchParams({ origin: location.origin, locale: locale() });
    if (settings.brandId) query.set("brand_id", settings.brandId);
    const element = (frame = document.createElement("iframe"));
    element.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-popups");
    element.referrerPolicy = "no-referrer";
    element.title = "Chat";
    element.onload = () => setTimeout(() => element === frame && !port && refuse(), 3000);
    element.src = `${workspace()}/messenger?${query}`;
    parts.box.prepend(element);
    return ready;
  }

  const workspace = () => `${service}/v1/workspaces/${encodeURIComponent(settings?.workspaceId || "")}`;

  // The frame's document loaded, and nobody in it spoke.
  function refuse() {
    const code = "ORIGIN_NOT_ALLOWED";
    const hint = `Is ${location.origin} among the brand's allowed origins, are workspaceId and brandId right, does the page's CSP allow frame-src ${service}?`;
    readiness?.reject(problem(code, "the frame did not start."));
    remove();
    identityError({ code, message: "the messenger's frame did not start.", request_id: "", hint });
  }

  /** @param {MessageEvent} event */
  function greet(event) {
    if (!frame || event.source !== frame.contentWindow || event.origin !== service || event.data?.type !== "messenger:hello") return;
    const channel = new MessageChannel();
    port?.close();
    port = channel.port1;
    port.onmessage = ({ data }) => receive(data);
    frame.contentWindow?.postMessage({ type: "messenger:port" }, service, [channel.port2]);
    tell("boot", { identity: identity(), locale: locale(), ...wishes(), version: VERSION });
    if (open) tell("show");
  }

  const identity = () => ({ known: given !== undefined, token: given });
  const wishes = () => ({ theme: settings?.theme, color: settings?.primaryColor });

  /** @param {string} type @param {unknown} [value] */
  const tell = (type, value) => port?.postMessage({ type, value });

  /** @param {string} type @param {unknown} [value] @returns {Promise<any>} */
  function ask(type, value) {
    return new Promise((resolve, reject) => {
      waiting.set(++asked, { resolve, reject });
      port?.postMessage({ id: asked, type, value });
    });
  }

  /** @param {FrameMessage} message */
  async function receive({ id, re, type, value, error }) {
    if (re) {
      const one = waiting.get(re);
      waiting.delete(re);
      return error ? one?.reject(problem("FAILED", error)) : one?.resolve(value);
    }
    if (!has(handlers, type)) return;
    const from = port;
    try {
      const answer = await /** @type {any} */ (handlers)[type](value || {});
      if (id) from?.postMessage({ re: id, value: answer });
    } catch (failure) {
      if (id) from?.postMessage({ re: id, error: String(failure).slice(0, 200) });
    }
  }

  /** @type {Handlers} */
  const handlers = {
    ready(look) {
      handlers.launcher(look);
      readiness?.resolve();
      emit("ready");
    },
    launcher({ label, title, count, color, ink }) {
      if (!parts) return;
      parts.launcher.hidden = false;
      if (label) parts.launcher.setAttribute("aria-label", label);
      if (title) parts.box.setAttribute("aria-label", title);
      if (title && frame) frame.title = title;
      if (color) place("--c", color);
      if (ink) place("--i", ink);
      parts.badge.hidden = !count;
      parts.badge.textContent = count && count > 9 ? "9+" : String(count);
    },
    event: ({ name, detail }) => (name === "identity:error" ? identityError(detail) : emit(name, detail)),
    hide: () => void methods.hide(),
    async token({ fresh }) {
      const callback = settings?.getPlayerToken;
      if (given === null || !callback || (given && !fresh)) return given || null;
      return (await callback()) || null;
    },
    // The conversation start goes out from here, so that the browser itself states this page's origin.
    async start({ proof, token }) {
      const response = await fetch(workspace() + "/conversations", {
        method: "POST",
        headers: { "Content-Type": "application/json", DPoP: proof },
        credentials: "omit",
        cache: "no-store",
        body: JSON.stringify({
          brand_id: settings?.brandId,
          player_token: token || undefined,
          locale: locale(),
          page: { url: (location.origin + location.pathname).slice(0, 2000), title: document.title.slice(0, 255) },
          attributes,
        }),
      });
      return { status: response.status, body: await response.json(), retry_after: Number(response.headers.get("Retry-After")) };
    },
  };

  /** @returns {string} */
  function locale() {
    for (const tag of [settings?.locale, document.documentElement.lang, navigator.language]) {
      try {
        if (tag) return Intl.getCanonicalLocales(tag)[0] || tag;
      } catch {
        // not a language tag: the next one
      }
    }
    return "en";
  }

  /** @param {"addEventListener" | "removeEventListener"} act */
  function listen(act) {
    window[act]("message", /** @type {EventListener} */ (greet));
    window.visualViewport?.[act]("resize", fit);
    window.visualViewport?.[act]("scroll", fit);
  }

  function remove() {
    listen("removeEventListener");
    parts?.host.remove();
    port?.close();
    for (const one of [...waiting.values(), readiness]) one?.reject(problem("SHUTDOWN", "was shut down."));
    waiting.clear();
    frame = port = parts = ready = readiness = settings = null;
    open = false;
  }

  /** @type {Methods} */
  const methods = {
    async boot(wanted = window.playerMessengerSettings) {
      if (!window.isSecureContext || !("adoptedStyleSheets" in document) || location.origin === "null")
        throw problem("NOT_SECURE", "needs https (or localhost) and a current browser: no messenger on this page.");
      if (!wanted?.workspaceId) throw problem("NO_WORKSPACE", "workspaceId is missing.");
      const base = new URL(wanted.apiBase || script?.src || location.href, location.href).origin;
      if (settings && (settings.workspaceId !== wanted.workspaceId || settings.brandId !== wanted.brandId || base !== service)) remove();
      settings = { ...wanted };
      service = base;
      attributes = { ...attributes, ...wanted.attributes };
      given = wanted.getPlayerToken ? undefined : wanted.player?.token || null;
      await bodyIsThere;
      if (!settings) return;
      if (!parts) {
        build();
        listen("addEventListener");
      } else if (port) {
        tell("look", wishes());
        await ask("identify", identity());
      }
      render();
      if (!settings.defer) await load();
    },
    async identify(player) {
      given = typeof player === "string" ? player : player?.token;
      if (!given) given = settings?.getPlayerToken && player !== null ? undefined : null;
      if (!ready) return;
      await ready;
      await ask("identify", identity());
    },
    async logout() {
      given = null;
      attributes = {};
      await bodyIsThere;
      await methods.hide();
      // Deferred or not: what an earlier page has stored must go.
      await load();
      await ask("logout");
    },
    async shutdown() {
      remove();
      attributes = {};
    },
    async show(text) {
      await bodyIsThere;
      const loading = load();
      if (!open) {
        open = true;
        fit();
        render();
        emit("show");
      }
      await loading;
      frame?.focus();
      tell("show", { text });
    },
    async hide() {
      if (!open || !parts) return;
      open = false;
      const inside = parts.shadow.activeElement === frame;
      render();
      if (inside) parts.launcher.focus();
      tell("hide");
      emit("hide");
    },
    toggle: () => (open ? methods.hide() : methods.show()),
    showNewMessage: (text = "") => methods.show(String(text)),
    async setLocale(tag) {
      if (!settings) return;
      settings.locale = tag;
      if (port) await ask("locale", locale());
    },
    async setAttributes(more) {
      attributes = { ...attributes, ...more };
    },
    on(name, listener) {
      const set = listeners.get(name) || new Set();
      listeners.set(name, set.add(listener));
      return () => set.delete(listener);
    },
  };

  /** @param {string} method @param {...any} values @returns {any} */
  function PlayerMessenger(method, ...values) {
    if (has(methods, method)) return /** @type {any} */ (methods)[method](...values);
    return Promise.reject(problem("UNKNOWN_METHOD", `has no method ${method}.`));
  }
  PlayerMessenger.version = VERSION;
  window.PlayerMessenger = PlayerMessenger;

  /** @param {Error & {code?: string}} error */
  const complain = (error) => error.code !== "ORIGIN_NOT_ALLOWED" && console.error(error.message);
  if (window.playerMessengerSettings) methods.boot().catch(complain);
  for (const call of stub?.q || []) PlayerMessenger(.../** @type {[string]} */ (Array.from(call)))?.catch?.(complain);
})();

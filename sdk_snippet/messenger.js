/*! player-messenger 0.1.0, Apache-2.0. One classic script for the operator's page: no imports, no inline styles, no HTML strings. */
(() => {
  "use strict";
  /** @typedef {import("./messenger.d.ts").MessengerSettings} Settings */
  /** @typedef {import("./messenger.d.ts").Attributes} Attributes */
  /** @typedef {{resolve: (value: any) => void, reject: (reason: Error) => void}} Waiting */
  /** @typedef {{host: HTMLElement, shadow: ShadowRoot, box: HTMLElement, launcher: HTMLButtonElement, badge: HTMLElement}} Parts */

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
.box{position:fixed;z-index:var(--z);bottom:var(--y);font:16px system-ui,sans-serif}
.right{right:var(--x)}.left{left:var(--x)}
button{all:unset;box-sizing:border-box;position:relative;display:grid;place-items:center;width:56px;height:56px;border-radius:50%;cursor:pointer;
background-color:var(--c,#2456d3);color:var(--i,#fff);box-shadow:0 1px 3px #0003,0 6px 20px #0003;transition:transform .15s}
.right button{margin-left:auto}
button:hover{transform:scale(1.05)}button:active{transform:scale(.97)}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px #111}
button[hidden],.badge[hidden]{display:none}
svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.open .chat,.box:not(.open) .down{display:none}
.badge{position:absolute;top:-3px;right:-3px;min-width:20px;height:20px;padding:0 5px;box-sizing:border-box;border-radius:10px;background:#c81e1e;color:#fff;
font:600 12px/20px system-ui,sans-serif;text-align:center}
iframe{position:absolute;bottom:72px;width:min(400px,100vw - 2*var(--x));height:min(680px,var(--h,100vh) - var(--y) - 92px);border:0;border-radius:16px;
background:#fff;box-shadow:0 0 0 1px #0001,0 12px 48px #0003;visibility:hidden;opacity:0;transform:translateY(12px);
transition:opacity .18s,transform .18s,visibility 0s .18s}
.dark iframe{background:#15171c}
.right iframe{right:0}.left iframe{left:0}
.open iframe{visibility:visible;opacity:1;transform:none;transition-delay:0s}
@media (max-width:480px),(max-height:480px){.open iframe{position:fixed;inset:var(--t,0) 0 auto;width:100%;height:var(--h,100dvh);border-radius:0;box-shadow:none}.open button{display:none}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media (forced-colors:active){button{border:2px solid}}
@media print{.box{display:none}}`;
  const ICONS = {
    chat: "M21 11.5a8 8 0 0 1-8.5 8 9 9 0 0 1-3.4-.7L4 20.5l1.3-4.3A7.6 7.6 0 0 1 4 11.5a8.2 8.2 0 0 1 8.5-8 8.2 8.2 0 0 1 8.5 8Z",
    down: "m6 9 6 6 6-6",
  };

  /** @type {Settings | null} */ let settings = null;
  /** @type {Parts | null} */ let parts = null;
  /** @type {HTMLIFrameElement | null} */ let frame = null;
  /** @type {MessagePort | null} */ let port = null;
  /** @type {Promise<void> | null} */ let ready = null;
  /** @type {Waiting | null} */ let readiness = null;
  /** The player token given by boot() or identify(); undefined while getPlayerToken decides. @type {string | null | undefined} */ let given;
  let open = false;
  let service = "";
  let asked = 0;
  /** @type {Attributes} */ let attributes = {};
  /** @type {Map<number, Waiting>} */ const waiting = new Map();
  /** @type {Map<string, Set<(detail: any) => void>>} */ const listeners = new Map();

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

  /** The document's body is there. */
  const page = new Promise((resolve) => {
    if (document.body) resolve(undefined);
    else document.addEventListener("DOMContentLoaded", resolve, { once: true });
  });

  /** @param {string} code @param {string} text */
  function problem(code, text) {
    return Object.assign(new Error(NAME + text), { code });
  }

  /** @param {{code: string, reason?: string, message: string, request_id: string, hint?: string}} detail */
  function identityError({ hint, ...detail }) {
    const reason = detail.reason ? ` Reason: ${detail.reason}.` : "";
    console.error(`${NAME}${detail.code} (${detail.request_id || "no request"}): ${detail.message}${reason} ${hint || ""}`);
    emit("identity:error", detail);
  }

  // --- the launcher and the frame's place, in a shadow root -------------------------------------------------------------------

  /** @param {"chat" | "down"} name */
  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS(svg.namespaceURI, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", name);
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  /** @returns {Parts} */
  function build() {
    const host = document.createElement("player-messenger");
    const shadow = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    shadow.adoptedStyleSheets = [sheet];
    const box = document.createElement("div");
    const launcher = document.createElement("button");
    const badge = document.createElement("span");
    badge.className = "badge";
    badge.hidden = true;
    launcher.type = "button";
    launcher.hidden = !settings?.defer;
    launcher.setAttribute("aria-label", "Chat");
    launcher.append(icon("chat"), icon("down"), badge);
    launcher.onclick = () => methods.toggle().catch(() => {});
    box.onkeydown = (event) => {
      if (event.key === "Escape" && open) methods.hide();
    };
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", "Chat");
    box.append(launcher);
    shadow.append(box);
    document.body.append(host);
    return { host, shadow, box, launcher, badge };
  }

  /** Puts settings and state on the page. */
  function render() {
    if (!parts || !settings) return;
    const { box, launcher, host } = parts;
    const dark = settings.theme === "dark" || (settings.theme !== "light" && matchMedia("(prefers-color-scheme:dark)").matches);
    box.className = `box ${settings.alignment === "left" ? "left" : "right"}${open ? " open" : ""}${dark ? " dark" : ""}`;
    launcher.setAttribute("aria-expanded", String(open));
    place("--z", String(settings.zIndex ?? 2147483000));
    place("--x", `${Number(settings.horizontalPadding ?? 20)}px`);
    place("--y", `${Number(settings.verticalPadding ?? 20)}px`);
    if (settings.primaryColor) place("--c", settings.primaryColor);
    if (host.parentNode !== document.body) document.body.append(host);
  }

  /** @param {string} property @param {string} value */
  function place(property, value) {
    parts?.box.style.setProperty(property, value);
  }

  /** Keeps a full-screen panel above a phone's keyboard. */
  function fit() {
    const view = window.visualViewport;
    if (!view || view.scale > 1.01) return;
    place("--h", `${view.height}px`);
    place("--t", `${view.offsetTop}px`);
  }

  // --- the frame, spoken to through one MessagePort ---------------------------------------------------------------------------

  /** Loads the frame once; resolves when the messenger in it is ready. @returns {Promise<void>} */
  function load() {
    const known = settings;
    if (!known || !parts) return Promise.reject(problem("NOT_BOOTED", "call boot first."));
    if (ready) return ready;
    ready = new Promise((resolve, reject) => (readiness = { resolve, reject }));
    const query = new URLSearchParams({ origin: location.origin, locale: locale() });
    if (known.brandId) query.set("brand_id", known.brandId);
    const element = (frame = document.createElement("iframe"));
    element.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-popups");
    element.referrerPolicy = "no-referrer";
    element.title = "Chat";
    element.onload = () => setTimeout(() => element === frame && !port && refuse(), 3000);
    element.src = `${service}/v1/workspaces/${encodeURIComponent(known.workspaceId)}/messenger?${query}`;
    parts.box.prepend(element);
    return ready;
  }

  /** The frame's document loaded, and nobody in it spoke. */
  function refuse() {
    identityError({
      code: "ORIGIN_NOT_ALLOWED",
      message: "the messenger's frame did not start.",
      request_id: "",
      hint: `Is ${location.origin} among the brand's allowed origins, are workspaceId and brandId right, and does the page's CSP allow frame-src ${service}?`,
    });
    readiness?.reject(problem("ORIGIN_NOT_ALLOWED", "the frame did not start."));
    remove();
  }

  /** @param {MessageEvent} event */
  function greet(event) {
    if (!frame || event.source !== frame.contentWindow || event.origin !== service || event.data?.type !== "messenger:hello") return;
    const channel = new MessageChannel();
    port?.close();
    port = channel.port1;
    port.onmessage = ({ data }) => receive(data);
    frame.contentWindow?.postMessage({ type: "messenger:port" }, service, [channel.port2]);
    const { theme, primaryColor } = settings || {};
    tell("boot", { identity: identity(), locale: locale(), theme, color: primaryColor, version: VERSION });
    if (open) tell("show");
  }

  /** What the page knows of the player without asking anybody. */
  function identity() {
    return given === undefined ? { known: false } : { known: true, token: given };
  }

  /** @param {string} type @param {unknown} [value] */
  function tell(type, value) {
    port?.postMessage({ type, value });
  }

  /** @param {string} type @param {unknown} [value] @returns {Promise<any>} */
  function ask(type, value) {
    return new Promise((resolve, reject) => {
      waiting.set(++asked, { resolve, reject });
      port?.postMessage({ id: asked, type, value });
    });
  }

  /** @param {{id?: number, re?: number, type: string, value?: any, error?: string}} message */
  async function receive(message) {
    if (message.re) {
      const one = waiting.get(message.re);
      waiting.delete(message.re);
      return message.error ? one?.reject(problem(message.error, message.error)) : one?.resolve(message.value);
    }
    const from = port;
    const handler = Object.prototype.hasOwnProperty.call(handlers, message.type) && handlers[message.type];
    if (!handler) return;
    try {
      const value = await handler(message.value || {});
      if (message.id) from?.postMessage({ re: message.id, value });
    } catch (error) {
      if (message.id) from?.postMessage({ re: message.id, error: String(error instanceof Error ? error.message : error).slice(0, 200) });
    }
  }

  /** What the frame may ask of this page. @type {Record<string, (value: any) => unknown>} */
  const handlers = {
    ready(/** @type {any} */ look) {
      handlers.launcher?.(look);
      readiness?.resolve(undefined);
      emit("ready");
    },
    launcher(/** @type {{label?: string, title?: string, count?: number, color?: string, ink?: string}} */ { label, title, count, color, ink }) {
      if (!parts) return;
      parts.launcher.hidden = false;
      if (label) parts.launcher.setAttribute("aria-label", label);
      if (title && frame) {
        frame.title = title;
        parts.box.setAttribute("aria-label", title);
      }
      if (color) place("--c", color);
      if (ink) place("--i", ink);
      parts.badge.hidden = !count;
      parts.badge.textContent = count && count > 9 ? "9+" : String(count || "");
    },
    event: (/** @type {{name: string, detail: any}} */ { name, detail }) =>
      name === "identity:error" ? identityError(detail) : emit(name, detail),
    hide: () => methods.hide(),
    token: (/** @type {{fresh?: boolean}} */ { fresh }) => playerToken(!!fresh),
    start,
  };

  /** @param {boolean} fresh @returns {Promise<string | null>} */
  async function playerToken(fresh) {
    const ask = settings?.getPlayerToken;
    if (given === null || !ask || (given !== undefined && !fresh)) return given ?? null;
    return (await ask()) || null;
  }

  /** The conversation start: sent from here, so that the browser itself states this page's origin. @param {{proof: string, token: string | null}} value */
  async function start({ proof, token }) {
    const known = /** @type {Settings} */ (settings);
    const response = await fetch(`${service}/v1/workspaces/${encodeURIComponent(known.workspaceId)}/conversations`, {
      method: "POST",
      headers: { "Content-Type": "application/json", DPoP: proof },
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      body: JSON.stringify({
        brand_id: known.brandId,
        player_token: token || undefined,
        locale: locale(),
        page: { url: (location.origin + location.pathname).slice(0, 255), title: document.title.slice(0, 255) },
        attributes: Object.keys(attributes).length ? attributes : undefined,
      }),
    });
    return { status: response.status, body: await response.json(), retry_after: Number(response.headers.get("Retry-After")) || 0 };
  }

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

  function remove() {
    window.removeEventListener("message", greet);
    window.visualViewport?.removeEventListener("resize", fit);
    window.visualViewport?.removeEventListener("scroll", fit);
    parts?.host.remove();
    port?.close();
    for (const one of waiting.values()) one.reject(problem("SHUTDOWN", "shut down."));
    waiting.clear();
    frame = port = parts = ready = readiness = settings = null;
    open = false;
  }

  // --- what the page may call -------------------------------------------------------------------------------------------------

  const methods = {
    /** @param {Settings} [wanted] */
    async boot(wanted = window.playerMessengerSettings) {
      if (!window.isSecureContext || !("adoptedStyleSheets" in document) || location.origin === "null") {
        throw problem("NOT_SECURE", `needs https (or localhost) and a current browser; ${location.href.split(/[?#]/)[0]} cannot show the messenger.`);
      }
      if (!wanted || !wanted.workspaceId) throw problem("NO_WORKSPACE", "playerMessengerSettings.workspaceId is missing.");
      const base = new URL(wanted.apiBase || script?.src || location.href, location.href).origin;
      if (settings && (settings.workspaceId !== wanted.workspaceId || settings.brandId !== wanted.brandId || base !== service)) remove();
      settings = { ...wanted };
      service = base;
      attributes = { ...wanted.attributes, ...attributes };
      given = wanted.getPlayerToken ? undefined : (wanted.player?.token ?? null);
      await page;
      if (!settings) return;
      if (!parts) {
        parts = build();
        window.addEventListener("message", greet);
        window.visualViewport?.addEventListener("resize", fit);
        window.visualViewport?.addEventListener("scroll", fit);
      } else if (port) {
        tell("look", { theme: settings.theme, color: settings.primaryColor });
        await ask("identify", identity());
      }
      render();
      if (!settings.defer) await load();
    },
    /** @param {string | {token: string} | null} [player] */
    async identify(player) {
      given = (typeof player === "string" ? player : player?.token) || (settings?.getPlayerToken && player !== null ? undefined : null);
      if (!ready) return;
      await ready;
      await ask("identify", identity());
    },
    async logout() {
      given = null;
      attributes = {};
      await page;
      await methods.hide();
      await load();
      await ask("logout");
    },
    async shutdown() {
      remove();
      attributes = {};
    },
    /** @param {string} [text] */
    async show(text) {
      await page;
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
    async toggle() {
      return open ? methods.hide() : methods.show();
    },
    /** @param {string} [text] */
    async showNewMessage(text = "") {
      return methods.show(String(text));
    },
    /** @param {string} tag */
    async setLocale(tag) {
      if (!settings) return;
      settings.locale = tag;
      tell("locale", locale());
    },
    /** @param {Attributes} more */
    async setAttributes(more) {
      attributes = { ...attributes, ...more };
    },
    /** @param {string} name @param {(detail: any) => void} listener */
    on(name, listener) {
      const set = listeners.get(name) || new Set();
      listeners.set(name, set.add(listener));
      return () => set.delete(listener);
    },
  };

  /** @param {string} method @param {...any} values @returns {any} */
  function PlayerMessenger(method, ...values) {
    if (Object.prototype.hasOwnProperty.call(methods, method)) return /** @type {any} */ (methods)[method](...values);
    const error = problem("UNKNOWN_METHOD", `has no method ${method}.`);
    console.error(error.message);
    return Promise.reject(error);
  }
  PlayerMessenger.version = VERSION;
  window.PlayerMessenger = PlayerMessenger;

  /** @param {Error & {code?: string}} error */
  const complain = (error) => error.code !== "ORIGIN_NOT_ALLOWED" && console.error(error.message);
  if (window.playerMessengerSettings?.workspaceId) methods.boot().catch(complain);
  for (const call of (stub && stub.q) || []) {
    const result = PlayerMessenger(.../** @type {[string]} */ (Array.from(call)));
    if (result?.catch) result.catch(complain);
  }
})();

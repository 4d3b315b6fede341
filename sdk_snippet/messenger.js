// player-messenger 0.1.0, Apache-2.0.
// One classic script for the operator's page: no imports, no inline styles, no HTML strings, nothing kept on the page's origin.
// It is served without its comments and compressed: what can be said in the frame is said there.
(() => {
  "use strict";
  /** @import {Attributes, Call, MessengerSettings} from "./messenger.d.ts" */
  /** @import {FrameMessage, Handlers, Methods, Settling} from "./internal.d.ts" */

  const NAME = "[PlayerMessenger] ";
  const address = /** @type {HTMLScriptElement | null} */ (document.currentScript)?.src;
  const stub = window.PlayerMessenger;
  if (stub?.version) return console.warn(NAME + "is already on this page.");

  // The panel's ground shows until the frame does. See-through borders are drawn where colours are forced.
  const STYLES = `:host{all:initial;display:contents}
.box{position:fixed;bottom:var(--y);font:600 12px/20px system-ui}
button{all:unset;position:relative;display:grid;place-items:center;width:52px;height:52px;border:2px solid #0000;border-radius:50%;cursor:pointer;background:#2456d3;color:#fff}
button::before{content:"";width:24px;height:17px;border:2px solid #0000;border-radius:9px 9px 9px 2px;background:radial-gradient(circle,#0000 1.6px,currentColor 2.2px)0/8px}
.open button::before{content:"×";width:auto;border:0;background:0;font:36px/17px system-ui;text-align:center}
button:hover{scale:1.05}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px #111}
span{position:absolute;top:-3px;right:-3px;padding:0 6px;border-radius:10px;background:#c81e1e;color:#fff}
span:empty{display:none}
iframe{position:absolute;bottom:72px;right:0;width:400px;height:min(680px,var(--h,100vh) - var(--y) - 92px);border:0;outline:1px solid #0000;border-radius:16px;background:#fff;visibility:hidden;opacity:0;transform:translateY(12px)}
button,iframe{box-shadow:0 1px 3px #0003,0 6px 20px #0003}
.left iframe{right:auto;left:0}
.dark iframe{background:#15171c}
@media (prefers-color-scheme:dark){.auto iframe{background:#15171c}}
.open iframe{visibility:visible;opacity:1;transform:none}
@media (max-width:480px),(max-height:480px){iframe{position:fixed;inset:var(--t,0) 0 auto;width:100%;height:var(--h,100dvh);border-radius:0}.open .ready+button{display:none}}
@media (prefers-reduced-motion:no-preference){.ready{transition:.18s}}
@media print{.box{display:none}}`;

  let settings = /** @type {MessengerSettings} */ ({});
  /** Between boot and shutdown. */
  let alive = false;
  let open = false;
  let service = "";
  let workspace = "";
  /** @type {HTMLIFrameElement | null} */ let frame = null;
  /** @type {MessagePort | null} */ let port = null;
  /** Settled when the messenger in the frame is ready. @type {Promise<void> | null} */ let ready = null;
  /** Who waits for the frame's answer, by the question's number; 0 waits for it to be ready. @type {Settling[]} */ let waiting = [];
  /** The player token given by boot or identify; undefined while getPlayerToken decides. @type {string | null | undefined} */ let given;
  /** A player token asked for while the frame still loads. @type {Promise<string | null | undefined> | null} */ let early = null;
  /** @type {Attributes} */ let attributes = {};
  let pause = 0;
  /** The visible part of a phone's screen, above its keyboard; a page that is zoomed into keeps the whole. */
  let seen = "";

  // A page may take the messenger away, as frameworks do that swap whole documents: it comes back by itself. Each time its frame is
  // loaded anew, so it comes back more slowly each time.
  customElements.define(
    "player-messenger",
    class extends HTMLElement {
      disconnectedCallback() {
        if (!alive) return;
        unload();
        setTimeout(attach, (pause += 100));
      }
    },
  );
  const host = document.createElement("player-messenger");
  const box = document.createElement("div");
  const button = document.createElement("button");
  const badge = document.createElement("span");
  const shadow = host.attachShadow({ mode: "open" });
  shadow.append(box);
  box.append(button);
  box.role = "region";
  box.onkeydown = ({ key }) => void (key === "Escape" && methods.hide());
  button.append(badge);
  button.onclick = () => methods.toggle().catch(complain);

  /** @param {string} code @param {string} [text] */
  const problem = (code, text = "") => Object.assign(Error(NAME + code + " " + text), { code });

  // The element's own event target tells listeners apart, and keeps one that throws from the others.
  /** @param {string} name @param {unknown} [detail] */
  const emit = (name, detail = {}) => host.dispatchEvent(new CustomEvent(name, { detail }));

  /** @param {Error} error */
  const complain = ({ message }) => console.error(message);

  function render() {
    const { theme = "auto", alignment = "right", zIndex = 2147483000, horizontalPadding = 20, verticalPadding = 20 } = settings;
    box.className = `box ${theme} ${alignment} ${open ? "open" : ""}`;
    box.style.cssText = seen + `--y:${verticalPadding}px;${alignment}:${horizontalPadding}px;z-index:` + zIndex;
    button.ariaExpanded = String(open);
  }

  // Beside the body, not in it: a body that is swapped takes neither the chat nor a half-written message with it.
  function attach() {
    if (!alive) return;
    if (!host.isConnected) document.documentElement.append(host);
    if (open || (pause && !settings.defer)) load().catch(complain);
  }

  /** Loads the frame once. @param {string} [hash] tells it that the panel is open @returns {Promise<void>} */
  function load(hash = "") {
    if (!alive) throw problem("NOT_BOOTED");
    ready ||= new Promise((...settling) => {
      waiting = [settling];
      const { brandId, sound } = settings;
      const query = new URLSearchParams({ origin, locale: locale(), ...(brandId && { brand_id: brandId }) });
      const element = Object.assign(document.createElement("iframe"), {
        title: "Chat",
        allow: sound ? "autoplay" : "",
        referrerPolicy: "no-referrer",
        sandbox: "allow-scripts allow-same-origin allow-forms allow-popups",
        src: workspace + "/messenger?" + query + hash,
        // The document has loaded, and nobody in it spoke.
        onload: () => setTimeout(() => element === frame && !port && refuse(), 3000),
      });
      frame = element;
      box.prepend(element);
    });
    return ready;
  }

  function unload() {
    port?.close();
    frame?.remove();
    for (const [, reject] of waiting) reject(problem("SHUTDOWN"));
    port = frame = ready = early = null;
    waiting = [];
  }

  function remove() {
    alive = open = false;
    unload();
    host.remove();
  }

  function refuse() {
    const code = "ORIGIN_NOT_ALLOWED";
    const message = `no frame: check allowed origins (${origin}), workspaceId, brandId, CSP frame-src ${service}`;
    waiting[0]?.[1](problem(code, message));
    // Who has opened it may try again: perhaps only the network was away.
    if (open) methods.hide().then(unload);
    else remove();
    emit("identity:error", { code, message, request_id: "" });
  }

  // --- the frame, spoken to through one MessagePort

  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame?.contentWindow || origin !== service || data?.type !== "messenger:hello") return;
    const { port1, port2 } = new MessageChannel();
    port = port1;
    port.onmessage = receive;
    frame?.contentWindow?.postMessage({ type: "messenger:port" }, service, [port2]);
    tell("boot", { identity: identity(), locale: locale(), open, ...wishes() });
  });

  const identity = () => ({ known: given !== undefined, token: given });
  const wishes = () => ({ theme: settings.theme, color: settings.primaryColor, sound: settings.sound, reopen: settings.reopen });

  /** @param {string} type @param {unknown} [value] */
  const tell = (type, value) => port?.postMessage({ type, value });

  /** Asks the frame, if there is one, as soon as it is ready; with what holds then. @param {string} type @param {() => unknown} [value] */
  async function ask(type, value) {
    if (!ready) return;
    await ready;
    await new Promise((...settling) => port?.postMessage({ type, value: value?.(), id: waiting.push(settling) - 1 }));
  }

  /** @param {MessageEvent<FrameMessage>} event */
  async function receive({ target, data: { id, re, type, value, error } }) {
    const from = /** @type {MessagePort} */ (target);
    if (re) return error ? waiting[re]?.[1](problem("FAILED", error)) : waiting[re]?.[0](value);
    try {
      value = await /** @type {any} */ (handlers)[type](value);
      if (id) from.postMessage({ re: id, value });
    } catch (failure) {
      if (id) from.postMessage({ re: id, error: String(failure) });
    }
  }

  /** @type {Handlers} */
  const handlers = {
    ready(look) {
      handlers.launcher(look);
      if (frame) frame.className = "ready";
      waiting[0]?.[0]();
      emit("ready");
    },
    launcher({ label, title = "Chat", count = 0, color, ink }) {
      button.ariaLabel = label;
      box.ariaLabel = title;
      if (frame) frame.title = title;
      button.style.background = color;
      button.style.color = ink;
      badge.textContent = count > 9 ? "9+" : String(count || "");
    },
    event({ name, detail, line }) {
      if (line) console.error(NAME + line);
      emit(name, detail);
    },
    hide: () => void methods.hide(),
    // It was open on the page before. On a phone it would cover this one.
    open: () => void (open || innerWidth < 481 || methods.show(undefined, true)),
    async token({ fresh }) {
      const callback = settings.getPlayerToken;
      const begun = early;
      early = null;
      if (given === null || !callback || (given && !fresh)) return given;
      return fresh ? callback() : begun || callback();
    },
    // The conversation start goes out from here, so that the browser itself states this page's origin.
    async start({ proof, body }) {
      const page = { url: (location.origin + location.pathname).slice(0, 2000), title: document.title.slice(0, 255).replace(/\p{Cs}/gu, "") };
      const response = await fetch(workspace + "/conversations", {
        method: "POST",
        headers: { "Content-Type": "application/json", DPoP: proof },
        credentials: "omit",
        body: JSON.stringify({ ...body, page, attributes }),
      });
      return { status: response.status, body: await response.json(), retry_after: response.headers.get("Retry-After") };
    },
  };

  // The frame knows whether it is a language tag at all.
  const locale = () => settings.locale || document.documentElement.lang || navigator.language;

  // --- what the page calls

  /** @type {Methods} */
  const methods = {
    async boot(wanted = window.playerMessengerSettings) {
      if (!isSecureContext || origin === "null" || !document.adoptedStyleSheets)
        throw problem("NOT_SECURE", "needs https or localhost, no sandbox, a current browser");
      if (!wanted?.workspaceId) throw problem("NO_WORKSPACE_ID");
      const { workspaceId, brandId, primaryColor, player, getPlayerToken } = wanted;
      service = new URL(wanted.apiBase || address || "", location.href).origin;
      const before = workspace;
      workspace = service + "/v1/workspaces/" + workspaceId;
      if (before !== workspace || brandId !== settings.brandId) remove();
      settings = { ...wanted };
      attributes = { ...attributes, ...wanted.attributes };
      early = null;
      given = getPlayerToken ? undefined : player?.token || null;
      if (!alive) {
        alive = true;
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLES);
        shadow.adoptedStyleSheets = [sheet];
        // Black or white, whichever reads better, until the frame says which. A browser that cannot tell keeps white.
        handlers.launcher({ label: "Chat", color: primaryColor, ink: `lch(from ${primaryColor} calc((49.44 - l)*infinity) 0 0)` });
        pause = 0;
      }
      render();
      attach();
      tell("look", wishes());
      await ask("identify", identity);
      // The page's own files go first.
      if (document.readyState !== "complete") await new Promise((resolve) => addEventListener("load", resolve));
      if (alive && !settings.defer) await load();
    },
    async identify(player) {
      early = null;
      given = typeof player === "string" ? player : player?.token;
      if (!given) given = settings.getPlayerToken && player !== null ? undefined : null;
      await ask("identify", identity);
    },
    async logout() {
      given = null;
      attributes = {};
      methods.hide();
      // Deferred or not: what an earlier page has stored must go.
      load();
      await ask("logout");
    },
    async shutdown() {
      remove();
      attributes = {};
    },
    async show(text, quiet) {
      const loading = load("#open");
      if (!port) (early ||= handlers.token({})).catch(complain);
      if (!open) {
        open = true;
        render();
        emit("show");
      }
      await loading;
      if (!open) return;
      if (!quiet) frame?.focus();
      tell("show", { text, focus: !quiet });
    },
    async hide() {
      if (!open) return;
      open = false;
      const inside = shadow.activeElement === frame;
      render();
      if (inside) button.focus();
      tell("hide");
      emit("hide");
    },
    toggle: () => (open ? methods.hide() : methods.show()),
    showNewMessage: (text = "") => methods.show(text),
    async setLocale(tag) {
      settings.locale = tag;
      await ask("locale", locale);
    },
    async setAttributes(more) {
      attributes = { ...attributes, ...more };
    },
    on(name, listener) {
      const take = (/** @type {any} */ event) => listener(event.detail);
      host.addEventListener(name, take);
      return () => host.removeEventListener(name, take);
    },
  };

  // Not read before it changes: that would make the browser lay the page out at once.
  for (const change of ["resize", "scroll"])
    visualViewport?.addEventListener(change, ({ target }) => {
      const { scale, height, offsetTop } = /** @type {VisualViewport} */ (target);
      seen = scale > 1.01 ? "" : `--h:${height}px;--t:${offsetTop}px;`;
      render();
    });

  /** @param {string} method @param {...any} values @returns {any} */
  function PlayerMessenger(method, ...values) {
    return /** @type {any} */ (methods)[method]?.(...values) || Promise.reject(problem("UNKNOWN_METHOD", method));
  }
  PlayerMessenger.version = "0.1.0";
  window.PlayerMessenger = PlayerMessenger;

  if (window.playerMessengerSettings) methods.boot().catch(complain);
  for (const call of stub?.q || []) PlayerMessenger(.../** @type {Call} */ (call)).catch?.(complain);
})();

// player-messenger 0.1.0, Apache-2.0.
// One classic script for the operator's page: no imports, no inline styles, no HTML strings. On the page's origin it keeps nothing
// but that a logout is still to be done, and that only until it is.
// It is served without its comments and compressed: what can be said in the frame is said there.
(() => {
  "use strict";
  /** @import {Attributes, Call, MessengerSettings} from "./messenger.d.ts" */
  /** @import {FrameMessage, Handlers, Methods, Settling} from "./internal.d.ts" */

  const NAME = "[PlayerMessenger] ";
  const SETTINGS = "playerMessengerSettings";
  const LOGOUT = "player-messenger:logout";
  // An element called like a member of `document`, or like a global, hides it: `<img name=currentScript>` would send the player token
  // to its own address. So members are read from the prototype, and globals only where a script has set them.
  /** @param {string} name */
  const its = (name) => Reflect.get(Document.prototype, name, document);
  /** @param {string} name @returns {any} */
  const own = (name) => (Object.hasOwn(window, name) ? window[/** @type {any} */ (name)] : undefined);
  /** @param {string} tag @returns {any} */
  const create = (tag) => its("createElement").call(document, tag);
  /** Own members alone: what a page has put into `Object.prototype` is no setting. @template T @param {T} object @returns {T} */
  const plain = (object) => /** @type {any} */ ({ __proto__: null, .../** @type {any} */ (object) });
  /** @param {Error} error */
  const complain = ({ message }) => console.error(message);

  const address = its("currentScript")?.src;
  const stub = own("PlayerMessenger");
  // The snippet has run again, as on sites that swap their documents: what holds now is looked at.
  if (stub?.version) return stub("boot", own(SETTINGS), true).catch(complain);

  // The panel's ground shows until the frame does. See-through borders are drawn where colours are forced.
  const STYLES = `:host{all:initial!important;display:contents!important}
.box{position:fixed;bottom:var(--y);font:600 12px/20px system-ui}
button{all:unset;position:relative;display:grid;place-items:center;width:52px;height:52px;border:2px solid #0000;border-radius:50%;cursor:pointer;background:#2456d3;color:#fff}
button::before{content:"";width:24px;height:17px;border:2px solid #0000;border-radius:9px 9px 9px 2px;background:radial-gradient(circle,#0000 1.6px,currentColor 2.2px)0/8px}
.open button::before{content:"×";width:auto;border:0;background:0;font:36px/17px system-ui;text-align:center}
button:hover{scale:1.05}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px #111}
span{position:absolute;top:-3px;right:-3px;padding:0 6px;border-radius:10px;background:#c81e1e;color:#fff}
span:empty{display:none}
iframe,p{position:absolute;bottom:72px;right:0;width:400px;height:min(680px,var(--h) - var(--y) - 92px);margin:0;border:0;outline:1px solid #0000;border-radius:16px;background:#fff;color:#333;text-align:center;align-content:center;visibility:hidden;opacity:0;transform:translateY(12px)}
button,iframe,p{box-shadow:0 1px 3px #0003,0 6px 20px #0003}
.left iframe,.left p{right:auto;left:0}
.dark iframe,.dark p{background:#15171c;color:#ddd}
@media (prefers-color-scheme:dark){.auto iframe,.auto p{background:#15171c;color:#ddd}}
.open .ready,.open p:first-child,.open :not(.ready)+p{visibility:visible;opacity:1;transform:none}
@media (max-width:480px),(max-height:480px){iframe,p{position:fixed;inset:var(--t) auto auto var(--l);width:var(--w);height:var(--h);border-radius:0}.open .ready~button{display:none}}
@media (prefers-reduced-motion:no-preference){.ready{transition:.18s}}
@media print{.box{display:none}}`;
  const SMALL = "(max-width:480px),(max-height:480px)";

  let settings = /** @type {MessengerSettings} */ (plain({}));
  /** The page's own object that was booted with. @type {unknown} */ let stated;
  /** Between boot and shutdown. */
  let alive = false;
  let open = false;
  /** The service refuses this page: nothing is tried again. */
  let denied = false;
  let blocked = false;
  let service = "";
  let workspace = "";
  /** @type {HTMLIFrameElement | null} */ let frame = null;
  /** @type {MessagePort | null} */ let port = null;
  /** Settled when the messenger in the frame is ready. @type {Promise<void> | null} */ let ready = null;
  /** Who waits for the frame's answer, by the question's number; 0 waits for it to be ready. @type {Settling[]} */ let waiting = [];
  /** What the page gave in boot or identify; undefined while getPlayerToken decides. @type {any} */ let given;
  /** The page is older than the last login or logout, and what it says of its player with it. */
  let stale = false;
  /** Another page is shown, which has not stated its player yet. @type {boolean | undefined} */ let unsaid;
  let href = "";
  /** The settings object of the page that was shown last. */ let held = own(SETTINGS);
  /** When the page last went back or forward. */
  let travelled = 0;
  /** A player token asked for while the frame still loads. @type {Promise<string | null> | null} */ let early = null;
  /** @type {Attributes} */ let attributes = {};
  let pause = 0;
  let failures = 0;
  /** @type {any} */ let timer;
  /** What stood in the page when it was looked at last. @type {Element[]} */ let content = [];
  /** @type {HTMLElement | null} */ let body = null;
  /** The visible part of a phone's screen, above its keyboard; a page that is zoomed into keeps the whole. */
  let seen = "--t:0px;--l:0px;--w:100%;--h:100dvh;";

  const events = new EventTarget();
  /** What the page listens to. @type {Map<unknown, string>} */ const heard = new Map();
  const host = create("player-messenger");
  const box = create("div");
  /** Stands in the frame's place until it speaks. */
  const ground = create("p");
  const button = create("button");
  const badge = create("span");
  const shadow = host.attachShadow({ mode: "open" });
  shadow.append(box);
  box.append(ground, button);
  button.append(badge);

  /** @param {string} code @param {string} [text] */
  const problem = (code, text = "") => Object.assign(Error(NAME + code + " " + text), { code });

  // An event target tells listeners apart, and keeps one that throws from the others.
  /** @param {string} name @param {unknown} [detail] */
  const emit = (name, detail = {}) => events.dispatchEvent(new CustomEvent(name, { detail }));

  /** The same for this page alone, whose browser may keep nothing. */
  let wished = "";

  /** The logout that is still to be done, where the browser lets it be kept. @param {string} [wish] a new one; empty: it is done */
  function undone(wish) {
    if (wish !== undefined) wished = wish;
    try {
      if (wish) localStorage.setItem(LOGOUT, wish);
      else if (wish === "") localStorage.removeItem(LOGOUT);
      return localStorage.getItem(LOGOUT) || wished;
    } catch {
      return wished;
    }
  }

  /** Some libraries have a `remove` of their own, which fails for what stands nowhere. @param {Element | null} node */
  const take = (node) => node?.parentNode?.removeChild(node);

  function render() {
    const { theme = "auto", alignment = "right", zIndex = 2147483000, horizontalPadding = 20, verticalPadding = 20 } = settings;
    const full = open && matchMedia(SMALL).matches;
    box.className = `box ${theme} ${alignment} ${open ? "open" : ""}`;
    box.style.cssText = seen + `--y:${verticalPadding}px;${alignment}:${horizontalPadding}px;z-index:` + zIndex;
    // On a phone the panel covers the page: nobody can go to what cannot be seen.
    box.role = full ? "dialog" : "region";
    if (body && body.inert !== full && (full || box.ariaModal === "true")) body.inert = full;
    box.ariaModal = full ? "true" : null;
    button.ariaExpanded = String(open);
  }

  // Beside the body, not in it: a body that is swapped takes neither the chat nor a half-written message with it. Until the page has
  // loaded it stands within, where a library that takes the whole document over (React 18) does not stumble over it.
  function attach() {
    if (!alive) return;
    listen();
    place(its("readyState") !== "complete" && body);
    if (open || (pause && !settings.defer)) load().catch(complain);
  }

  /** A frame that is moved is loaded anew. @param {any} where */
  function place(where) {
    where ||= its("documentElement");
    if (!host.isConnected || (!frame && host.parentNode !== where)) where.append(host);
  }

  /** Each time anew: a document that is written again (`document.open`) has forgotten every listener. */
  function listen() {
    addEventListener("message", hear, true);
    addEventListener("pageshow", comeBack);
    addEventListener("securitypolicyviolation", watch);
    addEventListener("popstate", travel, true);
    addEventListener("storage", logOutToo);
    addEventListener("online", again);
    for (const change of ["resize", "scroll"]) visualViewport?.addEventListener(change, measure);
    button.onclick = () => methods.toggle().catch(complain);
    box.onkeydown = box.onkeyup = press;
    body = its("body");
    href = location.href;
    content = [...(body?.children || [])].filter(({ localName }) => localName !== "script" && localName !== host.localName);
    for (const node of [document, its("documentElement"), body]) if (node) observer.observe(node, { childList: true });
  }

  // Games take the keys of a page: what is pressed here stays here.
  /** @param {KeyboardEvent} event */
  function press(event) {
    const { type, key, target, repeat } = event;
    event.stopPropagation();
    if (key === "Escape") return methods.hide();
    if (target !== button || (key !== " " && key !== "Enter")) return;
    event.preventDefault();
    if (type === "keydown" && !repeat) button.onclick();
  }

  /** Who is here is asked again when what the page shows has been swapped as a whole. */
  const observer = new MutationObserver(() => {
    if (!alive) return;
    if (!body) listen(); // the script stood in the head
    const swapped = body !== its("body") || (content.length && !content.some((node) => node.isConnected));
    // Taken away by whoever swaps documents: it comes back by itself, more slowly each time, as its frame is loaded anew each time.
    if (!host.isConnected) {
      unload();
      setTimeout(attach, (pause += 100));
    }
    if (!swapped) return;
    // Some sites state the next player just before they show the next page.
    const whole = (body !== its("body") || href !== location.href) && held === own(SETTINGS);
    held = own(SETTINGS);
    listen();
    tell("hold");
    look(whole);
  });

  /** Turbo shows an older copy of a page until the page itself has come: what it says of a player is as old. */
  const preview = () => its("documentElement").hasAttribute("data-turbo-preview");

  /** Soon, and once for all that has changed meanwhile. @param {boolean} [whole] this is another page now: its own player has to be stated */
  function look(whole) {
    if (preview()) return;
    clearTimeout(timer);
    unsaid ||= whole;
    timer = setTimeout(() => {
      if (unsaid && given && own(SETTINGS) === stated) doubt();
      unsaid = false;
      methods.boot().catch(complain);
    });
  }

  /** Back and forward may show a page as it was kept: what stands in it of a player is as old. */
  function travel() {
    travelled = Date.now();
  }

  /** What the page gave before counts no more. */
  function doubt() {
    early = null;
    if (settings.getPlayerToken) given = undefined;
    else stale = true;
  }

  /** A page out of the back/forward cache has been away while others came and went. @param {PageTransitionEvent} event */
  function comeBack({ persisted }) {
    if (!persisted || !alive) return;
    doubt();
    look();
  }

  /** Another tab could not do its logout itself. @param {StorageEvent} event */
  function logOutToo({ key, newValue }) {
    if (newValue && key === LOGOUT) logOut().catch(complain);
  }

  /** Does what is still to be done. */
  async function logOut() {
    const wish = undone();
    if (!wish || !ready) return;
    await ask("logout", () => wish);
    if (undone() === wish) undone("");
  }

  /** Loads the frame once. @param {string} [hash] tells it that the panel is open @returns {Promise<void>} */
  function load(hash = "") {
    if (!alive) throw problem("NOT_BOOTED");
    ready ||= new Promise((...settling) => {
      waiting = [settling];
      const { brandId, sound } = settings;
      const query = new URLSearchParams({ origin: location.origin, locale: locale(), ...(brandId && { brand_id: brandId }) });
      const element = Object.assign(create("iframe"), {
        title: "Chat",
        allow: sound ? "autoplay" : "",
        referrerPolicy: "no-referrer",
        sandbox: "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads",
        src: workspace + "/messenger?" + query + hash,
        // The document has loaded, and nobody in it spoke.
        onload: () => setTimeout(() => element === frame && !port && refuse(), 3000),
      });
      ground.textContent = "";
      place(0);
      frame = element;
      box.prepend(element);
    });
    return ready;
  }

  function unload() {
    port?.close();
    take(frame);
    for (const [, reject] of waiting) reject(problem("SHUTDOWN"));
    port = frame = ready = early = null;
    waiting = [];
  }

  function remove() {
    alive = open = false;
    render();
    unload();
    take(host);
  }

  /** Only a service that works and gives no frame refuses the page; all else may pass. */
  async function refuse() {
    const src = /** @type {HTMLIFrameElement} */ (frame).src;
    // All but a refusal can be read: what cannot is a refusal, where the service answers at all.
    const up = () => fetch(service + "/sdk/v1/manifest.json", { cache: "no-store" }).then(() => true);
    denied = blocked || (await fetch(src).then(() => false, up).catch(() => false));
    const code = blocked ? "FRAME_BLOCKED" : denied ? "ORIGIN_NOT_ALLOWED" : "FRAME_UNREACHABLE";
    const framed = self === top ? "" : ", all pages around this one";
    const refused = `allowed origins (${location.origin}${framed}), workspaceId, brandId`;
    const message = `no frame: check ${denied ? refused : "the network"}, CSP frame-src ` + service;
    waiting[0]?.[1](problem(code, message));
    unload();
    emit("identity:error", { code, message, request_id: "" });
    ground.textContent = settings.unavailable || "Chat is not available right now.";
    if (!denied) setTimeout(again, Math.min(60_000, 2000 * 2 ** failures++));
    else if (!open) remove();
  }

  /** The page's own policy forbids the frame. @param {SecurityPolicyViolationEvent} event */
  function watch({ blockedURI, effectiveDirective }) {
    blocked ||= effectiveDirective === "frame-src" && blockedURI.startsWith(service);
  }

  /** Tries once more what could not be loaded. */
  function again() {
    if (alive && failures && !ready) load().catch(() => {});
  }

  // --- the frame, spoken to through one MessagePort

  /** @param {MessageEvent} event */
  function hear({ source, origin, data }) {
    if (source !== frame?.contentWindow || origin !== service || data?.type !== "messenger:hello") return;
    const { port1, port2 } = new MessageChannel();
    port = port1;
    port.onmessage = receive;
    frame?.contentWindow?.postMessage({ type: "messenger:port" }, service, [port2]);
    tell("boot", { identity: identity(), locale: locale(), open, names: Object.keys(settings), logout: undone(), ...wishes() });
  }

  const identity = () => ({ known: given === null || typeof given === "string", token: given || null, stale: stale && !settings.getPlayerToken, old: Date.now() - travelled < 1000 });
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

  /** What the page says of its player, when asked. Only a text or null is an answer. */
  async function answer() {
    const value = settings.getPlayerToken && (given === undefined) ? await settings.getPlayerToken() : given;
    if (value === null || typeof value === "string") return value;
    throw "it gave " + typeof value;
  }

  /** @type {Handlers} */
  const handlers = {
    ready(look) {
      handlers.launcher(look);
      failures = 0;
      if (frame) frame.className = "ready";
      waiting[0]?.[0]();
      emit("ready");
      // Done with the boot, where an earlier page had left it: it need not be kept any more.
      void logOut();
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
      if (name) emit(name, detail);
    },
    hide: () => void methods.hide(),
    open: () => void (open || matchMedia(SMALL).matches || methods.show(undefined, true)),
    wiped: doubt,
    reload: () => location.reload(),
    listens: (name) => [...heard.values()].includes(name),
    async token({ fresh }) {
      if (stale && !settings.getPlayerToken) return { stale: true };
      const begun = early;
      early = null;
      if (fresh && settings.getPlayerToken) given = undefined;
      return (!fresh && begun) || answer();
    },
    // The conversation start goes out from here, so that the browser itself states this page's origin.
    async start({ proof, body }) {
      const page = { url: (location.origin + location.pathname).slice(0, 2000), title: its("title").slice(0, 255).replace(/\p{Cs}/gu, "") };
      const response = await fetch(workspace + "/conversations", plain({
        method: "POST",
        headers: { "Content-Type": "application/json", DPoP: proof },
        credentials: "omit",
        body: JSON.stringify({ ...body, page, attributes }),
      }));
      return { status: response.status, body: await response.json(), retry_after: response.headers.get("Retry-After") };
    },
  };

  // The frame knows whether it is a language tag at all.
  const locale = () => settings.locale || its("documentElement").lang || navigator.language;

  /** What lies over the page, and over the chat: a game in full screen, a modal dialog. */
  const covered = () => [...its("querySelectorAll").call(document, ":modal"), its("fullscreenElement")].some((one) => one && !one.contains(host));

  /** Where the player types, through the page's own elements. */
  function focused() {
    let active = its("activeElement");
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    return active;
  }

  /** Whether the browser has shown this page out of its memory of pages, with whatever was true then. */
  function fromHistory() {
    const [entry] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
    return entry?.type === "back_forward" && !entry.transferSize;
  }

  // --- what the page calls

  const methods = plain(/** @type {Methods} */ ({
    async boot(wanted = own(SETTINGS), bySnippet) {
      if (!isSecureContext || origin === "null" || !("adoptedStyleSheets" in Document.prototype))
        throw problem("NOT_SECURE", "needs https or localhost, no sandbox, a current browser");
      if (preview()) return;
      const next = plain(wanted);
      const { workspaceId, brandId, primaryColor, getPlayerToken } = next;
      if (!workspaceId) throw problem("NO_WORKSPACE_ID");
      const base = next.apiBase || address;
      if (!base) throw problem("NO_API_BASE", "this script cannot tell its own address: give apiBase");
      const link = create("a");
      link.href = base;
      const before = workspace;
      const here = link.origin + "/v1/workspaces/" + workspaceId;
      if (bySnippet && alive && before !== here) throw problem("OTHER_WORKSPACE", "is already on this page with another workspace");
      service = link.origin;
      workspace = here;
      if (before !== here || brandId !== settings.brandId) remove();
      settings = next;
      attributes = { ...attributes, ...next.attributes };
      early = null;
      denied = false;
      if (wanted !== stated) stale = !stated && fromHistory();
      stated = wanted;
      const player = next.player;
      given = getPlayerToken ? undefined : player ? plain(player).token : null;
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
      if (its("readyState") !== "complete") await new Promise((resolve) => addEventListener("load", () => setTimeout(resolve)));
      attach();
      if (alive && !settings.defer) await load();
    },
    async identify(player) {
      early = null;
      stale = false;
      given = player && typeof player === "object" ? plain(player).token : player;
      if (given === undefined && !settings.getPlayerToken) given = null;
      await ask("identify", identity);
    },
    async logout() {
      // Kept until a frame has done it: this page may be left before.
      undone(String(Math.random()));
      given = null;
      stale = false;
      attributes = {};
      methods.hide();
      // Deferred or not: what an earlier page has stored must go.
      load();
      await logOut();
    },
    async shutdown() {
      remove();
      attributes = {};
    },
    async show(text, quiet) {
      if (covered()) throw problem("COVERED", "something is in full screen or modal above the chat");
      const loading = load("#open");
      if (!port) (early ||= answer()).catch(() => {});
      const before = focused();
      if (!open) {
        open = true;
        render();
        emit("show");
      }
      await loading;
      if (!open) return;
      const now = focused();
      // Who has gone to a field of the page meanwhile goes on writing there.
      const focus = !quiet && (now === before || now === its("body")) && !now?.matches("input,textarea,select,iframe,[contenteditable]");
      if (focus) frame?.focus();
      tell("show", { text, focus });
    },
    async hide() {
      if (!open) return;
      open = false;
      const inside = shadow.activeElement === frame;
      render();
      if (inside) button.focus();
      tell("hide");
      emit("hide");
      if (denied) remove();
    },
    // Where nothing could be loaded, a click tries again.
    toggle: () => (open && (ready || denied) ? methods.hide() : methods.show()),
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
      heard.set(take, name);
      events.addEventListener(name, take);
      return () => {
        heard.delete(take);
        events.removeEventListener(name, take);
      };
    },
  }));

  // Not read before it changes: that would make the browser lay the page out at once.
  function measure() {
    const { scale, height, width, offsetTop, offsetLeft } = /** @type {VisualViewport} */ (visualViewport);
    if (scale <= 1.01) seen = `--t:${offsetTop}px;--l:${offsetLeft}px;--w:${width}px;--h:${height}px;`;
    render();
  }

  /** @param {string} method @param {...any} values @returns {any} */
  function PlayerMessenger(method, ...values) {
    return /** @type {any} */ (methods)[method]?.(...values) || Promise.reject(problem("UNKNOWN_METHOD", method));
  }
  PlayerMessenger.version = "0.1.0";
  window.PlayerMessenger = PlayerMessenger;

  // Settings that come after this script, or that a page replaces without running its snippet again, are booted with.
  let current = own(SETTINGS);
  Object.defineProperty(window, SETTINGS, {
    configurable: true,
    get: () => current,
    set(value) {
      if (preview()) return;
      current = value;
      look();
    },
  });

  if (current) methods.boot().catch(complain);
  for (const call of (typeof stub === "function" && stub.q) || []) PlayerMessenger(.../** @type {Call} */ (call)).catch?.(complain);
})();

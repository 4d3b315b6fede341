// player-messenger 0.1.0, Apache-2.0.
// One classic script for the operator's page, beside Zendesk's: the ticket of a logged-in player becomes that player's.
// Nothing waits for it. Whatever fails here, Zendesk's chat goes on, and one line in the console says what failed.
(() => {
  "use strict";
  /** @import {Answer, HelpdeskCall, HelpdeskMethods, HelpdeskSettings, Problem} from "./bridges.d.ts" */

  // --- Zendesk

  const KEPT = "player-helpdesk";
  /** What the widget attaches to the next conversation or message. @type {{id: string, value: string | number | boolean}[]} */ let fields = [];
  /** Whether this page has logged the player in with Zendesk. */
  let loggedIn = false;

  /** Whose login or fields the widget has, as a mark: from page to page Zendesk keeps them. */ let whose = "";

  const isThere = () => typeof member(window, "zE") === "function";
  const isSomebody = () => fields.length > 0;

  /** A command that this account's widget does not know must not stop the others. @param {...any} words */
  function zE(...words) {
    try {
      member(window, "zE")?.(...words);
    } catch (failure) {
      complain(failure);
    }
  }

  function attach() {
    zE("messenger:on", "open", wake);
    // The first message has taken the reference with it: the next conversation needs one of its own.
    for (const name of ["conversationStarted", "newConversationButtonClicked"]) zE("messenger:on", name, renew);
    // A widget that was open before this script came says nothing: who writes there is in its frame, which has no address.
    listen(window, "blur", notice);
    notice();
    function notice() {
      const within = ofDocument("activeElement");
      if (within instanceof HTMLIFrameElement && !/^https?:/.test(within.src)) wake();
    }
  }

  /** @param {Answer["attributes"] | null} attributes null: nobody is logged in */
  function take(attributes) {
    // Nobody, or nobody any more: Zendesk keeps a login from page to page.
    if (!attributes) return isOther("") ? leaveIfThere() : undefined;
    keep(markOf(player));
    show();
    fields = Object.entries(attributes).map(([id, value]) => ({ id, value }));
    set();
    if (!settings.login || loggedIn) return;
    loggedIn = true;
    const mine = player;
    zE("messenger", "loginUser", (/** @type {(token: string) => void} */ give) => giveToken(mine, give), (/** @type {any} */ error) => {
      if (error && loggedIn) complain("LOGIN_FAILED: " + (error.reason || error.message || error));
      // The login may have cleared them; a logout meanwhile has.
      if (isSomebody()) set();
    });
  }

  function set() {
    zE("messenger:set", "conversationFields", fields);
    if (settings.tags) zE("messenger:set", "conversationTags", settings.tags);
  }

  /** Zendesk asks again when a token has ended: each time a fresh one, or one that it refuses, so that it goes on as nobody. */
  function giveToken(/** @type {string} */ mine, /** @type {(token: string) => void} */ give) {
    ask("user-token", mine)
      .catch(complain)
      .then((answer) => {
        loggedIn = loggedIn && !!answer?.token;
        give(answer?.token || "");
      });
  }

  /** Clears fields and tags too. */
  function leave() {
    fields = [];
    loggedIn = false;
    keep("");
    zE("messenger", "logoutUser");
  }

  /** The logout of a page before, which Zendesk may not have heard. @param {string} _owed */
  const makeUp = (_owed) => leave();
  const cover = () => zE("messenger", "hide");
  const uncover = () => zE("messenger", "show");

  /** Whether Zendesk may still have somebody else from a page before. @param {string} subject */
  const keepsOther = (subject) => recall() !== "" && (subject === "" || recall() !== markOf(subject));

  /** Tells players apart and names none. @param {string} subject */
  function markOf(subject) {
    let [one, two] = [2166136261, 5381];
    for (const character of base + subject) {
      const code = character.codePointAt(0) || 0;
      one = Math.imul(one ^ code, 16777619);
      two = Math.imul(two, 33) ^ code;
    }
    return (one >>> 0).toString(36) + "." + (two >>> 0).toString(36);
  }

  /** For the pages to come. @param {string} mark */
  function keep(mark) {
    whose = mark;
    stored("localStorage", KEPT, mark);
  }

  const recall = () => stored("localStorage", KEPT) || whose;

  // --- the same in every bridge, which is one file each: a test compares them

  const NAME = "[PlayerHelpdesk] ";
  const SPENT = ["PLAYER_TOKEN_REUSED", "PLAYER_TOKEN_EXPIRED"];
  const SETTINGS = ["workspaceId", "connectionId", "brandId", "apiBase", "getPlayerToken", "login", "tags"];
  /** Three base64url segments: what is no JWT is no player, and names nobody either. */
  const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
  /** A logout that the vendor has not been told of, perhaps: nothing of the player. */
  const OWED = "player-helpdesk-logout";
  /** Milliseconds: for an answer; how soon the use of the chat asks for another reference; how often we look at the page. */
  const PATIENCE = 10000;
  const FRESH = 60000;
  const LOOK = 1000;
  const ATTEMPTS = 6;

  // Elements with a name are members of window and document too, and anybody may have added to a prototype: what says where a token
  // goes is read as an own member, or by the document's own getter, and from nowhere else.

  /** @param {any} owner @param {string} name @returns {any} */
  const member = (owner, name) => (owner && Object.hasOwn(owner, name) ? owner[name] : undefined);
  /** @param {string} name @returns {any} */
  const ofDocument = (name) => Object.getOwnPropertyDescriptor(Document.prototype, name)?.get?.call(document);
  /** @param {any} value */
  function isPlain(value) {
    const prototype = typeof value === "object" && value && Object.getPrototypeOf(value);
    return prototype === null || (!!prototype && Object.getPrototypeOf(prototype) === null);
  }
  /** @param {EventTarget} target @param {string} name @param {(event: any) => void} listener */
  const listen = (target, name, listener) => EventTarget.prototype.addEventListener.call(target, name, listener, true);

  /** @param {string} code @param {string} text @param {boolean} [passes] @returns {Problem} */
  const problem = (code, text, passes = false) => Object.assign(Error(NAME + code + ": " + text), { code, passes });

  /** One line, and no more: the chat goes on. @param {unknown} failure */
  const complain = (failure) => console.error(failure instanceof Error ? failure.message : NAME + failure);

  const script = ofDocument("currentScript");
  const address = script instanceof HTMLScriptElement ? script.src : "";
  const stub = member(window, "PlayerHelpdesk");
  // The page has run the script again: as a boot with the settings that hold now.
  if (typeof stub === "function" && member(stub, "version")) return void stub("boot").catch(complain);

  let settings = /** @type {HelpdeskSettings} */ (Object.create(null));
  let base = "";
  /** What the page looked like when it was asked last who is there. @type {unknown[]} */ let page = [];
  /** Whether the vendor's script has been looked for. */ let begun = false;
  /** Whether the page has said that nobody is logged in. */ let left = false;
  /** Whether the chat has been used on this page. */ let awake = false;
  /** Whether the chat is out of sight until the page has said who is there. */ let covered = false;
  let asked = 0;
  let failures = 0;
  /** The code of the failure that the console has been told last. */ let told = "";
  /** Whom the service has answered for. */ let player = "";
  /** Only what the newest wish brings is used. */ let wish = 0;

  /** A player token is spent by each question, so each has its own. Null when nobody is logged in: anything else is no logout. @returns {Promise<string | null>} */
  async function getToken() {
    let given;
    try {
      const late = new Promise((_, reject) => setTimeout(() => reject("no answer"), PATIENCE));
      given = await Promise.race([settings.getPlayerToken(), late]);
    } catch (failure) {
      throw problem("PLAYER_TOKEN_UNAVAILABLE", "getPlayerToken failed: " + failure, true);
    }
    if (given === null || given === "") return null;
    if (typeof given === "string" && JWT.test(given) && readSubject(given)) return given;
    // What it looks like, and nothing of it.
    const isText = typeof given === "string";
    const text = isText && /^\s*</.test(given) ? "an HTML page: your endpoint sent its login page, or an error" : "a text that is no JWT";
    const what = isText ? text : typeof given + ": return the token's text, or null";
    throw problem("PLAYER_TOKEN_UNAVAILABLE", "getPlayerToken gave " + what, true);
  }

  /** Null when nobody is logged in. @param {"attributes" | "user-token"} what @param {string} [whose] whose it has to be @returns {Promise<Answer | null>} */
  async function ask(what, whose) {
    for (let again = true; ; again = false) {
      const token = await getToken();
      if (!token) return null;
      const subject = readSubject(token);
      if (whose && subject !== whose) throw problem("LOGIN_FAILED", "another player is logged in by now");
      const { status, answer } = await send(what, token);
      if (!answer.error) {
        // Nothing of the player before may be seen by this one, nor anything of this one be said as the other.
        if (isOther(subject)) leaveIfThere();
        player = subject;
        return answer;
      }
      const { code, message, request_id } = answer.error;
      // A cache may have given a token that was used before.
      if (again && SPENT.includes(code)) continue;
      throw problem(code, message + (request_id && " (request " + request_id + ")"), status === 429 || status >= 500);
    }
  }

  /** Whom a token names: enough to tell one player from another, and nothing rests on it. @param {string} token */
  function readSubject(token) {
    try {
      const payload = token.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") || "";
      return String(member(JSON.parse(atob(payload)), "sub") ?? "");
    } catch {
      return "";
    }
  }

  /** From this page, so that the browser itself states its origin. @param {string} what @param {string} token */
  async function send(what, token) {
    const { brandId } = settings;
    try {
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify({ player_token: token, ...(brandId && { brand_id: brandId }) });
      const signal = AbortSignal.timeout(PATIENCE);
      const options = { __proto__: null, method: "POST", headers, credentials: "omit", body, signal };
      const response = await fetch(base + what, /** @type {RequestInit} */ (options));
      return { status: response.status, answer: /** @type {Answer} */ (await response.json()) };
    } catch (failure) {
      throw problem("UNREACHABLE", base + what + ": " + failure, true);
    }
  }

  /** Another reference, for what the player writes next; an older one may belong to a conversation already. */
  async function renew() {
    if (left) return;
    asked = Date.now();
    awake = true;
    await settle(() => ask("attributes"), (grant) => take(grant?.attributes || null));
  }

  /** Who is there now? Another one, or nobody, ends what the chat has of the one before. */
  async function follow() {
    page = look();
    await settle(getToken, (token) => {
      if (isOther(token ? readSubject(token) : "")) leaveIfThere();
      else show();
      if (awake) return renew();
    });
  }

  /** @template T @param {() => Promise<T>} question @param {(answer: T) => unknown} use */
  async function settle(question, use) {
    const mine = ++wish;
    try {
      const answer = await question();
      if (mine !== wish) return;
      failures = 0;
      told = "";
      await use(answer);
    } catch (failure) {
      if (mine === wish) tryAgain(failure, () => settle(question, use));
    }
  }

  /** A failure is no answer, and no logout: what runs goes on, and the question is asked again. @param {unknown} failure @param {() => void} question */
  function tryAgain(failure, question) {
    const { code, passes } = /** @type {Problem} */ (failure);
    const mine = wish;
    if (code !== told) complain(failure);
    told = code;
    // A chat that is out of sight waits for as long as it takes.
    if (passes && (++failures < ATTEMPTS || covered)) setTimeout(() => mine === wish && question(), Math.min(2 ** failures * 2500, FRESH));
    else failures = 0;
  }

  /** The chat is being used. */
  const wake = () => void (Date.now() - asked > FRESH && renew());

  /** Nobody ("") is another one too. @param {string} subject */
  const isOther = (subject) => (player !== "" && player !== subject) || keepsOther(subject);

  const show = () => void (covered && isThere() && uncover(), (covered = false));

  // A script does not say that it has come, but its load event passes the document; some come in other ways.
  function awaitVendor() {
    let found = false;
    const timer = setInterval(find, LOOK);
    listen(document, "load", find);
    find();
    function find() {
      if (found || !isThere()) return;
      clearInterval(timer);
      found = true;
      if (left) leaveIfThere();
      else if (stored("localStorage", OWED)) makeUp(stored("localStorage", OWED, ""));
      attach();
      // The vendor's page script may go on as whoever was there on the page before.
      if (keepsOther("")) {
        covered = true;
        cover();
        follow();
      }
    }
  }

  /** What tells one page from the next where no page is loaded: settings, body, address. */
  const look = () => [member(window, "playerHelpdeskSettings"), ofDocument("body"), location.href.split("#")[0]];

  function watchPage() {
    page = look();
    setInterval(check, LOOK / 4);
    function check() {
      const now = look();
      const [wanted] = now;
      if (now.every((part, index) => part === page[index])) return;
      const isNew = wanted !== page[0] && isPlain(wanted);
      page = now;
      if (isNew) methods.boot(wanted).catch(complain);
      else if (!left && (awake || isOther(""))) methods.identify();
    }
    // Out of the back/forward cache: as it was left, by whoever that was.
    listen(window, "pageshow", ({ persisted }) => {
      if (!persisted || left || !(awake || isOther(""))) return;
      covered = isThere();
      if (covered) cover();
      methods.identify();
    });
  }

  /** @type {HelpdeskMethods} */
  const methods = {
    async boot(wanted = member(window, "playerHelpdeskSettings")) {
      const next = /** @type {HelpdeskSettings} */ (Object.assign(Object.create(null), isPlain(wanted) ? wanted : null));
      const { workspaceId, connectionId, getPlayerToken, apiBase } = next;
      if (!workspaceId || !connectionId || typeof getPlayerToken !== "function" || !(apiBase || address))
        throw problem("NOT_CONFIGURED", "needs workspaceId, connectionId and getPlayerToken");
      const unknown = Object.keys(next).filter((name) => !SETTINGS.includes(name));
      if (unknown.length) complain("UNKNOWN_SETTINGS: " + unknown.join(", "));
      const service = new URL(apiBase || address, location.href).origin;
      const before = base;
      settings = next;
      base = service + "/v1/workspaces/" + workspaceId + "/helpdesks/" + connectionId + "/";
      left = false;
      if (begun && before !== base) leaveIfThere();
      if (begun) return methods.identify();
      begun = true;
      watchPage();
      awaitVendor();
    },
    async identify() {
      asked = failures = 0;
      left = false;
      await follow();
    },
    async logout() {
      // What is under way is not wanted any more.
      wish++;
      asked = failures = 0;
      left = true;
      leaveIfThere();
    },
  };

  /** Where the vendor's script is not there yet, or the page is left at once, the next page does it. */
  function leaveIfThere() {
    player = "";
    stored("localStorage", OWED, "1");
    if (!isThere()) return;
    leave();
    show();
    setTimeout(() => stored("localStorage", OWED, ""), LOOK * 2);
  }

  /** What is kept under the name, once a text has been put there; "" takes it away. @param {"localStorage" | "sessionStorage"} where @param {string} name @param {string} [text] */
  function stored(where, name, text) {
    try {
      if (text) window[where].setItem(name, text);
      if (text === "") window[where].removeItem(name);
      return window[where].getItem(name) || "";
    } catch {
      return ""; // A visitor who keeps nothing is somebody on this page alone.
    }
  }

  /** @param {string} method @param {...any} values @returns {any} */
  function PlayerHelpdesk(method, ...values) {
    return member(methods, method)?.(...values) || Promise.reject(problem("UNKNOWN_METHOD", method));
  }
  PlayerHelpdesk.version = "0.1.0";
  window.PlayerHelpdesk = PlayerHelpdesk;

  if (member(window, "playerHelpdeskSettings")) methods.boot().catch(complain);
  for (const call of member(stub, "q") || []) PlayerHelpdesk(.../** @type {HelpdeskCall} */ (call)).catch(complain);
})();

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

  const isThere = () => typeof window.zE === "function";
  const isSomebody = () => fields.length > 0;

  /** A command that this account's widget does not know must not stop the others. @param {...any} words */
  function zE(...words) {
    try {
      window.zE?.(...words);
    } catch (failure) {
      complain(failure);
    }
  }

  function attach() {
    zE("messenger:on", "open", wake);
    // The first message has taken the reference with it: the next conversation needs one of its own.
    for (const name of ["conversationStarted", "newConversationButtonClicked"]) zE("messenger:on", name, renew);
    // A widget that was open before this script came says nothing: who writes there is in its frame, which has no address.
    addEventListener("blur", look);
    look();
    function look() {
      const within = document.activeElement;
      if (within instanceof HTMLIFrameElement && !/^https?:/.test(within.src)) wake();
    }
  }

  /** @param {Answer["attributes"] | null} attributes null: nobody is logged in */
  function take(attributes) {
    // Nobody, or nobody any more: Zendesk keeps a login from page to page.
    if (!attributes) return isSomebody() || wasLoggedIn() ? leave() : undefined;
    fields = Object.entries(attributes).map(([id, value]) => ({ id, value }));
    set();
    if (!settings.login || loggedIn) return;
    loggedIn = true;
    keep(true);
    zE("messenger", "loginUser", giveToken, (/** @type {any} */ error) => {
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
  function giveToken(/** @type {(token: string) => void} */ give) {
    ask("user-token")
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
    keep(false);
    zE("messenger", "logoutUser");
  }

  /** For the pages to come: that somebody is logged in, not who. */
  function keep(/** @type {boolean} */ somebody) {
    try {
      somebody ? localStorage.setItem(KEPT, "zendesk") : localStorage.removeItem(KEPT);
    } catch {
      // A visitor who keeps nothing is logged in nowhere.
    }
  }

  function wasLoggedIn() {
    try {
      return localStorage.getItem(KEPT) === "zendesk";
    } catch {
      return false;
    }
  }

  // --- the same in every bridge, which is one file each: a test compares them

  const NAME = "[PlayerHelpdesk] ";
  const SPENT = ["PLAYER_TOKEN_REUSED", "PLAYER_TOKEN_EXPIRED"];
  /** Milliseconds: for an answer; how soon the use of the chat asks for another reference; how often we look for the vendor's script. */
  const PATIENCE = 10000;
  const FRESH = 60000;
  const LOOK = 1000;
  const ATTEMPTS = 6;

  const address = /** @type {HTMLScriptElement | null} */ (document.currentScript)?.src;
  const stub = window.PlayerHelpdesk;
  if (stub?.version) return console.warn(NAME + "is already on this page; the second script does nothing.");

  let settings = /** @type {HelpdeskSettings} */ ({});
  let base = "";
  /** Whether the vendor's script has been looked for. */
  let begun = false;
  /** Whether the page has said that nobody is logged in. */
  let left = false;
  /** Whether the chat has been used on this page. */
  let awake = false;
  let asked = 0;
  let failures = 0;
  /** The code of the failure that the console has been told last. */
  let told = "";
  /** Whom the service has answered for. */
  let player = "";
  /** Only what the newest wish brings is used. */
  let wish = 0;

  /** @param {string} code @param {string} text @param {boolean} [passes] @returns {Problem} */
  const problem = (code, text, passes = false) => Object.assign(Error(NAME + code + ": " + text), { code, passes });

  /** One line, and no more: the chat goes on. @param {unknown} failure */
  const complain = (failure) => console.error(failure instanceof Error ? failure.message : NAME + failure);

  /** A player token is spent by each question, so each has its own. Null when nobody is logged in. @returns {Promise<string | null>} */
  async function getToken() {
    try {
      return (await settings.getPlayerToken()) || null;
    } catch (failure) {
      throw problem("PLAYER_TOKEN_UNAVAILABLE", "getPlayerToken failed: " + failure, true);
    }
  }

  /** Null when nobody is logged in. @param {"attributes" | "user-token"} what @returns {Promise<Answer | null>} */
  async function ask(what) {
    for (let again = true; ; again = false) {
      const token = await getToken();
      if (!token) return null;
      const { status, answer } = await send(what, token);
      if (!answer.error) {
        player = readSubject(token);
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
      return String(JSON.parse(atob(payload)).sub);
    } catch {
      return "";
    }
  }

  /** From this page, so that the browser itself states its origin. @param {string} what @param {string} token */
  async function send(what, token) {
    const { brandId } = settings;
    try {
      const response = await fetch(base + what, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        credentials: "omit",
        body: JSON.stringify({ player_token: token, ...(brandId && { brand_id: brandId }) }),
        signal: AbortSignal.timeout(PATIENCE),
      });
      return { status: response.status, answer: /** @type {Answer} */ (await response.json()) };
    } catch (failure) {
      throw problem("UNREACHABLE", base + what + ": " + failure, true);
    }
  }

  /** Another reference, for what the player writes next; an older one may belong to a conversation already. */
  async function renew() {
    if (left) return;
    const mine = ++wish;
    asked = Date.now();
    awake = true;
    try {
      const grant = await ask("attributes");
      if (mine !== wish) return;
      failures = 0;
      told = "";
      take(grant?.attributes || null);
    } catch (failure) {
      if (mine !== wish) return;
      const { code, passes } = /** @type {Problem} */ (failure);
      if (code !== told) complain(failure);
      told = code;
      if (passes && ++failures < ATTEMPTS) setTimeout(() => mine === wish && renew(), 2 ** failures * 2500);
      else failures = 0;
    }
  }

  /** The chat is being used. */
  const wake = () => void (Date.now() - asked > FRESH && renew());

  // A script does not say that it has come, but its load event passes the document; some come in other ways.
  function awaitVendor() {
    const timer = setInterval(look, LOOK);
    document.addEventListener("load", look, true);
    look();
    function look() {
      if (!isThere()) return;
      clearInterval(timer);
      document.removeEventListener("load", look, true);
      attach();
    }
  }

  /** @type {HelpdeskMethods} */
  const methods = {
    async boot(wanted = window.playerHelpdeskSettings) {
      const { workspaceId, connectionId, getPlayerToken, apiBase } = wanted || {};
      if (!wanted || !workspaceId || !connectionId || !getPlayerToken)
        throw problem("NOT_CONFIGURED", "needs workspaceId, connectionId and getPlayerToken");
      const service = new URL(apiBase || address || "", location.href).origin;
      settings = { ...wanted };
      base = service + "/v1/workspaces/" + workspaceId + "/helpdesks/" + connectionId + "/";
      left = false;
      if (begun) return;
      begun = true;
      awaitVendor();
    },
    async identify() {
      stop();
      left = false;
      const token = await getToken().catch(() => null);
      // The same player again keeps the chat; one who was nobody takes it along.
      if (player && (!token || readSubject(token) !== player)) leaveIfThere();
      if (awake) await renew();
    },
    async logout() {
      stop();
      left = true;
      leaveIfThere();
    },
  };

  function leaveIfThere() {
    player = "";
    if (isThere()) leave();
  }

  /** What is under way is not wanted any more. */
  function stop() {
    wish++;
    asked = failures = 0;
  }

  /** @param {string} method @param {...any} values @returns {any} */
  function PlayerHelpdesk(method, ...values) {
    return /** @type {any} */ (methods)[method]?.(...values) || Promise.reject(problem("UNKNOWN_METHOD", method));
  }
  PlayerHelpdesk.version = "0.1.0";
  window.PlayerHelpdesk = PlayerHelpdesk;

  if (window.playerHelpdeskSettings) methods.boot().catch(complain);
  for (const call of stub?.q || []) PlayerHelpdesk(.../** @type {HelpdeskCall} */ (call)).catch(complain);
})();

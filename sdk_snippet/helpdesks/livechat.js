// player-messenger 0.1.0, Apache-2.0.
// One classic script for the operator's page, beside LiveChat's: the chat of a logged-in player becomes that player's.
// Nothing waits for it. Whatever fails here, LiveChat goes on, and one line in the console says what failed.
(() => {
  "use strict";
  /** @import {Answer, CustomerToken, HelpdeskCall, HelpdeskMethods, HelpdeskSettings, LiveChatWidget, Problem} from "./bridges.d.ts" */

  // --- LiveChat

  const KEPT = "player-helpdesk";
  /** Milliseconds in which a player is logged in, or the chat begins without. */
  const HURRY = 5000;
  /** Milliseconds before its end in which a customer token is not used any more. */
  const MARGIN = 60000;

  /** Names of the session variables that we have set. @type {string[]} */ let names = [];
  let chatting = false;
  /** The customer token, and whose it is. @type {{base: string, whose: string, token: CustomerToken} | null} */ let own = null;

  const isThere = () => typeof window.LiveChatWidget?.call === "function";
  const widget = () => /** @type {LiveChatWidget} */ (window.LiveChatWidget);

  function attach() {
    widget().on("ready", ({ state }) => look(state));
    widget().on("visibility_changed", look);
    // A chat has taken the reference with it: the next one needs one of its own.
    widget().on("customer_status_changed", ({ status }) => {
      if (chatting && status !== "chatting") renew();
      chatting = status === "chatting";
    });
    try {
      look(widget().get("state"));
    } catch {
      // It has not loaded yet.
    }
    if (settings.login) begin();
    function look(/** @type {{visibility?: string} | undefined} */ state) {
      if (state?.visibility === "maximized") wake();
    }
  }

  /** @param {Answer["attributes"] | null} attributes null: nobody is logged in */
  function take(attributes) {
    // Other variables are the page's own.
    if (attributes || names.length) widget().call("update_session_variables", attributes || empty());
    names = Object.keys(attributes || {});
  }

  const empty = () => Object.fromEntries(names.map((name) => [name, ""]));

  /** LiveChat takes the browser for this player's until the page is left: none of that may be seen by the next one. */
  function leave() {
    forget();
    widget().call("set_session_variables", {});
    widget().call("destroy");
    names = [];
  }

  // A player is logged in before LiveChat begins, or not on this page: that is why it has to wait (asyncInit).
  async function begin() {
    if (!window.__lc?.asyncInit) return complain("NOT_CONFIGURED: login needs __lc.asyncInit = true");
    const late = new Promise((resolve) => setTimeout(resolve, HURRY));
    await Promise.race([logIn().catch(complain), late]);
    widget().init();
  }

  async function logIn() {
    const given = await getToken();
    if (!given) return forget();
    const wanted = readSubject(given);
    const kept = recall(wanted) || (await refresh(wanted));
    player = wanted;
    if (!kept || !window.__lc) return;
    window.__lc.custom_identity_provider = () => ({
      getToken: async () => recall(wanted) || refresh(wanted),
      getFreshToken: () => refresh(wanted),
      hasToken: async () => !!recall(wanted),
      invalidate: async () => forget(),
    });
  }

  /** @param {string} whose @returns {Promise<CustomerToken>} */
  async function refresh(whose) {
    const token = (await ask("user-token"))?.widget_token;
    if (!token) throw problem("LOGIN_FAILED", "the service has no customer token for this player");
    if (player !== whose) throw problem("LOGIN_FAILED", "another player is logged in by now");
    keep(whose, token);
    return token;
  }

  // For as long as the tab lives: another token at each page would be one too many for a player in a hurry.

  /** @param {string} whose @returns {CustomerToken | null} */
  function recall(whose) {
    try {
      const kept = own || JSON.parse(sessionStorage.getItem(KEPT) || "{}");
      const lives = kept.base === base && kept.whose === whose && kept.token.creationDate + kept.token.expiresIn - MARGIN > Date.now();
      return lives ? kept.token : null;
    } catch {
      return null;
    }
  }

  /** @param {string} whose @param {CustomerToken} token */
  function keep(whose, token) {
    own = { base, whose, token };
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(own));
    } catch {
      // The visitor keeps nothing: the next page asks anew.
    }
  }

  function forget() {
    own = null;
    try {
      sessionStorage.removeItem(KEPT);
    } catch {
      // There is nothing to forget.
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

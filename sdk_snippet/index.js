/** Brings the messenger's script onto the page, once, and speaks to it. Where there is no window, as on a server, nothing happens. */

/** @typedef {import("./messenger.js").PlayerMessenger} PlayerMessenger */
/** @typedef {import("./index.d.ts").LoadOptions} LoadOptions */

/** @type {PlayerMessenger | null} */ let messenger = null;
/** @type {Promise<void> | null} */ let arrival = null;

/** @param {LoadOptions} options @returns {PlayerMessenger} */
export function load(options) {
  if (typeof window === "undefined") return answerNothing;
  if (messenger) return messenger;
  const arrive = () => (arrival ||= bring(options));
  arrive().catch((error) => console.error(error.message));
  messenger = /** @type {PlayerMessenger} */ (
    (/** @type {string} */ method, /** @type {any[]} */ ...values) => (method === "on" ? listen(arrive, values) : call(arrive, [method, ...values]))
  );
  return messenger;
}

/** @type {PlayerMessenger} */
const answerNothing = /** @type {any} */ ((/** @type {string} */ method) => (method === "on" ? () => {} : Promise.resolve()));

/** Reaches whatever is on the page by then: the stub, or the messenger itself. @param {unknown[]} words @returns {any} */
const say = (words) => /** @type {any} */ (window.PlayerMessenger)(...words);

/** @param {() => Promise<void>} arrive @param {unknown[]} words */
async function call(arrive, words) {
  await arrive();
  return say(words);
}

/** @param {() => Promise<void>} arrive @param {unknown[]} values */
function listen(arrive, values) {
  let wanted = true;
  let stop = () => {};
  const begin = () => {
    if (wanted) stop = say(["on", ...values]);
  };
  arrive().then(begin, () => {});
  return () => {
    wanted = false;
    stop();
  };
}

/** @param {LoadOptions} options @returns {Promise<void>} */
function bring({ apiBase, src = new URL("/sdk/v1/messenger.js", apiBase).href, integrity, nonce }) {
  if (window.PlayerMessenger?.version) return Promise.resolve();
  /** @type {any} */ (window).PlayerMessenger ||= keep;
  return new Promise((resolve, reject) => {
    const present = [...document.scripts].find((one) => one.src === src);
    const script = present || document.createElement("script");
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => {
      // The next call tries again.
      arrival = null;
      script.remove();
      reject(Object.assign(new Error(`[PlayerMessenger] SCRIPT_NOT_LOADED ${src}: check the network and the page's CSP (script-src)`), { code: "SCRIPT_NOT_LOADED" }));
    });
    if (present) return;
    script.async = true;
    if (integrity) Object.assign(script, { integrity, crossOrigin: "anonymous" });
    if (nonce) script.nonce = nonce;
    script.src = trusted(src);
    document.head.append(script);
  });
}

/** What the page itself calls before the script is there. The script reads `q`. */
function keep() {
  const { PlayerMessenger } = /** @type {any} */ (window);
  (PlayerMessenger.q ||= []).push(arguments);
}

/** @type {{createScriptURL: (src: string) => any} | null} */ let policy = null;

/** A page that requires Trusted Types allows the policy by its name: `trusted-types player-messenger`. @param {string} src @returns {string} */
function trusted(src) {
  try {
    policy ||= /** @type {any} */ (window).trustedTypes.createPolicy("player-messenger", { createScriptURL: (/** @type {string} */ wanted) => wanted });
    return policy ? policy.createScriptURL(src) : src;
  } catch {
    return src;
  }
}

/** The ways on where no chat can begin: to sign in, to reach the operator otherwise, and what to quote there. Loaded with a refusal. */

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./bridge.js").Bridge} Bridge */
/** @typedef {import("./api.js").ServiceError} ServiceError */

const LOOK = `
a.primary { text-decoration: none; }
.way { max-width: 100%; margin: 0; padding: 0 18px; font-size: 13px; color: var(--soft); overflow-wrap: anywhere; white-space: pre-line; }
.way a { color: var(--accent); }
`;
/** The page answers from its own memory. */
const PATIENCE = 2_000;
/** @type {CSSStyleSheet | undefined} */ let sheet;

/** Adds to what `view` tells of `error`. @param {View} view @param {Bridge} bridge @param {string | undefined} address where players sign in @param {ServiceError} error */
export async function offer(view, bridge, address, { code, requestId }) {
  const { texts, outcome } = view;
  const [explanation, retry] = outcome.children;
  const handled = code === "IDENTITY_REQUIRED" && (await bridge.ask("listens", "sign_in", PATIENCE).catch(() => false));
  const { linked } = await import("./links.js");
  // The chat may have begun meanwhile.
  if (!(retry instanceof HTMLElement) || !explanation?.isConnected) return;
  dress();
  if (handled || (address && code === "IDENTITY_REQUIRED")) {
    const button = signIn(handled ? undefined : address);
    texts.put(button, "sign_in");
    button.addEventListener("click", () => bridge.event("sign_in"));
    retry.before(button);
    retry.className = "quiet";
    if (document.activeElement === retry) button.focus();
  }
  const contact = texts.get("contact");
  if (contact) outcome.append(way(...linked(contact)));
  if (!requestId) return;
  const reference = way();
  texts.bind(reference, "textContent", () => texts.get("reference", { id: requestId }));
  outcome.append(reference);
}

/** A link where the page has no sign-in of its own to open. @param {string | undefined} address */
function signIn(address) {
  const made = document.createElement(address ? "a" : "button");
  made.className = "primary";
  if (made instanceof HTMLAnchorElement) Object.assign(made, { href: address, target: "_blank", rel: "noopener" });
  else made.type = "button";
  return made;
}

/** @param {...(Node | string)} words */
function way(...words) {
  const line = document.createElement("p");
  line.className = "way";
  line.dir = "auto";
  line.append(...words);
  return line;
}

function dress() {
  if (sheet) return;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(LOOK);
  document.adoptedStyleSheets.push(sheet);
}

/** Addresses in an agent's text, as links. Loaded with the first text that has one. */

/** Without what is no part of an address or makes it look like another: quotes, marks that turn the direction, full-width signs. */
const LINK = /https?:\/\/[^\s<>"`\p{C}\u3000-\u303f\uff00-\uff65]+/giu;
/** A host is of letters and digits: signs that look like a slash, and letters that cannot be seen, would make it look like another. */
const HOST = /^(https?:\/\/)((?:(?!\p{DI})[\p{L}\p{N}\p{Mn}\p{Mc}.:[\]-])+)(?=[/?#]|$)/iu;
/** Marks that would turn what stands around an address. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** The address without the sentence's own signs at its end. @param {string} address */
function trimmed(address) {
  while (/[.,;:!?'*…\]}]$/.test(address) || (address.endsWith(")") && address.split(")").length > address.split("(").length)) address = address.slice(0, -1);
  return address;
}

/** @param {string} address @returns {HTMLAnchorElement | null} null: it is not what it seems */
function linkTo(address) {
  const link = document.createElement("a");
  link.href = address;
  // The host as the browser asks for it (xn--…): letters of another alphabet may look like the casino's own.
  link.textContent = address.replace(HOST, (_, scheme, host) => scheme + (host.toLowerCase() === link.host ? host : link.host));
  // From left to right whatever is around, apart from it: the host stays in front.
  link.dir = "ltr";
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  // https://bank.example@evil.example
  return HOST.test(address) && link.host && !link.username ? link : null;
}

/** @param {string} text */
const unturned = (text) => text.replace(TURNING, "");

/** @param {string} text @returns {(Node | string)[]} */
export function linked(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const address = trimmed(found);
    const link = linkTo(address);
    if (!link) continue;
    parts.push(unturned(text.slice(end, index)), link);
    end = index + address.length;
  }
  return [...parts, parts.length ? unturned(text.slice(end)) : text];
}

/** The messenger's texts: the brand's own for this language, the brand's own, the language's. What shows a text follows a change of language. */

const RTL = new Set(["ar", "fa", "he", "ur"]);

/** @typedef {"textContent" | "aria-label" | "placeholder" | "title"} Place */

/** What the page says may be no language tag: then the browser's. @param {string} locale */
export function canonical(locale) {
  try {
    return Intl.getCanonicalLocales(locale)[0] || "en";
  } catch {
    return navigator.language || "en";
  }
}

/** A value in a sentence: marks that turn the direction go, and what may run from right to left turns nothing around it. @param {string} value */
const apart = (value) => (/[\u0590-\u08ff\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]/.test(value) ? `\u2068${value.replace(/[\u202a-\u202e\u2066-\u2069]/g, "")}\u2069` : value);

export class Texts {
  /** @param {import("./types.d.ts").FrameSettings} settings */
  constructor({ texts, languages, language, words }) {
    this.own = texts;
    this.languages = languages;
    this.words = words;
    this.language = language;
    /** The brand's, or English. */
    this.fallback = language;
    this.wanted = "";
    this.region = "en";
    /** @type {WeakMap<Element, Map<Place, () => string>>} */ this.bound = new WeakMap();
  }

  /** @param {string} locale BCP 47 @returns {Promise<string>} as it is written rightly */
  async load(locale) {
    const tag = canonical(locale);
    const language = [tag, tag.split("-")[0]].find((one) => one && this.languages.includes(one)) || this.fallback;
    this.wanted = language;
    const words = language === this.language ? this.words : await readWords(language);
    if (this.wanted !== language) return tag;
    if (words) {
      this.words = words;
      this.language = language;
    }
    // How times are written depends on the country too: the browser knows it when the page does not say.
    this.region = [tag, ...navigator.languages].find((one) => one.startsWith(`${this.language}-`)) || this.language;
    document.documentElement.lang = this.language;
    document.documentElement.dir = RTL.has(this.language) ? "rtl" : "ltr";
    this.rewrite();
    return tag;
  }

  /** The texts that the document does without; tried again by whoever needs one. */
  async complete() {
    const { language, words } = this;
    const later = words.to_end ? null : await readFile(`${language}.later`);
    if (!later || language !== this.language) return;
    this.words = { ...words, ...later };
    this.rewrite();
  }

  rewrite() {
    for (const element of document.querySelectorAll("*")) for (const [place, text] of this.bound.get(element) || []) write(element, place, text());
  }

  /** @param {string} key @param {Record<string, string | number>} [values] */
  get(key, values = {}) {
    const text = this.own[`${this.language}.${key}`] || this.own[key] || this.words[key];
    return (text || "").replace(/\{(\w+)\}/g, (_, name) => apart((values[name] ?? "").toLocaleString(this.region)));
  }

  /** Shows a text in `element` now and after each change of language. @param {Element} element @param {Place} place @param {() => string} text */
  bind(element, place, text) {
    const places = this.bound.get(element) || new Map();
    this.bound.set(element, places.set(place, text));
    write(element, place, text());
  }

  /** The text of that key in `element`. @param {Element} element @param {string} key @param {Place[]} places */
  put(element, key, places = ["textContent"]) {
    for (const place of places) this.bind(element, place, () => this.get(key));
  }
}

/** @param {string} language @returns {Promise<Record<string, string> | null>} null when it cannot be had now */
async function readWords(language) {
  const [first, later] = await Promise.all([language, `${language}.later`].map(readFile));
  return first ? { ...first, ...later } : null;
}

/** @param {string} name @returns {Promise<Record<string, string> | null>} */
async function readFile(name) {
  const response = await fetch(new URL(`./locales/${name}.json`, import.meta.url), { credentials: "omit" }).catch(() => null);
  return response?.ok ? response.json().catch(() => null) : null;
}

/** @param {Element} element @param {Place} place @param {string} text */
function write(element, place, text) {
  if (place !== "textContent") element.setAttribute(place, text);
  else if (element.textContent !== text) element.textContent = text;
}

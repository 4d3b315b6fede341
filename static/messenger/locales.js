/** The messenger's texts: the locale's file, then the brand's own texts on top. Nodes that show a text follow a change of language. */

const AVAILABLE = ["en", "de", "es"];
const RTL = new Set(["ar", "fa", "he", "ur"]);

/** @typedef {"textContent" | "aria-label" | "placeholder" | "title"} Place */

export class Texts {
  /** @param {Record<string, string>} own the brand's texts */
  constructor(own) {
    this.own = own;
    this.region = "en";
    /** @type {Record<string, string>} */ this.loaded = {};
    /** @type {Map<Element, Map<Place, () => string>>} */ this.bound = new Map();
  }

  /** @param {string} locale BCP 47 */
  async load(locale) {
    const language = locale.split("-")[0]?.toLowerCase() || "en";
    const file = AVAILABLE.includes(language) ? language : "en";
    for (const name of [file, "en"]) {
      const response = await fetch(new URL(`./locales/${name}.json`, import.meta.url), { credentials: "omit" }).catch(() => null);
      if (!response?.ok) continue;
      this.loaded = await response.json();
      break;
    }
    // How times are written depends on the country too: the browser knows it when the page does not say.
    this.region = locale.includes("-") ? locale : navigator.languages.find((tag) => tag.startsWith(`${file}-`)) || file;
    document.documentElement.lang = file;
    document.documentElement.dir = RTL.has(file) ? "rtl" : "ltr";
    for (const [element, places] of this.bound) for (const [place, text] of places) write(element, place, text());
  }

  /** @param {string} key @param {Record<string, string | number>} [values] */
  get(key, values = {}) {
    const text = (Object.hasOwn(this.own, key) && this.own[key]) || this.loaded[key] || "";
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  }

  /** Shows a text in `element` now and after each change of language. @param {Element} element @param {Place} place @param {() => string} text */
  bind(element, place, text) {
    const places = this.bound.get(element) || new Map();
    this.bound.set(element, places.set(place, text));
    write(element, place, text());
  }
}

/** @param {Element} element @param {Place} place @param {string} text */
function write(element, place, text) {
  if (place === "textContent") element.textContent = text;
  else element.setAttribute(place, text);
}

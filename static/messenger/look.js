/** Colour and theme: the page's wish, else the brand's. Whatever colour is picked, what is written stays readable. */

/** @typedef {import("./types.d.ts").Theme} Theme */
/** Red, green, blue (sRGB, 0 to 1), alpha. @typedef {number[]} Color */
/** @typedef {{color?: string, theme?: Theme}} Wish */

/** WCAG AA, and a little for what is rounded when it is shown. */
const READABLE = 4.6;
const INKS = ["#fff", "#101214", "#000"];
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

/** @param {unknown} color @returns {Color | null} null when it is none, or cannot be seen */
function readColor(color) {
  const probe = document.createElement("span");
  const { style } = probe;
  style.color = String(color);
  if (!style.color) return null;
  // However it was written, a mixture is told in sRGB.
  style.color = `color-mix(in srgb, ${color}, ${color})`;
  document.body.append(probe);
  const told = getComputedStyle(probe).color;
  probe.remove();
  const whole = told.startsWith("rgb") ? 255 : 1;
  const parts = (told.match(/none|-?[\d.]+(e-?\d+)?/g) || []).map((one, index) => Math.min(1, Math.max(0, (Number(one) || 0) / (index < 3 ? whole : 1))));
  return parts[3] === 0 ? null : parts;
}

/** @param {Color} one @param {Color} other @param {number} part of the first */
const mix = (one, other, part) => other.slice(0, 3).map((value, index) => value + ((one[index] || 0) - value) * part);

/** Relative luminance (WCAG 2). @param {Color} color */
function luminance(color) {
  const [red = 0, green = 0, blue = 0] = color.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
}

/** @param {Color} one @param {Color} other */
function contrast(one, other) {
  const ratio = luminance(one) / luminance(other);
  return Math.max(ratio, 1 / ratio);
}

/** @param {Color} color */
const written = (color) => `rgb(${color.map((value) => Math.round(value * 255)).join(", ")})`;

export class Look {
  /** @param {{primary_color?: string, theme?: Theme}} brand */
  constructor(brand) {
    this.brand = brand;
    /** @type {Wish} */ this.wish = {};
    prefersDark.onchange = () => this.wear(this.wish);
  }

  /** @param {Wish} wish @returns {{color: string, ink: string}} */
  wear(wish) {
    this.wish = wish;
    const theme = wish.theme || this.brand.theme;
    root.dataset.theme = theme === "dark" || (theme !== "light" && prefersDark.matches) ? "dark" : "light";
    const [ground = [], raised = [], text = []] = ["ground", "raised", "text"].map((name) => readColor(`var(--${name})`) || []);
    const wanted = readColor(wish.color) || readColor(this.brand.primary_color) || readColor("#2456d3") || [];
    const brand = mix(wanted, ground, wanted[3] ?? 1);
    const color = written(brand);
    const ink = INKS.find((one) => contrast(readColor(one) || [], brand) > READABLE) || "#000";
    let accent = brand;
    for (let part = 0; part < 1 && Math.min(contrast(accent, ground), contrast(accent, raised)) < READABLE; part += 0.05) accent = mix(text, brand, part);
    // A brand's colour that is nearly the ground's would leave its bubbles and buttons without a shape.
    const rim = contrast(brand, ground) < 1.25 ? "var(--edge)" : "transparent";
    for (const [name, value] of Object.entries({ brand: color, ink, accent: written(accent), rim })) root.style.setProperty(`--${name}`, value);
    return { color, ink };
  }
}

/** Colour and theme: the page's wish, else the brand's. */

/** @typedef {import("./types.d.ts").Theme} Theme */

const DEFAULT_COLOR = "#2456d3";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @param {string} color @returns {number[]} red, green, blue, 0–255; white when it cannot be told */
function channels(color) {
  const probe = document.createElement("span");
  probe.style.color = color;
  document.body.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  const rgb = /^rgba?\((\d+), (\d+), (\d+)/.exec(computed);
  return rgb ? rgb.slice(1, 4).map(Number) : [0, 0, 0];
}

/** Relative luminance (WCAG 2). @param {number[]} rgb */
function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (red || 0) + 0.7152 * (green || 0) + 0.0722 * (blue || 0);
}

/** Black or white, whichever reads better on `color`. @param {string} color */
function inkOn(color) {
  const light = luminance(channels(color));
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? "#ffffff" : "#101214";
}

export class Look {
  /** @param {{primary_color?: string, theme?: Theme}} brand */
  constructor(brand) {
    this.brand = brand;
    /** @type {Theme} */ this.theme = "auto";
    dark.addEventListener("change", () => this.paint());
    this.wear({});
  }

  /** @param {{color?: string, theme?: Theme}} wish @returns {{color: string, ink: string}} */
  wear({ color, theme }) {
    const wanted = [color, this.brand.primary_color].find((one) => typeof one === "string" && CSS.supports("background-color", one));
    this.color = wanted || DEFAULT_COLOR;
    this.theme = theme || this.brand.theme || "auto";
    this.paint();
    const ink = inkOn(this.color);
    document.documentElement.style.setProperty("--brand", this.color);
    document.documentElement.style.setProperty("--ink", ink);
    return { color: this.color, ink };
  }

  paint() {
    document.documentElement.dataset.theme = this.theme === "dark" || (this.theme === "auto" && dark.matches) ? "dark" : "light";
  }
}

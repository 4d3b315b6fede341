/** What the window is built of: elements and line drawings, without a piece of HTML text. */

const DRAWINGS = {
  close: "M6 6l12 12M18 6 6 18",
  end: "M4 5h16v12h-9l-5 4v-4H4zM9.5 8.5l5 5m0-5-5 5",
  send: "M5 12 4 5l16 7-16 7 1-7h7",
  down: "M12 5v14m-6-6 6 6 6-6",
  sound: "",
};

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {string} [className] @param {...(Node | string)} children @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

/** What changes in it is told. @param {string} className */
export function makeStatus(className) {
  const status = make("div", className);
  status.setAttribute("role", "status");
  return status;
}

/** @param {string} className @param {() => void} act @param {...(Node | string)} children */
export function makeButton(className, act, ...children) {
  const button = make("button", className, ...children);
  button.type = "button";
  button.onclick = act;
  return button;
}

/** @param {keyof typeof DRAWINGS} name */
export function drawing(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", DRAWINGS[name]);
  svg.append(path);
  return svg;
}

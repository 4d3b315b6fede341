// Making elements. Text is only ever set as text.

/** @typedef {{[member: string]: any}} Members */

/** @param {string} tag @param {Members} properties @param {...(Node | string | null | undefined)} children @returns {any} */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== 'list') /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** @returns {any} */
export const byId = (/** @type {string} */ id) => document.getElementById(id);

let lastId = 0;
const newId = () => `f${(lastId += 1)}`;

/** Paragraphs, with `code` between backticks. */
export function prose(/** @type {string | undefined} */ text) {
  const paragraphs = (text ?? '').split(/\n\s*\n/).filter((paragraph) => paragraph.trim());
  return el('div', { className: 'prose' }, ...paragraphs.map((paragraph) => el('p', {}, ...inline(paragraph))));
}

export function inline(/** @type {string} */ text) {
  return text.split('`').map((part, index) => (index % 2 ? el('code', {}, part) : part));
}

/** A control with its label, and a hint below it. */
export function field(/** @type {string} */ label, /** @type {HTMLElement} */ control, /** @type {Members} */ more = {}) {
  control.id = newId();
  const hint = more.hint ? el('span', { className: 'hint', id: newId() }, ...inline(more.hint)) : null;
  if (hint) control.setAttribute('aria-describedby', hint.id);
  const name = el('label', { htmlFor: control.id }, el('code', {}, label), more.required ? el('span', { className: 'required' }, ' required') : null);
  return el('div', { className: 'field' }, name, control, hint);
}

/** A value as one reads it. */
export const pretty = (/** @type {any} */ value) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

/** A list of names with what they stand for. */
export const pairs = (/** @type {[string, any][]} */ entries) =>
  el('ul', { className: 'members' }, ...entries.map(([name, value]) => el('li', {}, el('code', { className: 'name' }, name), ' ', ...[value].flat())));

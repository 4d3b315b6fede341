// What a body holds, in words: the members of its schema and its examples.

import { description } from './description.js';
import { el, inline, pretty } from './elements.js';
import { examples, flatten, inner, limits, typeName } from './openapi.js';

/** @typedef {{[member: string]: any}} Members */

/** The members of a schema as a list, deeper ones folded; `seen` stops at a schema that contains itself. @returns {HTMLElement[]} */
function members(/** @type {any} */ schema, /** @type {string[]} */ seen = []) {
  const shapes = inner(description.api, schema);
  return shapes.map((/** @type {Members} */ shape) => {
    const required = new Set(shape.required ?? []);
    const title = shapes.length > 1 && shape.title ? el('p', { className: 'choice' }, `One form: ${shape.title}`) : null;
    const rows = Object.entries(shape.properties).map(([name, property]) => member(name, property, required.has(name), seen));
    return el('div', {}, title, rows.length ? el('ul', { className: 'members' }, ...rows) : el('p', {}, 'No members.'));
  });
}

/** @param {string} name @param {any} property @param {boolean} required @param {string[]} seen @returns {HTMLElement} */
function member(name, property, required, seen) {
  const flat = flatten(description.api, property);
  const facts = limits(flat);
  const fingerprint = JSON.stringify(property);
  const shapes = seen.includes(fingerprint) || seen.length > 6 ? [] : inner(description.api, property);
  const deeper = shapes.length
    ? el('details', {}, el('summary', {}, `Members of ${name}`), ...members(property, [...seen, fingerprint]))
    : null;
  return el(
    'li',
    {},
    el('code', { className: 'name' }, name),
    el('span', { className: 'type' }, ` ${typeName(description.api, property)}`),
    el('span', { className: required ? 'required' : 'optional' }, required ? ' required' : ' optional'),
    flat.description ? el('p', {}, ...inline(flat.description)) : null,
    facts.length ? el('p', { className: 'hint' }, facts.join(' · ')) : null,
    deeper,
  );
}

/** The media types of a request body or a response. */
export function content(/** @type {Members} */ carrier) {
  return Object.entries(carrier.content ?? {}).flatMap(([type, media]) => {
    const shown = members(media.schema ?? {});
    const facts = shown.length || !media.schema ? shown : [el('p', {}, typeName(description.api, media.schema))];
    const hasExample = media.example !== undefined || media.examples || type.includes('json');
    const list = hasExample ? examples(description.api, media) : [];
    return [
      el('p', {}, el('code', {}, type)),
      ...facts,
      ...list.map(({ name, value }) =>
        el('details', {}, el('summary', {}, name === 'Example' ? name : `Example: ${name}`), el('pre', { tabIndex: 0 }, pretty(value))),
      ),
    ];
  });
}

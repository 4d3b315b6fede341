// The controls of an operation's form: parameters, body, authentication.

import { label } from './credentials.js';
import { description } from './description.js';
import { el, field, pretty } from './elements.js';
import { examples, flatten, limits, resolve, typeName } from './openapi.js';

/** @typedef {{[member: string]: any}} Members */
/** @typedef {import('./description.js').Operation} Operation */

/** Set by the browser alone: a script's value would be dropped in silence. */
const BROWSER_HEADERS = new Set(['origin', 'host', 'cookie', 'content-length', 'connection', 'referer', 'user-agent']);
/** @type {Map<string, string>} the last value of each path parameter, to fill in the next form */
export const remembered = new Map();

/** A parameter's row and its control, which is null for one that is not typed. */
export function parameterRow(/** @type {Members} */ parameter) {
  const name = parameter.name.toLowerCase();
  if (parameter.in === 'header' && (name === 'dpop' || name === 'authorization')) return { row: null, input: null };
  if (parameter.in === 'header' && BROWSER_HEADERS.has(name)) {
    const value = name === 'origin' ? ` Here it is ${location.origin}, which must be an allowed origin.` : '';
    return { row: el('p', { className: 'hint' }, el('code', {}, parameter.name), ` is set by the browser itself.${value}`), input: null };
  }
  const input = parameterInput(parameter);
  const schema = parameter.schema ?? {};
  const facts = [typeName(description.api, schema), `in the ${parameter.in}`, ...limits(flatten(description.api, schema))].join(' · ');
  const hint = [parameter.description, facts].filter(Boolean).join(' — ');
  return { row: field(parameter.name, input, { required: parameter.required, hint }), input };
}

function parameterInput(/** @type {Members} */ parameter) {
  const schema = flatten(description.api, parameter.schema ?? {});
  const named = parameter.examples ? resolve(description.api, Object.values(parameter.examples)[0])?.value : undefined;
  const choices = schema.enum ?? (schema.type === 'boolean' ? ['true', 'false'] : null);
  if (choices) {
    const empty = parameter.required ? [] : [el('option', { value: '' }, '(not sent)')];
    return el('select', {}, ...empty, ...choices.map((/** @type {any} */ choice) => el('option', {}, String(choice))));
  }
  const suggestion = parameter.example ?? named ?? schema.example ?? schema.examples?.[0];
  return el('input', {
    type: 'text',
    inputMode: schema.type === 'integer' ? 'numeric' : undefined,
    autocomplete: 'off',
    spellcheck: false,
    value: parameter.in === 'path' ? (remembered.get(parameter.name) ?? '') : '',
    placeholder: suggestion === undefined ? '' : `such as ${suggestion}`,
  });
}

/** The rows for a request body and their controls; `changed` is called when a choice rewrites the text. */
export function bodyInputs(/** @type {Operation} */ operation, /** @type {() => void} */ changed) {
  if (!operation.body?.content) return { rows: [], body: null, media: null };
  const types = Object.keys(operation.body.content);
  const media = el('select', {}, ...types.map((type) => el('option', {}, type)));
  const typeRows = types.length > 1 ? [field('Content type', media)] : [];
  if (types.every((type) => (/^(image|audio|video)\//).test(type))) {
    const file = el('input', { type: 'file', accept: types.join(',') });
    file.addEventListener('input', () => {
      const type = file.files?.[0]?.type;
      if (types.includes(type)) media.value = type;
    });
    return { rows: [field('File', file, { required: operation.body.required }), ...typeRows], body: file, media };
  }
  const body = el('textarea', { rows: 10, spellcheck: false, autocomplete: 'off' });
  const list = () => examples(description.api, operation.body?.content[media.value] ?? {});
  const pick = el('select', { oninput: () => { body.value = pretty(list()[pick.selectedIndex]?.value ?? {}); } });
  const pickRow = field('Example', pick);
  const fill = () => {
    pick.replaceChildren(...list().map(({ name }) => el('option', {}, name)));
    body.value = pretty(list()[0]?.value ?? {});
    pickRow.hidden = list().length < 2;
  };
  media.addEventListener('input', fill);
  const tidy = el('button', { type: 'button', className: 'quiet', onclick: () => {
    try { body.value = pretty(JSON.parse(body.value)); } catch { /* the form says what is wrong */ }
    changed();
  } }, 'Tidy up');
  const isForm = types.includes('application/x-www-form-urlencoded');
  const bodyRow = field('Body', body, { required: operation.body.required, hint: isForm ? 'Written as JSON, sent as a form.' : undefined });
  bodyRow.append(tidy);
  fill();
  return { rows: [...typeRows, pickRow, bodyRow], body, media };
}

/** How to authenticate: a choice where there are several ways. */
export function securityInput(/** @type {Operation} */ operation) {
  if (!operation.security.length) return { row: null, security: null };
  const named = operation.security.map((/** @type {Members} */ way) => Object.keys(way).map(label).join(' and ') || 'none');
  const select = el('select', {}, ...named.map((/** @type {string} */ name, /** @type {number} */ index) => el('option', { value: String(index) }, name)));
  if (named.length > 1) return { row: field('Authentication', select), security: select };
  return { row: el('p', {}, el('span', { className: 'label' }, 'Authentication: '), named[0], named[0] === 'none' ? '' : ', from “Credentials”'), security: select };
}

/** Which of an answer's media types to ask for, where there are several. */
export function acceptInput(/** @type {Operation} */ operation) {
  const success = operation.responses.find((response) => response.status.startsWith('2'));
  const types = Object.keys(success?.content ?? {});
  if (types.length < 2 || types.some((type) => type.startsWith('image/'))) return { row: null, accept: null };
  const accept = el('select', {}, ...types.map((type) => el('option', {}, type)));
  return { row: field('Accept', accept, { hint: 'Which form of the answer to ask for.' }), accept };
}

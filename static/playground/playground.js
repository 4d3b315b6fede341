// The API playground: reads /openapi.json, explains each operation, and sends it for real.
// Text is only ever set as text. Credentials stay in this module's memory.

import { examples, flatten, inner, limits, operations, resolve, typeName } from './openapi.js';
import { ConfirmationKey } from './proofs.js';

/** @typedef {{[member: string]: any}} Members */
/** @typedef {ReturnType<typeof operations>[number]} Operation */

const LONGEST_SHOWN = 200_000;
/** Set by the browser alone: a script's value would be dropped in silence. */
const BROWSER_HEADERS = new Set(['origin', 'host', 'cookie', 'content-length', 'connection', 'referer', 'user-agent']);

/** @type {Members} */
let api = {};
/** @type {Operation[]} */
let all = [];
/** @type {ConfirmationKey | null} */
let key = null;
/** Seconds by which the service's clock is ahead of this one. */
let clockOffset = 0;
/** @type {AbortController | null} */
let running = null;
/** @type {Map<string, string>} the last value of each path parameter, to fill in the next form */
const remembered = new Map();
/** @type {Map<string, HTMLInputElement>} by name of security scheme */
const credentials = new Map();

// --- elements ---------------------------------------------------------------------------------------------------

/** @param {string} tag @param {Members} properties @param {...(Node | string | null | undefined)} children @returns {any} */
function el(tag, properties = {}, ...children) {
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
const byId = (/** @type {string} */ id) => document.getElementById(id);

let lastId = 0;
const newId = () => `f${(lastId += 1)}`;

/** Paragraphs, with `code` between backticks. */
function prose(/** @type {string | undefined} */ text) {
  const paragraphs = (text ?? '').split(/\n\s*\n/).filter((paragraph) => paragraph.trim());
  return el('div', { className: 'prose' }, ...paragraphs.map((paragraph) => el('p', {}, ...inline(paragraph))));
}

function inline(/** @type {string} */ text) {
  return text.split('`').map((part, index) => (index % 2 ? el('code', {}, part) : part));
}

function field(/** @type {string} */ label, /** @type {HTMLElement} */ control, /** @type {Members} */ more = {}) {
  control.id = newId();
  const hint = more.hint ? el('span', { className: 'hint', id: newId() }, ...inline(more.hint)) : null;
  if (hint) control.setAttribute('aria-describedby', hint.id);
  const name = el('label', { htmlFor: control.id }, el('code', {}, label), more.required ? el('span', { className: 'required' }, ' required') : null);
  return el('div', { className: 'field' }, name, control, hint);
}

// --- the list of operations ---------------------------------------------------------------------------------------

function showMenu(/** @type {string} */ words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = all.filter((operation) => {
    const text = `${operation.method} ${operation.path} ${operation.summary} ${operation.tags.join(' ')}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  const described = (api.tags ?? []).map((/** @type {Members} */ tag) => tag.name);
  const tags = [...new Set([...described, ...matching.flatMap((operation) => operation.tags)])];
  const groups = tags.map((tag) => {
    const members = matching.filter((operation) => operation.tags.includes(tag));
    if (!members.length) return null;
    return el('section', {}, el('h2', { className: 'small' }, tag), el('ul', {}, ...members.map((operation) => el('li', {}, menuLink(operation)))));
  });
  byId('operations').replaceChildren(...groups.filter(Boolean));
  byId('filter-result').textContent = words ? `${matching.length} operations` : '';
  markCurrent();
}

function menuLink(/** @type {Operation} */ operation) {
  return el(
    'a',
    { href: `#${encodeURIComponent(operation.anchor)}`, title: `${operation.method.toUpperCase()} ${operation.path}` },
    method(operation),
    el('span', { className: 'summary' }, operation.summary),
  );
}

const method = (/** @type {Operation} */ operation) =>
  el('span', { className: `method ${operation.method}` }, operation.method.toUpperCase());

function markCurrent() {
  for (const link of byId('operations').querySelectorAll('a')) {
    if (link.getAttribute('href') === location.hash) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

// --- schemas --------------------------------------------------------------------------------------------------------

/** The members of a schema as a list, deeper ones folded; `seen` stops at a schema that contains itself. */
function members(/** @type {any} */ schema, /** @type {string[]} */ seen = []) {
  const shapes = inner(api, schema);
  return shapes.map((/** @type {Members} */ shape) => {
    const required = new Set(shape.required ?? []);
    const title = shapes.length > 1 && shape.title ? el('p', { className: 'choice' }, `One form: ${shape.title}`) : null;
    const rows = Object.entries(shape.properties).map(([name, property]) => member(name, property, required.has(name), seen));
    return el('div', {}, title, el('ul', { className: 'members' }, ...rows));
  });
}

/** @param {string} name @param {any} property @param {boolean} required @param {string[]} seen */
function member(name, property, required, seen) {
  const flat = flatten(api, property);
  const facts = limits(flat);
  const fingerprint = JSON.stringify(property);
  const shapes = seen.includes(fingerprint) || seen.length > 6 ? [] : inner(api, property);
  const deeper = shapes.length
    ? el('details', {}, el('summary', {}, `Members of ${name}`), ...members(property, [...seen, fingerprint]))
    : null;
  return el(
    'li',
    {},
    el('code', { className: 'name' }, name),
    el('span', { className: 'type' }, ` ${typeName(api, property)}`),
    el('span', { className: required ? 'required' : 'optional' }, required ? ' required' : ' optional'),
    flat.description ? el('p', {}, ...inline(flat.description)) : null,
    facts.length ? el('p', { className: 'hint' }, facts.join(' · ')) : null,
    deeper,
  );
}

function content(/** @type {Members} */ carrier) {
  return Object.entries(carrier.content ?? {}).flatMap(([type, media]) => {
    const shown = members(media.schema ?? {});
    const facts = shown.length ? shown : [el('p', {}, typeName(api, media.schema ?? {}))];
    const hasExample = media.example !== undefined || media.examples || type.includes('json');
    const list = hasExample ? examples(api, media) : [];
    return [
      el('p', {}, el('code', {}, type)),
      ...facts,
      ...list.map(({ name, value }) =>
        el('details', {}, el('summary', {}, name === 'Example' ? name : `Example: ${name}`), el('pre', { tabIndex: 0 }, pretty(value))),
      ),
    ];
  });
}

const pretty = (/** @type {any} */ value) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

// --- authentication ---------------------------------------------------------------------------------------------------

/** How a security scheme is sent: `{header, prefix, proof}`; null for one that needs no input of its own. */
function wayOf(/** @type {string} */ name) {
  const scheme = resolve(api, api.components?.securitySchemes?.[name]);
  const kind = (scheme.scheme ?? '').toLowerCase();
  const header = scheme.name ?? 'Authorization';
  if (scheme.type === 'apiKey' && scheme.in !== 'header') return null;
  if (scheme.type === 'apiKey' && header.toLowerCase() === 'dpop') return { header, prefix: '', proof: true, input: false };
  if (kind === 'dpop' || (header === 'Authorization' && scheme.type === 'apiKey' && /dpop/i.test(name + scheme.description))) {
    return { header: 'Authorization', prefix: 'DPoP ', proof: true, input: true };
  }
  if (scheme.type === 'apiKey') return { header, prefix: '', proof: false, input: true };
  if (kind === 'basic') return { header: 'Authorization', prefix: 'Basic ', proof: false, input: true };
  return { header: 'Authorization', prefix: 'Bearer ', proof: false, input: true };
}

function showCredentials() {
  const fields = Object.entries(api.components?.securitySchemes ?? {}).map(([name, node]) => {
    if (!wayOf(name)?.input) return null;
    const input = el('input', { type: 'password', autocomplete: 'off', spellcheck: false, name: `credential-${name}`, oninput: refresh });
    credentials.set(name, input);
    const reveal = el('button', {
      type: 'button',
      className: 'quiet',
      'aria-label': `Show ${label(name)}`,
      onclick: () => {
        input.type = input.type === 'password' ? 'text' : 'password';
        reveal.textContent = input.type === 'password' ? 'Show' : 'Hide';
        reveal.setAttribute('aria-label', `${reveal.textContent} ${label(name)}`);
      },
    }, 'Show');
    const wrapped = field(label(name), input, { hint: resolve(api, node).description });
    input.after(reveal);
    return wrapped;
  });
  byId('credentials').replaceChildren(...fields.filter(Boolean));
  byId('proof-key').hidden = !all.some(needsProof);
  byId('credentials-box').open = matchMedia('(min-width: 52rem)').matches;
}

/** "ApiToken" and "api_token" as "API token". */
function label(/** @type {string} */ name) {
  const words = name.replaceAll(/[_-]+/g, ' ').replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  const shown = words.replaceAll(/\bapi\b/g, 'API').replaceAll(/\bid\b/g, 'ID').replaceAll(/\bdpop\b/g, 'DPoP');
  return shown[0].toUpperCase() + shown.slice(1);
}

const asVariable = (/** @type {string} */ name) => label(name).toUpperCase().replaceAll(/\W+/g, '_');

function needsProof(/** @type {Operation} */ operation) {
  const header = operation.parameters.some((parameter) => parameter.in === 'header' && parameter.name.toLowerCase() === 'dpop');
  return header || operation.security.some((/** @type {Members} */ way) => Object.keys(way).some((name) => wayOf(name)?.proof));
}

async function currentKey() {
  if (!crypto.subtle) throw new Error('Proofs need a secure page: https, or http on localhost.');
  key ??= await ConfirmationKey.make();
  byId('thumbprint').textContent = key.thumbprint;
  return key;
}

// --- the form -----------------------------------------------------------------------------------------------------------

/** @type {null | {operation: Operation, inputs: Map<Members, any>, security: any, body: any, media: any, curl: HTMLElement, problem: HTMLElement, answer: HTMLElement, send: any, stop: any}} */
let form = null;

function parameterInput(/** @type {Members} */ parameter) {
  const schema = flatten(api, parameter.schema ?? {});
  const example = parameter.example ?? (parameter.examples ? resolve(api, Object.values(parameter.examples)[0])?.value : undefined);
  const choices = schema.enum ?? (schema.type === 'boolean' ? ['true', 'false'] : null);
  if (choices) {
    const empty = parameter.required ? [] : [el('option', { value: '' }, '(not sent)')];
    return el('select', { oninput: refresh }, ...empty, ...choices.map((/** @type {any} */ choice) => el('option', {}, String(choice))));
  }
  const suggestion = example ?? schema.example ?? schema.examples?.[0];
  const filled = parameter.in === 'path' ? (remembered.get(rememberedName(parameter)) ?? suggestion ?? '') : parameter.required ? (suggestion ?? '') : '';
  return el('input', {
    type: 'text',
    inputMode: schema.type === 'integer' ? 'numeric' : undefined,
    autocomplete: 'off',
    spellcheck: false,
    value: String(filled),
    placeholder: suggestion === undefined ? '' : String(suggestion),
    oninput: refresh,
  });
}

const rememberedName = (/** @type {Members} */ parameter) =>
  parameter.name === 'id' && form?.operation.path.includes('/conversations/{id}') ? 'conversation_id' : parameter.name;

function bodyInputs(/** @type {Operation} */ operation) {
  if (!operation.body?.content) return { rows: [], body: null, media: null };
  const types = Object.keys(operation.body.content);
  const media = el('select', { oninput: () => fill() }, ...types.map((type) => el('option', {}, type)));
  const body = el('textarea', { rows: 10, spellcheck: false, autocomplete: 'off', oninput: refresh });
  const pick = el('select', { oninput: () => { body.value = pretty(list()[pick.selectedIndex].value); refresh(); } });
  const list = () => examples(api, operation.body.content[media.value]);
  const fill = () => {
    pick.replaceChildren(...list().map(({ name }) => el('option', {}, name)));
    body.value = pretty(list()[0].value ?? {});
    pickRow.hidden = list().length < 2;
    refresh();
  };
  const tidy = el('button', { type: 'button', className: 'quiet', onclick: () => {
    try { body.value = pretty(JSON.parse(body.value)); refresh(); } catch { refresh(); }
  } }, 'Tidy up');
  const pickRow = field('Example', pick);
  const isForm = types.includes('application/x-www-form-urlencoded');
  const bodyRow = field('Body', body, { required: operation.body.required, hint: isForm ? 'Written as JSON, sent as a form.' : undefined });
  bodyRow.append(tidy);
  const rows = [...(types.length > 1 ? [field('Content type', media)] : []), pickRow, bodyRow];
  queueMicrotask(fill);
  return { rows, body, media };
}

function securityInput(/** @type {Operation} */ operation) {
  if (!operation.security.length) return { row: null, security: null };
  const named = operation.security.map((/** @type {Members} */ way) => Object.keys(way).map(label).join(' and ') || 'none');
  const select = el('select', { oninput: refresh }, ...named.map((/** @type {string} */ name, /** @type {number} */ index) => el('option', { value: String(index) }, name)));
  if (named.length > 1) return { row: field('Authentication', select), security: select };
  return { row: el('p', {}, el('span', { className: 'label' }, 'Authentication: '), named[0], named[0] === 'none' ? '' : ', from “Credentials”'), security: select };
}

function showOperation(/** @type {Operation} */ operation) {
  running?.abort();
  const heading = el('h2', { tabIndex: -1 }, operation.summary);
  const curl = el('pre', { tabIndex: 0, 'aria-label': 'The request as a curl command', role: 'region' });
  const problem = el('p', { className: 'problem', role: 'alert' });
  const answer = el('section', { 'aria-label': 'Response' });
  const send = el('button', { type: 'submit', className: 'send' }, 'Send');
  const stop = el('button', { type: 'button', hidden: true, onclick: () => running?.abort() }, 'Stop');
  form = { operation, inputs: new Map(), security: null, body: null, media: null, curl, problem, answer, send, stop };
  const { row: securityRow, security } = securityInput(operation);
  const { rows: bodyRows, body, media } = bodyInputs(operation);
  Object.assign(form, { security, body, media });

  const parameterRows = operation.parameters.map((parameter) => parameterRow(parameter));
  const copy = el('button', { type: 'button', className: 'quiet', onclick: () => copyCurl(copy) }, 'Copy');
  const node = el(
    'article',
    {},
    el('p', { className: 'endpoint' }, method(operation), ' ', el('code', {}, operation.path)),
    heading,
    operation.deprecated ? el('p', { className: 'problem' }, 'Deprecated.') : null,
    prose(operation.description),
    el(
      'form',
      { className: 'card', noValidate: true, onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void sendRequest(); } },
      el('h3', {}, 'Try it'),
      securityRow,
      needsProof(operation) ? el('p', { className: 'hint' }, 'A fresh DPoP proof is made and sent with each request.') : null,
      ...parameterRows,
      ...bodyRows,
      problem,
      el('div', { className: 'buttons' }, send, stop),
      el('details', {}, el('summary', {}, 'As curl'), curl, copy),
      answer,
    ),
    ...(operation.body ? [el('section', {}, el('h3', {}, 'Request body'), prose(operation.body.description), ...content(operation.body))] : []),
    el('section', {}, el('h3', {}, 'Responses'), ...operation.responses.map(responseRow)),
  );
  byId('main').replaceChildren(node);
  document.title = `${operation.summary} · API playground`;
  refresh();
  return heading;
}

function parameterRow(/** @type {Members} */ parameter) {
  const name = parameter.name.toLowerCase();
  const where = `in the ${parameter.in}`;
  if (parameter.in === 'header' && (name === 'dpop' || name === 'authorization')) return null;
  if (parameter.in === 'header' && BROWSER_HEADERS.has(name)) {
    const value = name === 'origin' ? ` Here it is ${location.origin}, which must be an allowed origin.` : '';
    return el('p', { className: 'hint' }, el('code', {}, parameter.name), ` is set by the browser itself.${value}`);
  }
  const input = parameterInput(parameter);
  form?.inputs.set(parameter, input);
  const facts = [typeName(api, parameter.schema ?? {}), where, ...limits(flatten(api, parameter.schema ?? {}))].join(' · ');
  return field(parameter.name, input, { required: parameter.required, hint: [parameter.description, facts].filter(Boolean).join(' — ') });
}

function responseRow(/** @type {Members} */ response) {
  const headers = Object.entries(response.headers ?? {}).map(([name, node]) =>
    el('li', {}, el('code', { className: 'name' }, name), ' ', resolve(api, node).description ?? ''));
  return el(
    'details',
    {},
    el('summary', {}, el('code', { className: `status s${response.status[0]}` }, response.status), ' ', ...inline(response.description ?? '')),
    headers.length ? el('ul', { className: 'members' }, ...headers) : null,
    ...content(response),
  );
}

// --- the request ---------------------------------------------------------------------------------------------------------

class Incomplete extends Error {}

/** The request as the form stands; `problem` says what keeps it from being sent. */
function readRequest() {
  if (!form) throw new Incomplete('Choose an operation.');
  const { operation, inputs, body, media, security } = form;
  let path = operation.path;
  const query = new URLSearchParams();
  /** @type {Members} */
  const headers = {};
  /** @type {string[]} */
  const missing = [];
  for (const [parameter, input] of inputs) {
    const value = input.value;
    if (value === '' && parameter.required) missing.push(parameter.name);
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, value === '' ? `{${parameter.name}}` : encodeURIComponent(value));
    if (parameter.in === 'query' && value !== '') query.append(parameter.name, value);
    if (parameter.in === 'header' && value !== '') headers[parameter.name] = value;
  }
  const way = operation.security[Number(security?.value ?? 0)] ?? {};
  const asked = Object.keys(way).map((name) => ({ name, way: wayOf(name) })).filter((entry) => entry.way?.input);
  const search = query.size ? `?${query}` : '';
  const text = body?.value.trim() ? encodeBody(body.value, media.value) : null;
  if (text !== null) headers['Content-Type'] = media.value;
  return { operation, method: operation.method.toUpperCase(), target: path + search, headers, asked, text, missing };
}

function encodeBody(/** @type {string} */ text, /** @type {string} */ type) {
  if (!type.includes('json') && !type.includes('form')) return text;
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Incomplete(`The body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (type.includes('json')) return text;
  const filled = Object.entries(value).filter(([, part]) => part !== null && part !== '');
  return new URLSearchParams(filled.map(([name, part]) => [name, String(part)])).toString();
}

/** Redraws what follows from the form: the curl line and the problem, if there is one. */
function refresh() {
  if (!form) return;
  try {
    form.curl.textContent = asCurl(readRequest());
    form.problem.textContent = '';
  } catch (error) {
    if (!(error instanceof Incomplete)) throw error;
    form.problem.textContent = error.message;
  }
}

function asCurl(/** @type {ReturnType<typeof readRequest>} */ request) {
  const quote = (/** @type {string} */ text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = [`curl -i -X ${request.method} ${quote(location.origin + request.target)}`];
  for (const { name, way } of request.asked) lines.push(`-H "${way?.header}: ${way?.prefix}$${asVariable(name)}"`);
  if (needsProof(request.operation)) lines.push('-H "DPoP: $DPOP_PROOF"');
  for (const [name, value] of Object.entries(request.headers)) lines.push(`-H ${quote(`${name}: ${value}`)}`);
  if (request.operation.parameters.some((parameter) => parameter.in === 'header' && parameter.name.toLowerCase() === 'origin')) {
    lines.push(`-H ${quote(`Origin: ${location.origin}`)}`);
  }
  if (request.text !== null) lines.push(`--data-binary ${quote(request.text)}`);
  return lines.join(' \\\n  ');
}

async function copyCurl(/** @type {any} */ button) {
  try {
    await navigator.clipboard.writeText(form?.curl.textContent ?? '');
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Could not copy';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
}

async function authenticate(/** @type {ReturnType<typeof readRequest>} */ request) {
  const headers = { ...request.headers };
  /** @type {string | null} */
  let credential = null;
  for (const { name, way } of request.asked) {
    const value = credentials.get(name)?.value.trim() ?? '';
    if (!value || !way) continue; // sent without, so that the refusal can be seen
    headers[way.header] = way.prefix + value;
    if (way.proof) credential = value;
  }
  if (needsProof(request.operation)) {
    if (credential === null && request.text && request.headers['Content-Type'].includes('json')) {
      credential = JSON.parse(request.text)?.player_token ?? null;
    }
    const url = publicOrigin() + request.target;
    const now = Date.now() / 1000 + clockOffset;
    headers.DPoP = await (await currentKey()).prove({ method: request.method, url, credential, now });
  }
  return headers;
}

/** What the service calls itself: a proof names this address, whatever a proxy in between made of it. */
function publicOrigin() {
  try {
    return new URL(api.servers?.[0]?.url ?? '/', location.origin).origin;
  } catch {
    return location.origin;
  }
}

async function sendRequest() {
  const current = form;
  if (!current) return;
  try {
    const request = readRequest();
    if (request.missing.length) throw new Incomplete(`Still empty: ${request.missing.join(', ')}.`);
    for (const [parameter, input] of current.inputs) {
      if (parameter.in === 'path') remembered.set(rememberedName(parameter), input.value);
    }
    running?.abort();
    const controller = new AbortController();
    running = controller;
    current.problem.textContent = '';
    current.send.disabled = true;
    current.stop.hidden = false;
    const headers = await authenticate(request);
    const started = performance.now();
    const response = await fetch(request.target, {
      method: request.method, headers, body: request.text, signal: controller.signal, credentials: 'omit', cache: 'no-store',
    });
    await showResponse(current, response, started);
  } catch (error) {
    const aborted = error instanceof DOMException && error.name === 'AbortError';
    current.problem.textContent = aborted ? 'Stopped.' : error instanceof Error ? error.message : String(error);
  } finally {
    current.send.disabled = false;
    current.stop.hidden = true;
  }
}

/** @param {NonNullable<typeof form>} current @param {Response} response @param {number} started */
async function showResponse(current, response, started) {
  const status = el('p', { role: 'status', className: 'outcome' });
  const body = el('pre', { tabIndex: 0, 'aria-label': 'Response body', role: 'region' });
  const headers = el('ul', { className: 'members' }, ...[...response.headers].map(([name, value]) =>
    el('li', {}, el('code', { className: 'name' }, name), el('span', { className: 'value' }, ` ${value}`))));
  current.answer.replaceChildren(el('h3', {}, 'Response'), status, el('details', {}, el('summary', {}, `Headers (${headers.children.length})`), headers), body);
  const tell = (/** @type {number} */ bytes, /** @type {string} */ rest = '') => {
    const line = `${response.status} ${response.statusText}`.trim();
    const spent = `${Math.round(performance.now() - started)} ms · ${bytes} bytes${rest}`;
    status.replaceChildren(el('code', { className: `status s${String(response.status)[0]}` }, line), ` ${spent}`);
  };
  tell(0, ' so far');
  let text = '';
  let bytes = 0;
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      bytes += part.value.length;
      if (text.length < LONGEST_SHOWN) text += decoder.decode(part.value, { stream: true });
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) body.textContent = text;
    }
  } finally {
    tell(bytes);
    body.textContent = text.length >= LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}\n… cut here` : tidied(text);
    if (!body.textContent) body.textContent = '(empty)';
  }
  learn(text);
}

function tidied(/** @type {string} */ text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Puts what an answer gives out where the next request needs it: tokens, the conversation, the service's clock. */
function learn(/** @type {string} */ text) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    return;
  }
  const serverTime = answer?.error?.details?.server_time;
  if (typeof serverTime === 'number') clockOffset = serverTime - Date.now() / 1000;
  if (typeof answer?.conversation?.id === 'string') remembered.set('conversation_id', answer.conversation.id);
  if (typeof answer?.session?.token === 'string') fillCredential((way) => way.prefix === 'DPoP ', answer.session.token);
  if (typeof answer?.session_id === 'string') fillCredential((way) => way.header.toLowerCase() === 'x-session-id', answer.session_id);
}

/** @param {(way: NonNullable<ReturnType<typeof wayOf>>) => boolean} fits @param {string} value */
function fillCredential(fits, value) {
  for (const [name, input] of credentials) {
    const way = wayOf(name);
    if (!way || !fits(way)) continue;
    input.value = value;
    form?.answer.querySelector('.outcome')?.append(` · ${label(name)} filled in under “Credentials”`);
  }
}

// --- the page ---------------------------------------------------------------------------------------------------------

function showOverview() {
  form = null;
  running?.abort();
  document.title = 'API playground';
  const tags = (api.tags ?? []).map((/** @type {Members} */ tag) => el('li', {}, el('code', { className: 'name' }, tag.name), prose(tag.description)));
  byId('main').replaceChildren(
    el('article', {}, el('h2', { tabIndex: -1 }, `${api.info?.title ?? 'The API'} ${api.info?.version ?? ''}`), prose(api.info?.description),
      el('p', {}, `${all.length} operations. Choose one from the list.`), tags.length ? el('ul', { className: 'members' }, ...tags) : null),
  );
  return byId('main').querySelector('h2');
}

function showCurrent() {
  const anchor = decodeURIComponent(location.hash.slice(1));
  if (anchor === 'main') return null;
  const operation = all.find((candidate) => candidate.anchor === anchor);
  markCurrent();
  return operation ? showOperation(operation) : showOverview();
}

async function start() {
  try {
    const response = await fetch('/openapi.json', { credentials: 'omit' });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    api = await response.json();
  } catch (error) {
    byId('main').replaceChildren(el('p', { className: 'problem', role: 'alert' }, `/openapi.json could not be read: ${error instanceof Error ? error.message : error}.`));
    return;
  }
  all = operations(api);
  byId('title').textContent = `${api.info?.title ?? 'API'} playground`;
  byId('filter').addEventListener('input', () => showMenu(byId('filter').value));
  byId('new-key').addEventListener('click', async () => {
    key = null;
    try { await currentKey(); } catch (error) { byId('thumbprint').textContent = error instanceof Error ? error.message : String(error); }
  });
  byId('operations').addEventListener('click', (/** @type {Event} */ event) => {
    const picked = event.target instanceof Element && event.target.closest('a');
    if (picked && !matchMedia('(min-width: 52rem)').matches) byId('menu').open = false;
  });
  addEventListener('hashchange', () => {
    const heading = showCurrent();
    scrollTo(0, 0);
    heading?.focus();
    heading?.scrollIntoView({ block: 'nearest' });
  });
  byId('menu').open = matchMedia('(min-width: 52rem)').matches;
  showCredentials();
  showMenu('');
  showCurrent();
}

void start();

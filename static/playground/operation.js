// One operation: what it is, and the form that sends it.

import { showAnswer } from './answer.js';
import { needsProof } from './credentials.js';
import { byId, el, inline, pairs, prose } from './elements.js';
import { acceptInput, bodyInputs, parameterRow, remembered, securityInput } from './inputs.js';
import { content } from './members.js';
import { description } from './description.js';
import { resolve } from './openapi.js';
import { asCurl, authenticate, Incomplete, readRequest } from './request.js';

/** @typedef {{[member: string]: any}} Members */
/** @typedef {import('./description.js').Operation} Operation */
/** @typedef {import('./request.js').Form & {curl: HTMLElement, proof: any, problem: HTMLElement, answer: HTMLElement, send: any, stop: any}} Form */

/** @type {Form | null} */
let form = null;
/** @type {AbortController | null} */
let running = null;

export const method = (/** @type {Operation} */ operation) =>
  el('span', { className: `method ${operation.method}` }, operation.method.toUpperCase());

/** Leaves the form behind; what it is still waiting for is stopped. */
export function leave() {
  running?.abort();
  form = null;
}

/** Shows the operation; its heading. */
export function showOperation(/** @type {Operation} */ operation) {
  leave();
  const heading = el('h2', { tabIndex: -1 }, operation.summary);
  byId('main').replaceChildren(el(
    'article',
    {},
    el('p', { className: 'endpoint' }, method(operation), ' ', el('code', {}, operation.path)),
    heading,
    operation.deprecated ? el('p', { className: 'problem' }, 'Deprecated.') : null,
    operation.description === operation.summary ? null : prose(operation.description),
    formOf(operation),
    ...(operation.body ? [el('section', {}, el('h3', {}, 'Request body'), prose(operation.body.description), ...content(operation.body))] : []),
    el('section', {}, el('h3', {}, 'Responses'), ...operation.responses.map(responseRow)),
  ));
  document.title = `${operation.summary} · API playground`;
  refresh();
  return heading;
}

function formOf(/** @type {Operation} */ operation) {
  const curl = el('pre', { tabIndex: 0, 'aria-label': 'The request as a curl command', role: 'region' });
  const problem = el('p', { className: 'problem', role: 'alert' });
  const proof = el('p', { className: 'hint', hidden: true }, 'A fresh DPoP proof is made and sent with each request.');
  const answer = el('section', { 'aria-label': 'Response' });
  const send = el('button', { type: 'submit', className: 'send' }, 'Send');
  const stop = el('button', { type: 'button', hidden: true, onclick: () => running?.abort() }, 'Stop');
  const copy = el('button', { type: 'button', className: 'quiet', onclick: () => copyCurl(copy) }, 'Copy');
  const { row: securityRow, security } = securityInput(operation);
  const { row: acceptRow, accept } = acceptInput(operation);
  const { rows: bodyRows, body, media } = bodyInputs(operation, refresh);
  const parameters = operation.parameters.map((parameter) => ({ parameter, ...parameterRow(parameter) }));
  const inputs = new Map(parameters.filter(({ input }) => input).map(({ parameter, input }) => [parameter, input]));
  form = { operation, inputs, security, accept, body, media, curl, proof, problem, answer, send, stop };
  return el(
    'form',
    {
      className: 'card',
      noValidate: true,
      oninput: refresh,
      onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void sendRequest(); },
    },
    el('h3', {}, 'Try it'),
    securityRow,
    proof,
    ...parameters.map(({ row }) => row),
    acceptRow,
    ...bodyRows,
    problem,
    el('div', { className: 'buttons' }, send, stop),
    el('details', {}, el('summary', {}, 'As curl'), curl, copy),
    answer,
  );
}

function responseRow(/** @type {Members} */ response) {
  const headers = Object.entries(response.headers ?? {}).map(
    ([name, node]) => /** @type {[string, any]} */ ([name, inline(resolve(description.api, node).description ?? '')]));
  const [first = '', ...rest] = (response.description ?? '').split('\n\n');
  return el(
    'details',
    {},
    el('summary', {}, el('code', { className: `status s${response.status[0]}` }, response.status), ' ', ...inline(first),
      rest.length ? ` and ${rest.length} more` : ''),
    rest.length ? prose(response.description) : null,
    headers.length ? pairs(headers) : null,
    ...content(response),
  );
}

/** Fills in again what is remembered of the path: something else was chosen beside the form, and what was answered is not about that. */
export function refill() {
  running?.abort();
  form?.answer.replaceChildren();
  for (const [parameter, input] of form?.inputs ?? []) {
    if (parameter.in === 'path' && remembered.has(parameter.name)) input.value = remembered.get(parameter.name);
  }
  refresh();
}

/** Redraws what follows from the form: the curl line, and the problem if there is one. */
function refresh() {
  if (!form) return;
  try {
    const request = readRequest(form);
    form.curl.textContent = asCurl(request);
    form.proof.hidden = !request.proved;
    form.problem.textContent = '';
  } catch (error) {
    if (!(error instanceof Incomplete)) throw error;
    form.problem.textContent = error.message;
  }
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

async function sendRequest() {
  const current = form;
  if (!current) return;
  running?.abort();
  const controller = new AbortController();
  running = controller;
  try {
    const request = readRequest(current);
    if (request.missing.length) throw new Incomplete(`Still empty: ${request.missing.join(', ')}.`);
    if (current.operation.body?.required && request.body === null) throw new Incomplete('The body is still empty.');
    for (const [parameter, input] of current.inputs) {
      if (parameter.in === 'path') remembered.set(parameter.name, input.value);
    }
    current.problem.textContent = '';
    current.answer.replaceChildren();
    current.send.disabled = true;
    current.stop.hidden = false;
    const headers = await authenticate(request);
    const started = performance.now();
    const response = await fetch(request.target, {
      method: request.method, headers, body: request.body, signal: controller.signal, credentials: 'omit', cache: 'no-store',
    });
    await showAnswer(current.answer, response, started);
  } catch (error) {
    const aborted = error instanceof DOMException && error.name === 'AbortError';
    current.problem.textContent = aborted ? 'Stopped.' : error instanceof Error ? error.message : String(error);
  } finally {
    current.send.disabled = false;
    current.stop.hidden = true;
  }
}

// A request, from the form to what is sent, and the same as a curl command.

import { credential, currentKey, label, needsProof, wayOf } from './credentials.js';
import { publicOrigin } from './description.js';

/** @typedef {{[member: string]: any}} Members */
/** @typedef {import('./description.js').Operation} Operation */
/** @typedef {{operation: Operation, inputs: Map<Members, any>, security: any, accept: any, body: any, media: any}} Form */
/** @typedef {ReturnType<typeof readRequest>} Request */

export class Incomplete extends Error {}

export const clock = {
  /** Seconds by which the service's clock is ahead of this one. */
  offset: 0,
};

/** The request as the form stands; Incomplete when the body cannot be sent. */
export function readRequest(/** @type {Form} */ form) {
  const { operation, inputs, security } = form;
  let path = operation.path;
  const query = new URLSearchParams();
  /** @type {Members} */
  const headers = {};
  /** @type {string[]} */
  const missing = [];
  for (const [parameter, input] of inputs) {
    const value = input.value;
    if (value === '' && parameter.required) missing.push(parameter.name);
    if (value === '') continue;
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    if (parameter.in === 'query') query.append(parameter.name, value);
    if (parameter.in === 'header') headers[parameter.name] = value;
  }
  const way = operation.security[Number(security?.value ?? 0)];
  const asked = Object.keys(way ?? {}).flatMap((name) => {
    const how = wayOf(name);
    return how ? [{ name, ...how }] : [];
  });
  const search = query.size ? `?${query}` : '';
  const body = readBody(form);
  if (body !== null) headers['Content-Type'] = form.media.value;
  if (form.accept) headers.Accept = form.accept.value;
  const proved = needsProof(operation, way);
  return { operation, method: operation.method.toUpperCase(), target: path + search, headers, asked, proved, body, missing };
}

/** @returns {string | File | null} */
function readBody(/** @type {Form} */ { body, media }) {
  if (body?.type === 'file') return body.files?.[0] ?? null;
  return body?.value.trim() ? encodeBody(body.value, media.value) : null;
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

export function asCurl(/** @type {Request} */ request) {
  const quote = (/** @type {string} */ text) => "'" + text.replaceAll("'", "'\\''") + "'";
  const lines = [`curl -i -X ${request.method} ${quote(location.origin + request.target)}`];
  for (const { name, header, prefix } of request.asked) lines.push(`-H "${header}: ${prefix}$${asVariable(name)}"`);
  if (request.proved) lines.push('-H "DPoP: $DPOP_PROOF"');
  for (const [name, value] of Object.entries(request.headers)) lines.push('-H ' + quote(`${name}: ${value}`));
  if (request.operation.parameters.some((parameter) => parameter.in === 'header' && parameter.name.toLowerCase() === 'origin')) {
    lines.push('-H ' + quote(`Origin: ${location.origin}`));
  }
  if (typeof request.body === 'string') lines.push(`--data-binary ${quote(request.body)}`);
  if (request.body instanceof File) lines.push('--data-binary ' + quote(`@${request.body.name}`));
  return lines.join(' \\\n  ');
}

const asVariable = (/** @type {string} */ name) => label(name).toUpperCase().replaceAll(/\W+/g, '_');

/** The headers with credentials and, where one is needed, a fresh proof. */
export async function authenticate(/** @type {Request} */ request) {
  const headers = { ...request.headers };
  /** @type {string | null} */
  let proven = null;
  for (const { name, header, prefix, proof } of request.asked) {
    const value = credential(name);
    if (!value) continue; // sent without, so that the refusal can be seen
    headers[header] = prefix + value;
    if (proof) proven = value;
  }
  if (request.proved) {
    if (typeof request.body === 'string' && !request.asked.length) proven = JSON.parse(request.body)?.player_token ?? null;
    const now = Date.now() / 1000 + clock.offset;
    headers.DPoP = await (await currentKey()).prove({ method: request.method, url: publicOrigin() + request.target, credential: proven, now });
  }
  return headers;
}

// Credentials and the confirmation key: in this tab's memory only.

import { description } from './description.js';
import { byId, el, field } from './elements.js';
import { resolve } from './openapi.js';
import { ConfirmationKey } from './proofs.js';

/** @typedef {{[member: string]: any}} Members */

/** @type {Map<string, HTMLInputElement>} by name of security scheme */
const inputs = new Map();
/** @type {ConfirmationKey | null} */
let key = null;

/** How a security scheme is sent: `{header, prefix, proof, input}`; null for one that this page cannot send. */
export function wayOf(/** @type {string} */ name) {
  const scheme = resolve(description.api, description.api.components?.securitySchemes?.[name]);
  const kind = (scheme.scheme ?? '').toLowerCase();
  const header = scheme.name ?? 'Authorization';
  if (scheme.type === 'apiKey' && scheme.in !== 'header') return null;
  if (scheme.type === 'apiKey') return { header, prefix: '', proof: false };
  if (kind === 'dpop') return { header, prefix: 'DPoP ', proof: true };
  if (kind === 'basic') return { header, prefix: 'Basic ', proof: false };
  return { header, prefix: 'Bearer ', proof: false };
}

/** Whether a request needs a proof: its way of authentication does, or, having none, it takes the header. */
export function needsProof(/** @type {import('./description.js').Operation} */ operation, /** @type {Members | undefined} */ way) {
  if (operation.security.length) return Object.keys(way ?? {}).some((name) => wayOf(name)?.proof);
  return operation.parameters.some((parameter) => parameter.in === 'header' && parameter.name.toLowerCase() === 'dpop');
}

/** The credential typed for that scheme. */
export const credential = (/** @type {string} */ name) => inputs.get(name)?.value.trim() ?? '';

export function showCredentials() {
  const schemes = Object.entries(description.api.components?.securitySchemes ?? {}).filter(([name]) => wayOf(name));
  byId('credentials').replaceChildren(...schemes.map(([name, node]) => credentialRow(name, resolve(description.api, node))));
  byId('proof-key').hidden = !description.operations.some((operation) =>
    [undefined, ...operation.security].some((way) => needsProof(operation, way)));
  byId('new-key').addEventListener('click', async () => {
    key = null;
    try { await currentKey(); } catch (error) { byId('thumbprint').textContent = error instanceof Error ? error.message : String(error); }
  });
}

function credentialRow(/** @type {string} */ name, /** @type {Members} */ scheme) {
  const input = el('input', { type: 'password', autocomplete: 'off', spellcheck: false, name: `credential-${name}` });
  inputs.set(name, input);
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
  const row = field(label(name), input, { hint: scheme.description });
  row.classList.add('credential');
  input.after(reveal);
  return row;
}

/** "ApiToken" and "api_token" as "API token". */
export function label(/** @type {string} */ name) {
  const words = name.replaceAll(/[_-]+/g, ' ').replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  const shown = words.replaceAll(/\bapi\b/g, 'API').replaceAll(/\bid\b/g, 'ID').replaceAll(/\bdpop\b/g, 'DPoP');
  return `${shown[0]?.toUpperCase() ?? ''}${shown.slice(1)}`;
}

export async function currentKey() {
  if (!crypto.subtle) throw new Error('Proofs need a secure page: https, or http on localhost.');
  key ??= await ConfirmationKey.make();
  byId('thumbprint').textContent = key.thumbprint;
  return key;
}

/**
 * Puts a credential that an answer gave out where the next request needs it; the names of the schemes it fills.
 * @param {(way: NonNullable<ReturnType<typeof wayOf>>, name: string) => boolean} fits @param {string} value
 */
export function fillCredential(fits, value) {
  const filled = [];
  for (const [name, input] of inputs) {
    const way = wayOf(name);
    if (!way || !fits(way, name)) continue;
    input.value = value;
    filled.push(label(name));
  }
  return filled;
}

// The description of the API, as /openapi.json gave it.

import { operations } from './openapi.js';

/** @typedef {{[member: string]: any}} Members */
/** @typedef {ReturnType<typeof operations>[number]} Operation */

export const description = {
  /** @type {Members} */
  api: {},
  /** @type {Operation[]} */
  operations: [],
};

export async function load() {
  const response = await fetch('/openapi.json', { credentials: 'omit' });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  description.api = await response.json();
  description.operations = operations(description.api);
}

/** What the service calls itself: a proof names this address, whatever a proxy in between made of it. */
export function publicOrigin() {
  try {
    return new URL(description.api.servers?.[0]?.url ?? '/', location.origin).origin;
  } catch {
    return location.origin;
  }
}

// What came back: shown, and remembered where the next request needs it.

import { fillCredential } from './credentials.js';
import { el, pairs } from './elements.js';
import { remembered } from './inputs.js';
import { clock } from './request.js';

const LONGEST_SHOWN = 200_000;

/** Shows an answer while it comes in. */
export async function showAnswer(/** @type {HTMLElement} */ place, /** @type {Response} */ response, /** @type {number} */ started) {
  const status = el('p', { role: 'status', className: 'outcome' });
  const body = el('pre', { tabIndex: 0, 'aria-label': 'Response body', role: 'region' });
  const headers = el('details', {}, el('summary', {}, `Headers (${[...response.headers].length})`), pairs([...response.headers]));
  place.replaceChildren(el('h3', {}, 'Response'), status, headers, body);
  const tell = (/** @type {number} */ bytes, /** @type {string} */ rest = '') => {
    const line = `${response.status} ${response.statusText}`.trim();
    const spent = `${Math.round(performance.now() - started)} ms · ${bytes} bytes${rest}`;
    status.replaceChildren(el('code', { className: `status s${String(response.status)[0]}` }, line), ` ${spent}`);
  };
  tell(0, ' so far');
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  try {
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      bytes += part.value.length;
      if (text.length < LONGEST_SHOWN) text += decoder.decode(part.value, { stream: true });
      if (isStream) body.textContent = text;
    }
  } finally {
    tell(bytes);
    body.textContent = shown(response, text) || '(empty)';
  }
  const filled = learn(text);
  if (filled.length) status.append(` · ${filled.join(', ')} filled in under “Credentials”`);
}

function shown(/** @type {Response} */ response, /** @type {string} */ text) {
  if (response.headers.get('content-type')?.startsWith('image/')) return '(a picture)';
  if (text.length >= LONGEST_SHOWN) return `${text.slice(0, LONGEST_SHOWN)}\n… cut here`;
  const answer = parsed(text);
  return answer === undefined ? text : tidied(text);
}

/** JSON on several lines; numbers keep their digits (150.00, 0.00000001) where the browser can say them. */
function tidied(/** @type {string} */ text) {
  const json = /** @type {any} */ (JSON);
  const keep = (/** @type {string} */ _name, /** @type {unknown} */ value, /** @type {{source: string} | undefined} */ context) =>
    (typeof value === 'number' && json.rawJSON && context?.source ? json.rawJSON(context.source) : value);
  return JSON.stringify(json.parse(text, keep), null, 2);
}

/** @returns {any} undefined for what is no JSON */
function parsed(/** @type {string} */ text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keeps tokens, the conversation and the service's clock; the credentials that were filled in. */
function learn(/** @type {string} */ text) {
  const answer = parsed(text);
  const serverTime = answer?.error?.details?.server_time;
  if (typeof serverTime === 'number') clock.offset = serverTime - Date.now() / 1000;
  if (typeof answer?.conversation?.id === 'string') remembered.set('conversation_id', answer.conversation.id);
  if (typeof answer?.player?.player_id === 'string') remembered.set('player_id', answer.player.player_id);
  if (typeof answer?.avatar_id === 'string') remembered.set('avatar_id', answer.avatar_id);
  if (typeof answer?.session_id === 'string') {
    return fillCredential((way) => way.header.toLowerCase() === 'x-session-id', answer.session_id);
  }
  const session = answer?.session;
  if (typeof session?.token !== 'string') return [];
  const bound = session.token_type === 'DPoP';
  return fillCredential((way, name) => (bound ? way.proof : name === 'UnboundSession'), session.token);
}

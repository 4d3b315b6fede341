// Sample players, where the description names some: choosing one logs it in and fills its session and id in.

import { credential, fillCredential } from './credentials.js';
import { description } from './description.js';
import { byId, el, field } from './elements.js';
import { remembered } from './inputs.js';
import { refill } from './operation.js';

/** @typedef {{player_id: string, name: string, email: string, currency: string, note: string}} SamplePlayer */

const TOKEN = 'ApiToken';
const LOGIN = '/v1/auth/player/login';

const status = el('p', { className: 'hint', role: 'status' });
/** @type {SamplePlayer | undefined} who is chosen */
let chosen;
/** Whose session is filled in. */
let loggedIn = '';

export function showPlayers() {
  /** @type {SamplePlayer[]} */
  const players = description.api['x-sample-players'] ?? [];
  if (!players.length) return;
  const options = players.map((player) => el('option', { value: player.player_id }, `${player.name} · ${player.player_id}`));
  const select = el('select', {}, el('option', { value: '' }, '(nobody)'), ...options);
  select.addEventListener('change', () => choose(players.find((player) => player.player_id === select.value)));
  byId('credentials').addEventListener('change', () => void logIn());
  byId('players').replaceChildren(field('Sample player', select, { hint: 'Logged in with the API token below.' }), status);
  byId('players').hidden = false;
  byId('credentials-box').open = true;
}

function choose(/** @type {SamplePlayer | undefined} */ player) {
  chosen = player;
  loggedIn = '';
  fillCredential(isSession, '');
  if (!player) {
    status.textContent = '';
    return;
  }
  remembered.set('playerId', player.player_id);
  refill();
  void logIn();
}

const isSession = (/** @type {{header: string}} */ way) => way.header.toLowerCase() === 'x-session-id';

/** Logs the chosen player in, once. */
async function logIn() {
  const player = chosen;
  if (!player || loggedIn === player.player_id) return;
  const token = credential(TOKEN);
  if (!token) {
    status.textContent = `${player.currency}: ${player.note}. Type the API token to log this player in.`;
    return;
  }
  loggedIn = player.player_id;
  const answer = await ask(token, player.email);
  if (chosen !== player) return;
  if (typeof answer.session_id !== 'string') {
    loggedIn = '';
    status.textContent = `Not logged in: ${answer.error?.message ?? 'no answer'}.`;
    return;
  }
  fillCredential(isSession, answer.session_id);
  status.textContent = `${player.currency}: ${player.note}. Logged in.`;
}

/** @returns {Promise<{[member: string]: any}>} */
async function ask(/** @type {string} */ token, /** @type {string} */ email) {
  try {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const response = await fetch(LOGIN, { method: 'POST', headers, body: JSON.stringify({ email }), credentials: 'omit' });
    return await response.json();
  } catch {
    return {};
  }
}

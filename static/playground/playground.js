// The API playground: reads /openapi.json, explains each operation, and sends it for real.

import { showCredentials } from './credentials.js';
import { description, load } from './description.js';
import { byId, el, pairs, prose } from './elements.js';
import { markCurrent, showMenu } from './menu.js';
import { leave, showOperation } from './operation.js';
import { showPlayers } from './players.js';

const isWide = () => matchMedia('(min-width: 52rem)').matches;

function showOverview() {
  leave();
  document.title = 'API playground';
  const { info, tags = [] } = description.api;
  byId('main').replaceChildren(
    el('article', {}, el('h2', { tabIndex: -1 }, `${info?.title ?? 'The API'} ${info?.version ?? ''}`), prose(info?.description),
      el('p', {}, `${description.operations.length} operations. Choose one from the list.`),
      tags.length ? pairs(tags.map((/** @type {any} */ tag) => [tag.name, prose(tag.description)])) : null),
  );
  return byId('main').querySelector('h2');
}

function showCurrent() {
  const anchor = decodeURIComponent(location.hash.slice(1));
  if (anchor === 'main') return null;
  const operation = description.operations.find((candidate) => candidate.anchor === anchor);
  markCurrent();
  return operation ? showOperation(operation) : showOverview();
}

async function start() {
  try {
    await load();
  } catch (error) {
    byId('main').replaceChildren(el('p', { className: 'problem', role: 'alert' }, `/openapi.json could not be read: ${error instanceof Error ? error.message : error}.`));
    return;
  }
  byId('title').textContent = `${description.api.info?.title ?? 'API'} playground`;
  byId('filter').addEventListener('input', () => showMenu(byId('filter').value));
  byId('operations').addEventListener('click', (/** @type {Event} */ event) => {
    const picked = event.target instanceof Element && event.target.closest('a');
    if (picked && !isWide()) byId('menu').open = false;
  });
  addEventListener('hashchange', () => {
    const heading = showCurrent();
    scrollTo(0, 0);
    heading?.focus();
    heading?.scrollIntoView({ block: 'nearest' });
  });
  byId('menu').open = isWide();
  showCredentials();
  showPlayers();
  showMenu('');
  showCurrent();
}

void start();

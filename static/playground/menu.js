// The list of operations, by tag.

import { description } from './description.js';
import { byId, el } from './elements.js';
import { method } from './operation.js';

/** @typedef {import('./description.js').Operation} Operation */

/** Those operations in which every one of the words occurs. */
export function showMenu(/** @type {string} */ words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = description.operations.filter((operation) => {
    const text = `${operation.method} ${operation.path} ${operation.summary} ${operation.tags.join(' ')}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  const described = (description.api.tags ?? []).map((/** @type {any} */ tag) => tag.name);
  const tags = [...new Set([...described, ...matching.flatMap((operation) => operation.tags)])];
  const groups = tags.map((tag) => {
    const members = matching.filter((operation) => operation.tags.includes(tag));
    if (!members.length) return null;
    return el('section', {}, el('h2', { className: 'small' }, tag), el('ul', {}, ...members.map((operation) => el('li', {}, link(operation)))));
  });
  byId('operations').replaceChildren(...groups.filter(Boolean));
  byId('filter-result').textContent = words ? `${matching.length} operations` : '';
  markCurrent();
}

function link(/** @type {Operation} */ operation) {
  return el(
    'a',
    { href: `#${encodeURIComponent(operation.anchor)}`, title: `${operation.method.toUpperCase()} ${operation.path}` },
    method(operation),
    el('span', { className: 'summary' }, operation.summary),
  );
}

export function markCurrent() {
  for (const entry of byId('operations').querySelectorAll('a')) {
    if (entry.getAttribute('href') === location.hash) entry.setAttribute('aria-current', 'page');
    else entry.removeAttribute('aria-current');
  }
}

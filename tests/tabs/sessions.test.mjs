/** All orders in which two and three tabs can do what they do, as far as three unusual choices lead away from the usual order. */

import assert from "node:assert/strict";
import test from "node:test";

import { Browser } from "./browser.mjs";

const MOST_RUNS = Number(process.env.MOST_RUNS || 120);

/** Who acts, in this order unless a schedule brings it forward: [tab, deed, value]. `site`: who is logged in at first; `fixed`: tabs whose page cannot be asked. */
const STORIES = {
  "a logout beside a tab that opens": { tabs: 2, opened: [0], deeds: [[1, "open"], [0, "logout"]] },
  "a logout in a tab that still opens": { tabs: 2, opened: [1], deeds: [[0, "open"], [0, "logout"]] },
  "a logout beside a refresh": { tabs: 2, opened: [0, 1], deeds: [[1, "refresh"], [0, "logout"]] },
  "a logout beside a refresh and a message": { tabs: 2, opened: [0, 1], deeds: [[1, "refresh"], [1, "send"], [0, "logout"]] },
  "two logouts": { tabs: 2, opened: [0, 1], deeds: [[0, "logout"], [1, "logout"]] },
  "a logout of a tab that opens for the first time": { tabs: 2, opened: [], deeds: [[0, "open"], [1, "open"], [1, "logout"]] },
  "a switch beside a tab that opens": { tabs: 2, opened: [0], deeds: [[1, "open"], [0, "login", "ben"]] },
  "a switch beside a refresh": { tabs: 2, opened: [0, 1], deeds: [[1, "refresh"], [0, "login", "ben"]] },
  "a switch beside a message": { tabs: 2, opened: [0, 1], deeds: [[1, "send"], [0, "login", "ben"], [1, "send"]] },
  "a logout, then a login of another player": { tabs: 2, opened: [0, 1], deeds: [[0, "logout"], [0, "login", "ben"], [1, "refresh"]] },
  "a logout, then the same player": { tabs: 2, opened: [0, 1], deeds: [[0, "logout"], [0, "login", "ana"]] },
  "a switch there and back": { tabs: 2, opened: [0, 1], deeds: [[0, "login", "ben"], [0, "login", "ana"]] },
  "two switches in two tabs": { tabs: 2, opened: [0, 1], deeds: [[0, "login", "ben"], [1, "login", "cleo"]] },
  "a late tab whose page cannot be asked": { tabs: 2, opened: [0, 1], fixed: [1], deeds: [[0, "logout"], [1, "send"], [1, "open"]] },
  "a late tab whose page cannot be asked, after a switch": { tabs: 2, opened: [0, 1], fixed: [1], deeds: [[0, "login", "ben"], [1, "refresh"], [1, "open"]] },
  "a visitor who logs in": { tabs: 2, opened: [0, 1], site: null, deeds: [[1, "send"], [0, "login", "ana"], [1, "refresh"]] },
  "two tabs that open": { tabs: 2, opened: [], deeds: [[0, "open"], [1, "open"]] },
  "two tabs that refresh": { tabs: 2, opened: [0, 1], deeds: [[0, "refresh"], [1, "refresh"], [0, "send"], [1, "send"]] },
  "a tab that closes while it opens": { tabs: 2, opened: [], deeds: [[0, "open"], [1, "open"], [0, "close"]] },
  "a tab that closes while it refreshes": { tabs: 2, opened: [0, 1], deeds: [[0, "refresh"], [1, "refresh"], [0, "close"]] },
  "three tabs: one logs out, one opens, one refreshes": { tabs: 3, opened: [0, 1], deeds: [[2, "open"], [1, "refresh"], [0, "logout"]] },
  "three tabs: one switches, one opens, one writes": { tabs: 3, opened: [0, 1], deeds: [[2, "open"], [1, "send"], [0, "login", "ben"]] },
  "three tabs: a logout, another player, a page that cannot be asked": { tabs: 3, opened: [0, 1, 2], fixed: [2], deeds: [[2, "refresh"], [0, "logout"], [1, "login", "ben"], [2, "open"]] },
  "three tabs that stay": { tabs: 3, opened: [0], deeds: [[1, "open"], [2, "open"], [0, "refresh"], [1, "close"]] },
};

/** One run of a story. @param {Map<number, number>} choices */
async function run({ tabs: count, opened, fixed = [], site = "ana", deeds }, choices) {
  const browser = new Browser(new Map());
  browser.site = site;
  const tabs = Array.from({ length: count }, (_, number) => browser.tab(`tab ${number}`, { fixed: fixed.includes(number) }));
  for (const number of opened) {
    void tabs[number].act("open");
    await browser.run();
  }
  const { schedule } = browser;
  Object.assign(schedule, { choices, widths: [], taken: [] });
  schedule.deeds = deeds.map(([number, deed, value]) => ({ name: `${tabs[number].name}: ${deed}`, run: () => void (tabs[number].gone || tabs[number].act(deed, value)) }));
  await browser.run();
  judge(browser, deeds, site);
  return browser;
}

/** What must hold when all is at rest again. */
function judge(browser, deeds, before) {
  const { service, shelves, open, site, faults } = browser;
  for (const tab of open) {
    const allowed = tab.fixed && tab.stale ? undefined : site;
    if (tab.shown !== undefined && tab.shown !== allowed) faults.push(`${tab.name} still shows ${tab.shown} where the site says ${site}`);
  }
  for (const [token, { player, alive }] of service.sessions) if (alive && player !== null && player !== site) faults.push(`${token} of ${player} lives on`);
  for (const { subject } of shelves.values()) if (subject && subject !== site) faults.push(`${subject} is still stored`);
  for (const { player, text } of service.messages) if (!text.endsWith(` of ${player}`) && !text.endsWith(" of null")) faults.push(`"${text}" was sent as ${player}`);
  const stays = deeds.every(([, deed]) => deed !== "logout" && deed !== "login");
  for (const tab of open) if (stays && !tab.gone && tab.shown !== before) faults.push(`${tab.name} lost the chat of ${before}: ${tab.errors}`);
}

/** Every schedule with up to `most` unusual choices, nearest first, as far as the number of runs allows. */
async function explore(story, most = 3) {
  let [runs, line] = [0, [new Map()]];
  while (line.length && runs < MOST_RUNS) {
    const choices = line.shift();
    const { schedule, faults } = await run(story, choices);
    runs++;
    if (faults.length) assert.fail(`${faults.join("; ")}\n  ${schedule.taken.join("\n  ")}\n(${JSON.stringify([...choices])})`);
    if (choices.size === most) continue;
    const last = Math.max(-1, ...choices.keys());
    for (let moment = last + 1; moment < schedule.widths.length; moment++)
      for (let choice = 1; choice < schedule.widths[moment]; choice++) line.push(new Map([...choices, [moment, choice]]));
  }
  return runs;
}

for (const [name, story] of Object.entries(STORIES))
  test(name, async (context) => {
    context.diagnostic(`${await explore(story)} schedules`);
  });

/** Whose a chat is, whatever the page does: the same for every bridge, and what Zendesk keeps from page to page. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Page } from "./page.mjs";

const VENDORS = ["zendesk", "livechat"];
const THIEF = "https://thief.example/pixel.png";
const SERVICE = "https://support.example/";

async function use(page) {
  if (page.vendor === "zendesk") await page.happen("open");
  else await page.happen("visibility_changed", { visibility: "maximized" });
  return page;
}

const opened = (vendor, settings) => use(new Page(vendor, settings).load().arrive());
const names = (page) => page.told.map((words) => (page.vendor === "zendesk" ? words[1] : words[0]));
const left = (page) => names(page).includes(page.vendor === "zendesk" ? "logoutUser" : "destroy");
const failing = (page, get) => void (page.world.playerHelpdeskSettings.getPlayerToken = get);

/** Where requests went, by origin. */
function watch(page) {
  const asked = [];
  const answer = page.world.fetch;
  page.world.fetch = (url, options) => (asked.push(new URL(url).origin + "/"), answer(url, options));
  return asked;
}

for (const vendor of VENDORS) {
  test(`${vendor}: an element called currentScript is not the script`, async () => {
    const page = new Page(vendor);
    Object.defineProperty(page.world.document, "currentScript", { value: { src: THIEF } });
    const asked = watch(page);
    await use(page.load().arrive());
    assert.deepEqual([...new Set(asked)], [SERVICE]);
  });

  test(`${vendor}: what is no script of the page says no address`, async () => {
    const page = new Page(vendor);
    page.script = { src: THIEF };
    const asked = watch(page);
    await use(page.load().arrive());
    assert.deepEqual(asked, []);
    assert.match(page.lines[0], /NOT_CONFIGURED/);
  });

  for (const name of ["apiBase", "workspaceId", "connectionId", "brandId"])
    test(`${vendor}: an inherited ${name} is none`, async () => {
      const page = new Page(vendor);
      const prototype = Object.getPrototypeOf(page.world.playerHelpdeskSettings);
      page.world.playerHelpdeskSettings = Object.assign(Object.create({ [name]: THIEF }), page.world.playerHelpdeskSettings);
      const asked = watch(page);
      await use(page.load().arrive());
      assert.deepEqual(asked, []);
      prototype[name] = THIEF;
      try {
        const polluted = new Page(vendor);
        const sent = watch(polluted);
        await use(polluted.load().arrive());
        assert.deepEqual([...new Set(sent)], [SERVICE]);
      } finally {
        delete prototype[name];
      }
    });

  test(`${vendor}: an element is neither settings nor stub`, async () => {
    const page = new Page(vendor);
    const settings = page.world.playerHelpdeskSettings;
    const named = Object.assign(Object.create(Object.create(Object.create(null))), settings, { version: "x", apiBase: THIEF });
    Object.assign(page.world, { PlayerHelpdesk: named, playerHelpdeskSettings: named });
    const asked = watch(page);
    page.load();
    await page.settle();
    assert.deepEqual(asked, []);
    await page.call("boot", settings);
    await use(page.arrive());
    assert.deepEqual([...new Set(asked)], [SERVICE]);
  });

  for (const method of ["constructor", "toString", "hasOwnProperty", "leave"])
    test(`${vendor}: ${method} is no method`, async () => {
      const page = new Page(vendor).load();
      await assert.rejects(page.world.PlayerHelpdesk(method), /UNKNOWN_METHOD/);
    });

  const FAILURES = {
    "a rejection": [async () => Promise.reject(new Error("500")), /getPlayerToken failed: Error: 500/],
    "a throw": [() => JSON.parse("<"), /getPlayerToken failed/],
    undefined: [async () => undefined, /gave undefined: return the token's text, or null/],
    "an object": [async () => ({ token: "x" }), /gave object: /],
    "a number": [async () => 0, /gave number: /],
    "a boolean": [async () => false, /gave boolean: /],
    HTML: [async () => "\n<!doctype html><title>Log in</title>", /an HTML page: your endpoint sent its login page/],
    "a text": [async () => "Unauthorized", /a text that is no JWT/],
    "a JWT of nobody": [async () => "e30.e30.e30", /a text that is no JWT/],
  };
  for (const [what, [get, line]] of Object.entries(FAILURES))
    test(`${vendor}: ${what} is no logout, and is asked again`, async () => {
      const page = await opened(vendor, vendor === "zendesk" ? { login: true } : {});
      const before = page.told.length;
      const settings = page.world.playerHelpdeskSettings;
      page.world.playerHelpdeskSettings = { ...settings, getPlayerToken: get };
      await page.look();
      await page.call("identify");
      assert.equal(left(page), false);
      assert.equal(page.told.length, before);
      assert.equal(page.lines.length, 1);
      assert.match(page.lines[0], /PLAYER_TOKEN_UNAVAILABLE/);
      assert.match(page.lines[0], line);
      await page.call("boot", settings);
      await page.pass(5_000);
      assert.equal(left(page), false);
      page.player = "jonas";
      await page.call("identify");
      assert.equal(left(page), true);
    });

  test(`${vendor}: a token that never comes is no logout`, async () => {
    const page = await opened(vendor);
    void page.call("boot", { ...page.world.playerHelpdeskSettings, getPlayerToken: () => new Promise(() => {}) });
    await page.settle();
    await page.pass(10_000);
    assert.equal(left(page), false);
    assert.match(page.lines.at(-1), /no answer/);
  });

  for (const nobody of [null, ""])
    test(`${vendor}: ${JSON.stringify(nobody)} means nobody`, async () => {
      const page = await opened(vendor);
      page.player = nobody;
      await page.call("identify");
      assert.equal(left(page), true);
      assert.deepEqual(page.lines, []);
    });

  const CHANGES = {
    "the script run again": (page) => page.load(),
    "settings replaced": (page) => void (page.world.playerHelpdeskSettings = { ...page.world.playerHelpdeskSettings }),
    "another body": (page) => void (page.body = {}),
    "another address": (page) => void (page.address = "https://casino.example/slots"),
    "the back/forward cache": (page) => page.happen("pageshow", { persisted: true }),
  };
  for (const [what, change] of Object.entries(CHANGES)) {
    test(`${vendor}: ${what}: the next player is the next one`, async () => {
      const page = await opened(vendor);
      page.player = "jonas";
      await change(page);
      await page.look();
      assert.equal(left(page), true);
    });
    test(`${vendor}: ${what}: who stays keeps the chat`, async () => {
      const page = await opened(vendor);
      await change(page);
      await page.look();
      assert.equal(left(page), false);
    });
  }

  test(`${vendor}: a page out of the cache shows nothing before it has said who is there`, async () => {
    const page = await opened(vendor);
    const before = page.told.length;
    const settings = page.world.playerHelpdeskSettings;
    await page.call("boot", { ...settings, getPlayerToken: async () => Promise.reject(new Error("502")) });
    await page.happen("pageshow", { persisted: true });
    assert.deepEqual(names(page).slice(before), ["hide"]);
    for (let minute = 0; minute < 20; minute++) await page.pass(60_000);
    assert.deepEqual(names(page).slice(before), ["hide"]);
    await page.call("boot", settings);
    assert.equal(left(page), false);
    assert.equal(names(page).includes(vendor === "zendesk" ? "show" : "minimize"), true);
  });

  test(`${vendor}: a logout that came before the vendor is done when it comes, on this page or the next`, async () => {
    const page = new Page(vendor).load();
    await page.call("logout");
    assert.deepEqual(Object.keys(page.kept), ["player-helpdesk-logout"]);
    const next = new Page(vendor);
    next.kept = page.kept;
    next.load().arrive();
    await next.settle();
    assert.equal(names(next)[0], vendor === "zendesk" ? "logoutUser" : "set_session_variables");
    assert.equal(names(next).includes("destroy"), false);
    assert.deepEqual(next.kept, {});
    page.arrive();
    await page.settle();
    assert.equal(left(page), true);
  });

  test(`${vendor}: another player of the page is noticed when the chat is used`, async () => {
    const page = await opened(vendor);
    page.player = "jonas";
    await page.pass(61_000);
    await use(page);
    assert.equal(left(page), true);
  });

  test(`${vendor}: unknown settings are named`, async () => {
    const page = new Page(vendor, { workspaceID: "ws_1" }).load();
    await page.settle();
    assert.match(page.lines[0], /UNKNOWN_SETTINGS: workspaceID/);
  });
}

for (const login of [true, false])
  test(`zendesk: the next page begins with a logout for anybody else, login: ${login}`, async () => {
    const page = await opened("zendesk", { login });
    assert.equal(JSON.stringify(page.kept).includes("ana"), false);
    for (const [player, expected] of [
      ["ana", ["hide", "show"]],
      ["jonas", ["hide", "logoutUser", "show"]],
      [null, ["hide", "logoutUser", "show"]],
    ]) {
      const next = new Page("zendesk", { login });
      Object.assign(next, { kept: { ...page.kept }, player });
      next.load().arrive();
      await next.settle();
      assert.deepEqual(names(next), expected, String(player));
    }
  });

test("zendesk: the next page shows nothing of the one before while nobody can say who is there", async () => {
  const page = await opened("zendesk");
  const next = new Page("zendesk");
  next.kept = page.kept;
  const { getPlayerToken } = next.world.playerHelpdeskSettings;
  failing(next, async () => Promise.reject(new Error("502")));
  next.load().arrive();
  await next.settle();
  await next.pass(5_000);
  assert.deepEqual(names(next), ["hide"]);
  await next.call("boot", { ...next.world.playerHelpdeskSettings, getPlayerToken });
  assert.deepEqual(names(next), ["hide", "show"]);
});

test("zendesk: a login token is given to the player alone whom the login was for", async () => {
  const page = await opened("zendesk", { login: true });
  const [, , giveToken] = page.told.find((words) => words[1] === "loginUser");
  page.player = "jonas";
  const given = [];
  giveToken((token) => given.push(token));
  await page.settle();
  assert.deepEqual(given, [""]);
});

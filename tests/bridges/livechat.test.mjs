import assert from "node:assert/strict";
import { test } from "node:test";

import { GONE, Page } from "./page.mjs";

const SET = "update_session_variables";
const MAXIMIZED = { visibility: "maximized" };
const plain = (value) => JSON.parse(JSON.stringify(value));
const waiting = (more = {}) => {
  const page = new Page("livechat", { login: true, ...more });
  page.world.__lc = { license: 1, asyncInit: true };
  return page;
};

test("the reference is set when the chat opens, beside the page's own variables", async () => {
  const page = new Page("livechat").load().arrive();
  await page.settle();
  assert.equal(page.tokens, 0);
  await page.happen("visibility_changed", MAXIMIZED);
  assert.deepEqual(plain(page.told), [["update_session_variables", { 17826: "ref_1" }]]);
});

test("a chat that was left open on the page before counts as opened", async () => {
  const page = new Page("livechat").load().arrive();
  await page.happen("ready", { state: MAXIMIZED });
  assert.equal(page.commands(SET).length, 1);
});

test("the next chat gets another reference", async () => {
  const page = new Page("livechat").load().arrive();
  await page.happen("visibility_changed", MAXIMIZED);
  await page.happen("customer_status_changed", { status: "chatting" });
  assert.equal(page.commands(SET).length, 1);
  await page.happen("customer_status_changed", { status: "browsing" });
  assert.deepEqual(plain(page.commands(SET).at(-1)), { 17826: "ref_2" });
});

test("a logout takes variables and chat off the page", async () => {
  const page = new Page("livechat").load().arrive();
  await page.happen("visibility_changed", MAXIMIZED);
  await page.call("logout");
  assert.deepEqual(
    page.told.slice(1).map(([name]) => name),
    ["set_session_variables", "destroy"],
  );
});

test("LiveChat begins as the player", async () => {
  const page = waiting().load().arrive();
  await page.settle();
  assert.deepEqual(page.told, [["init", true]]);
  const provider = page.world.__lc.custom_identity_provider();
  assert.equal((await provider.getToken()).accessToken, "dal:1");
  assert.equal((await provider.getFreshToken()).accessToken, "dal:2");
  assert.equal(await provider.hasToken(), true);
  await provider.invalidate();
  assert.equal(await provider.hasToken(), false);
});

test("the next page takes the same token, another player's page none of it", async () => {
  const page = waiting().load().arrive();
  await page.settle();
  for (const [player, asked] of [["ana", 0], ["jonas", 1], [null, 0]]) {
    const next = waiting();
    Object.assign(next, { kept: page.kept, player });
    next.load().arrive();
    await next.settle();
    assert.equal(next.asked.length, asked, String(player));
    assert.equal("custom_identity_provider" in next.world.__lc, player !== null);
    assert.equal(next.told.length, 1);
  }
  assert.deepEqual(page.kept, {});
});

test("another player of the same page sees nothing of the chat", async () => {
  const page = waiting().load().arrive();
  await page.settle();
  await page.call("identify");
  assert.equal(page.told.length, 1);
  page.player = "jonas";
  await page.call("identify");
  assert.deepEqual(
    page.told.slice(1).map(([name]) => name),
    ["set_session_variables", "destroy"],
  );
  await page.pass(2_000);
  assert.deepEqual(page.kept, {});
});

test("a widget of one player's gets no token of another's", async () => {
  const page = waiting().load().arrive();
  await page.settle();
  const provider = page.world.__lc.custom_identity_provider();
  page.player = "jonas";
  await assert.rejects(provider.getFreshToken(), /LOGIN_FAILED: another player is logged in by now/);
  assert.equal((await provider.getToken()).accessToken, "dal:1");
});

test("a token is not used in its last minute", async () => {
  const page = waiting().load().arrive();
  await page.settle();
  const next = waiting();
  Object.assign(next, { kept: page.kept, now: page.now + 28_799_000 });
  next.load().arrive();
  await next.settle();
  assert.equal(next.asked.length, 1);
});

test("LiveChat begins as nobody when there is no token, and in time", async () => {
  for (const answers of [[null], [GONE]]) {
    const page = waiting();
    page.answers = answers;
    page.load().arrive();
    await page.settle();
    assert.deepEqual(page.told, [["init", true]]);
    assert.equal(page.lines.length, 1);
    assert.equal("custom_identity_provider" in page.world.__lc, false);
  }
  const slow = waiting({ getPlayerToken: () => new Promise(() => {}) }).load().arrive();
  await slow.pass(4_999);
  assert.deepEqual(slow.told, []);
  await slow.pass(1);
  assert.deepEqual(slow.told, [["init", true]]);
});

test("variables that the page has wiped are set again, and a changed one is left to it", async () => {
  const page = new Page("livechat").load().arrive();
  await page.happen("visibility_changed", MAXIMIZED);
  page.world.LiveChatWidget.get = () => ({ sessionVariables: { loginid: "CR1" } });
  await page.look();
  assert.deepEqual(plain(page.commands(SET)), [{ 17826: "ref_1" }, { 17826: "ref_1" }]);
  page.world.LiveChatWidget.get = () => ({ sessionVariables: { 17826: "forged" } });
  await page.look();
  assert.equal(page.commands(SET).length, 2);
});

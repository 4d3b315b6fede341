import assert from "node:assert/strict";
import { test } from "node:test";

import { Frame, GONE, LIMITED, Page, REUSED, refusal } from "./page.mjs";

const FIELDS = "conversationFields";
const opened = async (settings) => {
  const page = new Page("zendesk", settings).load().arrive();
  await page.happen("open");
  return page;
};
const values = (page) => page.commands(FIELDS).map((fields) => fields.map(({ id, value }) => id + "=" + value).join());

test("nothing is asked before the chat is used", async () => {
  const page = new Page("zendesk").load().arrive();
  await page.settle();
  assert.equal(page.tokens, 0);
  await page.happen("open");
  assert.deepEqual(values(page), ["17826=ref_1"]);
});

test("a script that comes before Zendesk's waits for it", async () => {
  const page = new Page("zendesk").load();
  await page.settle();
  page.arrive();
  await page.happen("open");
  assert.equal(page.asked.length, 1);
});

test("a script that comes after Zendesk's finds it", async () => {
  const page = new Page("zendesk").arrive().load();
  await page.happen("open");
  assert.equal(page.asked.length, 1);
});

test("whoever writes in a widget that was open before is noticed, and whoever plays is not", async () => {
  const page = new Page("zendesk").load();
  page.focused = new Frame("https://games.example/slot");
  page.arrive();
  await page.happen("blur");
  assert.equal(page.asked.length, 0);
  page.focused = new Frame("");
  await page.happen("blur");
  assert.equal(page.asked.length, 1);
  const late = new Page("zendesk").load();
  late.focused = new Frame("about:blank");
  late.arrive();
  await late.settle();
  assert.equal(late.asked.length, 1);
});

test("opening again asks no more within a minute", async () => {
  const page = await opened();
  await page.happen("open");
  assert.equal(page.asked.length, 1);
  await page.pass(61_000);
  await page.happen("open");
  assert.equal(page.asked.length, 2);
});

test("a conversation that has started leaves another reference for the next", async () => {
  const page = await opened();
  await page.happen("conversationStarted");
  await page.happen("newConversationButtonClicked");
  assert.deepEqual(values(page), ["17826=ref_1", "17826=ref_2", "17826=ref_3"]);
});

test("a spent player token is replaced by another one, once", async () => {
  const page = new Page("zendesk").load().arrive();
  page.answers = [REUSED];
  await page.happen("open");
  assert.equal(new Set(page.asked.map(([, token]) => token)).size, 2);
  assert.deepEqual(page.lines, []);
  page.answers = [REUSED, REUSED];
  await page.happen("conversationStarted");
  assert.equal(page.asked.length, 4);
  assert.deepEqual(page.lines, ["[PlayerHelpdesk] PLAYER_TOKEN_REUSED: No. (request req_1)"]);
});

test("a service that is away is asked again, with one line in the console", async () => {
  const page = new Page("zendesk").load().arrive();
  page.answers = [null, null];
  await page.happen("open");
  await page.pass(5_000);
  await page.pass(10_000);
  assert.equal(page.lines.length, 1);
  assert.match(page.lines[0], /UNREACHABLE: https:\/\/support\.example\/v1\/workspaces\/ws_1\/helpdesks\/hd_1\/attributes: /);
  assert.deepEqual(values(page), ["17826=ref_3"]);
});

test("it is not asked for ever, and a refusal not again", async () => {
  const page = new Page("zendesk").load().arrive();
  page.answers = Array(20).fill(LIMITED);
  await page.happen("open");
  for (let minute = 0; minute < 20; minute++) await page.pass(60_000);
  assert.equal(page.asked.length, 6);
  const refused = new Page("zendesk").load().arrive();
  refused.answers = [refusal(403, "ORIGIN_NOT_ALLOWED")];
  await refused.happen("open");
  await refused.pass(600_000);
  assert.equal(refused.asked.length, 1);
});

test("a visitor who is nobody keeps a conversation", async () => {
  const page = new Page("zendesk", { login: true }).load().arrive();
  page.player = null;
  await page.happen("open");
  assert.deepEqual(page.told, []);
  assert.deepEqual(page.lines, []);
});

test("Zendesk gets a fresh login token each time it asks", async () => {
  const page = await opened({ login: true });
  const [, , giveToken, done] = page.told.find((words) => words[1] === "loginUser");
  const given = [];
  for (let time = 0; time < 2; time++) giveToken((token) => given.push(token));
  await page.settle();
  assert.equal(new Set(given).size, 2);
  done(null);
  assert.deepEqual(values(page), ["17826=ref_1", "17826=ref_1"]);
});

test("a login token that the service refuses leaves the player as nobody, with one line", async () => {
  const page = await opened({ login: true });
  const [, , giveToken, done] = page.told.find((words) => words[1] === "loginUser");
  page.answers = [GONE];
  giveToken((token) => done(token ? null : { type: "LoginFailedError", message: "Invalid token" }));
  await page.settle();
  assert.deepEqual(page.lines, ["[PlayerHelpdesk] NOT_FOUND: No. (request req_1)"]);
  assert.equal(values(page).at(-1), "17826=ref_1");
});

test("a logout clears what the widget has, and what is under way is not set any more", async () => {
  const page = await opened();
  const late = page.happen("conversationStarted");
  await page.call("logout");
  await late;
  await page.happen("open");
  assert.deepEqual(page.told.at(-1), ["messenger", "logoutUser"]);
  assert.equal(page.asked.length, 2);
});

test("another player of the same page gets a reference of their own", async () => {
  const page = await opened({ login: true });
  page.player = "jonas";
  await page.call("identify");
  const names = page.told.map(([, name]) => name);
  assert.deepEqual(names, [FIELDS, "loginUser", "logoutUser", FIELDS, "loginUser"]);
});

test("the same player again keeps the conversation", async () => {
  const page = await opened({ login: true });
  await page.call("identify");
  assert.deepEqual(
    page.told.map(([, name]) => name),
    [FIELDS, "loginUser", FIELDS],
  );
});

test("somebody whom an earlier page had logged in is logged out when nobody is", async () => {
  const page = await opened({ login: true });
  const next = new Page("zendesk", { login: true });
  next.kept = page.kept;
  next.player = null;
  next.load().arrive();
  await next.happen("open");
  assert.deepEqual(
    next.told.map(([, name]) => name),
    ["hide", "logoutUser", "show"],
  );
  await next.pass(61_000);
  await next.happen("open");
  assert.equal(next.told.length, 3);
});

test("a player who logs in keeps the conversation begun as nobody", async () => {
  const page = new Page("zendesk").load().arrive();
  page.player = null;
  await page.happen("open");
  page.player = "ana";
  await page.call("identify");
  assert.deepEqual(
    page.told.map(([, name]) => name),
    [FIELDS],
  );
});

test("what the page's stub has kept is called when the script has come", async () => {
  const page = new Page("zendesk");
  page.world.PlayerHelpdesk = Object.assign(() => {}, { q: [["logout"]] });
  page.arrive().load();
  await page.settle();
  assert.deepEqual(page.told, [["messenger", "logoutUser"]]);
});

test("settings that lack something say so in one line", async () => {
  const bare = new Page("zendesk", { connectionId: "" }).load();
  await bare.settle();
  assert.match(bare.lines[0], /NOT_CONFIGURED: needs workspaceId, connectionId and getPlayerToken/);
});

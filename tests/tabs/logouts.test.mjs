/** A logout that several tabs have heard of is done by one of them. */

import assert from "node:assert/strict";
import test from "node:test";

const { KeyStore } = await import(`${process.env.MESSENGER_MODULES}/keys.js`);

test("a logout that is done is not done again to whoever has come since", async () => {
  const store = new KeyStore("scope");
  await store.write(0, { scope: "scope", keys: {}, subject: "ana", token: "hers", expires_at: 1, conversation_id: "one" });
  const { epoch, raised } = await store.wipe(undefined, "wish");
  assert.ok(raised);
  await store.write(epoch, { scope: "scope", keys: {}, subject: "ben", token: "his", expires_at: 1, conversation_id: "two" });
  assert.equal((await store.wipe(undefined, "wish")).raised, false);
  assert.equal((await store.read()).stored?.subject, "ben");
  assert.ok(await store.did("wish"));
  assert.equal(await store.did("another"), false);
  assert.ok((await store.wipe(undefined, "another")).raised);
});

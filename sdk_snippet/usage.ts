/** Each call as an integrator writes it. Compiled by setup/tsc.sh, never run: what must not compile says so. */

import { load, type IdentityErrorCode, type MessengerSettings, type PlayerMessenger, type Unsubscribe } from "player-messenger";

const messenger: PlayerMessenger = load({ apiBase: "https://support.example", nonce: "n", integrity: "sha384-…", src: "https://support.example/sdk/0.1.0-abc/messenger.js" });

const settings: MessengerSettings = {
  workspaceId: "ws_1",
  brandId: "br_1",
  getPlayerToken: async () => {
    const answer = await fetch("/support/player-token", { cache: "no-store" });
    if ([204, 401, 403].includes(answer.status)) return null; // nobody is logged in
    if (!answer.ok) throw Error(`player token: status ${answer.status}`); // a failure is not a logout
    return answer.text();
  },
  alignment: "left",
  verticalPadding: 20,
  horizontalPadding: 20,
  primaryColor: "#2456d3",
  theme: "auto",
  zIndex: 10,
  locale: "de-AT",
  sound: true,
  defer: true,
  attributes: { page_type: "cashier", level: 3, vip: false, table: null },
};

export async function everyCall(): Promise<void> {
  await messenger("boot", settings);
  await messenger("boot", { workspaceId: "ws_1", player: { token: "eyJ…" } });
  await messenger("boot", { workspaceId: "ws_1", player: null });
  await messenger("identify");
  await messenger("identify", "eyJ…");
  await messenger("identify", { token: "eyJ…" });
  await messenger("identify", null);
  await messenger("logout");
  await messenger("show");
  await messenger("hide");
  await messenger("toggle");
  await messenger("showNewMessage", "About my bonus: ");
  await messenger("setLocale", "es");
  await messenger("setAttributes", { game: "roulette" });
  await messenger("shutdown");
}

export const everyEvent: Unsubscribe[] = [
  messenger("on", "ready", () => {}),
  messenger("on", "conversation:started", ({ conversation_id, resumed }) => [conversation_id.length, resumed === true]),
  messenger("on", "message", ({ message_id, author_type }) => [message_id.length, author_type === "agent"]),
  messenger("on", "unread", ({ count }) => count.toFixed()),
  messenger("on", "identity:error", ({ code, reason, message, request_id }) => [known(code), reason?.length, message.length, request_id.length]),
  messenger("on", "session:expired", () => {}),
  messenger("on", "handover", () => {}),
  messenger("on", "closed", ({ conversation_id }) => conversation_id.length),
  messenger("on", "show", () => {}),
  messenger("on", "hide", () => {}),
];

const known = (code: IdentityErrorCode) => code === "PLAYER_TOKEN_EXPIRED";

export function snippet(): void {
  window.playerMessengerSettings = settings;
  window.PlayerMessenger?.("show");
}

// @ts-expect-error there is no such method
void messenger("open");
// @ts-expect-error there is no such event
messenger("on", "opened", () => {});
// @ts-expect-error a workspace is needed
void messenger("boot", { brandId: "br_1" });
// @ts-expect-error left or right
void messenger("boot", { workspaceId: "ws_1", alignment: "start" });
// @ts-expect-error facts are flat
void messenger("setAttributes", { wallet: { balance: 1 } });
// @ts-expect-error the service's address is needed
load({});

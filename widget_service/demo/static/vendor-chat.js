// What a casino's own script does beside a vendor's chat: says where the player's tokens are, and who has logged out.
"use strict";

window.PlayerHelpdesk = window.PlayerHelpdesk || function () {
  (PlayerHelpdesk.q = PlayerHelpdesk.q || []).push(arguments);
};

window.playerHelpdeskSettings = {
  workspaceId: document.currentScript.dataset.workspace,
  connectionId: document.currentScript.dataset.connection,
  login: document.currentScript.dataset.login === "yes",
  getPlayerToken: async () => {
    const answer = await fetch("/support/player-token", { cache: "no-store" });
    if ([204, 401, 403].includes(answer.status)) return null; // nobody is logged in
    if (!answer.ok) throw Error(`player token: status ${answer.status}`); // a failure is not a logout
    return answer.text();
  },
};

addEventListener("DOMContentLoaded", function () {
  const form = document.getElementById("logout");
  if (form) form.addEventListener("submit", function () { PlayerHelpdesk("logout"); });
});

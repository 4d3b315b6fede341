// What a casino's own script does beside a vendor's chat: says where the player's tokens are, and who has logged out.
"use strict";

window.PlayerHelpdesk = window.PlayerHelpdesk || function () {
  (PlayerHelpdesk.q = PlayerHelpdesk.q || []).push(arguments);
};

window.playerHelpdeskSettings = {
  workspaceId: document.currentScript.dataset.workspace,
  connectionId: document.currentScript.dataset.connection,
  login: document.currentScript.dataset.login === "yes",
  // null for a visitor who is not logged in
  async getPlayerToken() {
    const response = await fetch("/player-token", { cache: "no-store" });
    return response.status === 200 ? response.text() : null;
  },
};

addEventListener("DOMContentLoaded", function () {
  const form = document.getElementById("logout");
  if (form) form.addEventListener("submit", function () { PlayerHelpdesk("logout"); });
});

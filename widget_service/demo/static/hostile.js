// What a page on another origin can try, and what it gets.
"use strict";

const { service, casino, workspace } = document.body.dataset;

function show(id, text) {
  document.querySelector("#" + id + " .result").textContent = text;
}

PlayerMessenger("on", "identity:error", function (detail) { show("messenger", "Nothing: " + detail.code + "."); });
PlayerMessenger("on", "ready", function () { show("messenger", "THE MESSENGER STARTED: this must not happen."); });

fetch(service + "/v1/workspaces/" + workspace + "/conversations", {
  method: "POST",
  headers: { "Content-Type": "application/json", DPoP: "made.up.proof" },
  body: "{}",
}).then(
  function (answer) { show("start", "AN ANSWER, " + answer.status + ": this must not happen."); },
  function () { show("start", "Nothing: the browser refused."); }
);

fetch(casino + "/support/player-token", { credentials: "include", cache: "no-store" }).then(
  function (answer) { return answer.text(); }
).then(
  function (text) { show("token", "AN ANSWER OF " + text.length + " CHARACTERS: this must not happen."); },
  function () { show("token", "Nothing: the browser refused."); }
);

// Logging out: the messenger first wipes the chat from this browser, then the casino ends its own session.
"use strict";

document.getElementById("logout").addEventListener("submit", function (event) {
  const form = event.target;
  event.preventDefault();
  const wiped = Promise.resolve(PlayerMessenger("logout")).catch(function () {});
  const patience = new Promise(function (resolve) { setTimeout(resolve, 2000); });
  Promise.race([wiped, patience]).then(function () { form.submit(); });
});

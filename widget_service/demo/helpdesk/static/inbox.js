// The inbox asks again each second and shows what it hears.
"use strict";

const REASONS = {
  other_player: "references of two players in one conversation",
  other_external_id: "the login and the reference name two players",
  other_customer: "this browser is another player's with the vendor",
  copied: "its reference belongs to another conversation",
};
const VENDORS = { zendesk: "Zendesk ticket", livechat: "LiveChat chat" };
const entries = document.getElementById("entries");
let shown = "";

function make(name, className, text, ...children) {
  const node = Object.assign(document.createElement(name), { className, textContent: text });
  node.append(...children);
  return node;
}

function who(entry) {
  if (entry.player) return entry.player.name + ", player " + entry.player.player_id;
  return { mismatch: "Nobody’s any more", closed: "Closed" }[entry.state] || "Somebody";
}

function row(entry) {
  const what = make("div", "what", "", make("h2", "", who(entry)), make("p", "text", entry.text));
  const field = make("p", "small", entry.value ? "In the field: " : "The field is empty.");
  if (entry.value) field.append(make("code", "", entry.value));
  what.append(field, make("p", "small", "With the vendor: " + entry.customer));
  if (entry.reason) what.append(make("p", "small", "Why: " + (REASONS[entry.reason] || entry.reason) + "."));
  const heard = Object.entries(entry.heard).map(([status, count]) => count + " × " + (status === "0" ? "no answer" : status));
  what.append(make("p", "small", "Webhooks answered: " + (heard.join(", ") || "none yet")));
  const thread = make("div", "thread", VENDORS[entry.vendor] + " " + entry.thread_id);
  const line = make("li", "", "", make("span", "state " + entry.state, entry.state), what, thread);
  line.dataset.thread = entry.thread_id;
  return line;
}

async function look() {
  try {
    const response = await fetch("/inbox.json", { cache: "no-store" });
    const text = await response.text();
    if (text !== shown) {
      const found = JSON.parse(text).entries;
      entries.replaceChildren(...found.map(row));
      document.getElementById("empty").hidden = found.length > 0;
      shown = text;
    }
    document.getElementById("away").hidden = true;
  } catch {
    document.getElementById("away").hidden = false;
  }
  setTimeout(look, 1000);
}

look();

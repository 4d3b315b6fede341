// A pretend Zendesk messaging widget: `zE` takes calls as soon as it is there and makes them once it has loaded; fields wait for the next
// message, stay for those after it, and are cleared by a logout.
(() => {
  const base = new URL(".", document.currentScript.src).href;
  const EVENTS = ["open", "close", "conversationStarted", "newConversationButtonClicked", "unreadMessages"];
  const listeners = new Map(EVENTS.map((name) => [name, new Set()]));
  const waiting = [];
  let loaded = false;
  let fields = [];
  let tags = [];
  let key = null;
  let conversation = null;
  let giveToken = null;

  const panel = new ChatPanel("Zendesk", "#03363d", "New conversation", {
    opened: () => emit("open"),
    closed: () => emit("close"),
    say,
    again() {
      conversation = null;
      panel.clear();
      panel.add("A new conversation", "note");
      emit("newConversationButtonClicked");
    },
  });

  function emit(name, detail = { id: crypto.randomUUID(), createdAt: Math.floor(Date.now() / 1000) }) {
    for (const listener of listeners.get(name)) listener(detail);
  }

  function metadata() {
    const found = Object.fromEntries(fields.map(({ id, value }) => ["zen:ticket_field:" + id, value]));
    return tags.length ? { ...found, "zen:ticket:tags": tags.join(",") } : found;
  }

  async function say(text, again = true) {
    if (again) panel.add(text, "mine");
    const isNew = !conversation;
    const answer = await callVendor(base + "messages", { key, conversation, text, metadata: metadata() });
    if (answer.status === 401 && again && giveToken) {
      await logIn();
      return say(text, false);
    }
    if (answer.status !== 200) return panel.add("Not sent.", "note");
    ({ key, conversation } = answer);
    if (!isNew) return;
    panel.add("Ticket " + conversation + ". The inbox shows whose it is.", "note");
    emit("conversationStarted", { conversationId: conversation });
  }

  async function logIn(done = () => {}) {
    const token = await new Promise((resolve) => giveToken(resolve));
    const answer = await callVendor(base + "login", { token: token || "none" });
    if (answer.status !== 200) return done({ type: "LoginFailedError", message: answer.message, reason: answer.reason });
    key = answer.key;
    conversation = null;
    panel.host.dataset.user = answer.name;
    done(null);
  }

  function logOut() {
    key = conversation = giveToken = null;
    fields = tags = [];
    panel.clear();
    delete panel.host.dataset.user;
    delete panel.host.dataset.fields;
  }

  const isValue = ({ id, value }) => /^\d+$/.test(String(id)) && ["string", "number", "boolean"].includes(typeof value);

  const commands = {
    "messenger open": () => panel.open(),
    "messenger close": () => panel.close(),
    "messenger show": () => void (panel.host.style.display = ""),
    "messenger hide": () => void (panel.host.style.display = "none"),
    "messenger loginUser"(callback, done) {
      giveToken = callback;
      logIn(done);
    },
    "messenger logoutUser": logOut,
    "messenger resetWidget": logOut,
    "messenger:set conversationFields"(given) {
      if (!Array.isArray(given) || !given.every(isValue)) return console.warn("[zE] conversationFields: not valid");
      fields = given.map(({ id, value }) => ({ id: String(id), value }));
      panel.host.dataset.fields = fields.length;
    },
    "messenger:set conversationTags"(given) {
      tags = [...given];
    },
  };

  function run(namespace, command, ...values) {
    const found = commands[namespace + " " + command];
    if (!found) throw new Error("[zE] unknown command: " + namespace + " " + command);
    found(...values);
  }

  window.zE = (namespace, command, ...values) => {
    if (namespace !== "messenger:on") return loaded ? run(namespace, command, ...values) : void waiting.push([namespace, command, ...values]);
    if (!listeners.has(command)) throw new Error("[zE] unknown event: " + command);
    listeners.get(command).add(values[0]);
    return () => listeners.get(command).delete(values[0]);
  };

  setTimeout(() => {
    loaded = true;
    for (const call of waiting) run(...call);
  }, 100);
})();

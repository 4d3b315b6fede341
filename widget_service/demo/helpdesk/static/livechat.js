// A pretend LiveChat widget: calls made before it has loaded wait in the page's stub; session variables are strings and are told of while
// there is a chat; the customer is the browser's, and outlives a logout.
(() => {
  const base = new URL(".", document.currentScript.src).href;
  const COOKIE = "pretend-livechat-customer"; // LiveChat's own is a cookie of its site
  const stub = window.LiveChatWidget;
  const listeners = {};
  let key = localStorage.getItem(COOKIE);
  let customer = "";
  let chat = null;
  let variables = {};
  const provider = window.__lc.custom_identity_provider?.();
  const panel = new ChatPanel("LiveChat", "#a8320a", "End chat", {
    opened: () => emit("visibility_changed", { visibility: "maximized" }),
    closed: () => emit("visibility_changed", { visibility: "minimized" }),
    say,
    again: end,
  });

  const state = () => ({ availability: "online", visibility: panel.section.hidden ? "minimized" : "maximized" });
  const data = () => ({ id: customer, status: chat ? "chatting" : "browsing", sessionVariables: { ...variables } });

  function emit(name, detail) {
    for (const listener of listeners[name] || []) listener(detail);
  }

  async function identify() {
    if (provider) key = (await provider.getToken()).accessToken;
    return key;
  }

  function keep(answer) {
    ({ key, customer } = answer);
    if (!provider) localStorage.setItem(COOKIE, key);
  }

  async function tell() {
    panel.host.dataset.fields = Object.keys(variables).length;
    keep(await callVendor(base + "variables", { key: await identify(), variables }));
  }

  async function say(text) {
    panel.add(text, "mine");
    const answer = await callVendor(base + "messages", { key: await identify(), text });
    if (answer.status !== 200) return panel.add("Not sent.", "note");
    keep(answer);
    if (chat) return;
    chat = { chatId: answer.chat, threadId: answer.thread };
    panel.add("Chat " + answer.chat + ". The inbox shows whose it is.", "note");
    emit("customer_status_changed", { status: "chatting" });
  }

  /** The chat is over; the next message takes it up again, in a new thread. */
  async function end() {
    if (!chat) return;
    chat = null;
    panel.clear();
    panel.add("The chat has ended", "note");
    keep(await callVendor(base + "end", { key: await identify() }));
    emit("customer_status_changed", { status: "browsing" });
  }

  const strings = (given) => Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));

  const methods = {
    maximize: () => panel.open(),
    minimize: () => panel.close(),
    hide: () => void (panel.host.style.display = "none"),
    destroy: () => panel.host.remove(),
    set_session_variables(given) {
      variables = strings(given);
      tell();
    },
    update_session_variables(given) {
      variables = { ...variables, ...strings(given) };
      tell();
    },
  };

  const getters = { state, customer_data: data, chat_data: () => chat || {} };

  /** Where the page's stub sends all that is called once this has loaded. */
  const handlers = {
    on: (name, listener) => void (listeners[name] ||= new Set()).add(listener),
    once: (name, listener) => handlers.on(name, listener),
    off: (name, listener) => void listeners[name]?.delete(listener),
    call: (name, ...values) => methods[name]?.(...values),
    get: (what) => getters[what](),
  };

  stub._h = (name, words) => handlers[name](...words);
  for (const call of stub._q) stub._h(...call);
  emit("ready", { state: state(), customerData: data() });
})();

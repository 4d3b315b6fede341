// The look of the pretend vendors' chats: a button, a panel, what was written. Made of nodes and an adopted sheet, so that it runs on
// the strictest page.
"use strict";

class ChatPanel {
  static STYLES = `:host{all:initial;font:15px/1.45 system-ui,sans-serif;color-scheme:light dark}
*{box-sizing:border-box}
button{font:inherit;cursor:pointer}
button:focus-visible,textarea:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
.open,.close,.again,.send{border:0;border-radius:99px}
.open{position:fixed;right:20px;bottom:20px;z-index:9;padding:.8rem 1.3rem;background:var(--ink);color:#fff;font-weight:600;box-shadow:0 4px 16px #0004}
section{position:fixed;right:20px;bottom:84px;z-index:9;display:flex;flex-direction:column;width:360px;max-width:calc(100vw - 2rem);height:min(520px,calc(100dvh - 120px));border-radius:14px;overflow:hidden;background:#fff;color:#1d2322;box-shadow:0 8px 32px #0005}
section[hidden]{display:none}
header{display:flex;gap:.5rem;align-items:center;padding:.75rem 1rem;background:var(--ink);color:#fff}
h2{flex:1;margin:0;font-size:1rem}
.close,.again{padding:.35rem .7rem;background:#fff2;color:inherit;font-size:.85rem}
.log{flex:1;overflow:auto;padding:1rem}
p{width:fit-content;max-width:85%;margin:0 0 .5rem;padding:.5rem .8rem;border-radius:12px;background:#eef0ef;overflow-wrap:anywhere}
.mine{margin-left:auto;background:var(--ink);color:#fff}
.note{max-width:100%;margin-inline:auto;padding:0;background:none;color:#5a6562;font-size:.85rem;text-align:center}
form{display:flex;gap:.5rem;padding:.75rem;border-top:1px solid #dfe4e2}
textarea{flex:1;min-width:0;padding:.5rem .7rem;border:1px solid #75807c;border-radius:8px;background:#fff;color:inherit;font:inherit;resize:none}
.send{padding:.5rem 1rem;background:var(--ink);color:#fff;font-weight:600}
@media (max-width:480px){section{right:1rem;bottom:84px}}`;

  /** `again` names what the button does that begins anew. */
  constructor(title, ink, again, listeners) {
    this.again = again;
    this.listeners = listeners;
    this.host = document.createElement("pretend-chat");
    const shadow = this.host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(ChatPanel.STYLES);
    shadow.adoptedStyleSheets = [sheet];
    this.host.style.setProperty("--ink", ink);
    this.launcher = this.make("button", "open", "Chat");
    this.launcher.addEventListener("click", () => (this.section.hidden ? this.open() : this.close()));
    this.section = this.make("section");
    this.section.hidden = true;
    this.section.setAttribute("aria-label", title);
    this.log = this.make("div", "log");
    this.log.setAttribute("role", "log");
    this.log.tabIndex = 0;
    this.section.append(this.head(title), this.log, this.form());
    shadow.append(this.section, this.launcher);
    document.body.append(this.host);
  }

  make(name, className = "", text = "") {
    return Object.assign(document.createElement(name), { className, textContent: text });
  }

  head(title) {
    const head = this.make("header");
    const again = this.make("button", "again", this.again);
    again.addEventListener("click", () => this.listeners.again());
    const close = this.make("button", "close", "Close");
    close.addEventListener("click", () => this.close());
    close.setAttribute("aria-label", "Close chat");
    head.append(this.make("h2", "", title), again, close);
    return head;
  }

  form() {
    const form = this.make("form");
    this.field = Object.assign(this.make("textarea"), { rows: 1, placeholder: "Message" });
    this.field.setAttribute("aria-label", "Message");
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.field.value.trim();
      this.field.value = "";
      if (text) this.listeners.say(text);
    });
    form.append(this.field, this.make("button", "send", "Send"));
    return form;
  }

  add(text, className = "") {
    this.log.append(this.make("p", className, text));
    this.log.scrollTop = this.log.scrollHeight;
  }

  clear() {
    this.log.replaceChildren();
  }

  open() {
    if (!this.section.hidden) return;
    this.section.hidden = false;
    this.field.focus();
    this.listeners.opened();
  }

  close() {
    if (this.section.hidden) return;
    this.section.hidden = true;
    this.launcher.focus();
    this.listeners.closed();
  }
}

/** JSON as plain text: a browser asks no permission first. */
async function callVendor(url, call) {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(call), credentials: "omit" });
  return { status: response.status, ...(await response.json()) };
}

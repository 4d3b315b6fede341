/**
 * What this tab keeps of a chat from one page to the next: whether it was open, what was half-written, and what was being read. It is
 * given to the same player only, once the service has confirmed who that is. Loaded when all is ready.
 */

/** @typedef {{open: boolean, text: string, above: number}} Left `above`: pixels from what was read to the end; 0: the end */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./session.js").Live} Live */
/** @typedef {import("./view.js").View} View */

export class Kept {
  /** @param {string} scope @param {Session} session @param {View} view @param {() => boolean} isOpen */
  constructor(scope, session, view, isOpen) {
    this.name = `player-messenger:kept:${scope}`;
    this.session = session;
    this.view = view;
    this.isOpen = isOpen;
    this.owner = "";
    this.above = 0;
    const { log } = view.transcript;
    // At the end of the page nothing can be measured any more.
    log.addEventListener("scroll", () => (this.above = view.transcript.atEnd ? 0 : log.scrollHeight - log.scrollTop));
    // Before anything else is done about the end of the page.
    window.addEventListener("pagehide", () => this.keep(), true);
  }

  /** @returns {Left & {owner: string} | null} */
  read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.name) || "null");
    } catch {
      return null; // storage denied: nothing outlives the page
    }
  }

  wipe() {
    try {
      sessionStorage.removeItem(this.name);
    } catch {
      // as above
    }
  }

  /** The chat that was open on the page before goes on, if it still does. @param {() => void} begin */
  async reopen(begin) {
    if (!this.read()?.open) return;
    await this.session.open(true).catch(() => {});
    // Opened meanwhile by a player who may have none.
    if (!this.session.live && this.isOpen() && !this.view.stoppedBy) begin();
  }

  keep() {
    const { owner, above } = this;
    if (!this.session.live || !owner) return;
    const left = { owner, open: this.isOpen(), text: this.view.composer.field.value, above };
    try {
      if (left.open || left.text) sessionStorage.setItem(this.name, JSON.stringify(left));
    } catch {
      // as above, or full
    }
  }

  /** Back to where this player was on the page before, once. @param {Live} live @returns {Promise<boolean>} whether the chat was open */
  async restore(live) {
    const owner = await digest(`${live.player?.player_id ?? live.conversation.id}`);
    if (this.session.live !== live) return false;
    this.owner = owner;
    const left = this.read();
    this.wipe();
    if (left?.owner !== owner) return false;
    const { composer, transcript } = this.view;
    if (!composer.text) composer.fill(left.text);
    if (left.above) transcript.log.scrollTop = transcript.log.scrollHeight - left.above;
    transcript.scrolled();
    return left.open;
  }
}

/** What is stored names no player. @param {string} text @returns {Promise<string>} SHA-256 */
async function digest(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...bytes));
}

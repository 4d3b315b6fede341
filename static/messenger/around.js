/** What goes on around the chat, and none of its parts looks after. Loaded with a chat. */

const A_WHILE = 15_000;
/** What moves when the wheel is turned over it. */
const SCROLLED = ".log, textarea, dialog";

/** How looks what is there only while a player reads back, or writes too much. */
const LOOK = `
.jump { position: absolute; inset-inline: 0; bottom: 34px; display: flex; align-items: center; gap: 4px; width: fit-content; min-width: 40px; min-height: 40px; margin: auto; padding: 0 9px; border: 1px solid var(--edge); border-radius: 20px; background: var(--ground); font-size: 14px; box-shadow: 0 2px 10px #0003; }
.jump span:not(.unseen) { padding-inline-end: 6px; font-weight: 600; }
.warning { position: absolute; inset-inline: 16px; bottom: 100%; border-radius: 8px 8px 0 0; background: var(--alarm-ground); color: var(--alarm); font-size: 13px; }
.warning:not(:empty) { padding: 4px 10px; }
`;

let settled = false;
const today = () => new Date().toDateString();

/** @param {import("./locales.js").Texts} texts */
export function settle(texts) {
  if (settled) return;
  settled = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LOOK);
  document.adoptedStyleSheets.push(sheet);
  let day = today();
  // After midnight "Today" is another day, also on a computer that slept through it.
  setInterval(() => {
    if (day === today()) return;
    day = today();
    texts.rewrite();
  }, A_WHILE);
  // Over the head and the foot, the page behind would move.
  const stay = (/** @type {WheelEvent} */ event) => {
    const over = event.target instanceof Element && event.target.closest(SCROLLED);
    if (!event.ctrlKey && (!over || over.scrollHeight <= over.clientHeight)) event.preventDefault();
  };
  document.addEventListener("wheel", stay, { passive: false });
}

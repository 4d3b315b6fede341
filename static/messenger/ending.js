/** Asks before a chat is ended. Loaded when it is wanted: most players never end one. */

/** @typedef {import("./locales.js").Texts} Texts */

const LOOK = `
dialog { max-width: min(340px, calc(100vw - 32px)); padding: 22px; border: 1px solid var(--line); border-radius: 18px; background: var(--ground); color: var(--text); box-shadow: 0 12px 40px #0004; }
dialog::backdrop { background: #0006; }
h2 { font-size: 17px; margin-bottom: 6px; }
dialog p { color: var(--soft); }
.choices { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 8px; margin-top: 18px; }
`;
/** @type {CSSStyleSheet | undefined} */ let sheet;

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {...Node} children @returns {HTMLElementTagNameMap[Tag]}
 */
function element(tag, ...children) {
  const made = document.createElement(tag);
  made.append(...children);
  return made;
}

/** @param {Texts} texts @param {() => void} end */
export function ask(texts, end) {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(LOOK);
    document.adoptedStyleSheets.push(sheet);
  }
  const question = element("h2");
  const explanation = element("p");
  const keep = element("button");
  const confirm = element("button");
  const choices = element("div", keep, confirm);
  const dialog = element("dialog", question, explanation, choices);
  texts.put(question, "end_question");
  texts.put(explanation, "end_explanation");
  texts.put(keep, "end_cancel");
  texts.put(confirm, "end_confirm");
  void texts.complete();
  question.id = "question";
  dialog.setAttribute("aria-labelledby", question.id);
  choices.className = "choices";
  // The safe choice is the one that stands out.
  keep.className = "primary";
  confirm.className = "quiet";
  keep.onclick = () => dialog.close();
  confirm.onclick = () => {
    dialog.close();
    end();
  };
  // The page around this frame is not inert: the keyboard would walk out of the question.
  dialog.onkeydown = (event) => {
    if (event.key !== "Tab") return;
    event.preventDefault();
    (document.activeElement === keep ? confirm : keep).focus();
  };
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}

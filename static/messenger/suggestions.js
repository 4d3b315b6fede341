/** Questions to begin a chat with, each asked with one click. Loaded for an empty chat of a brand that has some. */

/** @param {import("./transcript.js").Transcript} transcript @param {string} questions with | between them */
export function draw({ suggested, actions }, questions) {
  const buttons = questions.split("|").map((one) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = one.trim();
    button.onclick = () => {
      button.blur();
      actions.send(one.trim());
      // The button is gone: the player goes on writing.
      actions.focus();
    };
    return button;
  });
  // Something may have been said meanwhile.
  if (!suggested.hidden) suggested.replaceChildren(...buttons.filter((one) => one.textContent));
}

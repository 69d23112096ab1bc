// A text that is typed over its own colours.

import { element, quoted } from "./figure.js";
import { readable } from "./cells.js";

/**
 * A textarea over a copy of its letters, each a span that dress(span, i) may colour.
 * edited(text, caret) is called with what can be read of what was typed; moved(caret) when the
 * caret moved alone. show(text) puts a text in; note.textContent says what was left out, or hint.
 */
export function paper(fig, { alphabet, longest, hint, edited, moved, dress }) {
  const plain = { spellcheck: "false", autocapitalize: "off", autocomplete: "off", autocorrect: "off", wrap: "soft" };
  const field = element("textarea", { "aria-label": "text", ...plain });
  const mirror = element("pre", { "aria-hidden": "true" }), note = element("div", { class: "small note" }, hint);
  let composing = false;

  function edit() {
    const { letters, refused } = readable(field.value, alphabet), text = letters.slice(0, longest).join("");
    const caret = Math.min(readable(field.value.slice(0, field.selectionStart), alphabet).letters.length, longest);
    note.textContent = refused.length ? `Left out: ${refused.map(quoted).join(" ")}`
      : letters.length > longest ? `Cut after ${longest} letters.` : hint;
    edited(text, caret);
    if (field.value === text) return;
    field.value = text; // what was refused is in no trait
    field.setSelectionRange(caret, caret);
  }

  fig.on(field, "input", ({ isComposing }) => { composing = isComposing; if (!composing) edit(); });
  fig.on(field, "compositionend", () => { composing = false; edit(); });
  for (const type of ["keyup", "pointerup"]) fig.on(field, type, () => moved(field.selectionStart));
  fig.on(field, "scroll", () => { mirror.scrollTop = field.scrollTop; });
  return {
    node: element("div", { class: "paper" }, mirror, field),
    note,
    show(text) {
      mirror.replaceChildren(...[...text].map((letter, i) => {
        const node = element("span", { class: "letter" }, letter);
        dress(node, i);
        return node;
      }), "\u200b"); // a last line that is empty still has its height
      if (composing || field.value === text) return;
      const atEnd = field.scrollTop + field.clientHeight >= field.scrollHeight - 4;
      field.value = text;
      if (atEnd) field.scrollTop = field.scrollHeight;
    },
  };
}

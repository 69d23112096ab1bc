// Bold text on a canvas in the room there is.

import { FONT } from "./figure.js";

export function boldWidth(g, text) {
  g.font = `bold 12px ${FONT}`;
  return g.measureText(text).width;
}

/** The text, or as much of it as fits with an ellipsis. */
export function fit(g, text, room) {
  if (boldWidth(g, text) <= room) return text;
  const letters = [...text].slice(0, 100);
  while (letters.length && boldWidth(g, `${letters.join("")}\u2026`) > room) letters.pop();
  return `${letters.join("")}\u2026`;
}

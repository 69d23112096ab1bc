// How closely each unit follows a property over a text, and one of them beside it.

import { clamp, number, visible } from "./figure.js";
import { colourMap, curve, dot, write } from "./draw.js";

const LEFT = 26, HEAD = 22, BARS = 46, GAP = 26, AXIS = 20; // CSS pixels of a panel's parts

/** How wide a letter is. */
const column = (T, wide) => Math.min(36, (wide - LEFT) / Math.max(T, 1));

/** What lies at a place in a box: {rank} of the bars, or {t} of the chart. */
export function pick({ T, units }, [left, top, wide], x, y) {
  const from = x - left - LEFT;
  if (y < top + HEAD + BARS + 4) return { rank: Math.floor((from / (wide - LEFT)) * units.length) };
  return { t: clamp(Math.floor(from / column(T, wide)) + 1, Math.min(1, T), T) };
}

/**
 * A network's units in a box of a canvas: |r| of each with the property, and one over the text.
 * run: its states h, r here, over all texts, order and chosen unit; now: what is read.
 */
export function paintUnits(g, run, now, theme, [left, top, wide, tall]) {
  const { fg, muted, line: pale, bg } = theme, { T, t, v, letters, against, top: most, rank, many } = now;
  const { name, h, r, order, over, unit } = run, bar = (wide - LEFT) / order.length;
  const floor = top + HEAD + BARS, x0 = left + LEFT;
  const signs = colourMap(-1, 1, theme), positive = colourMap(0, 1, theme);
  write(g, `${name}: unit ${unit}`, left, top + 9, { colour: fg, weight: "bold" });
  const here = v.some((v_t) => v_t !== v[0]) ? `r = ${number(r[unit])} here, ` : "does not vary here, ";
  write(g, `${here}${number(over[unit])} over ${many}`, left + wide, top + 9, { colour: fg, align: "right" });
  for (const [value, text] of [[1, "1"], [0, "|r|"]]) {
    g.fillStyle = pale;
    g.fillRect(x0, floor - value * BARS, wide - LEFT, 1);
    write(g, text, x0 - 6, floor - value * (BARS - 4), { colour: muted, align: "right" });
  }
  order.forEach((j, k) => {
    g.fillStyle = signs.css(0.75 * Math.sign(r[j]));
    g.fillRect(x0 + k * bar + 0.5, floor - Math.abs(r[j]) * BARS, Math.max(bar - 1, 1), Math.abs(r[j]) * BARS);
  });
  g.strokeStyle = fg;
  g.strokeRect(x0 + rank * bar, floor - BARS - 0.5, bar, BARS + 1);

  const head = floor + GAP, base = top + tall - AXIS, y = (value) => head + ((1 - value) / 2) * (base - head);
  const c = column(T, wide), middle = (s) => x0 + (s - 0.5) * c, level = (n) => base - (n / most) * (base - head);
  write(g, "its value over the text", x0, head - 12, { colour: muted });
  write(g, `${against}, 0 to ${most}`, left + wide, head - 12, { colour: positive.css(0.7), align: "right" });
  for (const value of [1, 0, -1]) {
    g.fillStyle = pale;
    g.fillRect(x0, y(value), wide - LEFT, 1);
    write(g, number(value, 0), x0 - 6, y(value), { colour: muted, align: "right" });
  }
  for (let s = 1; s <= T; s++) {
    const value = h[s - 1][unit];
    g.fillStyle = signs.css(value);
    g.fillRect(middle(s) - c / 2 + (c > 3) / 2, y(0), Math.max(c - (c > 3), 0.8), y(value) - y(0));
  }
  Object.assign(g, { strokeStyle: positive.css(0.7), lineWidth: 2.5 });
  curve(g, 2, 2 * T + 1, (i) => x0 + (Math.floor((i + 1) / 2) - 1) * c, (i) => level(v[Math.floor(i / 2) - 1]));
  Object.assign(g, { strokeStyle: fg, lineWidth: 1.5 });
  if (T) curve(g, 1, T, middle, (s) => y(h[s - 1][unit]));
  g.lineWidth = 1;
  const every = c > 8 ? 1 : [5, 10, 20, 50, 100].find((n) => n * c > 36);
  for (let s = every; s <= T; s += every) {
    if (s !== t) write(g, every === 1 ? visible(letters[s - 1]) : s, middle(s), base + 11, { colour: muted, align: "center" });
  }
  if (!t) return;
  g.strokeRect(middle(t) - c / 2, head, Math.max(c, 1), base - head);
  dot(g, middle(t), y(h[t - 1][unit]), { fg, bg });
  write(g, visible(letters[t - 1]), middle(t), base + 11, { colour: fg, align: "center", weight: "bold", back: bg });
}

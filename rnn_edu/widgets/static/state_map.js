// The map of a network's states: paths in two directions, coloured by a property.

import { number, visible } from "./figure.js";
import { curve, legend, write } from "./draw.js";

const OVER = 22, UNDER = 22; // CSS pixels of text over and under a map
const TRAIL = 8; // letters of the path that are written beside it
const STRETCH = 1.8; // at most, of a map's longer side

const inside = ([left, top, wide, tall]) => [left, top + OVER, wide, tall - OVER - UNDER];

/** From a place on a network's map to CSS pixels of its panel, as large as all paths allow. */
export function placing({ paths, path, marks, start }, box) {
  const [left, top, wide, tall] = inside(box);
  const all = [...paths.flat(), ...path, ...marks, start], [[x0, x1], [y0, y1]] = [0, 1].map((i) => {
    const values = all.map((point) => point[i]);
    return [Math.min(...values), Math.max(...values)];
  });
  const fits = [(wide - 36) / (x1 - x0 || 1), (tall - 36) / (y1 - y0 || 1)], least = Math.min(...fits);
  const [a, b] = fits.map((unit) => Math.min(unit, STRETCH * least));
  return ([x, y]) => [left + wide / 2 + (x - (x0 + x1) / 2) * a, top + tall / 2 - (y - (y0 + y1) / 2) * b];
}

/**
 * A network's map in a box of a canvas: the states of all given texts, and the path of the one that
 * is read. run: its paths, marks and names; now: what is read; theme: with `map`, the property's colours.
 */
export function paintPaths(g, run, now, theme, box) {
  const [left, top, wide, tall] = box, { fg, muted, line: pale, bg, map } = theme, { T, t, v, all, letters, against } = now;
  const { name, shares, path, start, marks } = run, [, y0, , high] = inside(box), to = placing(run, box);
  const own = [start, ...path], at = (s) => to(own[s]);
  const line = (points) => curve(g, 0, points.length - 1, (i) => to(points[i])[0], (i) => to(points[i])[1]);
  const disc = ([x, y], radius, colour) => {
    g.beginPath();
    g.arc(x, y, radius, 0, 7);
    g.fillStyle = colour;
    g.fill();
    g.stroke();
  };
  const percent = shares.map((share) => `${number(100 * share, 0)} %`).join(" and ");
  write(g, name, left, top + 9, { colour: fg, weight: "bold" });
  write(g, `${percent} of the variance`, left + wide, top + 9, { colour: muted, align: "right" });
  Object.assign(g, { strokeStyle: pale, lineWidth: 1 });
  g.strokeRect(left + 0.5, y0 + 0.5, wide - 1, high - 1);
  for (const other of run.paths) line(other);
  g.strokeStyle = muted;
  run.paths.flat().forEach((point, i) => disc(to(point), 2.5, map.css(all[i])));
  Object.assign(g, { strokeStyle: fg, globalAlpha: 0.5 });
  line(own);
  Object.assign(g, { globalAlpha: 1, lineWidth: 2.5 });
  line(own.slice(Math.max(0, t - TRAIL), t + 1));
  g.lineWidth = 1;
  for (let s = 0; s <= T; s++) disc(at(s), 4, s ? map.css(v[s - 1]) : bg);
  for (const mark of marks) {
    const [x, y] = to(mark);
    for (const [colour, thick] of [[bg, 5], [fg, 2]]) {
      Object.assign(g, { strokeStyle: colour, lineWidth: thick });
      for (const side of [-5, 5]) curve(g, 0, 1, (i) => x + (i ? 5 : -5), (i) => y + (i ? side : -side));
    }
  }
  g.lineWidth = 1;
  for (let s = Math.max(1, t - TRAIL); s < t; s++) {
    const [x, y] = at(s);
    write(g, visible(letters[s - 1]), x + 6, y - 9, { colour: fg });
  }
  const [x, y] = at(t), side = x > left + wide - 50 ? -1 : 1;
  g.strokeStyle = fg;
  disc([x, y], 7, t ? map.css(v[t - 1]) : bg);
  write(g, t ? visible(letters[t - 1]) : "start", x + 11 * side, y - 12, { colour: fg, weight: "bold", back: bg, align: side > 0 ? "left" : "right" });
  write(g, against, left, top + tall - 9, { colour: muted });
  legend(g, map, left + g.measureText(against).width + 124, top + tall - 9, theme);
  if (marks.length) write(g, `\u00d7 fixed point${marks.length > 1 ? `s: ${marks.length}` : ""}`, left + wide, top + tall - 9, { colour: fg, align: "right" });
}

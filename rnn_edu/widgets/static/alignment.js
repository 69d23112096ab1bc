import {
  canvas, clamp, colourMap, figure, float32, header, menu, number, picture, pointer, quoted, timeControls, visible, write,
} from "./kit.js";
import { boldWidth, fit } from "./fit.js";

// CSS pixels: room for a weight, between a token and its line, a line of text over each part.
const NUMBER = 34, GAP = 8, SPACE = 22;
const PALE = 0.14; // of the lines that are past
const LEAST = 0.01, IN_CELL = 0.05; // weights with a line, and with a number in the matrix

function render(context) {
  const fig = figure(context, "alignment"), get = (name) => fig.model.get(name);
  const sources = get("sources").map(visible), targets = get("targets").map(visible), heads = get("heads");
  const S = sources.length, T = targets.length, all = float32(get("weights"));
  const weight = (t, s) => all[(get("head") * T + t) * S + s];
  let hover = -1, map, image, at = {}; // the source under the mouse; what theme and head make; the layout

  const chosen = () => (hover >= 0 ? hover : get("source"));

  /** The three largest of n weights, in words. */
  function most(n, value, tokens) {
    const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => value(b) - value(a)).slice(0, 3);
    return order.filter((i) => value(i) >= 0.005).map((i) => `${quoted(tokens[i])} ${number(value(i))}`).join(", ");
  }

  function describe(t) {
    const s = chosen();
    if (s < 0) return `t = ${t}: ${quoted(get("targets")[t])} reads ${most(S, (i) => weight(t, i), get("sources"))}`;
    let sum = 0;
    for (let i = 0; i < T; i++) sum += weight(i, s);
    const readers = most(T, (i) => weight(i, s), get("targets")) || "none";
    return `${quoted(get("sources")[s])} is read by ${readers}; ${number(sum)} over all ${T} targets`;
  }

  // --- sources | lines | targets | matrix; on a narrow screen the matrix is below ----------------

  function layout(g, width, height) {
    const below = width <= 640, room = width * (below ? 0.26 : 0.16);
    const widest = (texts) => Math.min(room, Math.ceil(Math.max(...texts.map((text) => boldWidth(g, text)))));
    const a = widest(sources), b = widest(targets), from = NUMBER + a + GAP;
    const to = below ? width - b - NUMBER - GAP : from + clamp(width * 0.2, 90, 180);
    const left = below ? b + GAP : to + b + NUMBER + 2 * GAP, cell = Math.min(72, (width - left) / S);
    const upright = a + 6 <= cell, label = upright ? SPACE : Math.min(80, a) + GAP; // over the matrix
    const rows = Math.max(S, T), top = below ? SPACE : label;
    const row = below ? (height - top - SPACE - label) / (rows + T) : (height - top) / rows;
    const [sourceTop, targetTop] = [S, T].map((n) => top + ((rows - n) / 2) * row);
    const first = below ? top + rows * row + SPACE + label : targetTop; // where the matrix starts
    return { below, a, b, from, to, left, cell, upright, label, row, sourceTop, targetTop, first };
  }

  function paint(g, width, height) {
    at = layout(g, width, height);
    const { fg, muted } = fig.theme, { below, a, b, from, to, left, row, sourceTop, targetTop, first } = at;
    const t = get("t"), s = chosen(), middle = (top, k) => top + (k + 0.5) * row;
    const put = (text, x, y, lit, align = "left") => write(g, text, x, y, {
      colour: lit ? fg : muted, align, weight: lit ? "bold" : "normal",
    });
    put("source", from - GAP, sourceTop - 11, false, "right");
    put("target", to + GAP, targetTop - 11);
    paintLines(g, t, s);
    for (let j = 0; j < S; j++) {
      const w = weight(t, j), lit = s < 0 ? w >= 0.1 : j === s, y = middle(sourceTop, j);
      put(fit(g, sources[j], a), from - GAP, y, lit, "right");
      if (s < 0 && w >= LEAST) write(g, number(w), 0, y, { colour: lit ? fg : muted });
    }
    for (let i = 0; i < T; i++) {
      const w = s < 0 ? 0 : weight(i, s), lit = s < 0 ? i === t : w >= 0.1;
      const y = middle(targetTop, i), text = fit(g, targets[i], b);
      put(text, to + GAP, y, lit);
      if (w >= LEAST) write(g, number(w), to + GAP + b + NUMBER, y, { colour: lit ? fg : muted, align: "right" });
      if (below) put(text, left - GAP, middle(first, i), i === t, "right"); // once more, at the matrix
    }
    paintMatrix(g, t, s, put);
  }

  /** From each source to the targets that read it, as wide as the weight. */
  function paintLines(g, t, s) {
    const { from, to, row, sourceTop, targetTop } = at, middle = (from + to) / 2;
    for (let i = 0; i < T; i++) {
      for (let j = 0; j < S; j++) {
        const w = weight(i, j), strong = s < 0 ? i === t : j === s, past = s < 0 && i < t;
        if (w < LEAST || !(strong || past)) continue;
        const [y0, y1] = [sourceTop + (j + 0.5) * row, targetTop + (i + 0.5) * row];
        Object.assign(g, { lineWidth: w * 0.8 * row, globalAlpha: strong ? 1 : PALE });
        g.strokeStyle = map.css(strong ? 0.4 + 0.6 * w : 1);
        g.beginPath();
        g.moveTo(from, y0);
        g.bezierCurveTo(middle, y0, middle, y1, to, y1);
        g.stroke();
      }
    }
    Object.assign(g, { globalAlpha: 1, lineWidth: 1 });
  }

  function paintMatrix(g, t, s, put) {
    const { a, left, cell, upright, label, row, first } = at, { fg, line } = fig.theme;
    g.imageSmoothingEnabled = false;
    g.drawImage(image, left, first, cell * S, row * T);
    const every = upright ? 1 : Math.ceil(13 / cell);
    for (let j = 0; j < S; j++) {
      const x = left + (j + 0.5) * cell;
      if (j === s || (j % every === 0 && !(s >= 0 && Math.abs(j - s) < every))) {
        g.save();
        g.translate(x, first - (upright ? 11 : 6));
        if (!upright) g.rotate(-Math.PI / 2);
        put(fit(g, sources[j], upright ? a : label - GAP), 0, 0, j === s, upright ? "center" : "left");
        g.restore();
      }
      for (let i = 0; i < T && cell >= 30 && row >= 15; i++) {
        const w = weight(i, j);
        if (w >= IN_CELL) write(g, number(w), x, first + (i + 0.5) * row, { colour: map.ink(w), align: "center" });
      }
    }
    const box = (colour, x, y, w, h) => {
      g.strokeStyle = colour;
      g.strokeRect(x + 0.5, y + 0.5, Math.max(1, w - 1), Math.max(1, h - 1));
    };
    box(line, left, first, cell * S, row * T);
    box(fg, left, first + t * row, cell * S, row);
    if (s >= 0) box(fg, left + s * cell, first, cell, row * T);
  }

  // --- the elements, and what the reader does ----------------------------------------------------

  const next = (by) => fig.set({ source: clamp(get("source") + by, -1, S - 1) });
  const time = timeControls(fig, {
    describe, keys: { ArrowUp: () => next(-1), ArrowDown: () => next(1), Escape: () => fig.set({ source: -1 }) },
  });
  const stage = canvas(fig, {
    class: "stage", tabindex: 0, role: "application",
    "aria-label": "attention weights: left and right move the target, up and down choose a source, escape leaves it",
  }, paint);
  const rows = Math.max(S, T);
  for (const [name, value] of Object.entries({ rows, targets: T, row: `${clamp(Math.floor(600 / rows), 12, 24)}px` })) {
    fig.root.style.setProperty(`--${name}`, value);
  }
  fig.root.append(
    header(fig,
      ...(heads.length > 1 ? [menu(fig, "head", "head", heads.map((name, k) => [k, name]))] : []),
      menu(fig, "source", "source", [[-1, "none"], ...sources.map((name, s) => [s, name])])),
    stage, time.bar, time.caption,
  );

  /** The source or the target at a place, -1 for none. */
  function hit(x, y) {
    const { below, from, to, left, cell, label, row, sourceTop, targetTop, first } = at;
    const index = (v, n) => (v >= 0 && v < n ? Math.floor(v) : -1);
    if (x > left && y < first && y > first - label) return { source: index((x - left) / cell, S), target: -1 };
    if (below && y >= first) return { source: -1, target: index((y - first) / row, T) };
    if (x < from) return { source: index((y - sourceTop) / row, S), target: -1 };
    return { source: -1, target: x > to ? index((y - targetTop) / row, T) : -1 };
  }
  const move = (x, y) => {
    const { target } = hit(x, y);
    if (target >= 0) time.go(target);
  };
  const over = (s) => { if (s !== hover) { hover = s; fig.redraw(); } };
  pointer(fig, stage, { pick: move, drag: move });
  fig.on(stage, "click", ({ offsetX, offsetY }) => {
    const { source } = hit(offsetX, offsetY);
    if (source >= 0) fig.set({ source: get("source") === source ? -1 : source });
  });
  fig.on(stage, "pointermove", ({ pointerType, offsetX, offsetY }) => {
    if (pointerType === "mouse") over(hit(offsetX, offsetY).source);
  });
  fig.on(stage, "pointerleave", () => over(-1));
  const colour = () => {
    map = colourMap(0, 1, fig.theme);
    image = picture(S, T, (s, t) => weight(t, s), map);
    fig.redraw();
  };
  fig.watch(["source"], fig.redraw);
  fig.watch(["head"], colour);
  fig.onTheme(colour);
  return fig.stop;
}

export default { render };

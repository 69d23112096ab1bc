import { canvas, clamp, element, figure, float32, header, number, quoted, timeControls, visible, write } from "./kit.js";
import { boldWidth, fit } from "./fit.js";

// CSS pixels: left of the tree, the line of step numbers, a candidate's row, between two columns.
const LEAD = 34, HEAD = 26, ROW = 24, BETWEEN = [46, 110];
const ROWS = 14, CHIPS = 3; // as in beam.py: candidates drawn at a step, finished ones listed
const TOLD = 8; // tokens of a path in the caption, its last
const STATUSES = ["kept", "pruned", "finished"];

function render(context) {
  const fig = figure(context, "beam"), get = (name) => fig.model.get(name), steps = get("steps");
  const parents = get("parents"), statuses = get("statuses"), tokens = get("tokens"), greedy = get("greedy");
  const [logs, sums, scores] = ["log_probs", "sums", "scores"].map((name) => float32(get(name)));
  const shown = tokens.map(visible), pruned = (k) => statuses[k] === "pruned", onGreedy = new Set(greedy);

  const step = [], rank = []; // of each candidate
  const columns = Array.from({ length: steps }, () => []); // of each step: candidates by rank
  parents.forEach((parent, k) => {
    step[k] = parent < 0 ? 0 : step[parent] + 1;
    columns[step[k]].push(k);
  });
  for (const column of columns) {
    column.sort((a, b) => pruned(a) - pruned(b) || scores[b] - scores[a]);
    column.forEach((k, i) => { rank[k] = i; });
  }
  const finished = columns.flat().filter((k) => statuses[k] === "finished").sort((a, b) => scores[b] - scores[a]);

  /** A candidate and its ancestors, from the start. */
  function path(k) {
    const nodes = [];
    for (let node = k; node >= 0; node = parents[node]) nodes.unshift(node);
    return nodes;
  }
  function spell(k) {
    const nodes = path(k), cut = nodes.length > TOLD ? "\u2026 " : "";
    return cut + nodes.slice(-TOLD).map((node) => quoted(tokens[node])).join(" ");
  }
  /** The first at step t of all that are finished or go on; at the end a finished one, if any. */
  function leader(t) {
    const ended = finished.filter((k) => step[k] <= t), open = columns[t].filter((k) => statuses[k] === "kept");
    const all = t === steps - 1 && ended.length ? ended : [...ended, ...open];
    return all.reduce((best, k) => (best < 0 || scores[k] > scores[best] ? k : best), -1);
  }
  /** The chosen candidate if its step has come, else -1. */
  const chosen = () => (step[get("node")] <= get("t") ? get("node") : -1);

  function describe(t) {
    const k = chosen(), column = columns[t], best = leader(t);
    if (k >= 0) {
      return `${spell(k)}: ${quoted(tokens[k])} has log-probability ${number(logs[k])}, `
        + `probability ${number(Math.exp(logs[k]))}; sum ${number(sums[k])}; ${statuses[k]}`
        + (onGreedy.has(k) ? ", on the greedy path" : "");
    }
    const count = STATUSES.map((status) => `${column.filter((node) => statuses[node] === status).length} ${status}`);
    let text = `t = ${t}: ${column.length} candidate${column.length > 1 ? "s" : ""}, ${count.join(", ")}`;
    if (best >= 0) text += `; ${t === steps - 1 ? "best" : "ahead"}: ${spell(best)} ${number(sums[best])}`;
    return pruned(greedy[t]) ? `${text}; the greedy path is dropped here` : text;
  }

  // --- the tree: a column for each step, the best on top, and a line below those that go on ------

  let at = {}; // what the last drawing put where

  function layout(g, width) {
    const widest = Math.max(...shown.map((text) => boldWidth(g, text))), [least, most] = BETWEEN;
    const box = Math.min(clamp(widest + 56, 80, 150), width - LEAD), k = chosen();
    const fits = clamp(Math.floor((width - LEAD + least) / (box + least)), 1, steps);
    const gap = clamp((width - LEAD - fits * box) / (fits - 1 || 1), least, most);
    const first = clamp((k < 0 ? get("t") : step[k]) - fits + 1, 0, steps - fits); // of the columns in sight
    return { box, gap, fits, first, x: (s) => LEAD + (s - first) * (box + gap), y: (k) => HEAD + (rank[k] + 0.5) * ROW };
  }

  function paint(g, width) {
    at = layout(g, width);
    const { fg, muted, line, positive } = fig.theme, { first, fits, x } = at, t = get("t"), k = chosen();
    const marked = new Set(path(k < 0 ? leader(t) : k)), strong = positive.at(-1), last = Math.min(t, first + fits);
    const inSight = columns.slice(first, last + 1).flatMap((column) => column.slice(0, ROWS));
    for (const node of inSight) if (!marked.has(node)) paintEdge(g, node, pruned(node) ? line : muted);
    for (const node of inSight) if (marked.has(node)) paintEdge(g, node, strong);
    g.lineWidth = 1;
    if (!first) {
      g.fillStyle = fg;
      g.beginPath();
      g.arc(6, HEAD + ROW / 2, 5, 0, 7);
      g.fill();
    }
    for (let s = first; s <= last; s++) paintColumn(g, s, s === t ? fg : muted);
    for (const node of inSight) paintCandidate(g, node, marked.has(node) && strong);
  }

  function paintEdge(g, node, colour) {
    const { gap, x, y } = at, parent = parents[node], x1 = x(step[node]), y1 = y(node);
    const [x0, y0] = parent < 0 ? [6, HEAD + ROW / 2] : [x1 - gap, y(parent)], middle = (x0 + x1) / 2;
    g.beginPath();
    g.moveTo(x0, y0);
    g.bezierCurveTo(middle, y0, middle, y1, x1, y1);
    Object.assign(g, { strokeStyle: colour, lineWidth: 1 + 5 * Math.exp(logs[node]) });
    g.stroke();
  }

  function paintColumn(g, s, colour) {
    const { box, x } = at, { muted } = fig.theme, column = columns[s], on = column.filter((k) => !pruned(k)).length;
    write(g, `t = ${s}`, x(s) + 6, 10, { colour, weight: s === get("t") ? "bold" : "normal" });
    if (on && on < Math.min(ROWS, column.length)) {
      g.strokeStyle = muted;
      g.setLineDash([3, 3]);
      g.strokeRect(x(s) - 4, HEAD + on * ROW, box + 8, 0);
      g.setLineDash([]);
    }
    const more = column.length - ROWS;
    if (more > 0) write(g, `and ${more} more`, x(s) + 6, HEAD + (ROWS + 0.5) * ROW, { colour: muted });
  }

  function paintCandidate(g, node, mark) {
    const { box, x, y } = at, { fg, muted } = fig.theme, left = x(step[node]), middle = y(node);
    const whole = statuses[node] === "finished", lost = pruned(node), colour = lost && !mark ? muted : fg;
    if (whole || mark) {
      Object.assign(g, { strokeStyle: mark || muted, lineWidth: mark ? 2 : 1 });
      g.strokeRect(left + 0.5, middle - 9.5, box - 1, 19);
      if (whole) g.strokeRect(left + box - 3.5, middle - 9.5, 0, 19); // a full stop
      g.lineWidth = 1;
    }
    const label = fit(g, shown[node], box - 56), wide = boldWidth(g, label);
    write(g, label, left + 6, middle, { colour, weight: lost ? "normal" : "bold" });
    write(g, number(sums[node]), left + box - 7, middle, { colour, align: "right" });
    if (!onGreedy.has(node)) return;
    Object.assign(g, { strokeStyle: colour, lineWidth: 1.5 });
    g.setLineDash([2, 2]);
    g.strokeRect(left + 6, middle + 7.5, wide, 0);
    g.setLineDash([]);
  }

  // --- the elements, and what the reader does ----------------------------------------------------

  function next(by) {
    const column = columns[get("t")], now = column.indexOf(get("node"));
    fig.set({ node: now < 0 ? column.at(by > 0 ? 0 : -1) : column[now + by] ?? -1 });
  }
  const toggle = (k) => fig.set({ node: k === get("node") ? -1 : k });
  const time = timeControls(fig, {
    describe, keys: { ArrowUp: () => next(-1), ArrowDown: () => next(1), Escape: () => fig.set({ node: -1 }) },
  });
  const stage = canvas(fig, {
    class: "stage", tabindex: 0, role: "application",
    "aria-label": "candidates by step: left and right move the step, up and down choose a candidate, escape leaves it",
  }, paint);

  /** A button that chooses a candidate: of(t), undefined for none yet. */
  function chip(of, say) {
    const node = element("button", { type: "button" });
    fig.on(node, "click", () => toggle(of(get("t"))));
    fig.paint(() => {
      const k = of(get("t"));
      node.hidden = k === undefined;
      if (node.hidden) return;
      node.textContent = say(k, path(k).map((j) => shown[j]).join(" "));
      node.setAttribute("aria-pressed", k === get("node"));
    });
    return node;
  }
  const ended = (t) => finished.filter((k) => step[k] <= t), count = element("span", { class: "small" });
  const both = (k) => `${number(scores[k])} (sum ${number(sums[k])})`; // with alpha they differ
  const value = (k) => (Math.abs(scores[k] - sums[k]) > 1e-6 ? both(k) : number(sums[k]));
  const chips = Array.from({ length: Math.min(CHIPS, finished.length) }, (_, i) => (
    chip((t) => ended(t)[i], (k, text) => `${value(k)}  ${text}`)));
  const greedyChip = chip((t) => greedy[Math.min(t, greedy.length - 1)], (k, text) => (
    `greedy ${value(k)}  ${text}${pruned(k) ? `  (dropped at t = ${step[k]})` : ""}`));
  fig.paint(() => {
    const n = ended(get("t")).length;
    count.textContent = n > CHIPS ? `finished, the best ${CHIPS} of ${n}` : n ? "finished" : "none is finished yet";
  });
  fig.root.style.setProperty("--rows", Math.min(ROWS + 1, Math.max(...columns.map(({ length }) => length))));
  fig.root.style.setProperty("--chips", chips.length);
  fig.root.append(
    header(fig, element("span", { class: "small" }, "sums of log-probabilities; line width: probability; dotted: greedy")),
    stage, element("div", { class: "chips" }, greedyChip, count, ...chips), time.bar, time.caption,
  );
  fig.on(stage, "click", ({ offsetX, offsetY }) => {
    const { box, gap, first, fits } = at, row = Math.floor((offsetY - HEAD) / ROW);
    const s = first + clamp(Math.floor((offsetX - LEAD + gap / 2) / (box + gap)), 0, fits);
    toggle(s <= get("t") && row < ROWS ? columns[s][row] ?? -1 : -1);
  });
  fig.watch(["node"], fig.redraw);
  return fig.stop;
}

export default { render };

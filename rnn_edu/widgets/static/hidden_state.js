import {
  canvas, clamp, colourMap, curve, dot, element, figure, float32, header, legend, menu, number, picture, pointer,
  quoted, timeControls, visible, write,
} from "./kit.js";

// CSS pixels of the stage: left margin, a line of text over each plot, the tokens, the chart.
const LEFT = 34, STRIP = 20, AXIS = 24, CHART = 80;
const BARS = 8; // of the readout's classes, the most likely
const TRAIL = 12; // steps of the path that stand out
const PAGE = 240; // tokens of the text shown at once

/** The trace's arrays: {name, size, limits, order, runs: [{values: (T, H), path: (T, 2)}]}. */
function read(get) {
  const T = get("steps"), values = float32(get("values")), paths = float32(get("paths"));
  const arrays = get("names").map((name, a) => (
    { name, size: get("sizes")[a], limits: get("limits")[a], order: get("orders")[a], runs: [] }));
  let i = 0, k = 0;
  for (const _ of get("runs")) {
    for (const { size, runs } of arrays) {
      runs.push({ values: values.subarray(i, i += T * size), path: paths.subarray(k, k += T * 2) });
    }
  }
  return arrays;
}

function render(context) {
  const fig = figure(context, "hidden-state"), get = (name) => fig.model.get(name);
  const T = get("steps"), tokens = get("tokens"), shown = tokens.map(visible), titles = get("runs");
  const arrays = read(get), labels = get("labels"), K = labels.length, probs = K ? float32(get("probs")) : [];
  const spaced = tokens.some((s) => /[\p{L}\p{N}]{2}/u.test(s)) && !tokens.some((s) => /\s/.test(s));
  let now; // what follows from array, order and theme
  let spans, pageFrom; // the page of text: its tokens, the first one's t

  function choose() {
    const array = arrays.find(({ name }) => name === get("array")), { name, size, limits: [lo, hi] } = array;
    const rows = get("order") === "similarity" ? array.order : array.order.map((_, j) => j);
    const runs = array.runs.map(({ values }) => (t, j) => values[t * size + j]);
    const map = colourMap(lo, hi, fig.theme);
    const plots = runs.map((value, r) => ({ value, map, title: runs[1] ? titles[r] : `units of ${name}` }));
    if (runs[1]) {
      const value = (t, j) => runs[0](t, j) - runs[1](t, j);
      plots.push({ value, map: colourMap(-hi, hi, fig.theme), title: "first minus second" });
    }
    for (const plot of plots) plot.image = picture(T, size, (t, r) => plot.value(t, rows[r]), plot.map);
    now = { name, size, lo, hi, rows, runs, map, plots, paths: array.runs.map((run) => run.path) };
    now.bounds = [0, 1].map((i) => now.paths.flatMap((p) => [...p].filter((_, k) => k % 2 === i)))
      .map((all) => [Math.min(...all), Math.max(...all)]);
    pathTitle.textContent = `main components of ${name}`;
    if (get("unit") >= size) fig.set({ unit: size - 1 });
    turnPage();
  }

  /** The page of the text around t: blanks stay blanks, their ground shows; words get them. */
  function turnPage() {
    const t = get("t");
    pageFrom = t - (t % PAGE);
    spans = shown.slice(pageFrom, pageFrom + PAGE).map((token) => (
      element("span", {}, token.replace(/\u2423/g, " ").replace(/\u23ce/g, "\u23ce\n"))));
    const between = spans.flatMap((span) => (spaced ? [span, " "] : [span]));
    text.replaceChildren(pageFrom ? "\u2026 " : "", ...between, pageFrom + PAGE < T ? " \u2026" : "");
    colourText();
  }

  function colourText() {
    const { runs: [value], map } = now, j = get("unit");
    spans.forEach((span, i) => {
      const v = value(pageFrom + i, j);
      span.style.cssText = `background: ${map.css(v)}; color: ${map.ink(v)}`;
    });
    fig.redraw();
  }

  const probability = (t, k) => probs[t * K + k];
  const ranked = (t) => labels.map((_, k) => k).sort((a, b) => probability(t, b) - probability(t, a));

  function describe(t) {
    const { name, runs: [value, other] } = now, j = get("unit"), change = t ? value(t, j) - value(t - 1, j) : 0;
    let words = `t = ${t}, ${quoted(tokens[t])}: unit ${j} of ${name} is ${number(value(t, j))}`;
    if (t) words += `, ${change < 0 ? "down" : "up"} ${number(Math.abs(change))}`;
    if (other) words += `; in the second run ${number(other(t, j))}`;
    if (K) words += `; readout ${quoted(labels[ranked(t)[0]])} ${number(probability(t, ranked(t)[0]))}`;
    return words;
  }

  // --- the stage: heat maps, tokens and the unit's chart over one time axis ----------------------

  const widest = Math.max(...shown.slice(0, 200).map((token) => [...token].length)) * 8;

  function layout(width, height) {
    const mapHeight = (height - AXIS - STRIP - CHART) / now.plots.length - STRIP;
    const tops = now.plots.map((_, i) => STRIP + i * (STRIP + mapHeight));
    return { mapHeight, tops, column: (width - LEFT) / T, row: mapHeight / now.size };
  }

  function paintStage(g, width, height) {
    const { fg, muted, line, bg } = fig.theme, { mapHeight, tops, column, row } = layout(width, height);
    const t = get("t"), j = get("unit"), x = LEFT + t * column, wide = width - LEFT;
    const box = (colour, left, top, w, h) => {
      g.strokeStyle = colour;
      g.strokeRect(left + 0.5, top + 0.5, Math.max(w - 1, 1), Math.max(h - 1, 1));
    };
    now.plots.forEach(({ title, image, map }, i) => {
      const top = tops[i], chosen = top + now.rows.indexOf(j) * row, every = Math.ceil(15 / row);
      write(g, title, LEFT, top - 10, { colour: muted });
      legend(g, map, width, top - 10, fig.theme);
      g.imageSmoothingEnabled = column < 1;
      g.drawImage(image, LEFT, top, wide, mapHeight);
      for (let r = 0; r < now.size; r += every) {
        const y = top + (r + 0.5) * row;
        if (Math.abs(y - chosen - row / 2) >= 15) write(g, now.rows[r], LEFT - 8, y, { colour: muted, align: "right" });
      }
      write(g, j, LEFT - 8, chosen + row / 2, { colour: fg, align: "right", weight: "bold" });
      box(line, LEFT, top, wide, mapHeight);
      box(fg, LEFT, chosen, wide, row);
      box(fg, x, top, column, mapHeight);
    });
    const y = tops.at(-1) + mapHeight + AXIS / 2, fits = widest < column, half = [...shown[t]].length * 4;
    const middle = clamp(x + column / 2, LEFT + half, Math.max(LEFT + half, width - half));
    const every = fits ? 1 : [2, 5, 10, 20, 50, 100, 200, 500, 1000].find((n) => n * column > 36) ?? T;
    for (let s = 0; s < T; s += every) {
      const at = LEFT + (s + 0.5) * column;
      if (!fits && Math.abs(at - middle) < half + 18) continue;
      write(g, fits ? shown[s] : s, at, y, { colour: muted, align: "center" });
    }
    write(g, shown[t], middle, y, { colour: fg, align: "center", weight: "bold", back: bg });
    g.save();
    g.translate(LEFT, height - CHART);
    paintChart(g, wide, column);
    g.restore();
  }

  function paintChart(g, width, column) {
    const { fg, muted, line } = fig.theme, { lo, hi, map, runs: [value, other] } = now, t = get("t"), j = get("unit");
    const y = (v) => 6 + ((hi - v) / (hi - lo)) * (CHART - 12), x = (s) => (s + 0.5) * column;
    write(g, `unit ${j} of ${now.name}`, 0, -10, { colour: muted });
    write(g, number(value(t, j)), width, -10, { colour: fg, align: "right", weight: "bold" });
    g.strokeStyle = line;
    for (const v of new Set([lo, 0, hi])) {
      g.strokeRect(0, Math.round(y(v)) + 0.5, width, 0);
      write(g, number(v, 0), -8, y(v), { colour: muted, align: "right" });
    }
    for (let s = 0; s < T && column > 2; s++) {
      g.fillStyle = map.css(value(s, j));
      g.fillRect(s * column + 0.5, y(0), column - 1, y(value(s, j)) - y(0));
    }
    g.strokeStyle = fg;
    curve(g, 0, T - 1, x, (s) => y(value(s, j)));
    g.setLineDash([4, 3]);
    if (other) curve(g, 0, T - 1, x, (s) => y(other(s, j)));
    g.setLineDash([]);
    g.strokeRect(x(t), 0, 0, CHART);
    dot(g, x(t), y(value(t, j)), fig.theme);
  }

  function paintPath(g, width, height) {
    const { paths, bounds: [[x0, x1], [y0, y1]] } = now, t = get("t");
    const scale = Math.min((width - 14) / (x1 - x0 || 1), (height - 14) / (y1 - y0 || 1));
    g.lineWidth = 1.5;
    paths.forEach((p, r) => {
      const x = (s) => width / 2 + (p[2 * s] - (x0 + x1) / 2) * scale;
      const y = (s) => height / 2 - (p[2 * s + 1] - (y0 + y1) / 2) * scale;
      g.strokeStyle = fig.theme.fg;
      g.setLineDash(r ? [4, 3] : []);
      g.globalAlpha = 0.25;
      curve(g, 0, T - 1, x, y);
      g.globalAlpha = 1;
      curve(g, Math.max(0, t - TRAIL), t, x, y);
      g.setLineDash([]);
      dot(g, x(t), y(t), fig.theme);
    });
  }

  // --- the elements --------------------------------------------------------------------------------

  const units = Array.from({ length: Math.max(...arrays.map(({ size }) => size)) }, (_, j) => [j, `${j}`]);
  const jump = element("button", { type: "button" }, "Largest change");
  const stage = canvas(fig, {
    class: titles[1] ? "stage two" : "stage", tabindex: 0, role: "application",
    "aria-label": "heat map of units over time: left and right move t, up and down choose a unit, space plays",
  }, paintStage);
  const pathTitle = element("div", { class: "small" });
  const path = canvas(fig, {
    class: "path", role: "img", "aria-label": "path of the state in its two main components",
  }, paintPath);
  const bars = Array.from({ length: Math.min(K, BARS) }, () => {
    const [label, fill, value] = ["bdi", "i", "b"].map((tag) => element(tag));
    return { row: element("li", {}, label, element("span", { class: "bar" }, fill), value), label, fill, value };
  });
  const readout = [element("div", { class: "small" }, "readout"),
    element("ul", { class: "readout" }, ...bars.map(({ row }) => row))];
  const text = element("div", {
    class: "text", dir: "auto", tabindex: 0, role: "group", "aria-label": "the text, coloured by the unit",
  });

  const nextRow = (by) => fig.set({ unit: now.rows[clamp(now.rows.indexOf(get("unit")) + by, 0, now.size - 1)] });
  const time = timeControls(fig, { describe, keys: { ArrowUp: () => nextRow(-1), ArrowDown: () => nextRow(1) } });
  fig.root.append(
    header(fig,
      ...(arrays[1] ? [menu(fig, "array", "array", arrays.map(({ name }) => [name, name]))] : []),
      menu(fig, "order", "order", [["index", "index"], ["similarity", "similarity"]]),
      menu(fig, "unit", "unit", units), jump),
    element("div", { class: "body" }, stage, element("div", { class: "side" }, ...(K ? readout : []), pathTitle, path)),
    text, time.bar, time.caption,
  );
  fig.paint(() => {
    const t = get("t"), order = K > BARS ? ranked(t) : labels.map((_, k) => k);
    if (t - pageFrom !== t % PAGE) turnPage();
    const here = spans[t - pageFrom];
    text.querySelector(".here")?.classList.remove("here");
    here.classList.add("here");
    text.scrollTop = here.offsetTop - text.offsetTop - 27;
    bars.forEach(({ label, fill, value }, i) => {
      label.textContent = visible(labels[order[i]]);
      fill.style.transform = `scaleX(${probability(t, order[i])})`;
      value.textContent = number(probability(t, order[i]));
    });
  });

  // --- what the reader does ------------------------------------------------------------------------

  const drag = (x) => time.go(Math.floor((x - LEFT) / layout(stage.clientWidth, stage.clientHeight).column));
  const pick = (x, y) => {
    const { tops, mapHeight, row } = layout(stage.clientWidth, stage.clientHeight);
    const top = tops.find((at) => y >= at && y < at + mapHeight);
    if (top !== undefined) fig.set({ unit: now.rows[Math.min(now.size - 1, Math.floor((y - top) / row))] });
    drag(x);
  };
  pointer(fig, stage, { pick, drag });
  fig.on(text, "click", ({ target }) => { if (target !== text) time.go(pageFrom + spans.indexOf(target)); });
  fig.on(jump, "click", () => {
    const j = get("unit"), change = (t) => Math.abs(now.runs[0](t, j) - now.runs[0](t - 1, j));
    let most = Math.min(1, T - 1);
    for (let t = 2; t < T; t++) if (change(t) > change(most)) most = t;
    time.go(most);
  });
  fig.watch(["unit"], colourText);
  fig.watch(["array", "order"], choose);
  fig.onTheme(choose);
  return fig.stop;
}

export default { render };

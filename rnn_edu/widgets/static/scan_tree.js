import { colourMap, element, figure, header, menu, number, timeControls } from "./kit.js";
import { arrow, shape, symbol } from "./wires.js";

const NARROW = 640; // CSS pixels up to which time runs down the page
const ROW = 17, LEVEL = 50, STEP = 40, EDGE = 18, TURN = 12; // of a number; between levels, steps; for the steps' numbers; of a corner

/** The joins of each round as [later, earlier, whole]: see scan_tree.py. */
export function rounds(T) {
  const tree = [[[1, 0, false]]], joined = (first, span, whole) => {
    const joins = [];
    for (let t = first; t <= T; t += 2 * span) joins.push([t, t - span, whole]);
    if (joins.length) tree.push(joins);
  };
  let span = 1;
  for (; 2 * span <= T; span *= 2) joined(2 * span, span, true);
  while (span > 1) { span /= 2; joined(3 * span, span, false); }
  return tree;
}

/** Every join with what it found and left: the stretches from..later and first..earlier, their a and h. */
export function scan(a, b, h0) {
  const now = [{ from: 0, a: 1, h: h0 }, ...a.map((a_t, i) => ({ from: i + 1, a: a_t, h: b[i] }))];
  const tree = rounds(a.length).map((joins) => joins.map(([later, earlier, whole]) => {
    const old = now[later], before = now[earlier];
    now[later] = { from: before.from, a: whole ? old.a * before.a : old.a, h: old.a * before.h + old.h };
    return { later, earlier, whole, old, before, made: now[later] };
  }));
  return { tree, h: now.map(({ h }) => h) };
}

/** h_0 to h_T, one step after the other. */
export const loop = (a, b, h0) => a.reduce((h, a_t, i) => [...h, a_t * h[i] + b[i]], [h0]);

const operations = (joins) => joins.reduce((sum, { whole }) => sum + (whole ? 3 : 2), 0);
const least = (values) => values.reduce((m, v) => Math.max(m, Math.ceil(Math.abs(v))), 1);
const factor = (v) => (v < 0 ? `(${number(v)})` : number(v));
const below = (name, i) => name + [...`${i}`].map((digit) => "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089"[digit]).join("");
const stretch = (from, to) => (from === to ? `step ${to}` : `steps ${from}\u2013${to}`);

function render(context) {
  const fig = figure(context, "scan-tree"), { on } = fig, get = (name) => fig.model.get(name);
  const [given_a, given_b, given_h0] = get("given"), T = given_a.length, given = scan(given_a, given_b, given_h0);
  const R = given.tree.length, all = given.tree.map(operations), total = all.reduce((x, y) => x + y);
  const most = { a: least(given_a), b: Math.max(2, least([...given_b, given_h0])), h: least(given.h) };
  const signed = Math.min(...given_a) < 0;
  let now, loops; // the scan and the loop, as the numbers are now

  // --- the drawing: levels (the loop, what is given, the rounds, h) over places 0..T -----------------------

  const wires = shape("svg", { "aria-hidden": "true" }), board = element("div", { class: "board" }, wires);
  const boxes = [], marks = [];

  /** A box of numbers: "ab" for a above b, "h" for a state alone. when: the round that fills it. */
  function box(level, place, kind, when, value, first) {
    const rows = [...kind].map(() => element("span")), node = element("div", { class: "box", "data-place": place, "data-round": when }, ...rows);
    board.append(node);
    boxes.push({ level, place, kind, when, value, first, node, rows });
  }
  function label(level, place, ...content) {
    const node = element("div", { class: "label" }, ...content);
    board.append(node);
    marks.push({ level, place, node });
  }
  function wire(when, points) {
    const node = shape("path");
    wires.append(node);
    return { when, points, node };
  }
  const OUT = R + 2, lines = [];
  label(0, 0, "loop");
  label(OUT, 0, "scan");
  box(1, 0, "h", 0, () => [loops[0]], () => [given_h0]);
  boxes[0].node.prepend(element("div", {}, symbol("h_0")));
  for (let t = 1; t <= T; t++) {
    label(-1, t, `${t}`);
    lines.push(wire(t, t === 1 ? [[0, 1], [1, 0]] : [[t - 1, 0], [t, 0]]), wire(-1, [[t, 1], [t, 0]]), wire(-1, [[t, 1], [t, OUT]]));
    box(0, t, "h", t, () => [loops[t]], () => [given.h[t]]);
    box(1, t, "ab", 0, () => [get("a")[t - 1], get("b")[t - 1]], () => [given_a[t - 1], given_b[t - 1]]);
    const done = given.tree.findIndex((joins) => joins.some(({ later, made }) => later === t && !made.from)) + 1;
    box(OUT, t, "h", done, () => [now.h[t]], () => [given.h[t]]);
  }
  given.tree.forEach((joins, r) => {
    label(r + 2, 0, element("span", { class: "word" }, "round "), element("span", { class: "round" }, `${r + 1}`));
    joins.forEach(({ later, earlier, whole }, i) => {
      lines.push(wire(r + 1, earlier ? [[earlier, r + 2], [later, r + 2]] : [[0, 1], [1, 2]]));
      const values = ({ tree }) => { const { made } = tree[r][i]; return whole ? [made.a, made.h] : [made.h]; };
      box(r + 2, later, whole ? "ab" : "h", r + 1, () => values(now), () => values(given));
    });
  });

  function place() {
    const room = drawing.clientWidth, down = room <= NARROW - 34;
    const pitch = down ? (room - EDGE) / (OUT + 1) : room / (T + 1), wide = Math.min(pitch - 3, 56), font = Math.min(12, wide / 3.1);
    const across = (level) => (level < 0 ? 7 : down ? EDGE + (level + 0.5) * pitch : 34 + LEVEL * level);
    const along = (p) => (down ? 10 + (p + 0.5) * STEP : (p + 0.5) * pitch);
    const at = (p, level) => (down ? [across(level), along(p)] : [along(p), across(level)]);
    const back = (d) => (down ? [0, -d] : [-d, 0]), plus = ([x, y], [u, v]) => [x + u, y + v];
    board.classList.toggle("tight", pitch < 76);
    board.style.height = `${down ? along(T) + STEP / 2 : across(OUT) + 20}px`;
    for (const { level, place: p, kind, node } of boxes) {
      const [x, y] = at(p, level), tall = ROW * (p ? kind.length : 2) + 4;
      node.style.cssText = `translate: ${x - wide / 2}px ${y - tall / 2}px; width: ${wide}px; height: ${tall}px; font-size: ${font}px`;
    }
    for (const { level, place: p, node } of marks) {
      const [x, y] = at(p, level);
      node.style.translate = `${x}px ${y}px`;
    }
    const here = at(get("place"), 0);
    column.style.cssText = down ? `inset: ${here[1] - STEP / 2}px 0 auto 0; height: ${STEP}px`
      : `inset: 0 auto 0 ${here[0] - pitch / 2}px; width: ${pitch}px`;
    for (const { points: [[p, k], [q, l]], node, when } of lines) {
      const end = plus(at(q, l), back(when < 0 ? 0 : down ? ROW + 5 : wide / 2 + 3));
      if (k !== l) node.setAttribute("d", when < 0 ? `M${at(p, k)}L${end}` : arrow([at(p, k), end]));
      else if (!k) node.setAttribute("d", arrow([at(p, k), plus(at(q, l), back(down ? 14 : wide / 2 + 3))]));
      else { // leaves its place a little before this level, and turns
        const turn = at(p, k), from = plus(turn, down ? [-pitch / 2, 0] : [0, -LEVEL / 2]);
        const into = plus(turn, down ? [-TURN, 0] : [0, -TURN]), out = plus(turn, back(-TURN));
        node.setAttribute("d", `M${from}L${into}Q${turn} ${out}${arrow([out, end])}`);
      }
    }
  }

  function show() {
    const t = get("t"), { theme } = fig, maps = {
      a: signed ? colourMap(-most.a, most.a, theme) : colourMap(0, most.a, theme),
      b: colourMap(-most.b, most.b, theme), h: colourMap(-most.h, most.h, theme),
    };
    let moved = 0, filled = 0;
    for (const { kind, when, value, first, node, rows, level } of boxes) {
      const v = value(), old = first(), done = when <= t, changed = done && v.some((v_i, i) => Math.abs(v_i - old[i]) > 1e-12);
      rows.forEach((row, i) => {
        const map = maps[kind === "ab" ? "ab"[i] : "h"];
        row.textContent = done ? number(v[i]) : "";
        Object.assign(row.style, done ? { background: map.css(v[i]), color: map.ink(v[i]) } : { background: "", color: "" });
      });
      const current = when === t && t > 0 && level !== OUT;
      node.className = ["box", done ? "" : "later", current ? "now" : "", changed ? "changed" : ""].filter(Boolean).join(" ");
      moved += changed;
      filled += done;
    }
    for (const { node, when } of lines) node.setAttribute("class", when < 0 ? "plain" : when > t ? "later" : when === t ? "now" : "");
    for (const { level, node } of marks) node.classList.toggle("now", level === t + 1 && t > 0 && level < OUT && level > 1);
    note.textContent = moved ? `A dot marks what your change has moved: ${moved} of ${filled} boxes so far.`
      : "In a box: a above b, or h alone. Press a box to go to its round and its step.";
  }

  // --- what is counted, and what is said -------------------------------------------------------------------

  const bar = () => element("span", { class: "bar" }, element("i"));
  const counts = ["loop", "scan"].map((name) => ({ name, cells: [[bar(), element("span")], [bar(), element("span")]] }));
  const counters = element("div", { class: "counters" }, element("span"), element("span", { class: "small" }, "rounds"),
    element("span", { class: "small" }, "operations"), ...counts.flatMap(({ name, cells }) => (
      [element("strong", {}, name), ...cells.map((cell) => element("span", { class: "count" }, ...cell))])));

  function count() {
    const t = get("t"), r = Math.min(t, R), work = all.slice(0, r).reduce((x, y) => x + y, 0);
    const figures = [[[t, T], [2 * t, 2 * T]], [[r, R], [work, total]]], longest = [Math.max(T, R), total];
    counts.forEach(({ cells }, i) => cells.forEach(([track, text], k) => {
      const [done, of] = figures[i][k];
      text.textContent = `${done} of ${of}`;
      track.style.setProperty("--of", of / longest[k]);
      track.firstChild.style.transform = `scaleX(${done / of})`;
    }));
  }

  function describe(t) {
    const looped = t ? `the loop makes ${below("h", t)}` : "nothing is joined yet";
    if (!t) return `before the first round: ${looped}`;
    if (t > R) return `round ${t}: the scan was done in round ${R}; ${looped}`;
    const joins = now.tree[t - 1], pairs = joins.map(({ earlier, later }) => (earlier ? `${earlier} into ${later}` : `${below("h", 0)} into 1`));
    return `round ${t}: ${looped}, the scan ${joins.length === 1 ? "one join" : `${joins.length} joins at once`}: ${pairs.join(", ")}`;
  }

  /** What the chosen place holds after t rounds of the scan, and how it came there. */
  function workings(p, t) {
    const a = get("a"), b = get("b"), h = (i) => below("h", i);
    if (!p) return [`${h(0)} = ${number(loops[0])}`, "both start from it"];
    const rule = `${h(p)} = ${below("a", p)} ${h(p - 1)} + ${below("b", p)}`;
    const sums = `${factor(a[p - 1])} \u00d7 ${factor(loops[p - 1])} + ${factor(b[p - 1])} = ${number(loops[p])}`;
    const looped = t >= p ? `${rule} = ${sums}` : t === p - 1 ? `${h(p)} is next` : `${h(p)} waits for ${h(p - 1)}`;
    const join = now.tree.slice(0, t).flat().findLast(({ later }) => later === p);
    if (!join) return [looped, `step ${p} as it is given: a = ${number(a[p - 1])}, b = ${number(b[p - 1])}`];
    const { old, before, earlier, whole, made } = join, sum = `${factor(old.a)} \u00d7 ${factor(before.h)} + ${factor(old.h)} = ${number(made.h)}`;
    const with_a = whole ? `a = ${factor(old.a)} \u00d7 ${factor(before.a)} = ${number(made.a)}, ` : "";
    if (!made.from) return [looped, `${h(p)}, from ${h(earlier)} over ${stretch(earlier + 1, p)}: ${with_a}h = ${sum}`];
    return [looped, `${stretch(made.from, p)} as one: ${with_a}b = ${sum}`];
  }

  // --- the elements, and what the reader does --------------------------------------------------------------

  const column = element("div", { class: "column" });
  board.prepend(column);
  const drawing = element("div", {
    class: "drawing", tabindex: 0, role: "application",
    "aria-label": "loop and scan: left and right take a round, up and down choose a step, space plays",
  }, board);
  const choose = (by) => fig.set({ place: Math.min(T, Math.max(0, get("place") + by)) });
  const time = timeControls(fig, { describe, keys: { ArrowUp: () => choose(-1), ArrowDown: () => choose(1) } });
  time.bar.querySelector("select").value = 1;
  on(board, "click", ({ target }) => {
    const node = target.closest(".box");
    if (!node) return;
    fig.set({ place: +node.dataset.place });
    if (+node.dataset.round) time.go(+node.dataset.round);
  });

  function tuner(range, step, name, value, change) {
    const input = element("input", { type: "range", min: range[0], max: range[1], step }), heading = element("span"), output = element("span", { class: "value" });
    const node = element("label", { class: "tuner" }, heading, input, output);
    on(input, "input", () => change(+input.value));
    fig.paint(() => {
      const p = get("place"), label = name(p);
      node.hidden = !label;
      if (!label) return;
      heading.replaceChildren(symbol(label));
      input.setAttribute("aria-label", label);
      input.value = value(p);
      output.textContent = number(value(p));
    });
    return node;
  }
  const series = (name, range) => tuner(range, 0.05, (p) => p && `${name}_${p}`, (p) => get(name)[p - 1],
    (v) => fig.set({ [name]: get(name).map((old, i) => (i === get("place") - 1 ? v : old)) }));
  const around = [-most.b, most.b], reset = element("button", { type: "button" }, "Reset");
  on(reset, "click", () => fig.set({ a: given_a, b: given_b, h0: given_h0 }));
  const steps = Array.from({ length: T + 1 }, (_, p) => [p, p ? `step ${p}` : "h_0"]);
  const tools = element("div", { class: "tools" }, menu(fig, "place", "change", steps), series("a", [signed ? -most.a : 0, most.a]),
    series("b", around), tuner(around, 0.05, (p) => !p && "h_0", () => get("h0"), (h0) => fig.set({ h0 })), reset);
  const said = counts.map(({ name }) => ({ name, text: element("span") })), note = element("div", { class: "small" });
  const working = element("div", { class: "working" }, ...said.flatMap(({ name, text }) => [element("strong", {}, name), text]));

  function compute() {
    const a = get("a"), b = get("b"), h0 = get("h0");
    now = scan(a, b, h0);
    loops = loop(a, b, h0);
    fig.redraw();
  }
  fig.root.append(header(fig), counters, drawing, time.bar, time.caption, tools, working, note);
  compute();
  fig.paint(() => {
    place();
    show();
    count();
    workings(get("place"), get("t")).forEach((text, i) => { said[i].text.textContent = text; });
  });
  fig.watch(["a", "b", "h0"], compute);
  fig.watch(["place"], () => { fig.redraw(); fig.say(workings(get("place"), get("t")).join("; ")); });
  const observer = new ResizeObserver(fig.redraw);
  observer.observe(drawing);
  fig.signal.addEventListener("abort", () => observer.disconnect());
  fig.onTheme(fig.redraw);
  return fig.stop;
}

export default { render };

import { calm, clamp, element, figure, header, quoted, timeControls, visible } from "./kit.js";
import { arrow, between, curved, shape, symbol } from "./wires.js";

const ROWS = { y: 76, h: 166, x: 256 }, HEIGHT = 342; // CSS pixels: the rows' middles, the drawing
const PITCH = [47, 140], CELL = [4, 13]; // of a column, of a number in it: least and most
const MORPH = 700, PULSE = 260; // milliseconds
const SIZES = {
  T: "steps", N: "sequences at once", D: "numbers in an input", H: "units", K: "numbers in an output",
};

/** A figure inside the figure, whose listeners and one painter end when it is made afresh. */
function afresh(fig) {
  let life = new AbortController(), painter = () => {};
  fig.paint(() => painter());
  return (make) => {
    life.abort();
    life = new AbortController();
    const signal = AbortSignal.any([life.signal, fig.signal]);
    return make({
      ...fig, signal,
      on: (target, type, listen, options) => target.addEventListener(type, listen, { ...options, signal }),
      watch(names, listen) {
        for (const name of names) {
          fig.model.on(`change:${name}`, listen);
          signal.addEventListener("abort", () => fig.model.off(`change:${name}`, listen));
        }
      },
      paint: (paint) => { painter = paint; },
    });
  };
}

function render(context) {
  const fig = figure(context, "topology"), get = (name) => fig.model.get(name), kinds = get("kinds");
  const most = get("most"), columns = 2 * most.T, range = Array.from({ length: columns }, (_, i) => i + 1);
  let now, places = null, frame = 0, last = get("t");

  /** What follows from kind and sizes: the example, the columns, what feeds and reads each. */
  function look() {
    const kind = kinds.find(({ name }) => name === get("kind")), T = kind.name === "one-to-one" ? 1 : get("T");
    const steps = ([inputs, outputs]) => (kind.name === "one-to-many" ? outputs : inputs).length;
    const [inputs, outputs] = kind.examples.find((pair) => steps(pair) === T) ?? [[], []];
    const sizes = { T, N: get("N"), D: get("D"), H: get("H"), K: get("K"), S: outputs.length || T };
    const writes = kind.reads === "after" ? T : 0, end = T + (writes && sizes.S); // columns without outputs; all
    const fed = (c) => c <= T && (kind.feeds === "all" || c === 1);
    const read = (c) => c > 0 && c <= end && (kind.reads === "last" ? c === T : c > writes);
    const output = (c) => (kind.reads === "last" ? 1 : c - writes); // its number, from 1
    now = { kind, sizes, inputs, outputs, writes, end, fed, read, output, back: (c) => c <= end && kind.back && read(c - 1) };
  }

  // --- the drawing: a node is N rows of numbers, a column is a step --------------------------------

  const wires = shape("svg", { "aria-hidden": "true" }), board = element("div", { class: "board" }, wires);
  const drawing = element("div", {
    class: "drawing", tabindex: 0, role: "application",
    "aria-label": "the network over time: left and right take a step, space plays, 1 to 5 choose a topology",
  }, board);
  const nodes = {}, edges = {};
  for (const c of range) {
    for (const row of ["x", "h", "y"]) {
      const name = element("span"), token = element("bdi");
      const node = element("div", { class: `node ${row}` }, element("div", { class: "label" }, name, token));
      nodes[row + c] = { node, name, token };
      board.append(node);
    }
    for (const edge of ["xh", "hh", "hy", "yx"]) wires.append(edges[edge + c] = shape("path", { class: edge }));
  }
  const parts = ["reads", "writes"].map((name) => element("div", { class: "part" }, name));
  board.append(...parts);

  /** For each node [x, y, width, height, opacity], for each edge and part what it needs. */
  function layout() {
    const { sizes: { T, N, D, H, K }, end, fed, read, back, writes } = now, room = drawing.clientWidth, goal = {};
    const pitch = clamp(room / end, ...PITCH), start = Math.max(0, (room - pitch * end) / 2);
    const cell = clamp(Math.floor((pitch - 20) / Math.max(D, H, K)), ...CELL);
    for (const c of range) {
      const x = start + (Math.min(c, end) - 0.5) * pitch, here = c <= end;
      const put = (row, width, on) => { goal[row + c] = [x, ROWS[row], width * cell + 1, N * cell + 1, +on]; };
      put("x", back(c) ? K : D, here && (fed(c) || back(c)));
      put("h", H, here);
      put("y", K, read(c));
      Object.assign(goal, { [`xh${c}`]: [+(fed(c) || back(c))], [`hh${c}`]: [+(c < end)], [`hy${c}`]: [+read(c)], [`yx${c}`]: [+back(c + 1)] });
    }
    goal.part0 = [start + 6, T * pitch - 12, +(writes > 0)];
    goal.part1 = [start + T * pitch + 6, (end - T) * pitch - 12, +(writes > 0)];
    goal.board = [Math.max(room, pitch * end), cell];
    return goal;
  }

  /** The points of the edge of that name, from the nodes as they stand. */
  function points(edge, c) {
    const at = (row, by = 0) => places[row + clamp(c + by, 1, columns)];
    const top = ([x, y, , h], off = 0) => [x, y - h / 2 + off], bottom = ([x, y, , h]) => [x, y + h / 2 + 3];
    const left = ([x, y, w]) => [x - w / 2 - 3, y], right = ([x, y, w]) => [x + w / 2, y];
    if (edge === "xh") return [top(at("x")), bottom(at("h"))];
    if (edge === "hy") return [top(at("h")), bottom(at("y"))];
    if (edge === "hh") return [right(at("h")), left(at("h", 1))];
    const [p, q] = [right(at("y")), left(at("x", 1))], bend = Math.max(20, (q[0] - p[0]) * 0.7);
    return [p, [p[0] + bend, p[1]], [q[0] - bend, q[1]], q];
  }

  function place() {
    const [width, cell] = places.board;
    Object.assign(board.style, { width: `${width}px`, height: `${HEIGHT}px` });
    board.style.setProperty("--cell", `${cell}px`);
    for (const [id, { node }] of Object.entries(nodes)) {
      const [x, y, w, h, opacity] = places[id];
      node.style.cssText = `translate: ${x - w / 2}px ${y - h / 2}px; width: ${w}px; height: ${h}px; opacity: ${opacity}`;
      node.style.visibility = opacity ? "" : "hidden";
    }
    for (const [id, path] of Object.entries(edges)) {
      path.setAttribute("d", arrow(points(id.slice(0, 2), +id.slice(2))));
      path.style.opacity = places[id];
    }
    parts.forEach((part, i) => {
      const [x, w, opacity] = places[`part${i}`];
      part.style.cssText = `translate: ${x}px; width: ${Math.max(0, w)}px; opacity: ${opacity}; visibility: ${opacity ? "" : "hidden"}`;
    });
  }

  function morph() {
    look();
    const goal = layout(), from = places ?? goal, began = performance.now();
    cancelAnimationFrame(frame);
    const move = (at) => {
      const s = calm() || from === goal ? 1 : clamp((at - began) / MORPH, 0, 1), u = s * s * (3 - 2 * s);
      places = Object.fromEntries(Object.entries(goal).map(([id, to]) => [id, between(from[id], to, u)]));
      place();
      if (s < 1) frame = requestAnimationFrame(move);
    };
    move(began);
    fig.redraw();
  }

  /** The order within a step: input and last state come in, the state goes out, the output back. */
  function pulse(c) {
    const waves = [["xh", c], ["hh", c - 1], ["hy", c], ["yx", c]].map(([edge, at], i) => [edge + at, edge, at, Math.max(0, i - 1)]);
    for (const [id, edge, at, wave] of waves) {
      if (!places[id]?.[0]) continue;
      const ball = element("span", { class: "pulse" }), path = points(edge, at);
      ball.style.offsetPath = `path("${path[2] ? curved(path) : `M${path.join("L")}`}")`;
      board.append(ball);
      ball.animate([{ offsetDistance: "0%", opacity: 1 }, { offsetDistance: "100%", opacity: 1 }], { duration: PULSE, delay: wave * PULSE })
        .onfinish = () => ball.remove();
    }
  }

  // --- names, numbers, words -----------------------------------------------------------------------

  const said = (token, name) => (token === undefined ? name : quoted(token));

  function describe(t) {
    if (!t) return "t = 0: nothing is read yet, the state is zero";
    const { kind, sizes: { T }, inputs, outputs, writes, fed, read, output, back } = now, o = output(t), words = [];
    if (fed(t)) words.push(`${said(inputs[t - 1], `input ${t}`)} comes in`);
    if (writes && t === T + 1) words.push("the second cell takes over the state");
    if (back(t)) words.push(`${said(outputs[o - 2], `output ${o - 1}`)} comes back in`);
    words.push(kind.name === "one-to-one" ? "the units compute" : "the state is updated");
    if (read(t)) words.push(`${said(outputs[o - 1], kind.reads === "last" ? "the output" : `output ${o}`)} is read`);
    return `t = ${t}: ${words.join(", ")}`;
  }

  const facts = element("table", { class: "facts", "aria-label": "shapes" }), total = element("p", { class: "total" });
  const says = element("p", { class: "says" });

  function paintFacts() {
    const { kind, sizes } = now, count = (letters) => [...letters].reduce((n, s) => n * sizes[s], 1);
    facts.replaceChildren(element("tbody", {}, ...Object.entries(kind.shapes).map(([name, letters]) => element("tr", {},
      element("th", { scope: "row" }, element("i", { class: "symbol" }, name)),
      element("td", {}, `(${[...letters].join(", ")})`), element("td", {}, `= (${[...letters].map((s) => sizes[s]).join(", ")})`)))));
    const weights = Object.entries(kind.weights), sum = weights.reduce((n, [, letters]) => n + count(letters), 0);
    total.replaceChildren(element("b", {}, `${sum} numbers to learn, for any T: `),
      ...weights.flatMap(([name, letters], i) => [i ? ", " : "", symbol(name), `\u00a0${count(letters)}`]));
    says.replaceChildren(element("b", {}, kind.task), ` ${kind.says}`);
  }

  function paintNames() {
    const { kind, inputs, outputs, writes, end, fed, read, output, back } = now, t = get("t");
    for (const c of range) {
      const o = output(c), y = kind.reads === "last" ? "y" : `y_${o}`;
      const shown = { // name and token of what is there; what fades away keeps its own
        x: fed(c) ? [`x_${c}`, inputs[c - 1]] : back(c) && [`y_${o - 1}`, outputs[o - 2]],
        h: c <= end && [writes && c > writes ? `s_${c - writes}` : `h_${c}`], y: read(c) && [y, outputs[o - 1]],
      };
      for (const row of ["x", "h", "y"]) {
        const { node, name, token } = nodes[row + c];
        node.className = `node ${row}${c <= t ? " done" : ""}${c === t ? " now" : ""}${row === "x" && back(c) ? " back" : ""}`;
        if (!shown[row]) continue;
        name.replaceChildren(symbol(shown[row][0]));
        token.textContent = shown[row][1] ? visible(shown[row][1]) : "";
      }
    }
  }

  // --- what the reader does ------------------------------------------------------------------------

  const choose = (kind) => fig.set({ kind });
  const buttons = kinds.map(({ name }) => element("button", { type: "button" }, name));
  buttons.forEach((button, i) => fig.on(button, "click", () => choose(kinds[i].name)));
  const sliders = Object.entries(SIZES).map(([name, meaning]) => {
    const input = element("input", { type: "range", min: 1, max: most[name] }), value = element("output");
    fig.on(input, "input", () => fig.set({ [name]: +input.value }));
    const label = element("label", {}, element("span", {}, element("b", {}, name), ` ${meaning}`), input, value);
    return { name, input, value, label };
  });

  const renew = afresh(fig), keys = Object.fromEntries(kinds.map(({ name }, i) => [i + 1, () => choose(name)]));
  function control() {
    const made = renew((part) => timeControls(part, { describe, keys }));
    made.bar.querySelector("select").value = 1;
    return made;
  }
  look();
  let time = control();

  fig.root.append(header(fig), element("div", { class: "kinds", role: "group", "aria-label": "topology" }, ...buttons), says,
    drawing, time.bar, time.caption, element("div", { class: "below" },
      element("div", { class: "sizes" }, ...sliders.map(({ label }) => label)), element("div", {}, facts, total)));
  fig.watch(["kind", "T"], () => {
    const before = now.end;
    look();
    last = now.end;
    fig.set({ steps: now.end + 1, t: now.end });
    if (now.end !== before) { // the time controls know one number of steps: these get new ones
      const old = time;
      time = control();
      for (const part of ["bar", "caption"]) old[part].replaceWith(time[part]);
    }
    drawing.scrollTo({ left: 0 });
    morph();
  });
  fig.watch(["N", "D", "H", "K"], morph);
  fig.watch(["t"], () => {
    if (get("t") === last + 1 && !calm()) pulse(get("t"));
    last = get("t");
    const { scrollWidth, clientWidth } = drawing, share = Math.max(0, last - 0.5) / now.end;
    drawing.scrollTo({ left: share * scrollWidth - clientWidth / 2, behavior: calm() ? "instant" : "smooth" });
  });
  fig.paint(() => {
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", kinds[i].name === get("kind")));
    for (const { name, input, value } of sliders) {
      input.disabled = name === "T" && now.kind.name === "one-to-one";
      input.value = value.textContent = now.sizes[name];
    }
    paintFacts();
    paintNames();
  });
  const observer = new ResizeObserver(() => { places = null; morph(); });
  observer.observe(drawing);
  fig.signal.addEventListener("abort", () => { observer.disconnect(); cancelAnimationFrame(frame); });
  return fig.stop;
}

export default { render };

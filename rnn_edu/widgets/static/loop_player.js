import { calm, clamp, colourMap, element, figure, header, menu, number, picture, quoted, timeControls, visible } from "./kit.js";
import { arrow, between, curved, shape, symbol } from "./wires.js";

// CSS pixels of the drawing: a row of numbers, the symbol above it, room for the loop.
const ROW = 20, LABEL = 21, LOOP = 34;
const UNFOLDING = 900, TURN = 450; // milliseconds
const WITH_NUMBERS = 4; // D and H up to which numbers are drawn
const WEIGHTS = ["W_xh", "W_hh", "b_h"];

/** Every turn of the loop: what comes in, the two products, their sum a with b_h, and tanh(a). */
export function turns(W_xh, W_hh, b_h, x) {
  const product = (v, W) => b_h.map((_, j) => v.reduce((sum, v_i, i) => sum + v_i * W[i][j], 0));
  let h_prev = b_h.map(() => 0);
  return x.map((x_t) => {
    const from_x = product(x_t, W_xh), from_h = product(h_prev, W_hh);
    const a = b_h.map((b, j) => from_x[j] + from_h[j] + b), h = a.map(Math.tanh);
    const turn = { x_t, h_prev, from_x, from_h, a, h };
    h_prev = h;
    return turn;
  });
}

function render(context) {
  const fig = figure(context, "loop-player"), { root } = fig, get = (name) => fig.model.get(name);
  const x = get("x"), tokens = get("tokens"), T = x.length, D = x[0].length, H = get("b_h").length;
  const numbers = Math.max(D, H) <= WITH_NUMBERS, gap = numbers ? 18 : 44; // for an arrow
  const largest = (values) => Math.max(...values.flat(2).map(Math.abs)), reach = Math.max(2, Math.ceil(largest(get("given"))));
  let run, u = +get("unfolded"), frame = 0, last = get("t"), hovered = "", follow = true;

  // --- where things are, in a copy whose left edge is that of h_{t-1} ------------------------------

  const cell = numbers ? number(-Math.max(reach, largest(x))).length * 7 + 5 : clamp(Math.floor(120 / Math.max(D, H)), 4, ROW);
  const row = numbers ? ROW : cell, wide = (n) => n * cell + 6, tall = (n) => Math.max(n * row, 12) + 2;
  const inner = Math.max(wide(H) + 10, 96), W_left = wide(H) + gap, left = W_left + wide(H) + gap;
  const right = left + inner, centre = left + inner / 2, pitch = right - wide(H);
  const top = Math.max(LOOP + LABEL + tall(1) + gap, LABEL + tall(H) / 2), box = LABEL + tall(1) + 10, y = top + box / 2;
  const W_top = top + box + gap, x_top = W_top + tall(D) + gap, height = x_top + tall(1) + (tokens[0] ? 24 : 4);
  const places = { // left, top, columns, rows
    h_prev: [0, y - tall(1) / 2, H, 1], W_hh: [W_left, y - tall(H) / 2, H, H], b_h: [centre - wide(H) / 2, top - gap - tall(1), H, 1],
    h: [centre - wide(H) / 2, top + LABEL + 5, H, 1], W_xh: [centre - wide(H) / 2, W_top, H, D], x_t: [centre - wide(D) / 2, x_top, D, 1],
  };

  // --- the drawing: T copies, one upon the other when folded ---------------------------------------

  /** A box for rows of numbers; for a matrix too large for numbers, its picture. */
  function block(kind, label) {
    const [at, down, columns, rows] = places[kind], grid = element("div", { class: "grid" });
    const cells = Array.from({ length: numbers ? columns * rows : 0 }, (_, k) => {
      const index = kind === "b_h" ? k : `${Math.floor(k / columns)}, ${k % columns}`;
      return element("span", WEIGHTS.includes(kind) ? { "data-entry": `${kind}[${index}]` } : {});
    });
    if (WEIGHTS.includes(kind)) grid.dataset.weight = kind;
    grid.style.cssText = `grid: auto / repeat(${columns}, ${cell}px); width: ${wide(columns)}px; height: ${tall(rows)}px`;
    grid.append(...cells);
    const node = element("div", { class: `block ${kind}` }, label, grid);
    node.style.translate = `${at}px ${down}px`;
    function show(values, map) {
      if (!numbers) return grid.replaceChildren(picture(columns, rows, (c, r) => values[r * columns + c], map));
      cells.forEach((span, k) => {
        span.textContent = number(values[k]);
        if (kind.startsWith("h")) Object.assign(span.style, { background: map.css(values[k]), color: map.ink(values[k]) });
      });
    }
    return { node, grid, show };
  }

  const delay = element("span", { class: "delay small" }, "one step later");
  const wires = shape("svg", { "aria-hidden": "true" }), board = element("div", { class: "board" }, wires, delay);
  const copies = x.map((_, s) => {
    const t = s + 1, label = { h_prev: `h_${s}`, W_hh: "W_hh", b_h: "b_h", W_xh: "W_xh", x_t: `x_${t}` };
    const parts = Object.fromEntries(Object.keys(places).map((kind) => [kind, block(kind, kind === "h"
      ? element("span", {}, symbol(`h_${t}`), " = tanh(", symbol(`a_${t}`), ")") : symbol(label[kind]))]));
    if (tokens[0]) parts.x_t.node.append(element("bdi", {}, visible(tokens[s])));
    const frame = element("div", { class: "frame" });
    frame.style.cssText = `translate: ${left}px ${top}px; width: ${inner}px; height: ${box}px`;
    const inputs = [[[left - gap, y], [left - 3, y]], [[centre, top - gap], [centre, top - 3]],
      [[centre, W_top], [centre, top + box + 3]], [[centre, x_top], [centre, x_top - gap + 3]]];
    const into = shape("path", { d: arrow([[wide(H), y], [W_left - 3, y]]) }), out = shape("path");
    const group = shape("g", {}, shape("path", { d: inputs.map(arrow).join("") }), into, out);
    const holder = element("div", { class: "copy" }, frame, ...Object.values(parts).map(({ node }) => node));
    wires.append(group);
    board.append(holder);
    return { t, parts, holder, group, into, out };
  });

  /** The way from h_t back to h_{t-1}; as u grows it unwinds into the way to the next copy. */
  function way() {
    const from = [right, y], to = [right + gap - 3, y], end = [wide(H) / 2, places.h_prev[1] - LABEL - 4];
    const peak = (10 - (from[1] + end[1]) / 8) / 0.75; // of the controls, for a curve that peaks at 10
    const folded = [from, [right + 110, peak], [end[0], peak], end];
    return folded.map((p, i) => between(p, between(from, to, i / 3), u));
  }

  function place() {
    const here = Math.max(get("t"), 1), width = right + (T - 1) * pitch * u + gap + 26 * (1 - u);
    const room = drawing.clientWidth, start = Math.max(0, (room - width) / 2), d = arrow(way());
    board.style.cssText = `width: ${Math.max(width, room)}px; height: ${height}px`;
    for (const { t, parts, holder, group, into, out } of copies) {
      const at = start + (t - 1) * pitch * u, state = t <= get("t") ? "" : " later";
      out.setAttribute("d", d);
      holder.style.translate = `${at}px`;
      group.setAttribute("transform", `translate(${at})`);
      holder.setAttribute("class", `copy${state}${t === here && get("t") ? " now" : ""}`);
      group.setAttribute("class", state);
      for (const { style } of [holder, group]) {
        style.opacity = t === here ? 1 : u;
        style.visibility = t === here || u ? "" : "hidden";
      }
      for (const { style } of [parts.h_prev.node, into]) style.opacity = t === 1 ? 1 : t === here ? 1 - 3 * u : 0;
    }
    delay.style.cssText = `left: ${start + (here - 1) * pitch * u + (wide(H) / 2 + right) / 2}px; opacity: ${1 - u}`;
    if (!follow) return; // what the reader scrolled to stays
    const behavior = calm() || u % 1 ? "instant" : "smooth", middle = Math.max((right - room) / 2, right + gap - room);
    drawing.scrollTo({ left: start + (here - 1) * pitch * u + middle, behavior });
    follow = false;
  }

  function unfold() {
    const from = u, to = +get("unfolded"), began = performance.now();
    fold.textContent = to ? "Fold" : "Unfold";
    cancelAnimationFrame(frame);
    const move = (now) => {
      const s = calm() ? 1 : clamp((now - began) / UNFOLDING, 0, 1);
      u = from + (to - from) * s * s * (3 - 2 * s);
      follow = true;
      place();
      if (s < 1) frame = requestAnimationFrame(move);
    };
    move(began);
  }

  /** One turn while folded: what the cell holds goes round the loop and becomes h_{t-1}. */
  function goRound({ parts: { h_prev, h }, holder }) {
    const ghost = h_prev.grid.cloneNode(true), late = [{ opacity: 0 }, { opacity: 0, offset: 0.95 }, { opacity: 1 }];
    ghost.classList.add("ghost");
    ghost.style.offsetPath = `path("${curved(way())}")`;
    holder.append(ghost);
    ghost.animate([{ offsetDistance: "0%" }, { offsetDistance: "100%" }], { duration: TURN, easing: "ease-in-out" })
      .onfinish = () => ghost.remove();
    for (const { grid } of [h_prev, h]) grid.animate(late, { duration: TURN });
  }

  // --- the sum of one turn, one column for each unit -----------------------------------------------

  const sum = element("table", { class: H > 2 ? "sum many" : "sum", "aria-label": "the sum of this turn, one column for each unit" });

  function paintSum() {
    const s = Math.max(get("t"), 1), turn = run[s - 1], b_h = get("b_h"), map = colourMap(-1, 1, fig.theme);
    const factor = (v, first) => (v < 0 && !first ? `(${number(v)})` : number(v));
    const terms = (v, name, j) => v.flatMap((v_i, i) => [" ", element("span", { class: "term" },
      `${i ? "+ " : ""}${factor(v_i, !i)} \u00d7 `, element("span", { "data-weight": name, "data-entry": `${name}[${i}, ${j}]` }, factor(get(name)[i][j])))]);
    const line = (heading, values, work = () => []) => element("tr", {}, element("th", { scope: "row" }, ...heading),
      ...values.map((v, j) => element("td", {}, element("span", { class: "work" }, ...work(j)), " ", element("b", {}, number(v)))));
    const rows = [
      line([symbol(`x_${s}`), " ", symbol("W_xh")], turn.from_x, (j) => terms(turn.x_t, "W_xh", j)),
      line([symbol(`h_${s - 1}`), " ", symbol("W_hh")], turn.from_h, (j) => terms(turn.h_prev, "W_hh", j)),
      line([symbol("b_h")], b_h), line([symbol(`a_${s}`), " = sum"], turn.a),
      line([symbol(`h_${s}`), " = tanh(", symbol(`a_${s}`), ")"], turn.h),
    ];
    rows[2].querySelectorAll("b").forEach((node, j) => Object.assign(node.dataset, { weight: "b_h", entry: `b_h[${j}]` }));
    rows[4].querySelectorAll("b").forEach((node, j) => {
      Object.assign(node.style, { background: map.css(turn.h[j]), color: map.ink(turn.h[j]) });
    });
    sum.replaceChildren(element("tbody", get("t") ? {} : { class: "later" }, ...rows));
  }

  // --- the weights: one set, whatever the number of copies -----------------------------------------

  /** "W_hh[0, 1]" -> the matrix's name, and where in it. */
  function chosen() {
    const [name, ...index] = get("weight").match(/\w+/g);
    return { name, index, value: index.reduce((a, i) => a[i], get(name)) };
  }

  function mark() {
    const { name } = chosen(), lit = hovered || (!numbers || controls.contains(document.activeElement) ? name : "");
    for (const node of root.querySelectorAll("[data-weight]")) node.classList.toggle("lit", node.dataset.weight === lit);
    for (const node of root.querySelectorAll("[data-entry]")) {
      node.classList.toggle("chosen", node.dataset.entry === get("weight"));
    }
    const size = { W_xh: D * H, W_hh: H * H, b_h: H }, all = size.W_xh + size.W_hh + size.b_h, of = lit || name;
    note.replaceChildren(symbol(of), `: the same ${size[of] > 1 ? `${size[of]} numbers` : "number"} at every step. `
      + `The cell has ${all}, for ${T} ${T > 1 ? "steps" : "step"} as for a thousand.`
      + (numbers ? " Press one to change it." : ""));
  }

  function compute() {
    const [W_xh, W_hh, b_h] = WEIGHTS.map(get), around = (most) => colourMap(-most || -1, most || 1, fig.theme);
    const maps = { h: around(1), h_prev: around(1), x_t: around(largest(x)) }, map = around(largest([W_xh, W_hh, b_h]));
    run = turns(W_xh, W_hh, b_h, x);
    copies.forEach(({ parts }, s) => {
      const values = { W_xh, W_hh, b_h, ...run[s] };
      for (const [kind, part] of Object.entries(parts)) part.show(values[kind].flat(), maps[kind] ?? map);
    });
    fig.redraw();
  }

  function describe(t) {
    const list = (v) => (numbers ? v.map((v_i) => number(v_i)).join(", ") : `${number(Math.min(...v))} to ${number(Math.max(...v))}`);
    if (!t) return "t = 0, before the first step: h is zero";
    const { x_t, a, h } = run[t - 1];
    const token = tokens[0] ? `, ${quoted(tokens[t - 1])}` : "";
    return `t = ${t}${token}: x ${list(x_t)}; sum ${list(a)}; h ${list(h)}`;
  }

  // --- the elements, and what the reader does ------------------------------------------------------

  const drawing = element("div", {
    class: "drawing", tabindex: 0, role: "application",
    "aria-label": "the cell and its loop: left and right take a step, space plays, u unfolds and folds",
  }, board);
  const fold = element("button", { type: "button", class: "fold" }), note = element("div", { class: "note caption" });
  const slider = element("input", { type: "range", min: -reach, max: reach, step: 0.1, "aria-label": "value of the weight" });
  const value = element("output"), reset = element("button", { type: "button" }, "Reset");
  const controls = element("div", { class: "weights" },
    menu(fig, "weight", "weight", get("weights").map((name) => [name, name])), ...(numbers ? [slider, value, reset] : []));
  const toggle = () => fig.set({ unfolded: !get("unfolded") });
  const time = timeControls(fig, { describe, keys: { u: toggle } });
  time.bar.querySelector("select").value = 1;
  root.append(header(fig, fold), drawing, time.bar, numbers ? sum : time.caption, controls, note);

  fig.on(fold, "click", toggle);
  fig.on(reset, "click", () => fig.set(Object.fromEntries(WEIGHTS.map((name, i) => [name, get("given")[i]]))));
  fig.on(slider, "input", () => {
    const { name, index: [i, j] } = chosen(), changed = structuredClone(get(name));
    if (j) changed[i][j] = +slider.value;
    else changed[i] = +slider.value;
    fig.set({ [name]: changed });
  });
  fig.on(root, "click", ({ target }) => {
    const weight = numbers ? target.closest("[data-entry]")?.dataset.entry : target.closest("[data-weight]")?.dataset.weight;
    const copy = copies.find(({ holder }) => holder.contains(target));
    if (weight) fig.set({ weight });
    if (weight) (numbers ? slider : controls.querySelector("select")).focus({ preventScroll: true });
    else if (copy) time.go(copy.t);
  });
  fig.on(root, "pointerover", ({ target, pointerType }) => {
    hovered = (pointerType !== "touch" && target.closest("[data-weight]")?.dataset.weight) || "";
    mark();
  });
  fig.on(root, "pointerleave", () => { hovered = ""; mark(); });
  fig.on(root, "focusin", mark);
  fig.on(root, "focusout", () => requestAnimationFrame(mark));
  fig.watch(["unfolded"], unfold);
  fig.watch(["weight"], fig.redraw);
  fig.watch(WEIGHTS, compute);
  fig.watch(["t"], () => {
    if (get("t") === last + 1 && last && !u && !calm()) goRound(copies[last]);
    last = get("t");
    follow = true;
  });
  fig.paint(() => {
    if (numbers) {
      slider.value = chosen().value;
      value.textContent = number(chosen().value);
      slider.setAttribute("aria-valuetext", `${get("weight")} is ${value.textContent}`);
      paintSum();
    }
    place();
    mark();
  });
  const observer = new ResizeObserver(() => { follow = true; fig.redraw(); });
  observer.observe(drawing);
  fig.signal.addEventListener("abort", () => { observer.disconnect(); cancelAnimationFrame(frame); });
  fig.onTheme(compute);
  unfold();
  return fig.stop;
}

export default { render };

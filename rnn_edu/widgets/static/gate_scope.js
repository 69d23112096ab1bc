import {
  canvas, clamp, colourMap, element, figure, float32, header, menu, number, pointer, quoted, timeControls, visible, write,
} from "./kit.js";

const LEFT = 24, PAD = 6; // CSS pixels of a picture: for the numbers of its scale, over and under it
const SNAP = 0.05; // of what is drawn by hand, and one press of an arrow key
const ROWS = {
  g: ["candidate", -1, 1], x: ["input", -2, 2], n: ["candidate", -1, 1],
  i: ["input gate: writes", 0, 1], f: ["forget gate: keeps", 0, 1], o: ["output gate: shows", 0, 1],
  r: ["reset gate: hears h", 0, 1], z: ["update gate: keeps", 0, 1],
};
const RECORDED = { lstm: ["g", "i", "f", "o"], gru: ["n", "r", "z"] }; // the order of a trace's rows
const TERMS = {
  lstm: { state: "c", keep: "f", whole: "cell = kept + written", kept: "f \u00b7 c", written: "i \u00b7 g" },
  gru: { state: "h", keep: "z", whole: "state = kept + written", kept: "z \u00b7 h", written: "(1 \u2212 z) \u00b7 n" },
};

/**
 * One unit over time from its gates, (T,) each: g, i, f, o, or r, z and x or n; state: the first c
 * or h. Returns a record per step: keep * before = kept, write * offer = written, state, h.
 */
export const run = {
  lstm: ({ g, i, f, o }, state) => Array.from(f, (keep, t) => {
    const before = state, kept = keep * before, written = i[t] * g[t];
    state = kept + written;
    return { before, keep, kept, write: i[t], offer: g[t], written, state, h: o[t] * Math.tanh(state) };
  }),
  gru: ({ x, n, r, z }, state) => Array.from(z, (keep, t) => {
    const before = state, kept = keep * before, offer = n ? n[t] : Math.tanh(x[t] + r[t] * before);
    const write = 1 - keep, written = write * offer;
    state = kept + written;
    return { before, keep, kept, write, offer, written, state, h: state };
  }),
};

/** The product of keep from step s + 1 to t: with the gates held fixed dc_t/dc_s, so 0 for s > t. */
export const remains = (steps, s, t) => (
  s > t ? 0 : steps.slice(s + 1, t + 1).reduce((product, { keep }) => product * keep, 1));

const digits = (v) => `${+v.toPrecision(3)}`;
const indexed = (name, t) => element("span", {}, name, element("sub", {}, `${t}`));
const named = (symbol, text) => [element("b", {}, symbol), ` ${text} `];

function render(context) {
  const fig = figure(context, "gate-scope"), get = (name) => fig.model.get(name);
  const T = get("steps"), H = get("units"), tokens = get("tokens"), shown = tokens.map(visible);
  const recorded = float32(get("recorded")), drawn = !recorded.length;
  let now; // what follows from kind, curves, unit and theme

  function follow() {
    const kind = get("kind"), unit = get("unit");
    const curves = drawn ? get("curves") : Object.fromEntries(RECORDED[kind].map((name, row) => (
      [name, Array.from({ length: T }, (_, t) => recorded[H * (1 + row * T + t) + unit])])));
    const steps = run[kind](curves, drawn ? 0 : recorded[unit]);
    const most = steps.reduce((m, { kept, state }) => Math.max(m, Math.abs(kept), Math.abs(state)), 1);
    now = { kind, curves, steps, top: Math.ceil(most - 1e-6), map: colourMap(-1, 1, fig.theme), ...TERMS[kind] };
    fig.redraw();
  }

  function describe(t) {
    const { steps, kind, state: c } = now, { before, keep, written, state, h } = steps[t], s = get("mark");
    const token = tokens[t] === `${t}` ? "" : `, ${quoted(tokens[t])}`;
    return `t = ${t}${token}: keeps ${number(keep)} of ${number(before)}, writes ${number(written)}, ${c} = ${number(state)}${
      kind === "lstm" ? `, shows h = ${number(h)}` : ""}${
      s < t ? `; of ${c} at step ${s}, ${digits(remains(steps, s, t))} is left` : ""}`;
  }

  // --- pictures over one time axis -----------------------------------------------------------------

  const column = (width) => (width - LEFT) / T;

  /** A scale from lo to hi, drawn; with it blocks and stairs, one a step, and the cursor. */
  function plot(g, width, height, lo, hi) {
    const wide = column(width), x = (t) => LEFT + t * wide, y = (v) => PAD + ((hi - v) / (hi - lo)) * (height - 2 * PAD);
    g.strokeStyle = fig.theme.line;
    for (const v of new Set([lo, 0, hi])) {
      g.strokeRect(LEFT, Math.round(y(v)) + 0.5, width - LEFT, 0);
      write(g, number(v, 0), LEFT - 6, y(v), { colour: fig.theme.muted, align: "right" });
    }
    return {
      x,
      blocks(from, to, colour) {
        for (let t = 0; t < T; t++) {
          g.fillStyle = colour(t);
          g.fillRect(x(t), y(from(t)), wide - (wide > 5), y(to(t)) - y(from(t)));
        }
      },
      stairs(strokeStyle, lineWidth, value, from = 0, to = T - 1) {
        Object.assign(g, { strokeStyle, lineWidth });
        g.beginPath();
        for (let t = from; t <= to; t++) {
          g.lineTo(x(t), y(value(t)));
          g.lineTo(x(t + 1), y(value(t)));
        }
        g.stroke();
      },
      cursor() {
        Object.assign(g, { strokeStyle: fig.theme.fg, lineWidth: 1 });
        g.strokeRect(x(get("t")) + 0.5, 0.5, Math.max(wide - 1, 1), height - 1);
      },
    };
  }
  const zero = () => 0;

  function paintStrip(g, width, height, name) {
    const values = now.curves[name], [, lo, hi] = ROWS[name], s = get("mark"), t = get("t");
    const map = colourMap(lo, hi, fig.theme), { x, blocks, stairs, cursor } = plot(g, width, height, lo, hi);
    blocks(zero, (k) => values[k], (k) => map.css(values[k]));
    stairs(fig.theme.muted, 1, (k) => values[k]);
    g.fillStyle = fig.theme.focus;
    if (name === now.keep && s < t) g.fillRect(x(s + 1), height - 3, x(t) - x(s), 3);
    cursor();
  }

  function paintCell(g, width, height) {
    const { steps, top, map } = now, { fg, line, focus } = fig.theme, s = get("mark"), t = get("t");
    const { blocks, stairs, cursor } = plot(g, width, height, -top, top), of = (name) => (k) => steps[k][name];
    blocks(of("kept"), of("before"), () => line);
    blocks(zero, of("kept"), (k) => map.css(0.45 * Math.sign(steps[k].kept)));
    blocks(of("kept"), of("state"), (k) => map.css(Math.sign(steps[k].written)));
    stairs(fg, 1.5, of("state"));
    if (s < t) {
      let left = steps[s].state; // what of it is in the cell up to t
      const lefts = [left, ...steps.slice(s + 1, t + 1).map(({ keep }) => left *= keep)];
      stairs(focus, 3, (k) => lefts[k - s], s, t);
    }
    cursor();
  }

  /** A value of each step, and dashed another that it is made of. */
  function paintResult(g, width, height, value, source) {
    const { steps, map } = now, { blocks, stairs, cursor } = plot(g, width, height, -1, 1);
    blocks(zero, (k) => value(steps[k]), (k) => map.css(value(steps[k])));
    g.setLineDash([3, 3]);
    stairs(fig.theme.muted, 1, (k) => source(steps[k]));
    g.setLineDash([]);
    cursor();
  }

  const widest = Math.max(...shown.slice(0, 200).map((token) => [...token].length)) * 8;

  function paintAxis(g, width, height) {
    const { fg, muted, bg } = fig.theme, t = get("t"), wide = column(width), y = height / 2, fits = widest < wide;
    const every = fits ? 1 : [2, 5, 10, 20, 50, 100, 200, 500, 1000].find((n) => n * wide > 36) ?? T;
    for (let k = 0; k < T; k += every) {
      write(g, fits ? shown[k] : k, LEFT + (k + 0.5) * wide, y, { colour: muted, align: "center" });
    }
    const middle = LEFT + (t + 0.5) * wide, side = middle < width / 4 ? "left" : middle > 0.75 * width ? "right" : "center";
    write(g, shown[t], middle, y, { colour: fg, align: fits ? "center" : side, weight: "bold", back: bg });
  }

  // --- what the reader does ------------------------------------------------------------------------

  const time = timeControls(fig, { describe });
  const stepAt = (node, x) => clamp(Math.floor((x - LEFT) / column(node.clientWidth)), 0, T - 1);
  const change = (name, value) => fig.set({ curves: { ...get("curves"), [name]: get("curves")[name].map(value) } });

  function scrubs(node) {
    const go = (x) => time.go(stepAt(node, x));
    pointer(fig, node, { pick: go, drag: go });
  }

  /** Draw on a strip: press and drag, or the arrow keys. */
  function draws(node, name) {
    const [, lo, hi] = ROWS[name], snap = (v) => clamp(Math.round(v / SNAP) / Math.round(1 / SNAP), lo, hi);
    let last; // the step drawn before: a quick stroke skips none
    const drag = (x, y) => {
      const t = stepAt(node, x), v = snap(hi - ((y - PAD) / (node.clientHeight - 2 * PAD)) * (hi - lo));
      const [from, to] = [Math.min(last, t), Math.max(last, t)];
      change(name, (old, k) => (k >= from && k <= to ? v : old));
      time.go(last = t);
    };
    pointer(fig, node, { pick(x, y) { last = stepAt(node, x); drag(x, y); }, drag });
    fig.on(node, "keydown", (event) => {
      const by = { ArrowUp: SNAP, ArrowDown: -SNAP, PageUp: hi - lo, PageDown: lo - hi }[event.key];
      if (!by) return;
      event.preventDefault();
      change(name, (old, k) => (k === get("t") ? snap(old + by) : old));
    });
  }

  // --- the parts: words and numbers, and the picture beside them -----------------------------------

  function strip(name) {
    const [text, lo, hi] = ROWS[name], value = element("output"), about = element("div", { class: "about" }, ...named(name, text));
    const node = canvas(fig, drawn ? {
      class: "strip drawn", tabindex: 0, role: "slider", "aria-orientation": "vertical", "aria-valuemin": lo, "aria-valuemax": hi,
      "aria-label": `${name} at step t: up and down change it, left and right move t`,
    } : { class: "strip", role: "img", "aria-label": `${name} over time` }, (...paper) => paintStrip(...paper, name));
    const all = element("input", { type: "range", min: lo, max: hi, step: SNAP, "aria-label": `${name} at all steps` });
    about.append(drawn ? element("label", { class: "all" }, "all steps", all, value) : value);
    (drawn ? draws : scrubs)(node, name);
    fig.on(all, "input", () => change(name, () => +all.value));
    fig.paint(() => {
      const v = now.curves[name][get("t")];
      value.textContent = number(v);
      if (!drawn) return;
      all.value = v;
      node.setAttribute("aria-valuenow", v);
      node.setAttribute("aria-valuetext", `${number(v)} at t = ${get("t")}`);
    });
    return [about, node];
  }

  function cell() {
    const title = element("div"), product = element("div", { class: "product" }), since = element("output");
    const terms = ["kept", "written", "forgotten"].map((name) => {
      const [swatch, text, value] = ["i", "span", "b"].map((tag) => element(tag));
      return { name, swatch, text, value, line: element("div", { class: "term" }, swatch, text, value) };
    });
    const mark = element("input", { type: "range", min: 0, max: T - 1, "aria-label": "mark: step s" });
    const about = element("div", { class: "about" }, title, ...terms.map(({ line }) => line), product,
      element("label", { class: "all" }, "since step", mark, since));
    const node = canvas(fig, { class: "cell", role: "img", "aria-label": "what is kept, written and in the state over time" }, paintCell);
    scrubs(node);
    fig.on(mark, "input", () => fig.set({ mark: +mark.value }));
    fig.paint(() => {
      const { steps, kind, map, state: c, keep: f } = now, t = get("t"), s = get("mark");
      const { state, keep, before, write: i, offer, kept, written } = steps[t];
      const colours = [map.css(0.45 * Math.sign(kept)), map.css(Math.sign(written)), fig.theme.line];
      title.replaceChildren(...named(c, now.whole), element("b", { class: "value" }, number(state)));
      terms.forEach(({ name, swatch, text, value }, k) => {
        const [a, b] = [[keep, before], [i, offer], [1 - keep, before]][k];
        swatch.style.background = a * b ? colours[k] : "";
        text.textContent = `${name} ${now[name] ?? ""} ${number(a)} \u00d7 ${number(b)}`;
        value.textContent = number(a * b);
      });
      const what = kind === "lstm" ? ["\u2202", indexed(c, t), "/\u2202", indexed(c, s)] : ["of ", indexed(c, s), " in ", indexed(c, t)];
      const path = t > s ? [indexed(f, s + 1), " = "] : [];
      if (t > s + 1) path.splice(1, 0, t > s + 2 ? " \u22ef " : " \u00b7 ", indexed(f, t));
      product.replaceChildren(...what, " = ", ...path, element("b", {}, digits(remains(steps, s, t))));
      mark.value = since.textContent = s;
    });
    return [about, node];
  }

  function result(name, text, value, source, factors) {
    const output = element("b", { class: "value" }), numbers = element("span");
    const node = canvas(fig, { class: "result", role: "img", "aria-label": `${name}, ${text}, over time` },
      (...paper) => paintResult(...paper, value, source));
    scrubs(node);
    fig.paint(() => {
      const t = get("t"), step = now.steps[t];
      output.textContent = number(value(step));
      numbers.textContent = factors(step, t, now.curves);
    });
    return [element("div", { class: "about" }, element("div", {}, ...named(name, text), output), numbers), node];
  }

  /** The examples of the kind that is shown; what is none of them was drawn by hand. */
  function exampleMenu() {
    const select = element("select"), of = () => get("examples")[get("kind")];
    const same = (curves) => Object.entries(curves).every(([name, v]) => v.every((v_t, t) => v_t === get("curves")[name][t]));
    const show = () => {
      const names = Object.keys(of()), option = (name) => element("option", {}, name);
      select.replaceChildren(...names.map(option), element("option", { disabled: "" }, "by hand"));
      select.value = names.find((name) => same(of()[name])) ?? "by hand";
    };
    show();
    fig.watch(["kind", "curves"], show);
    fig.on(select, "change", () => fig.set({ curves: { ...get("curves"), ...of()[select.value] } }));
    return element("label", {}, "example ", select);
  }

  const build = {
    cell,
    h: () => result("h", "shown = o \u00b7 tanh c", ({ h }) => h, ({ state }) => Math.tanh(state),
      ({ state }, t, { o }) => `${number(o[t])} \u00d7 ${number(Math.tanh(state))}`),
    axis: () => [element("div"), canvas(fig, { class: "axis", "aria-hidden": "true" }, paintAxis)],
  };
  if (drawn) {
    build.n = () => result("n", "candidate = tanh(x + r \u00b7 h)", ({ offer }) => offer, zero,
      ({ before }, t, { x, r }) => `tanh(${number(x[t])} + ${number(r[t])} \u00d7 ${number(before)})`);
  }
  const order = {
    lstm: ["g", "i", "f", "cell", "o", "h", "axis"],
    gru: drawn ? ["x", "r", "n", "z", "cell", "axis"] : ["n", "r", "z", "cell", "axis"],
  };
  const parts = {}, grid = element("div", { class: "rows" });
  for (const name of drawn ? new Set([...order.lstm, ...order.gru]) : order[get("kind")]) parts[name] = (build[name] ?? strip)(name);
  const lay = () => grid.replaceChildren(...order[get("kind")].flatMap((name) => parts[name]));
  lay();
  fig.root.append(
    header(fig, ...(drawn ? [menu(fig, "kind", "cell", [["lstm", "LSTM"], ["gru", "GRU"]]), exampleMenu()]
      : [menu(fig, "unit", "unit", Array.from({ length: H }, (_, j) => [j, `${j}`]))])),
    grid, time.bar, time.caption,
  );
  fig.watch(["kind"], lay);
  fig.watch(["kind", "curves", "unit"], follow);
  fig.watch(["mark"], fig.redraw);
  fig.onTheme(follow);
  return fig.stop;
}

export default { render };

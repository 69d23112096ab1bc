import { canvas, clamp, colourMap, curve, dot, element, figure, float32, header, menu, number, pointer, write } from "./kit.js";

const LEFT = 34, STRIP = 22, AXIS = 22, LEDGER = 92; // CSS pixels: scale, a line of text, steps, shares
const DECADES = 9; // the chart's ends: 10^-9 and 10^9
const LOST = 1e-3, HUGE = 1e3; // below it vanishing, above it exploding
const EXAMPLES = {
  vanishing: { kind: "rnn", radius: 0.9, gain: 0.5, T: 50 },
  exploding: { kind: "rnn", radius: 2.5, gain: 0.2, T: 50 },
  saturated: { kind: "rnn", radius: 1.5, gain: 2, T: 50 },
  "linear: no input": { kind: "rnn", radius: 1.2, gain: 0, T: 50 },
  "forget gate near 1": { kind: "gated", radius: 0.9, gain: 0.5, forget: 0.98, T: 50 },
};

/** x W, added to a. x: (n,), W: (n, m) row by row, a: (m,). */
function addProduct(a, x, W) {
  for (let i = 0, k = 0; i < x.length; i++) for (let j = 0; j < a.length; j++, k++) a[j] += x[i] * W[k];
  return a;
}

/** da W^T, added to a. */
function addBack(a, da, W) {
  for (let i = 0, k = 0; i < a.length; i++) for (let j = 0; j < da.length; j++, k++) a[i] += da[j] * W[k];
  return a;
}

/** The outer product of x and da, added to grad. */
function addOuter(grad, x, da) {
  for (let i = 0, k = 0; i < x.length; i++) for (let j = 0; j < da.length; j++, k++) grad[k] += x[i] * da[j];
}

function norm(v) {
  let squares = 0;
  for (const v_j of v) squares += v_j * v_j;
  return Math.sqrt(squares);
}

/**
 * h_t = f h_{t-1} + (1 - f) n_t, n_t = tanh(x_t W_xh + h_{t-1} W_hh), then back from dL/dh_T = v.
 * x: (T, D), W_xh: (D, H), W_hh: (H, H), row by row; v: (H,). Returns norms: of dL/dh_t, terms: the
 * norm of what step t adds to the gradient of all weights, total: the norm of that gradient, slope:
 * the mean of tanh'.
 */
export function flow({ x, W_xh, W_hh, v }, f, T) {
  const H = v.length, D = W_xh.length / H, zeros = (n) => new Float64Array(n), norms = zeros(T), terms = zeros(T);
  const inputs = [], slopes = []; // of each step: (x_t, h_{t-1}, 1), (D + H + 1,), and tanh', (H,)
  let h = zeros(H), dh = v, slope = 0;
  for (let t = 0; t < T; t++) {
    const x_t = x.subarray(t * D, (t + 1) * D), n = addProduct(addProduct(zeros(H), x_t, W_xh), h, W_hh).map(Math.tanh);
    inputs.push(Float64Array.of(...x_t, ...h, 1));
    slopes.push(n.map((n_j) => 1 - n_j * n_j));
    slope = slopes[t].reduce((sum, s) => sum + s / (T * H), slope);
    h = h.map((h_j, j) => f * h_j + (1 - f) * n[j]);
  }
  const grad = zeros((D + H + 1) * H);
  for (let t = T - 1; t >= 0; t--) {
    const da = dh.map((dh_j, j) => dh_j * (1 - f) * slopes[t][j]);
    norms[t] = norm(dh);
    terms[t] = norm(inputs[t]) * norm(da);
    addOuter(grad, inputs[t], da);
    dh = addBack(dh.map((dh_j) => f * dh_j), da, W_hh);
  }
  return { norms, terms, total: norm(grad), slope };
}

const UP = [..."\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"];
const power = (k) => `10${k < 0 ? "\u207b" : ""}${[...`${Math.abs(k)}`].map((d) => UP[d]).join("")}`;

/** 0.31, 3.2 x 10^-4, 0: a size of any order, in two digits. */
function size(v) {
  if (v === 0 || (v >= 0.01 && v < 1000)) return `${+v.toPrecision(2)}`;
  const [digits, k] = v.toExponential(1).split("e");
  return `${digits} \u00d7 ${power(+k)}`;
}

function render(context) {
  const fig = figure(context, "gradient-flow"), get = (name) => fig.model.get(name);
  const [steps, D, H] = get("sizes"), all = float32(get("arrays"));
  let end = 0;
  const [x, W_xh, W_hh, v] = [steps * D, D * H, H * H, H].map((n) => Float64Array.from(all.subarray(end, end += n)));
  let now; // what follows from the traits

  function follow() {
    const T = get("T"), f = get("kind") === "gated" ? get("forget") : 0;
    if (get("t") > T) fig.set({ t: T });
    const scaled = { x, W_xh: W_xh.map((w) => w * get("gain")), W_hh: W_hh.map((w) => w * get("radius")), v };
    const { norms, terms, total, slope } = flow(scaled, f, T), sum = terms.reduce((a, b) => a + b, 0);
    const shares = terms.map((term) => term / (sum || 1)), ranked = [...shares].sort((a, b) => b - a);
    let most = 0; // how many steps bring 90 % of the gradient
    for (let part = 0; part < 0.9 && most < T; most++) part += ranked[most];
    now = { T, t: get("t"), norms, shares, total, slope, most, factor: Math.min(1, get("clip") / total) };
    fig.redraw();
  }

  function verdict() {
    const { T, norms, total, most, factor } = now, clip = `at ${size(get("clip"))}`;
    const lost = norms.findLastIndex((v) => v < LOST), huge = norms.findLastIndex((v) => v > HUGE);
    const flowing = `The loss reaches all ${T} steps: ${size(norms[0])} of its gradient is left at the first.`;
    const what = huge > lost ? `Exploding: ${T - 1 - huge} steps back it is more than a thousand times as large.`
      : lost >= 0 ? `Vanishing: ${T - 1 - lost} steps back less than a thousandth is left.` : flowing;
    const but = huge > lost ? "the explosion is gone, the shares are the same." : "what is lost stays lost.";
    const clipping = factor === 1 ? `Clipping ${clip} changes nothing: the gradient\u2019s norm is ${size(total)}.`
      : `Clipping ${clip} multiplies every step by ${size(factor)}: ${huge > lost || lost >= 0 ? but : "the shares are the same."}`;
    if (total === 0) return `${what} No weight gets a gradient: with f = 1 nothing is written.`;
    return `${what} ${clipping} 90 % of the gradient comes from ${most} of ${T} steps.`;
  }

  const reading = () => {
    const { T, t, norms, shares, factor } = now;
    const clipped = factor < 1 ? `, clipped ${size(norms[t - 1] * factor)}` : "";
    return `step ${t}, ${T - t} before the loss: dL/dh is ${size(norms[t - 1])}${clipped}; share ${size(100 * shares[t - 1])} %`;
  };

  // --- the stage: sizes on a logarithmic scale, and the shares of the steps, over one time axis ----

  const column = (width) => (width - LEFT) / now.T;

  function paintStage(g, width, height) {
    const { fg, muted, line, focus, bg } = fig.theme, { T, t, norms, shares, factor } = now;
    const top = STRIP, bottom = height - LEDGER - STRIP - AXIS, wide = column(width), x = (s) => LEFT + (s - 0.5) * wide;
    const level = (k) => top + ((DECADES - k) / (2 * DECADES)) * (bottom - top);
    const y = (v) => level(clamp(Math.log10(v), -DECADES, DECADES)), map = colourMap(-1, 1, fig.theme);
    const zone = (colour, from, to, text, at) => {
      g.globalAlpha = 0.3;
      g.fillStyle = colour;
      g.fillRect(LEFT, level(from), width - LEFT, level(to) - level(from));
      g.globalAlpha = 1;
      write(g, text, width - 6, at, { colour: fg, align: "right" });
    };
    zone(map.css(0.5), DECADES, 3, `exploding: above ${power(3)}`, level(DECADES) + 11);
    zone(map.css(-0.5), -3, -DECADES, `vanishing: below ${power(-3)}`, level(-DECADES) - 11);
    g.strokeStyle = line;
    for (let k = -DECADES; k <= DECADES; k += 3) {
      g.strokeRect(LEFT, Math.round(level(k)) + 0.5, width - LEFT, 0);
      write(g, k ? power(k) : "1", LEFT - 6, level(k), { colour: muted, align: "right" });
    }
    write(g, "size of dL/dh at each step", LEFT, top - 12, { colour: muted });
    write(g, factor < 1 ? "after clipping" : "clipping changes nothing", width, top - 12, { colour: focus, align: "right" });
    Object.assign(g, { strokeStyle: focus, lineWidth: 2 });
    g.setLineDash([6, 4]);
    curve(g, 1, T, x, (s) => y(norms[s - 1] * factor));
    g.setLineDash([]);
    Object.assign(g, { strokeStyle: fg, lineWidth: 2 });
    curve(g, 1, T, x, (s) => y(norms[s - 1]));
    g.lineWidth = 1;
    const axis = bottom + AXIS / 2 + 2, floor = height - 6, ceiling = floor - LEDGER + 6, largest = Math.max(...shares) || 1;
    const every = [1, 2, 5, 10, 20, 50].find((n) => n * wide > 30);
    for (let s = every; s < T; s += every) {
      if (x(T) - x(s) > 60) write(g, s, x(s), axis, { colour: muted, align: "center" });
    }
    write(g, `loss at ${T}`, width, axis, { colour: fg, align: "right" });
    write(g, "share of each step in the gradient of all weights", LEFT, ceiling - 11, { colour: muted });
    write(g, `${number(100 * largest, largest < 0.1 ? 1 : 0)} %`, LEFT - 4, ceiling + 6, { colour: muted, align: "right" });
    g.fillStyle = colourMap(0, 1, fig.theme).css(0.8);
    for (let s = 1; s <= T; s++) {
      const tall = (shares[s - 1] / largest) * (floor - ceiling);
      g.fillRect(x(s) - wide / 2, floor - tall, wide - (wide > 4), tall);
    }
    g.strokeStyle = line;
    g.strokeRect(LEFT, floor + 0.5, width - LEFT, 0);
    g.strokeStyle = fg;
    g.strokeRect(x(t), top, 0, bottom - top);
    g.strokeRect(x(t) - wide / 2, ceiling, Math.max(wide - 1, 1), floor - ceiling);
    dot(g, x(t), y(norms[t - 1]), fig.theme);
    write(g, t, x(t), axis, { colour: fg, align: "center", weight: "bold", back: bg });
  }

  // --- the elements --------------------------------------------------------------------------------

  const go = (t) => fig.set({ t: clamp(t, 1, now.T) });
  const stage = canvas(fig, {
    class: "stage", tabindex: 0, role: "slider", "aria-label": "step that is read off", "aria-valuemin": 1,
  }, paintStage);
  const at = (px) => go(Math.floor((px - LEFT) / column(stage.clientWidth)) + 1);
  pointer(fig, stage, { pick: at, drag: at });
  fig.on(stage, "keydown", (event) => {
    const to = { ArrowLeft: now.t - 1, ArrowRight: now.t + 1, Home: 1, End: now.T }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });

  /** A slider over a trait; at and value translate to and from its position. */
  function tuner(trait, label, [min, max, step], text, position = (v) => v, value = (p) => p) {
    const input = element("input", { type: "range", min, max, step, "aria-label": label }), output = element("output");
    fig.on(input, "input", () => fig.set({ [trait]: value(+input.value) }));
    fig.paint(() => {
      input.value = position(get(trait));
      input.disabled = trait === "forget" && get("kind") === "rnn";
      output.textContent = input.disabled ? "no gate" : text(get(trait));
      input.setAttribute("aria-valuetext", output.textContent);
    });
    return element("label", { class: "tuner" }, element("span", {}, label, output), input);
  }

  function exampleMenu() {
    const select = element("select", {}, ...Object.keys(EXAMPLES).map((name) => element("option", {}, name)),
      element("option", { disabled: "" }, "by hand"));
    fig.on(select, "change", () => fig.set(EXAMPLES[select.value]));
    fig.paint(() => {
      const same = (traits) => Object.entries(traits).every(([name, v]) => get(name) === v);
      select.value = Object.keys(EXAMPLES).find((name) => same(EXAMPLES[name])) ?? "by hand";
    });
    return element("label", {}, "example ", select);
  }

  const read = element("div", { class: "small" }), caption = element("div", { class: "caption" });
  fig.root.append(
    header(fig, menu(fig, "kind", "cell", [["rnn", "tanh RNN"], ["gated", "gated"]]), exampleMenu()),
    element("div", { class: "body" }, stage, element("div", { class: "side" },
      tuner("radius", "spectral radius", [0, 3, 0.05], (v) => number(v)),
      tuner("gain", "input gain", [0, 2, 0.05], (v) => `${number(v)}, tanh\u2032 ${number(now.slope)}`),
      tuner("forget", "forget gate f", [0, 1, 0.01], (v) => number(v)),
      tuner("T", "steps T", [2, steps, 1], (v) => `${v}`),
      tuner("clip", "clip at norm", [-2, 3, 0.25], size, Math.log10, (p) => +(10 ** p).toPrecision(2)))),
    read, caption,
  );
  fig.paint(() => {
    const { T, t } = now, words = verdict();
    if (caption.textContent && caption.textContent !== words) fig.say(words);
    caption.textContent = words;
    read.textContent = reading();
    for (const [name, value] of [["max", T], ["now", t], ["text", reading()]]) stage.setAttribute(`aria-value${name}`, value);
  });
  fig.watch(["radius", "gain", "kind", "forget", "T", "clip", "t"], follow);
  follow();
  fig.onTheme(fig.redraw);
  return fig.stop;
}

export default { render };

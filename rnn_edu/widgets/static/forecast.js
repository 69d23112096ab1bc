import { canvas, clamp, curve, dot, element, figure, float32, header, number, pointer, timeControls, write } from "./kit.js";
import { STEP, network, unpack } from "./cells.js";

const LEFT = 34, RIGHT = 10, STRIP = 22, AXIS = 22; // CSS pixels around the stage's curves

/**
 * The K numbers after `seen`, from the state that a network is left in by them. net: from `network`,
 * with the arrays and the kind of its cell. Returns (K,).
 */
export function ahead({ cell, arrays, net, mean, scale }, seen) {
  const D = arrays.W_xh.length / arrays.b_h.length, zeros = () => new Float64Array(net.H);
  let state = cell === "LSTM" ? [zeros(), zeros()] : [zeros()];
  for (let i = 0; i < seen.length; i += D) {
    state = STEP[cell](arrays, seen.subarray(i, i + D).map((v) => (v - mean) / scale), state);
  }
  return net.logits(state).map((y) => seen.at(-1) + scale * y);
}

function render(context) {
  const fig = figure(context, "forecast"), get = (name) => fig.model.get(name);
  const [K, past, period, steps, step] = ["K", "past", "period", "steps", "step"].map(get);
  const values = Float64Array.from(float32(get("values"))), radius = float32(get("radius")), dates = get("dates");
  const arrays = unpack(float32(get("weights")), get("arrays")), cell = get("cell");
  const model = { cell, arrays, net: network(cell, arrays, []), mean: get("mean"), scale: get("scale") };
  const top = nice(Math.max(...values)), floor = Math.min(0, -nice(-Math.min(...values)));
  const shown = Math.min(past, 2 * K); // of what was seen; the strip below shows all
  let now; // what follows from t and horizon

  function follow() {
    const t = get("t"), h = get("horizon"), o = past + t, seen = values.subarray(o - past, o);
    const truth = values.subarray(o, o + K);
    const forecasts = now?.o === o ? now.forecasts : {
      network: ahead(model, seen),
      same: new Float64Array(K).fill(seen[past - 1]),
      season: Float64Array.from({ length: K }, (_, k) => seen[past - period + (k % period)]),
    };
    const error = (f) => truth.subarray(0, h).reduce((sum, v, k) => sum + Math.abs(f[k] - v) / h, 0);
    const errors = Object.fromEntries(Object.entries(forecasts).map(([name, f]) => [name, error(f)]));
    const inside = truth.subarray(0, h).filter((v, k) => Math.abs(forecasts.network[k] - v) <= radius[k]).length;
    now = { t, h, o, truth, forecasts, errors, inside };
    fig.redraw();
  }

  const ago = period === 1 ? "the last value" : `${period} ${step}s before`;
  const rivals = [
    ["network", "the network", "solid", "--focus", []], ["same", "no change", "dashed", "--same", [7, 4]],
    ["season", ago, "dotted", "--season", [2, 3]],
  ];
  const many = (n) => `${n} ${step}${n === 1 ? "" : "s"}`;
  const promise = `${number(100 * get("level"), 0)} %`;

  function describe() {
    const { h, o, errors, inside } = now, [network, same, season] = rivals.map(([name]) => number(errors[name]));
    return `From ${dates[o]}, ${many(h)} ahead, the mean error is ${network} for the network, ${same} for no change, `
      + `${season} for ${ago}. ${inside} of ${h} lie inside the ${promise} interval.`;
  }

  // --- the stage: what was seen, and what was said about the rest -------------------------------------

  const unitWide = (width) => (width - LEFT - RIGHT) / (shown + K - 1);
  const colour = (name) => getComputedStyle(fig.root).getPropertyValue(name);

  function paint(g, width, height) {
    const { fg, muted, line, focus, bg } = fig.theme, { o, h, truth, forecasts } = now, wide = unitWide(width);
    const x = (k) => LEFT + (shown + k) * wide, base = height - AXIS; // k = 0 is the first that was not seen
    const y = (v) => STRIP + ((top - v) / (top - floor)) * (base - STRIP);
    write(g, get("unit"), LEFT, 10, { colour: muted });
    const room = LEFT + g.measureText(get("unit")).width;
    Object.assign(g, { strokeStyle: line, lineWidth: 1 });
    for (const v of new Set([floor, 0, top / 2, top])) {
      g.strokeRect(LEFT, Math.round(y(v)) + 0.5, width - LEFT - RIGHT, 0);
      write(g, `${+v.toPrecision(3)}`.replace("-", "\u2212"), LEFT - 6, y(v), { colour: muted, align: "right" });
    }
    g.save();
    g.beginPath();
    g.rect(LEFT, STRIP - 6, width - LEFT, base - STRIP + 6);
    g.clip();
    Object.assign(g, { fillStyle: focus, globalAlpha: 0.2 });
    g.beginPath();
    for (let k = 0; k < h; k++) g.lineTo(x(k), y(forecasts.network[k] + radius[k]));
    for (let k = h - 1; k >= 0; k--) g.lineTo(x(k), y(forecasts.network[k] - radius[k]));
    g.fill();
    Object.assign(g, { strokeStyle: fg, lineWidth: 1.25, globalAlpha: 0.35 });
    curve(g, h - 1, K - 1, x, (k) => y(truth[k]));
    g.globalAlpha = 1;
    curve(g, -shown, h - 1, x, (k) => y(values[o + k]));
    for (const [name, , , tint, dash] of [...rivals].reverse()) {
      Object.assign(g, { strokeStyle: colour(tint), lineWidth: name === "network" ? 2.5 : 2 });
      g.setLineDash(dash);
      curve(g, -1, h - 1, x, (k) => y(k < 0 ? values[o - 1] : forecasts[name][k]));
    }
    g.setLineDash([]);
    g.restore();
    Object.assign(g, { strokeStyle: muted, lineWidth: 1 });
    g.strokeRect(Math.round(x(-0.5)) + 0.5, STRIP - 6, 0, base - STRIP + 6);
    dot(g, x(h - 1), y(truth[h - 1]), { fg, bg }, 4);
    dot(g, x(h - 1), y(forecasts.network[h - 1]), { fg: focus, bg }, 4);
    if (room < x(-1) - 40) write(g, "seen", x(-1) - 4, 10, { colour: muted, align: "right" });
    write(g, "asked", x(0) + 2, 10, { colour: muted });
    write(g, dates[o - shown], LEFT, height - 9, { colour: muted });
    write(g, dates[o], x(-0.5) - 4, height - 9, { colour: muted, align: "right" });
    const end = Math.max(x(-0.5) + 4, Math.min(x(h - 1) - 24, width - RIGHT - 56)); // of its label, the left end
    write(g, dates[o + h - 1], end, height - 9, { colour: fg, weight: "bold" });
  }

  // --- the whole series, and the window that moves along it --------------------------------------------

  function paintWhole(g, width, height) {
    const { fg, muted, line, field } = fig.theme, { o, h } = now, last = values.length - 1;
    const x = (s) => LEFT + (s / last) * (width - LEFT - RIGHT);
    const y = (v) => height - 4 - ((v - floor) / (top - floor)) * (height - 8);
    g.fillStyle = field;
    g.fillRect(x(o - past), 0, x(o + K - 1) - x(o - past), height);
    g.strokeStyle = line;
    g.strokeRect(x(o - past) + 0.5, 0.5, x(o + K - 1) - x(o - past) - 1, height - 1);
    Object.assign(g, { strokeStyle: muted, lineWidth: 1 });
    curve(g, 0, last, x, (s) => y(values[s]));
    g.fillStyle = fg;
    g.fillRect(x(o) - 1, 0, 2, height);
    g.fillStyle = colour("--focus");
    g.fillRect(x(o), height - 3, x(o + h - 1) - x(o), 3);
  }

  // --- the elements --------------------------------------------------------------------------------------

  const time = timeControls(fig, { describe }), counter = time.bar.querySelector("output");
  const reach = (h) => fig.set({ horizon: clamp(h, 1, K) });
  const stage = canvas(fig, {
    class: "stage", tabindex: 0, role: "application",
    "aria-label": "series and forecasts: left and right move the origin, up and down the horizon",
  }, paint);
  const toHorizon = (x) => {
    const k = Math.round((x - LEFT) / unitWide(stage.clientWidth)) - shown;
    if (k >= 0) reach(k + 1);
  };
  pointer(fig, stage, { pick: toHorizon, drag: toHorizon });
  fig.on(stage, "keydown", (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    reach(get("horizon") + by);
  });
  const whole = canvas(fig, { class: "whole", "aria-hidden": "true" }, paintWhole);
  const toOrigin = (x) => {
    const place = ((x - LEFT) / (whole.clientWidth - LEFT - RIGHT)) * (values.length - 1);
    time.go(clamp(Math.round(place) - past, 0, steps - 1));
  };
  pointer(fig, whole, { pick: toOrigin, drag: toOrigin });

  const slider = element("input", { type: "range", min: 1, max: K }), length = element("output");
  fig.on(slider, "input", () => reach(+slider.value));
  const rows = rivals.map(([name, text, dash, tint]) => {
    const bar = element("span"), value = element("b");
    const node = element("li", {}, element("i"), element("bdi", {}, text), element("div", { class: "gauge" }, bar), value);
    node.style.setProperty("--tint", `var(${tint})`);
    node.style.setProperty("--dash", dash);
    return { name, bar, value, node };
  });
  fig.root.append(
    header(fig), stage, whole, element("label", { class: "horizon" }, "horizon", slider, length),
    element("div", { class: "small" }, "mean error up to the horizon"), element("ul", {}, ...rows.map(({ node }) => node)),
    time.bar, time.caption,
  );
  fig.paint(() => {
    const { h, o, errors } = now, least = Math.min(...Object.values(errors)), most = Math.max(...Object.values(errors), 1e-9);
    slider.value = h;
    slider.setAttribute("aria-valuetext", length.textContent = many(h));
    counter.textContent = dates[o];
    for (const { name, bar, value, node } of rows) {
      bar.style.transform = `scaleX(${errors[name] / most})`;
      value.textContent = number(errors[name]);
      node.classList.toggle("best", errors[name] === least);
    }
  });
  fig.watch(["t", "horizon"], follow);
  follow();
  fig.onTheme(fig.redraw);
  return fig.stop;
}

/** The next round number from v up, 0 for what is not above it. */
function nice(v) {
  if (!(v > 0)) return 0;
  const unit = 10 ** Math.floor(Math.log10(v));
  return unit * [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((k) => k * unit >= v * 0.999);
}

export default { render };

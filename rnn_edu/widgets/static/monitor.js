import { canvas, clamp, curve, dot, element, figure, float32, header, pointer, timeControls, write } from "./kit.js";

// CSS pixels of the chart: the margins, a line of text over each plot, the axis below.
const LEFT = 44, RIGHT = 8, STRIP = 22, AXIS = 22;

/** About three significant digits: 0.0123, 1.23, 123, 1.2e6. */
function short(v) {
  const size = Math.abs(v);
  if (size && (size >= 1e5 || size < 1e-3)) return v.toExponential(1).replace("e+", "e").replaceAll("-", "\u2212");
  return v.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3).replace("-", "\u2212");
}

const tick = (v) => (Math.abs(v) < 1e5 ? `${+v.toPrecision(3)}`.replace("-", "\u2212") : short(v));

/** An axis for values: from zero to a round number, or in powers of ten if they span over two. */
function axis(values) {
  let lo = Infinity, hi = -Infinity;
  for (const v of values) { lo = Math.min(lo, v); hi = Math.max(hi, v); }
  if (!(lo <= hi)) return { at: () => 0, ticks: [] };
  if (lo > 0 && hi / lo > 100) {
    const [from, to] = [Math.floor(Math.log10(lo)), Math.ceil(Math.log10(hi))], every = Math.ceil((to - from) / 3);
    const ticks = [];
    for (let p = from; p <= to; p += every) ticks.push(10 ** p);
    return { at: (v) => (Math.log10(v) - from) / (to - from), ticks, log: true };
  }
  const size = Math.max(hi, -lo) || 1, unit = 10 ** Math.floor(Math.log10(size));
  const round = unit * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((k) => k * unit >= size * 0.999);
  const from = lo < 0 ? -round : 0;
  return { at: (v) => (v - from) / (round - from), ticks: [from, (from + round) / 2, round] };
}

/** The mean of each value and up to `over - 1` before it. */
const trailing = (values, over) => values.map((_, i) => {
  const last = values.subarray(Math.max(0, i + 1 - over), i + 1);
  return last.reduce((sum, v) => sum + v, 0) / last.length;
});

function render(context) {
  const fig = figure(context, "monitor"), get = (name) => fig.model.get(name);
  const steps = get("steps"), stride = get("stride"), total = get("total"), metric = get("metric");
  const over = Math.max(1, Math.round(steps / 20)); // points in the smooth curve's mean
  let losses, norms, smooth, smoothNorms, scores, samples, newest;

  function read() {
    losses = float32(get("losses"));
    norms = float32(get("norms"));
    [smooth, smoothNorms] = [losses, norms].map((values) => trailing(values, over));
    const looks = get("looks").map(([update, score, text]) => ({ s: (update - 1) / stride, update, score, text }));
    scores = looks.filter(({ score }) => score !== null);
    samples = looks.filter(({ text }) => text !== null);
    const t = get("t"), end = losses.length - 1;
    const follows = newest === undefined ? t === 0 && end < steps - 1 : t >= newest; // else the reader went back
    newest = end;
    if (follows) fig.model.set("t", Math.max(0, newest));
    fig.redraw();
  }

  const here = () => Math.min(get("t"), newest);
  const latest = (looks) => looks.findLast(({ s }) => s < here() + 1);
  const lastUpdate = () => Math.min(total, (here() + 1) * stride);

  function describe() {
    const t = here(), first = t * stride + 1, last = lastUpdate(), look = latest(scores);
    if (t < 0) return `no update of ${total} yet`;
    let text = `update ${last > first ? `${first} to ${last}` : first} of ${total}: loss ${short(losses[t])}`;
    if (over > 1) text += `, smoothed ${short(smooth[t])}`;
    if (look) text += `; ${metric} ${short(look.score)} at update ${look.update}`;
    return norms.length ? `${text}; gradient norm ${short(norms[t])}` : text;
  }

  // --- the plots, one below the other over one axis of updates -----------------------------------

  /** For each plot: values, pale; what is drawn strong over them; where value i lies; which i is at t. */
  function plots() {
    const points = scores.map(({ score }) => score), now = scores.indexOf(latest(scores));
    const itself = (i) => i, mean = over > 1;
    const pale = stride > 1 ? `means of ${stride}` : "each update";
    const note = mean ? `pale: ${pale}; strong: mean of the last ${over * stride}` : "";
    return [
      { title: "loss", note, share: 2, values: losses, strong: smooth, s: itself, now: here() },
      { title: metric, share: 1, values: points, strong: points, s: (i) => scores[i].s, now, dots: true },
      { title: "gradient norm", share: 1, values: norms, strong: smoothNorms, s: itself, now: here() },
    ].filter(({ title, values }) => title === "loss" || values.length);
  }

  function paint(g, width, height) {
    const wide = width - LEFT - RIGHT, x = (s) => LEFT + ((s + 0.5) / steps) * wide, all = plots();
    const unit = (height - AXIS - STRIP * all.length) / all.reduce((sum, { share }) => sum + share, 0);
    let top = 0;
    for (const plot of all) {
      top += STRIP;
      paintPlot(g, plot, top, unit * plot.share - 6, wide, x);
      top += unit * plot.share;
    }
    const { muted } = fig.theme, y = height - AXIS / 2, ten = 10 ** Math.floor(Math.log10(total) - 1);
    const every = [1, 2, 5, 10, 20, 50].map((k) => k * ten).find((n) => n >= 1 && n * wide > 60 * total) ?? total;
    for (let update = every; update <= total; update += every) {
      const at = x((update - 1) / stride), edge = at > width - 24;
      write(g, update, edge ? width - 4 : at, y, { colour: muted, align: edge ? "right" : "center" });
    }
    write(g, "update", 0, y, { colour: muted });
  }

  function paintPlot(g, { title, note = "", values, strong, s, now, dots }, top, high, wide, x) {
    const { fg, muted, line } = fig.theme, scale = axis(values), y = (v) => top + high * (1 - scale.at(v));
    const name = `${title}${scale.log ? ", powers of ten" : ""}`, value = now < 0 ? "" : short(strong[now]);
    write(g, name, LEFT, top - 11, { colour: muted });
    const used = g.measureText(`${name}   `).width;
    if (used + g.measureText(`${note}   ${value}`).width < wide) write(g, note, LEFT + used, top - 11, { colour: muted });
    write(g, value, LEFT + wide, top - 11, { colour: fg, align: "right", weight: "bold" });
    Object.assign(g, { strokeStyle: line, lineWidth: 1 });
    for (const v of scale.ticks) {
      g.strokeRect(LEFT, Math.round(y(v)) + 0.5, wide, 0);
      write(g, tick(v), LEFT - 8, y(v), { colour: muted, align: "right" });
    }
    g.strokeStyle = fg;
    if (newest >= 0) g.strokeRect(x(here()), top, 0, high);
    const place = (i) => x(s(i)), last = values.length - 1;
    g.globalAlpha = 0.3;
    curve(g, 0, last, place, (i) => y(values[i]));
    Object.assign(g, { globalAlpha: 1, lineWidth: 1.75 });
    curve(g, 0, last, place, (i) => y(strong[i]));
    if (dots) values.forEach((v, i) => dot(g, place(i), y(v), { fg, bg: fg }, 2));
    if (now >= 0) dot(g, place(now), y(strong[now]), fig.theme);
  }

  // --- the elements --------------------------------------------------------------------------------

  const time = timeControls(fig, { describe }), counter = time.bar.querySelector("output");
  const chart = canvas(fig, {
    class: "chart", tabindex: 0, role: "application",
    "aria-label": "curves of the training: left and right move the cursor, space plays",
  }, paint);
  const when = element("div", { class: "small" });
  const text = element("div", {
    class: "sample", dir: "auto", tabindex: 0, role: "group", "aria-label": "the model\u2019s output",
  });
  const output = element("div", {}, when, text);
  fig.root.append(header(fig), chart, output, time.bar, time.caption);
  fig.paint(() => {
    const look = latest(samples);
    counter.textContent = `update ${lastUpdate()}`; // a point may stand for several
    output.hidden = !samples.length;
    when.textContent = look ? `the model\u2019s output at update ${look.update}` : "no output yet at this update";
    text.textContent = look?.text ?? "";
  });
  const move = (x) => {
    const t = Math.floor(((x - LEFT) / (chart.clientWidth - LEFT - RIGHT)) * steps);
    time.go(clamp(t, 0, Math.max(0, newest)));
  };
  pointer(fig, chart, { pick: move, drag: move });
  fig.watch(["losses", "norms", "looks"], read);
  read();
  return fig.stop;
}

export default { render };

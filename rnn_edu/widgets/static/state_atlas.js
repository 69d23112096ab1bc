import { calm, canvas, clamp, colourMap, element, figure, float32, header, menu, number, pointer, quoted } from "./kit.js";
import { network, softmax, unpack } from "./cells.js";
import { correlation, count } from "./counts.js";
import { float16 } from "./decode.js";
import { paper } from "./paper.js";
import { paintPaths, placing } from "./state_map.js";
import { paintUnits, pick } from "./unit_chart.js";

const NARROW = 560; // pixels, below which panels stand under each other

function render(context) {
  const fig = figure(context, "atlas"), { on } = fig, get = (name) => fig.model.get(name);
  const alphabet = [...get("alphabet")], labels = get("labels"), longest = get("longest"), H = get("H");
  const texts = get("texts").map(([name, text]) => ({ name, text, letters: [...text] })), counts = get("counts");
  const units = Array.from({ length: H }, (_, j) => j), axes = float32(get("axes")), fixed = float32(get("points"));

  /** A network, and what it makes of the given texts: their states, and their paths on its own map. */
  const runs = get("names").map((name, r) => {
    const weights = unpack(float16(get(r ? "other" : "weights")), get("arrays"));
    const net = network(get("cell"), weights, alphabet), read = net.reader();
    const [mean, ...directions] = [0, 1, 2].map((i) => axes.subarray((3 * r + i) * H, (3 * r + i + 1) * H));
    const project = (h) => directions.map((d) => d.reduce((sum, d_j, j) => sum + (h[j] - mean[j]) * d_j, 0));
    const states = texts.map(({ letters }) => net.reader()(letters).slice(1).map(([h]) => h));
    const paths = states.map((of) => of.map(project)), all = states.flat();
    const start = project(new Float64Array(H)), marks = [];
    for (let p = 0; p < (r ? 0 : fixed.length); p += H) marks.push(project(fixed.subarray(p, p + H)));
    return { name, net, read, project, paths, all, start, marks, shares: get("shares")[r] };
  });
  const many = texts.length === 1 ? "the given text" : `all ${texts.length} texts`;
  const known = new Map(); // of each property: its values over all given texts, the largest, r with each unit
  function overall(name) {
    if (known.has(name)) return known.get(name);
    const rule = counts.find(([other]) => other === name), v = texts.flatMap(({ letters }) => [...count(letters, rule)]);
    const r = runs.map(({ all }) => units.map((j) => correlation(all.map((h) => h[j]), v)));
    known.set(name, { rule, v, top: Math.max(1, ...v), r });
    return known.get(name);
  }

  let now, unitMap, valueMap; // what follows from the traits; the colours of a unit and of the property
  function follow() {
    const letters = [...get("text")], T = letters.length, t = Math.min(get("t"), T), against = get("against");
    const { rule, v: all, top, r: over } = overall(against), v = count(letters, rule), sorted = get("order") === "correlation";
    const shown = runs.slice(0, get("beside") ? 2 : 1).map((run, i) => {
      const states = run.read(letters), h = states.slice(1).map(([h_t]) => h_t);
      const r = units.map((j) => correlation(h.map((h_t) => h_t[j]), v));
      const order = sorted ? [...units].sort((j, k) => Math.abs(r[k]) - Math.abs(r[j])) : units;
      return { ...run, states, h, r, order, over: over[i], path: h.map(run.project) };
    });
    const rank = shown[0].order.indexOf(get("unit"));
    for (const run of shown) run.unit = run.order[rank]; // the other network's of the same rank
    now = { letters, T, t, v, all, against, top: Math.max(top, ...v), shown, rank, units, many };
    valueMap = colourMap(0, now.top, fig.theme);
    sheet.show(get("text"));
    fig.redraw();
  }
  const byUnit = () => get("view") === "units";

  function describe() {
    const { letters, T, t, v, against, shown } = now;
    const said = shown.map(({ name, net, states, unit, r, over, path, start }) => {
      const p = softmax(net.logits(states[t])), k = p.indexOf(Math.max(...p)), at = t ? path[t - 1] : start;
      if (!byUnit()) return `${name}: the state is at (${at.map((x) => number(x)).join(", ")}), the answer ${labels[k]} ${number(p[k])}`;
      return `${name}: unit ${unit} is ${number(states[t][0][unit])}, r = ${number(r[unit])} here, ${number(over[unit])} over ${many}`;
    });
    const where = t ? `After ${quoted(letters[t - 1])}, letter ${t} of ${T}: ${against} ${v[t - 1]}` : `Before the first of ${T} letters`;
    return `${where}. ${said.join(". ")}.`;
  }

  // --- the text, tinted by the property or the unit ---------------------------------------------------------

  const HINT = "Type, or click into the text.";
  const sheet = paper(fig, {
    alphabet, longest, hint: HINT,
    edited: (text, t) => { running(false); fig.set({ text, t }); },
    moved: (t) => { if (t !== get("t") && now.T) go(t); },
    dress(node, i) {
      node.classList.toggle("here", i === now.t - 1);
      node.style.setProperty("--tint", byUnit() ? unitMap.css(now.shown[0].h[i][get("unit")]) : valueMap.css(now.v[i]));
      node.style.setProperty("--share", byUnit() ? "55%" : "50%");
    },
  });

  // --- the stage: a panel for each network --------------------------------------------------------------------

  function panels(width, height) {
    const n = now.shown.length, stacked = byUnit() || width < NARROW, gap = 18;
    const [wide, tall] = stacked ? [width, (height - gap * (n - 1)) / n] : [(width - gap * (n - 1)) / n, height];
    return now.shown.map((_, i) => (stacked ? [0, i * (tall + gap), wide, tall] : [i * (wide + gap), 0, wide, tall]));
  }
  const stage = canvas(fig, {
    class: "stage", role: "slider", tabindex: 0, "aria-valuemin": 0,
    "aria-label": "letters read; among units, up and down choose one",
  }, (g, width, height) => {
    const paint = byUnit() ? paintUnits : paintPaths, theme = { ...fig.theme, map: valueMap };
    panels(width, height).forEach((box, i) => {
      g.save();
      g.beginPath();
      g.rect(...box);
      g.clip();
      paint(g, now.shown[i], now, theme, box);
      g.restore();
    });
  });
  const go = (t) => { running(false); fig.set({ t: clamp(t, 0, now.T) }); };
  const choose = (rank) => fig.set({ unit: now.shown[0].order[clamp(rank, 0, H - 1)] });
  function point(x, y) {
    const all = panels(stage.clientWidth, stage.clientHeight), i = Math.max(0, all.findLastIndex(([left, top]) => x >= left && y >= top));
    const run = now.shown[i], to = placing(run, all[i]);
    if (byUnit()) {
      const { rank, t } = pick(now, all[i], x, y);
      return rank === undefined ? go(t) : choose(rank);
    }
    const far = [run.start, ...run.path].map(to).map(([a, b]) => Math.hypot(a - x, b - y));
    return go(far.indexOf(Math.min(...far)));
  }
  pointer(fig, stage, { pick: point, drag: point });
  on(stage, "keydown", (event) => {
    const { t, T, rank } = now, { key } = event, by = { ArrowUp: -1, ArrowDown: 1 }[key];
    const to = { ArrowLeft: t - 1, ArrowRight: t + 1, Home: 0, End: T }[key];
    if ((to ?? by) === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (by === undefined) go(to);
    else if (byUnit()) choose(rank + by);
  });

  // --- the controls -------------------------------------------------------------------------------------------

  let timer = 0;
  function running(run) {
    clearInterval(timer);
    timer = run ? setInterval(() => {
      fig.set({ t: Math.min(now.t + 1, now.T) });
      if (now.t === now.T) running(false);
    }, calm() ? 1000 : 150) : 0;
    const label = run ? "Pause" : "Play";
    play.setAttribute("aria-label", label);
    play.title = label;
    play.firstChild.className = `icon ${label.toLowerCase()}`;
  }
  const play = element("button", { type: "button" }, element("span"));
  running(false);
  on(play, "click", () => {
    if (!timer && now.t === now.T) fig.set({ t: 0 });
    running(!timer && now.T > 0);
  });
  const slider = element("input", { type: "range", min: 0, "aria-label": "letter" }), output = element("output");
  on(slider, "input", () => go(+slider.value));
  const which = element("select", {}, ...texts.map(({ name }) => element("option", {}, name)), element("option", { hidden: "" }, "your own"));
  on(which, "change", () => {
    const chosen = texts[which.selectedIndex];
    if (!chosen) return;
    running(false);
    fig.set({ text: chosen.text, t: chosen.letters.length });
  });
  const both = element("input", { type: "checkbox" });
  on(both, "change", () => fig.set({ beside: both.checked }));
  const orders = menu(fig, "order", "order", [["correlation", "by correlation"], ["index", "by number"]]);
  const caption = element("div", { class: "caption", "aria-hidden": "true" });
  fig.root.append(
    header(fig, menu(fig, "view", "show", [["paths", "trajectories"], ["units", "units"]])),
    element("div", { class: "tools" }, element("label", {}, "text ", which),
      menu(fig, "against", "against", counts.map(([name]) => [name, name])), orders,
      ...(runs[1] ? [element("label", { class: "both" }, both, element("span", {}, "beside: ", element("bdi", {}, runs[1].name)))] : [])),
    sheet.node, sheet.note, stage, element("div", { class: "controls" }, play, slider, output), caption,
  );
  fig.paint(() => {
    const { T, t } = now, words = describe(), given = texts.findIndex(({ text }) => text === get("text"));
    which.selectedIndex = given < 0 ? texts.length : given;
    both.checked = get("beside");
    orders.hidden = !byUnit();
    slider.max = T;
    slider.value = t;
    output.textContent = `letter ${t} of ${T}`;
    slider.setAttribute("aria-valuetext", words);
    caption.textContent = words;
    for (const [name, value] of [["max", T], ["now", t], ["text", words]]) stage.setAttribute(`aria-value${name}`, value);
  });
  fig.signal.addEventListener("abort", () => clearInterval(timer));
  fig.watch(["text", "t", "view", "against", "unit", "order", "beside"], () => { follow(); if (!timer) fig.say(describe()); });
  fig.onTheme((theme) => { unitMap = colourMap(-1, 1, theme); follow(); });
  return fig.stop;
}

export default { render };

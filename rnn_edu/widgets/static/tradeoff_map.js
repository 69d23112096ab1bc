import { calm, canvas, clamp, element, figure, header, menu, pointer, timeControls, write } from "./kit.js";
import { boldWidth } from "./fit.js";
import { few, leaders, list, measure, rivals, scale, short, story, verdict } from "./rivals.js";

const LEFT = 52, RIGHT = 18, STRIP = 26, AXIS = 40; // CSS pixels around the map
const MARKS = ["disc", "square", "diamond", "triangle"]; // of the kinds

/** Whether a box [left, top, right, bottom] meets none of those taken. */
const free = ([x0, y0, x1, y1], taken) => taken.every(([u0, v0, u1, v1]) => x1 < u0 || x0 > u1 || y1 < v0 || y0 > v1);

function render(context) {
  const fig = figure(context, "tradeoff"), get = (name) => fig.model.get(name);
  const lengths = get("lengths"), models = get("models"), kinds = get("kinds"), values = get("values"), L = lengths.length;
  const kindNames = [...new Set(kinds)], all = models.map((_, k) => k);
  const measures = get("measures").map((given, m) => measure(given, values[m]));
  const along = { name: "T", label: "T", ...scale(lengths, 4), ticks: lengths, mean: lengths.map((T) => all.map(() => T)) };
  let now, glide = get("t"); // what follows from t, x and y; the place between two lengths that is drawn

  function follow() {
    const t = get("t"), [y, x = along] = [get("y"), get("x")].map((name) => measures.find((m) => m.name === name));
    const over = x === along || x === y ? [y] : [y, x], found = rivals(over, t), there = all.filter((k) => found[k]);
    const front = there.filter((k) => !found[k].by.length).sort((a, b) => x.at(x.mean[t][a]) - x.at(x.mean[t][b]));
    now = { t, x, y, over, found, there, front };
    fig.redraw();
  }

  function describe() {
    const { t, over, front, there } = now, T = `At T = ${lengths[t]}`, names = front.map((k) => models[k]);
    if (!there.length) return `${T} nothing was measured on both.`;
    const tops = over.map((m) => {
      const numbers = there.map((k) => m.mean[t][k]), best = m.sign > 0 ? Math.max(...numbers) : Math.min(...numbers);
      const who = few(models.filter((_, k) => there.includes(k) && m.mean[t][k] === best));
      return `the ${m.most} is ${m.text(best)}${m.unit && ` ${m.unit}`} (${who})`;
    });
    const left = names.length === 1 ? `${names[0]} beats all others` : `nothing beats ${list(names)}`;
    return `${T} ${list(tops)}${there.length > 1 ? `; ${left}` : ""}.`;
  }

  // --- the map --------------------------------------------------------------------------------------------------

  const colour = (kind) => getComputedStyle(fig.root).getPropertyValue(`--kind-${kindNames.indexOf(kind)}`);

  function mark(g, kind, x, y, r) {
    g.beginPath();
    const shape = MARKS[kindNames.indexOf(kind)], corners = {
      square: [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([a, b]) => [0.88 * a, 0.88 * b]),
      diamond: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]], triangle: [[0, -1.2], [1.15, 0.9], [-1.15, 0.9]],
    }[shape];
    if (corners) for (const [a, b] of corners) g.lineTo(x + r * a, y + r * b);
    else g.arc(x, y, r, 0, 7);
    g.closePath();
    g.fill();
    g.stroke();
  }

  function place(width, height) {
    const wide = width - LEFT - RIGHT, base = height - AXIS, { x, y } = now;
    const px = (v) => LEFT + x.at(v) * wide, py = (v) => base - y.at(v) * (base - STRIP);
    const of = (k, t) => (x.mean[t][k] === null || y.mean[t][k] === null ? null : [px(x.mean[t][k]), py(y.mean[t][k])]);
    /** Where a model is on its way from one length to the next. */
    function between(k) {
      const [from, to] = [of(k, Math.floor(glide)), of(k, Math.ceil(glide))], share = glide % 1;
      return from && to ? from.map((a, i) => a + share * (to[i] - a)) : of(k, now.t);
    }
    return { px, py, base, of, between };
  }

  function paint(g, width, height) {
    const { fg, muted, line, bg } = fig.theme, { t, x, y, there, front } = now, chosen = get("model");
    const { px, py, base, of, between } = place(width, height);
    if (calm() || Math.abs(t - glide) < 0.01) glide = t;
    else { glide += (t - glide) / 5; fig.redraw(); }
    write(g, `${y.label} \u00b7 ${y.best} is better ${y.sign > 0 ? "\u2191" : "\u2193"}`, 4, 10, { colour: muted });
    const across = x === along ? "T" : `${x.sign > 0 ? "" : "\u2190 "}${x.best} is better${x.sign > 0 ? " \u2192" : ""} \u00b7 ${x.label}`;
    write(g, across, width - RIGHT, height - 9, { colour: muted, align: "right" });
    Object.assign(g, { strokeStyle: line, lineWidth: 1 });
    let edge = -Infinity;
    for (const v of x.ticks) {
      g.strokeRect(Math.round(px(v)) + 0.5, STRIP, 0, base - STRIP);
      const half = boldWidth(g, short(v)) / 2;
      if (px(v) - half < edge + 8 || px(v) + half > width) continue;
      write(g, short(v), px(v), base + 12, { colour: x === along && v === lengths[t] ? fg : muted, align: "center" });
      edge = px(v) + half;
    }
    for (const v of y.ticks) {
      g.strokeRect(LEFT, Math.round(py(v)) + 0.5, width - LEFT - RIGHT, 0);
      write(g, short(v), LEFT - 6, py(v), { colour: muted, align: "right" });
    }
    if (x === along) {
      g.strokeStyle = fg;
      g.strokeRect(px(lengths[t]), STRIP, 0, base - STRIP);
    } else if (x !== y && front.length) paintFront(g, front.map(between), x, y, width - RIGHT, base);
    for (const k of [...all].sort((a, b) => (a === chosen) - (b === chosen))) {
      Object.assign(g, { strokeStyle: colour(kinds[k]), lineWidth: k === chosen ? 2.5 : 1.25, globalAlpha: k === chosen ? 1 : x === along ? 0.8 : 0.35 });
      g.beginPath();
      for (let s = 0; s < L; s++) if (of(k, s)) g.lineTo(...of(k, s));
      g.stroke();
      g.globalAlpha = 1;
    }
    const taken = there.map((k) => { const [a, b] = between(k); return [a - 8, b - 8, a + 8, b + 8]; });
    const stops = x === along ? [] : lengths.map((_, s) => s).filter((s) => s !== t && of(chosen, s));
    Object.assign(g, { fillStyle: colour(kinds[chosen]), strokeStyle: bg });
    for (const s of stops) mark(g, kinds[chosen], ...of(chosen, s), 3);
    for (const k of there) {
      const [a, b] = between(k);
      Object.assign(g, { strokeStyle: colour(kinds[k]), lineWidth: 1.5 });
      if (glide === t) {
        g.strokeRect(a, py(y.worst[t][k]), 0, py(y.top[t][k]) - py(y.worst[t][k]));
        if (x !== along) g.strokeRect(px(x.worst[t][k]), b, px(x.top[t][k]) - px(x.worst[t][k]), 0);
      }
      Object.assign(g, { fillStyle: colour(kinds[k]), strokeStyle: k === chosen ? fg : bg, lineWidth: k === chosen ? 2 : 1.5 });
      mark(g, kinds[k], a, b, k === chosen ? 8 : 6.5);
    }
    paintNames(g, [chosen, ...all.filter((k) => k !== chosen)].filter((k) => there.includes(k)), between, taken, width, base);
    for (const s of stops) {
      const [a, b] = of(chosen, s), box = [a + 7, b - 7, a + 9 + boldWidth(g, `${lengths[s]}`), b + 7];
      if (!free(box, taken)) continue;
      taken.push(box);
      write(g, lengths[s], a + 8, b, { colour: muted });
    }
  }

  /** Steps through those that no model beats: all on the worse side of them is beaten. */
  function paintFront(g, points, x, y, right, base) {
    const worstX = x.sign > 0 ? LEFT : right, worstY = y.sign > 0 ? base : STRIP;
    const ordered = x.sign > 0 ? [...points].reverse() : points;
    g.beginPath();
    g.lineTo(ordered[0][0], worstY);
    ordered.forEach(([a, b], i) => { if (i) g.lineTo(a, ordered[i - 1][1]); g.lineTo(a, b); });
    g.lineTo(worstX, ordered.at(-1)[1]);
    Object.assign(g, { strokeStyle: fig.theme.fg, lineWidth: 1.25 });
    g.setLineDash([5, 4]);
    g.stroke();
    g.setLineDash([]);
    g.lineTo(worstX, worstY);
    Object.assign(g, { fillStyle: fig.theme.fg, globalAlpha: 0.05 });
    g.fill();
    g.globalAlpha = 1;
  }

  /** Names beside the points, where there is room, first on the side of the better: the chosen first. */
  function paintNames(g, ks, at, taken, width, base) {
    const up = now.y.sign > 0 ? -1 : 1, toRight = now.x.sign > 0;
    for (const k of ks) {
      const [a, b] = at(k), wide = boldWidth(g, models[k]), [left, right] = [a - 12 - wide, a + 12];
      const [first, then] = toRight ? [right, left] : [left, right], middle = clamp(a - wide / 2, LEFT + 2, width - wide - 2);
      const spots = [[first, b + 12 * up], [first, b], [middle, b + 18 * up], [then, b + 12 * up], [then, b], [middle, b - 18 * up], [then, b - 12 * up]];
      const box = ([x, y]) => [x - 2, y - 8, x + wide + 2, y + 8];
      const spot = spots.find((s) => {
        const [x0, y0, x1, y1] = box(s);
        return x0 >= LEFT && x1 <= width && y0 >= STRIP - 8 && y1 <= base && free(box(s), taken);
      });
      if (!spot) continue; // the table names it
      taken.push(box(spot));
      write(g, models[k], ...spot, { colour: fig.theme.fg, weight: k === get("model") ? "bold" : "normal" });
    }
  }

  // --- the elements ---------------------------------------------------------------------------------------------

  const choose = (k) => fig.set({ model: clamp(k, 0, models.length - 1) });
  const time = timeControls(fig, { describe, keys: { ArrowUp: () => choose(get("model") - 1), ArrowDown: () => choose(get("model") + 1) } });
  const counter = time.bar.querySelector("output");
  const stage = canvas(fig, {
    class: "stage", tabindex: 0, role: "application", "aria-label": "map of the models: left and right move T, up and down choose a model",
  }, paint);
  /** The nearest model; on curves the nearest T too. */
  function point(x, y) {
    const { of, px } = place(stage.clientWidth, stage.clientHeight), far = (v) => Math.abs(px(v) - x);
    if (now.x === along) time.go(lengths.findIndex((T) => far(T) === Math.min(...lengths.map(far))));
    const from = now.there.map((k) => Math.hypot(of(k, get("t"))[0] - x, of(k, get("t"))[1] - y));
    if (from.length) choose(now.there[from.indexOf(Math.min(...from))]);
  }
  pointer(fig, stage, { pick: point, drag: point });

  const rows = models.map((name, k) => {
    const cells = [0, 1, 2].map(() => element("td")), button = element("button", { type: "button" }, element("i"), element("bdi", {}, name));
    const node = element("tr", {}, element("th", { scope: "row" }, button), ...cells);
    node.style.setProperty("--tint", `var(--kind-${kindNames.indexOf(kinds[k])})`);
    button.firstChild.className = MARKS[kindNames.indexOf(kinds[k])];
    button.title = kinds[k];
    fig.on(button, "click", () => choose(k));
    return { button, cells, node };
  });
  const heads = [0, 1].map(() => element("th", { scope: "col" })), stories = element("div", { class: "small stories" });
  const options = measures.map(({ name }) => [name, name]);
  fig.root.append(
    header(fig, menu(fig, "y", "up", options), menu(fig, "x", "across", [...options, ["T", "T"]])),
    element("div", { class: "small key" }, ...kindNames.map((kind, i) => {
      const node = element("span", {}, element("i", { class: MARKS[i] }), element("bdi", {}, kind));
      node.style.setProperty("--tint", `var(--kind-${i})`);
      return node;
    })),
    element("div", { class: "body" }, stage, element("div", { class: "side" }, element("table", {}, element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "model"), ...heads, element("th", { scope: "col" }, "at this T"))),
      element("tbody", {}, ...rows.map(({ node }) => node))), stories)),
    time.bar, time.caption,
  );
  fig.paint(() => {
    const { t, x, y, over, found } = now, before = Math.max(t - 1, 0);
    counter.textContent = `T = ${lengths[t]}`;
    heads[1].textContent = `since T = ${lengths[before]}`;
    over.forEach(({ label }, i) => { heads[i].textContent = label; });
    rows.forEach(({ button, cells, node }, k) => {
      const [value, then] = [y.mean[t][k], y.mean[before][k]];
      cells[1].textContent = value === null || !then ? "\u2013" : `\u00d7 ${short(value / then)}`;
      cells[1].className = "";
      over.forEach((m, i) => {
        cells[i].textContent = m.text(m.mean[t][k]);
        cells[i].classList.toggle("best", leaders(m, t).includes(k));
      });
      cells[2].textContent = verdict(found[k], models);
      node.classList.toggle("chosen", k === get("model"));
      button.setAttribute("aria-pressed", k === get("model"));
    });
    stories.textContent = over.map((m) => story(m, lengths, models)).join(" ");
  });
  fig.watch(["t", "x", "y", "model"], follow);
  follow();
  fig.onTheme(fig.redraw);
  return fig.stop;
}

export default { render };

import {
  calm, canvas, clamp, colourMap, curve, element, figure, header, number, pointer, quoted, visible, write,
} from "./kit.js";
import { draw, network, softmax, uniform, unpack } from "./cells.js";
import { bits, entropy, float16, probabilities } from "./decode.js";
import { paper } from "./paper.js";

const ROWS = 12, EVERY = 80; // letters on show; milliseconds between two that are written
const MOST = 8; // bits at the top of the chart, and where the tint is full
const KNOBS = ["temperature", "top_k", "top_p", "min_p"];

function render(context) {
  const fig = figure(context, "sampler"), { on } = fig, get = (name) => fig.model.get(name);
  const alphabet = [...get("alphabet")], V = alphabet.length, longest = get("longest");
  const net = network(get("cell"), unpack(float16(get("weights")), get("arrays")), alphabet), read = net.reader();
  const OFF = { temperature: 1, top_k: V, top_p: 1, min_p: 0 };
  const RULES = [
    ["the network itself", OFF], ["greedy", { ...OFF, top_k: 1 }], ["temperature 0.5", { ...OFF, temperature: 0.5 }],
    ["temperature 1.5", { ...OFF, temperature: 1.5 }], ["top-k 5", { ...OFF, top_k: 5 }],
    ["top-p 0.9", { ...OFF, top_p: 0.9 }], ["min-p 0.1", { ...OFF, min_p: 0.1 }],
  ];
  const answers = new WeakMap(); // by state: the states of a beginning that stays are the same objects
  const answer = (state) => answers.get(state) ?? answers.set(state, softmax(net.logits(state))).get(state);
  let now, tint; // what follows from text, t and the rule; the colours of surprise

  function follow() {
    const letters = [...get("text")], T = letters.length, t = Math.min(get("t"), T), states = read(letters);
    const own = states.map(answer); // own[t]: after t letters
    const surprise = letters.map((letter, i) => bits(own[i][alphabet.indexOf(letter)]));
    const rule = Object.fromEntries(KNOBS.map((name) => [name, get(name)]));
    const p = probabilities(net.logits(states[t]), rule), u = uniform(get("seed"), t);
    now = { letters, T, t, own, surprise, rule, p, u, drawn: draw(p, u), written: Math.min([...get("typed")].length, T) };
    sheet.show(get("text"));
    fig.redraw();
  }

  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const left = () => now.p.filter((p_v) => p_v > 0).length;
  function describe() {
    const { t, T, letters, own, p, u, drawn } = now;
    const after = `after ${t} letters the rule leaves ${left()} of ${V}, ${number(entropy(p))} bits`;
    const next = `u = ${u.toFixed(4)} falls on ${quoted(alphabet[drawn])} (${number(p[drawn])})`;
    return `${after}; ${t < T ? `what came: ${quoted(letters[t])}, ${number(bits(own[t][alphabet.indexOf(letters[t])]))} bits` : next}`;
  }

  // --- the text, each letter tinted by its surprise ----------------------------------------------------

  const HINT = "Type a beginning, then let it write. The darker a letter, the less the network expected it.";
  const sheet = paper(fig, {
    alphabet, longest, hint: HINT,
    edited: (text, caret) => { running(false); fig.set({ text, typed: text, t: caret }); },
    moved: (caret) => { if (caret !== get("t") && now.T && !timer) fig.set({ t: Math.min(caret, now.T) }); },
    dress: (node, i) => {
      node.style.setProperty("--tint", tint.css(Math.min(now.surprise[i], MOST)));
      node.classList.toggle("written", i >= now.written);
      node.classList.toggle("here", i === now.t - 1);
    },
  });

  // --- writing --------------------------------------------------------------------------------------------

  let timer = 0;
  function writeOne() {
    const { T, own } = now;
    if (T === longest) { running(false); sheet.note.textContent = `Full: ${longest} letters.`; return; }
    if (now.t < T) fig.set({ t: T });
    fig.set({ text: get("text") + alphabet[now.drawn], t: own.length });
  }
  function running(run) {
    clearInterval(timer);
    timer = run ? setInterval(writeOne, EVERY) : 0;
    player.textContent = run ? "Stop" : "Write on";
  }
  const backToTyped = () => { sheet.note.textContent = HINT; fig.set({ text: get("typed"), t: now.written }); };
  function button(text, act) {
    const node = element("button", { type: "button" }, text);
    on(node, "click", act);
    return node;
  }
  const player = button("Write on", () => {
    if (!calm()) return running(!timer);
    for (let k = 0; k < 60 && now.T < longest; k++) writeOne(); // all at once, where motion is unwanted
  });
  const one = button("One letter", () => { running(false); writeOne(); });
  const again = button("As typed", () => { running(false); backToTyped(); });
  const roll = button("Roll", () => {
    fig.set({ seed: (get("seed") + 1 + Math.floor(Math.random() * 9999)) % 10000 });
    backToTyped();
  });
  roll.title = "another seed, from the typed text again";

  // --- the rule ---------------------------------------------------------------------------------------------

  function knob(trait, label, attributes, shown = number) {
    const input = element("input", attributes), output = element("output");
    fig.paint(() => {
      if (document.activeElement !== input || input.value) input.value = get(trait);
      output.textContent = attributes.type === "range" ? shown(get(trait)) : "";
    });
    on(input, "input", () => { if (input.value && input.checkValidity()) fig.set({ [trait]: +input.value }); });
    return element("label", { class: "knob" }, element("span", {}, label), input, output);
  }
  const range = (min, max, step) => ({ type: "range", min, max, step });
  const knobs = element("div", { class: "knobs" },
    knob("temperature", "temperature", range(0.1, 2, 0.05)), knob("top_k", "top-k", range(1, V, 1), (k) => k),
    knob("top_p", "top-p", range(0.05, 1, 0.05)), knob("min_p", "min-p", range(0, 1, 0.05)));
  const rules = element("select", { "aria-label": "rule" }, ...RULES.map(([name]) => element("option", {}, name)),
    element("option", { hidden: "" }, "your own mix"));
  on(rules, "change", () => RULES[rules.selectedIndex] && fig.set(RULES[rules.selectedIndex][1]));

  // --- what may come next: the network's own share as an outline, what the rule makes of it as a bar ------

  const rows = Array.from({ length: ROWS + 1 }, () => {
    const name = element("bdi"), own = element("u"), fill = element("i"), value = element("b");
    const node = element("li", {}, name, element("span", { class: "gauge" }, fill, own), value);
    return { name, own, fill, value, node };
  });
  const heading = element("div", { class: "small heading" }), chart = element("ul", {}, ...rows.map(({ node }) => node));
  fig.paint(() => {
    const { t, T, letters, own, p, drawn } = now, order = [...p.keys()].sort((v, w) => own[t][w] - own[t][v]);
    const came = t < T ? alphabet.indexOf(letters[t]) : drawn, some = order.slice(0, ROWS), rest = order.slice(ROWS);
    const total = (q) => rest.reduce((sum, v) => sum + q[v], 0);
    rows.forEach(({ name, own: outline, fill, value, node }, r) => {
      const v = some[r], others = v === undefined, [q, p_v] = others ? [total(own[t]), total(p)] : [own[t][v], p[v]];
      node.hidden = others && !(r === ROWS && rest.length);
      name.textContent = others ? `${rest.length} others` : visible(alphabet[v]);
      outline.style.width = `${100 * q}%`;
      fill.style.width = `${100 * p_v}%`;
      value.textContent = p_v ? number(p_v) : "cut";
      node.classList.toggle("cut", !p_v);
      node.classList.toggle("came", others ? rest.includes(came) : v === came);
    });
    heading.textContent = `after ${t} letters: ${left()} of ${V} left`;
    const match = RULES.findIndex(([, rule]) => KNOBS.every((name) => rule[name] === get(name)));
    rules.selectedIndex = match < 0 ? RULES.length : match;
  });

  // --- on whose share the number falls ----------------------------------------------------------------------

  const strip = canvas(fig, { class: "strip", role: "img" }, (g, width) => {
    const { p, u, drawn } = now, { fg, bg, muted, line, focus } = fig.theme;
    let sum = 0;
    p.forEach((p_v, v) => {
      const x = sum * width, wide = p_v * width;
      sum += p_v;
      Object.assign(g, { fillStyle: v === drawn ? focus : line, strokeStyle: bg });
      g.fillRect(x, 20, wide, 22);
      if (wide > 2) g.strokeRect(x, 20, wide, 22);
      if (wide > 12) write(g, visible(alphabet[v]), x + wide / 2, 31, { colour: v === drawn ? bg : fg, align: "center" });
    });
    const x = clamp(u * width, 1, width - 1);
    Object.assign(g, { fillStyle: fg });
    g.fillRect(x - 1, 14, 2, 32);
    const align = x > width / 2 ? "right" : "left";
    write(g, `u = ${u.toFixed(4)}, number ${now.t} of seed ${get("seed")}`, x + (align === "left" ? -1 : 1), 8, { colour: muted, align });
  });

  // --- bits, letter by letter ---------------------------------------------------------------------------------

  const HEAD = 20, FOOT = 18, EDGE = 22;
  let column = 8;
  const score = canvas(fig, {
    class: "score", role: "slider", tabindex: 0, "aria-label": "letters read", "aria-valuemin": 0,
  }, (g, width, height) => {
    const { T, t, letters, own, surprise, written } = now, { fg, muted, line, focus } = fig.theme;
    const base = height - FOOT, y = (b) => base - (Math.min(b, MOST) / MOST) * (base - HEAD);
    column = Math.min(14, (width - EDGE) / Math.max(T + 1, 40));
    const x = (i) => EDGE + i * column;
    write(g, "bits: surprise of each letter (bars), entropy before it (line)", EDGE, 7, { colour: muted });
    for (const b of [0, 2, 4, 6, 8]) {
      g.fillStyle = line;
      g.fillRect(EDGE, y(b), width - EDGE, 1);
      write(g, b, EDGE - 6, y(b), { colour: muted, align: "right" });
    }
    surprise.forEach((b, i) => {
      g.fillStyle = i < written ? muted : tint.css(MOST * 0.62);
      g.fillRect(x(i) + 0.5, y(b), Math.max(column - 1, 0.8), base - y(b));
      if (column > 8) write(g, visible(letters[i]), x(i) + column / 2, height - 8, { colour: i < written ? muted : fg, align: "center" });
    });
    Object.assign(g, { strokeStyle: focus, lineWidth: 1.5 });
    if (T) curve(g, 0, T, (i) => x(i) + column / 2, (i) => y(entropy(own[i])));
    Object.assign(g, { strokeStyle: fg, lineWidth: 1 });
    g.strokeRect(x(t) + 0.5, HEAD - 3, Math.max(column - 1, 1), base - HEAD + 5);
  });
  const go = (t) => { if (t !== get("t")) { running(false); fig.set({ t: clamp(t, 0, now.T) }); } };
  const point = (x) => go(clamp(Math.floor((x - EDGE) / column), 0, now.T));
  pointer(fig, score, { pick: point, drag: point });
  on(score, "keydown", (event) => {
    const { t, T } = now, to = { ArrowLeft: t - 1, ArrowRight: t + 1, Home: 0, End: T }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(clamp(to, 0, T));
  });
  const sums = element("div", { class: "small sums" });
  fig.paint(() => {
    const { T, t, own, surprise, written, p, u, drawn } = now, text = describe();
    const before = (from, to) => (to > from
      ? `${number(mean(surprise.slice(from, to)))} bits a letter, expected ${number(mean(own.slice(from, to).map(entropy)))}` : "none yet");
    sums.textContent = `typed: ${before(0, written)}. Written, ${T - written} letters: ${before(written, T)}.`;
    strip.setAttribute("aria-label", `shares of the next letter: u = ${u.toFixed(4)} falls on ${visible(alphabet[drawn])}, ${number(p[drawn])}`);
    for (const [name, v] of [["max", T], ["now", t], ["text", text]]) score.setAttribute(`aria-value${name}`, v);
  });

  fig.root.append(
    header(fig, element("label", {}, "rule ", rules)), sheet.node, sheet.note,
    element("div", { class: "entry" }, player, one, again, knob("seed", "seed", { type: "number", min: 0, max: 9999 }), roll),
    knobs, strip,
    element("div", { class: "room" }, element("div", {}, heading, chart), element("div", { class: "right" }, score, sums)),
  );
  fig.watch(["text", "typed", "t", "seed", ...KNOBS], () => { follow(); if (!timer) fig.say(describe()); });
  fig.onTheme((theme) => { tint = colourMap(0, MOST, theme); follow(); });
  fig.signal.addEventListener("abort", () => clearInterval(timer));
  return fig.stop;
}

export default { render };

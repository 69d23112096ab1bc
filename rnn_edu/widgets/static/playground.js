import {
  calm, canvas, clamp, colourMap, element, figure, float32, header, legend, number, picture, quoted, visible, write,
} from "./kit.js";
import { apart, draw, network, readable, shuffle, softmax, uniform, unpack } from "./cells.js";

const ROWS = 12; // answers on show
const WRITES = 60, EVERY = 60; // letters at one press, milliseconds between them
const SEEN = 0.005; // what shows in two decimals

const top = (p) => p.indexOf(Math.max(...p));

/** The letters before t, in quotes: the last of them if they are many. */
const upTo = (letters, t) => quoted((t > 12 ? "\u2026" : "") + letters.slice(Math.max(0, t - 12), t).join(""));

function render(context) {
  const fig = figure(context, "playground"), { on } = fig, get = (name) => fig.model.get(name);
  const alphabet = [...get("alphabet")], labels = get("labels"), arrays = unpack(float32(get("weights")), get("arrays"));
  const net = network(get("cell"), arrays, alphabet), read = net.reader(), readTyped = net.reader();
  const writes = get("generate"), longest = get("longest");
  let now; // what follows from text, typed, t and temperature

  const answer = (state) => softmax(net.logits(state), get("temperature"));

  function follow() {
    const letters = [...get("text")], typed = [...get("typed")], T = letters.length, t = Math.min(get("t"), T);
    const states = read(letters), before = softmax(net.logits(writes ? states[t] : readTyped(typed).at(-1)));
    const compare = (p, before, whole = p) => ({ p, before, moved: apart(whole, before) });
    const answers = [compare(answer(states[t]), before, answer(states[T]))];
    if (net.counts) answers.push(compare(net.counts(letters), net.counts(typed)));
    now = { letters, typed, T, t, states, answers };
    if (!writes) lay();
    if (!composing && field.value !== get("text")) field.value = get("text");
    fig.redraw();
  }

  function describe() {
    const { letters, T, t, answers: [{ p, before, moved }, counts] } = now;
    const say = (q, k = top(q)) => `${writes ? quoted(labels[k]) : labels[k]} ${number(q[k])}`;
    let words = `after ${upTo(letters, t)}: ${say(p)}`;
    if (writes && t < T) words += `; what came: ${say(p, labels.indexOf(letters[t]))}`;
    if (writes || t < T || get("text") === get("typed")) return words;
    words += `, moved ${number(moved)}; as typed ${say(before)}`;
    return counts ? `${words}; letter counts moved ${number(counts.moved)}` : words;
  }

  // --- the state: units over letters ---------------------------------------------------------------

  const HEAD = 22, FOOT = writes ? 22 : 0; // CSS pixels over and under the heat map
  let map, first = 0, column = 64; // the columns in sight: which letter is first, how wide they are

  function paintStrip(g, width, height) {
    const { letters, typed, T, t, states } = now, { fg, muted, line, bg } = fig.theme, tall = height - HEAD - FOOT;
    column = clamp(width / Math.max(T, 1), writes ? 14 : 0, 64);
    fig.root.style.setProperty("--column", `${column}px`);
    const n = Math.min(T, Math.floor(width / column + 1e-6)), here = () => (t - first) * column;
    first = clamp(first, Math.max(0, t - n), Math.max(0, Math.min(T - n, t - 1)));
    write(g, `state: ${net.H} units after each letter`, 0, 9, { colour: muted });
    legend(g, map, width, 9, fig.theme);
    g.imageSmoothingEnabled = false;
    if (n) g.drawImage(picture(n, net.H, (x, j) => states[first + x + 1][0][j], map), 0, HEAD, n * column, tall);
    Object.assign(g, { strokeStyle: line, fillStyle: bg, globalAlpha: 0.7 });
    g.fillRect(here(), HEAD, n * column - here(), tall); // what is not read
    g.globalAlpha = 1;
    g.strokeRect(0.5, HEAD + 0.5, Math.max(n, 1) * column - 1, tall - 1);
    g.strokeStyle = fg;
    if (t) g.strokeRect(here() - column + 0.5, HEAD + 0.5, column - 1, tall - 1);
    for (let s = first; writes && s < first + n; s++) {
      const colour = s < typed.length ? muted : fg, weight = s === t - 1 ? "bold" : "normal";
      write(g, visible(letters[s]), (s - first + 0.5) * column, height - 9, { colour, weight, align: "center" });
    }
  }

  const strip = canvas(fig, {
    class: "strip",
    ...(writes ? { role: "slider", tabindex: 0, "aria-label": "letters read" }
      : { role: "img", "aria-label": `heat map: ${net.H} units after each letter` }),
  }, paintStrip);
  const go = (t) => { if (t !== get("t")) fig.set({ t }); };
  const place = ({ clientX }, node) => first + Math.floor((clientX - node.getBoundingClientRect().left) / column);
  const hover = (event, node) => { if (place(event, node) < now.T) go(place(event, node) + 1); };
  /** Arrow keys and Home, End: act(where to, event) from where one is, in 0..last. */
  const keys = (node, where, last, act) => on(node, "keydown", (event) => {
    const i = where(event), to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: last() }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act(clamp(to, 0, last()), i, event);
  });

  on(strip, "pointerdown", (event) => hover(event, strip));
  on(strip, "pointermove", (event) => dropped || hover(event, strip));
  if (writes) keys(strip, () => now.t, () => now.T, go);

  // --- the letters as tiles: drag one, or move the one in focus -------------------------------------

  const tiles = element("div", { class: "tiles", role: "group", "aria-label": "letters: Shift and arrow keys move one" });
  let held = -1, shuffles = 0, dropped = false; // once dropped, the answer to the whole stays till the pointer leaves

  const nth = (tile) => [...tiles.children].indexOf(tile);
  const rove = (i) => [...tiles.children].forEach((tile, k) => { tile.tabIndex = k === i ? 0 : -1; });

  function lay() {
    const { letters, T, t } = now;
    if ([...tiles.children].map(({ textContent }) => textContent).join("") !== letters.join("")) {
      const face = (letter) => element("span", {}, letter);
      tiles.replaceChildren(...letters.map((l) => element("button", { type: "button", class: "tile" }, face(l))));
      rove(0);
      held = -1;
    }
    [...tiles.children].forEach((tile, i) => {
      tile.setAttribute("aria-label", `${visible(letters[i])}, letter ${i + 1} of ${T}`);
      tile.classList.toggle("unread", i >= t);
      tile.classList.toggle("held", i === held);
      if (i !== held) tile.style.transform = "";
    });
  }

  /** Tile order[i] comes to place i. The one that has focus is not taken out, so it keeps it. */
  function arrange(order) {
    const nodes = order.map((k) => tiles.children[k]), stays = tiles.querySelector('[tabindex="0"]');
    nodes.forEach((tile, i) => {
      if (i < nodes.indexOf(stays)) stays.before(tile);
      else if (tile !== stays) tiles.append(tile);
      const from = { transform: `translateX(${(order[i] - i) * column}px)` };
      if (order[i] !== i && i !== held && !calm()) tile.animate([from, { transform: "none" }], 160);
    });
    note.textContent = HINT;
    fig.set({ text: order.map((k) => now.letters[k]).join(""), t: now.T });
  }

  const indices = () => now.letters.map((_, k) => k);
  const move = (from, to) => arrange(indices().toSpliced(from, 1).toSpliced(to, 0, from));
  const rank = (k) => alphabet.indexOf(now.letters[k]);
  const ORDERS = {
    Shuffle: (order) => shuffle(order, () => uniform(get("seed"), shuffles++)),
    Sort: (order) => order.sort((a, b) => rank(a) - rank(b)),
    Reverse: (order) => order.reverse(),
    "As typed": (order) => now.typed.map((l) => order.splice(order.findIndex((k) => now.letters[k] === l), 1)[0]),
  };

  on(tiles, "pointerdown", (event) => {
    if (event.button || place(event, tiles) >= now.T) return;
    held = place(event, tiles);
    rove(held);
    tiles.setPointerCapture(event.pointerId);
    go(held + 1);
  });
  on(tiles, "pointermove", (event) => {
    if (held < 0) return dropped || hover(event, tiles);
    const from = held, centre = () => tiles.getBoundingClientRect().left + (held + 0.5) * column;
    held = clamp(place(event, tiles), 0, now.T - 1);
    dropped ||= held !== from;
    if (held !== from) move(from, held);
    tiles.children[held].style.transform = `translateX(${event.clientX - centre()}px)`;
  });
  const drop = () => { held = -1; lay(); };
  on(tiles, "pointerup", drop);
  on(tiles, "pointercancel", drop);
  const reading = element("div", { class: "reading" }, ...(writes ? [] : [tiles]), strip);
  on(reading, "pointerleave", ({ pointerType }) => { dropped = false; if (pointerType === "mouse") go(now.T); });
  on(tiles, "focusin", ({ target }) => { rove(nth(target)); if (!dropped) go(nth(target) + 1); });
  on(tiles, "focusout", ({ relatedTarget }) => { if (!tiles.contains(relatedTarget)) go(now.T); });
  keys(tiles, ({ target }) => nth(target), () => now.T - 1, (to, i, { shiftKey, key }) => {
    if (!shiftKey) tiles.children[to].focus(); else if (key.startsWith("Arrow")) move(i, to);
  });

  // --- the text: typed, or written by the network ----------------------------------------------------

  const HINT = writes ? "Type, and see what may come next. Write on: each letter is drawn from the bars, then read."
    : "Type a name, drag its letters (or Shift and arrow keys). Point at one: the answer if the name ended there.";
  const plain = { spellcheck: "false", autocapitalize: "off", autocomplete: "off", dir: "auto" };
  const field = element(writes ? "textarea" : "input", { "aria-label": "text", ...plain });
  const note = element("div", { class: "note" }, HINT);
  let composing = false, timer = 0, left = 0;

  function edit() {
    const { letters, refused } = readable(field.value, alphabet), text = letters.slice(0, longest).join("");
    const caret = readable(field.value.slice(0, field.selectionStart), alphabet).letters.join("").length;
    const out = `Left out: ${refused.map(quoted).join(" ")}. The network knows only ${visible(get("alphabet"))}.`;
    note.textContent = refused.length ? out : letters.length > longest ? `Cut after ${longest} letters.` : HINT;
    running(0);
    fig.set({ text, typed: text, t: Math.min(letters.length, longest) });
    field.value = text; // what was refused is in no trait
    field.setSelectionRange(caret, caret);
  }

  function running(letters) {
    clearInterval(timer);
    left = letters;
    timer = letters ? setInterval(writeOne, EVERY) : 0;
    writer.textContent = letters ? "Stop" : "Write on";
  }
  function writeOne() {
    const { T, states } = now;
    if (T === longest || --left < 1) running(0);
    if (T === longest) note.textContent = `Full: ${longest} letters.`;
    else fig.set({ text: get("text") + labels[draw(answer(states[T]), uniform(get("seed"), T))], t: T + 1 });
  }

  on(field, "input", ({ isComposing }) => { composing = isComposing; if (!composing) edit(); });
  on(field, "compositionend", () => { composing = false; edit(); });

  // --- the controls -----------------------------------------------------------------------------------

  function button(text, act) {
    const node = element("button", { type: "button" }, text);
    on(node, "click", act);
    return node;
  }
  /** A labelled input bound to a trait that is a number. */
  function knob(trait, attributes) {
    const input = element("input", attributes), output = element("output");
    fig.paint(() => {
      if (document.activeElement !== input || input.value) input.value = get(trait);
      if (input.type === "range") output.textContent = number(get(trait));
    });
    on(input, "input", () => { if (input.value && input.checkValidity()) fig.set({ [trait]: +input.value }); });
    return element("label", {}, `${trait} `, input, output);
  }
  const writer = button("Write on", () => {
    running(timer ? 0 : WRITES);
    while (calm() && timer) writeOne();
  });
  const controls = writes ? [
    writer, button("One letter", () => { running(0); writeOne(); }),
    button("As typed", () => { running(0); fig.set({ text: get("typed"), t: now.typed.length }); }),
    knob("temperature", { type: "range", min: 0.1, max: 2, step: 0.05 }),
    knob("seed", { type: "number", min: 0, max: 9999 }),
  ] : Object.entries(ORDERS).map(([name, order]) => button(name, () => arrange(order(indices()))));

  // --- the answers --------------------------------------------------------------------------------------

  const titles = [writes ? "next letter" : get("cell"), ...(net.counts ? ["letter counts"] : [])];
  const heads = titles.map((title) => element("div", { class: "by" }, title, element("span")));
  const rows = labels.slice(0, ROWS).map(() => {
    const label = element("bdi"), gauges = heads.map(() => {
      const [fill, mark, value] = ["i", "u", "b"].map((tag) => element(tag));
      return { fill, mark, value, bar: element("span", { class: "gauge" }, fill, mark) };
    });
    return { label, gauges, node: element("li", {}, label, ...gauges.flatMap(({ bar, value }) => [bar, value])) };
  });

  /** All classes in their own order if they are few; else the most likely, and what did come. */
  function chosen() {
    const { letters, T, t, answers: [{ p }] } = now, best = labels.map((_, k) => k);
    if (labels.length <= ROWS && !writes) return best;
    best.sort((a, b) => p[b] - p[a]);
    const came = writes && t < T ? labels.indexOf(letters[t]) : best[0];
    return best.indexOf(came) < ROWS ? best : [...best.slice(0, ROWS - 1), came];
  }

  fig.paint(() => {
    const { letters, T, t, answers } = now, best = chosen();
    heads.forEach(({ lastChild }, a) => {
      const whole = !writes && (a || t === T);
      lastChild.textContent = whole ? `moved ${number(answers[a].moved)}` : `after ${upTo(letters, t)}`;
      lastChild.className = whole && answers[a].moved >= SEEN ? "moved" : "";
    });
    rows.forEach(({ label, gauges }, i) => {
      const k = best[i];
      label.textContent = visible(labels[k]);
      label.classList.toggle("best", k === top(answers[0].p));
      label.classList.toggle("came", writes && labels[k] === letters[t]);
      gauges.forEach(({ fill, mark, value, bar }, a) => {
        const { p, before } = answers[a];
        fill.style.transform = `scaleX(${p[k]})`;
        mark.style.left = `${100 * before[k]}%`;
        mark.hidden = Math.abs(p[k] - before[k]) < SEEN;
        value.textContent = number(p[k]);
        for (const part of [bar, value]) part.classList.toggle("best", k === top(p));
      });
    });
    for (const [name, value] of [["max", T], ["now", t], ["text", describe()]]) {
      if (writes) strip.setAttribute(`aria-value${name}`, value);
    }
  });

  const list = element("ul", {}, ...rows.map(({ node }) => node));
  const bars = element("div", { class: net.counts ? "answers two" : "answers" }, element("span"), ...heads, list);
  const key = element("div", { class: "small" }, element("u", { class: "mark" }), writes
    ? "at temperature 1; framed: what came" : "as typed; moved: the share of probability that went elsewhere");
  fig.root.classList.add(writes ? "writes" : "reads");
  fig.root.append(
    header(fig), element("div", { class: "entry" }, field, ...controls), note,
    element("div", { class: "room" }, reading, element("div", {}, bars, key)),
  );
  fig.watch(["text", "typed", "t", "temperature", "seed"], () => {
    follow();
    fig.say(note.textContent === HINT ? describe() : `${note.textContent} ${describe()}`);
  });
  fig.onTheme((theme) => { map = colourMap(-1, 1, theme); follow(); });
  fig.signal.addEventListener("abort", () => clearInterval(timer));
  return fig.stop;
}

export default { render };

import {
  canvas, clamp, colourMap, curve, dot, element, figure, float32, header, menu, number, pointer, quoted, visible, write,
} from "./kit.js";
import { STEP, network, unpack } from "./cells.js";

const HEAD = 20, FOOT = 20, LEFT = 44; // CSS pixels around the path of the score
const SPECIAL = 3; // <pad>, <end> and <unknown>, which no text spells
const WORD = /[\p{L}\p{N}_]+(?:['\u2019][\p{L}\p{N}_]+)*|[^\p{L}\p{N}_\s]/gu;

/** A text as words in lower case, as rnn_edu.data.words.split_words does it. */
export const splitWords = (text) => text.toLowerCase().match(WORD) ?? [];

/** Float16 as numbers: sign, five bits of exponent, ten of fraction. */
export function halves(bytes) {
  const view = ArrayBuffer.isView(bytes) ? bytes : new DataView(bytes);
  const data = new DataView(view.buffer, view.byteOffset, view.byteLength);
  return Float64Array.from({ length: view.byteLength / 2 }, (_, k) => {
    const u = data.getUint16(2 * k, true), exponent = (u >> 10) & 31, fraction = (u & 1023) / 1024;
    const size = exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction;
    return u >> 15 ? -size : size;
  });
}

const share = (score) => 1 / (1 + Math.exp(-score));
const signed = (v) => (v > 0 && number(v) !== "0.00" ? `+${number(v)}` : number(v));

function render(context) {
  const fig = figure(context, "review"), { on } = fig, get = (name) => fig.model.get(name);
  const arrays = unpack(float32(get("weights")), get("arrays")), { w_counts, b_counts } = arrays;
  const net = network(get("cell"), arrays, []);
  const E = halves(get("table")), list = get("vocabulary").split("\n"), D = E.length / list.length;
  const places = new Map(list.map((word, k) => [word, k]).slice(SPECIAL)), unknown = list.indexOf("<unknown>");
  const [no, yes] = get("labels"), step = STEP[get("cell")];
  let states = net.reader()([]), known = []; // the zero state
  let now, map; // what follows from text and t

  const score = (state) => { const [y_0, y_1] = net.logits(state); return y_1 - y_0; };
  const answer = (s) => (s > 0 ? `${yes} ${number(share(s))}` : `${no} ${number(1 - share(s))}`);

  /** The states before and after each token; what was read before is kept. */
  function read(tokens) {
    let t = 0;
    while (t < tokens.length && tokens[t] === known[t]) t++;
    states = states.slice(0, t + 1);
    for (; t < tokens.length; t++) states.push(step(arrays, E.subarray(tokens[t] * D, (tokens[t] + 1) * D), states[t]));
    known = tokens;
    return states.map(score);
  }

  function follow() {
    const all = splitWords(get("text")), words = all.slice(0, get("longest")), T = words.length, t = Math.min(get("t"), T);
    const tokens = words.map((word) => places.get(word) ?? unknown), scores = read(tokens);
    const changes = words.map((_, i) => scores[i + 1] - scores[i]);
    // The linear model knows whether a word occurs: only its first place counts.
    const own = w_counts && tokens.map((k, i) => (tokens.indexOf(k) === i ? w_counts[k] : 0));
    const counted = own?.reduce((sums, w) => [...sums, sums.at(-1) + w], [b_counts[0]]);
    const largest = Math.max(1, ...[...scores, ...(counted ?? [])].map(Math.abs));
    now = { all, words, T, t, tokens, scores, changes, own, counted, largest };
    if (field.value !== get("text")) field.value = get("text");
    lay();
    fig.redraw();
  }

  function describe() {
    const { words, tokens, t, scores, changes, own } = now;
    if (!t) return `before the first word: ${answer(scores[0])}, score ${signed(scores[0])}`;
    const strange = tokens[t - 1] === unknown ? ", unknown" : "", counts = own ? `; counted ${signed(own[t - 1])}` : "";
    return `after ${quoted(words[t - 1])}, word ${t}${strange}: ${answer(scores[t])}, score ${signed(scores[t])}; `
      + `this word ${signed(changes[t - 1])}${counts}`;
  }

  // --- the text, and its words coloured by what each contributes -----------------------------------

  const HINT = "Type a review. Point at a word, or use the arrow keys on the path below.";
  const plain = { spellcheck: "false", autocapitalize: "off", autocomplete: "off", dir: "auto" };
  const field = element("textarea", { "aria-label": "review", maxlength: get("letters"), ...plain });
  const note = element("div", { class: "small note" }), row = element("div", { class: "words", "aria-hidden": "true" });

  function lay() {
    const { all, words, tokens, T, t, changes } = now, strange = tokens.filter((k) => k === unknown).length;
    note.textContent = all.length > T ? `Only the first ${T} words are read.`
      : strange ? `${strange} of ${T} words unknown (dashed): they all share one row of numbers.` : HINT;
    const most = Math.max(1, ...changes.map(Math.abs));
    map = colourMap(-most, most, fig.theme);
    row.replaceChildren(...words.map((word, i) => {
      const node = element("span", { class: `word${i === t - 1 ? " here" : ""}${i >= t ? " unread" : ""}` },
        element("bdi", {}, visible(word)), element("b", {}, i < t ? signed(changes[i]) : "\u2026"));
      node.classList.toggle("unknown", tokens[i] === unknown);
      if (i < t) Object.assign(node.style, { background: map.css(changes[i]), color: map.ink(changes[i]) });
      return node;
    }));
  }

  on(field, "input", () => fig.set({ text: field.value, t: Math.min(splitWords(field.value).length, get("longest")) }));
  on(row, "click", ({ target }) => {
    const i = [...row.children].indexOf(target.closest(".word"));
    if (i >= 0) fig.set({ t: i + 1 });
  });

  // --- the path of the score -------------------------------------------------------------------------

  const strip = canvas(fig, {
    class: "strip", role: "slider", tabindex: 0, "aria-label": "words read", "aria-valuemin": 0,
  }, (g, width, height) => {
    const { T, t, words, scores, counted, largest } = now, { fg, muted, line, focus } = fig.theme;
    const x = (i) => LEFT + (i / Math.max(T, 1)) * (width - LEFT - 12), middle = (HEAD + height - FOOT) / 2;
    const y = (s) => middle - (s / largest) * (middle - HEAD);
    g.lineWidth = 1;
    g.strokeStyle = line;
    curve(g, 0, 1, (s) => x(s * Math.max(T, 1)), () => Math.round(middle) + 0.5);
    curve(g, 0, 1, () => x(t), (s) => (s ? height - FOOT : HEAD));
    for (const [s, text, at] of [[largest, yes, 8], [-largest, no, height - 8]]) {
      write(g, signed(s), LEFT - 6, y(s), { colour: muted, align: "right" });
      write(g, text, LEFT, at, { colour: muted });
    }
    write(g, "0", LEFT - 6, middle, { colour: muted, align: "right" });
    if (counted) {
      Object.assign(g, { strokeStyle: muted, lineWidth: 1.5 });
      g.setLineDash([4, 4]);
      curve(g, 0, T, x, (i) => y(counted[i]));
      g.setLineDash([]);
    }
    Object.assign(g, { strokeStyle: focus, lineWidth: 2.5, lineJoin: "round" });
    curve(g, 0, T, x, (i) => y(scores[i]));
    g.lineWidth = 1;
    dot(g, x(t), y(scores[t]), fig.theme);
    const align = x(t) > width / 2 ? "right" : "left", by = align === "left" ? 9 : -9;
    if (t) write(g, visible(words[t - 1]), x(t) + by, clamp(y(scores[t]) - 14, HEAD, height - FOOT), { colour: fg, align, weight: "bold", back: fig.theme.bg });
  });
  const place = (x) => clamp(Math.round(((x - LEFT) / (strip.clientWidth - LEFT - 12)) * now.T), 0, now.T);
  const point = (x) => fig.set({ t: place(x) });
  pointer(fig, strip, { pick: point, drag: point });
  on(strip, "keydown", (event) => {
    const { T, t } = now, to = { ArrowLeft: t - 1, ArrowRight: t + 1, Home: 0, End: T }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    fig.set({ t: clamp(to, 0, T) });
  });

  // --- the answers so far ------------------------------------------------------------------------------

  const rows = [get("cell"), ...(w_counts ? ["words counted"] : [])].map((name) => {
    const fill = element("i"), value = element("b");
    return { fill, value, node: element("li", {}, element("span", {}, name), element("span", { class: "gauge" }, fill), value) };
  });
  const heading = element("div", { class: "caption" });
  fig.paint(() => {
    const { T, t, scores, counted } = now, words = describe();
    heading.textContent = words;
    rows.forEach(({ fill, value }, i) => {
      const s = [scores, counted][i][t];
      fill.style.transform = `scaleX(${share(s)})`;
      value.textContent = `${yes} ${number(share(s))}`;
    });
    for (const [name, v] of [["max", T], ["now", t], ["text", words]]) strip.setAttribute(`aria-value${name}`, v);
  });

  const short = (text) => (text.length > 44 ? `${text.slice(0, 43)}\u2026` : text);
  const tries = get("examples").map((text) => [text, short(text)]);
  fig.root.append(
    header(fig, ...(tries.length ? [menu(fig, "text", "try", tries)] : [])), field, note, row, strip,
    element("ul", {}, ...rows.map(({ node }) => node)), heading,
  );
  fig.watch(["text", "t"], () => { follow(); fig.say(describe()); });
  fig.onTheme(() => follow());
  return fig.stop;
}

export default { render };

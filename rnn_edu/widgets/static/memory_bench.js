import { colourMap, element, figure, float32, header, menu, number } from "./kit.js";

const LETTERS = [..."ABCDEFGHIJKL"]; // the keys' names
const RULES = { sum: "S + k v\u1d40", decay: "S + k v\u1d40", delta: "k (v \u2212 k S)\u1d40" };
const STRENGTH = { decay: "decay", delta: "beta" }; // the trait that a rule depends on
const MOST = 24; // writes

const sum = (values) => values.reduce((a, b) => a + b, 0);
const inner = (u, v) => sum(u.map((u_i, i) => u_i * v[i]));

/** k S. k: (d,), S: (d, d). */
export const read = (S, k) => S[0].map((_, j) => sum(k.map((k_i, i) => k_i * S[i][j])));

/** S after one more write. S: (d, d), k, v: (d,). */
export function store(S, { k, v }, rule, { decay, beta }) {
  const old = rule === "delta" ? read(S, k) : v, kept = rule === "decay" ? decay : 1;
  const put = rule === "delta" ? v.map((v_j, j) => beta * (v_j - old[j])) : v;
  return S.map((row, i) => row.map((S_ij, j) => kept * S_ij + k[i] * put[j]));
}

/** How much of each written value is in k S after all writes: k S is the sum of these times v. */
export function shares(writes, k, rule, { decay, beta }) {
  const found = [];
  let u = k; // what is multiplied by S after the first m writes
  for (let m = writes.length - 1; m >= 0; m--) {
    const share = (rule === "delta" ? beta : 1) * inner(u, writes[m].k), key = writes[m].k;
    found.unshift(share);
    if (rule === "delta") u = u.map((u_i, i) => u_i - share * key[i]);
    else if (rule === "decay") u = u.map((u_i) => u_i * decay);
  }
  return found;
}

/** d keys of length 1, each two with the same cosine: the axes, (d, d), moved together. */
export function atEqualAngles(axes, cosine) {
  const d = axes.length, own = Math.sqrt(1 - cosine), shared = (Math.sqrt(own * own + d * cosine) - own) / d;
  const middle = axes[0].map((_, j) => sum(axes.map((axis) => axis[j])));
  return axes.map((axis) => axis.map((a, j) => own * a + shared * middle[j]));
}

/** Numbers in arrays of arrays: shape [2, 3] gives two of three. */
function shaped(numbers, [size, ...rest]) {
  const part = numbers.length / size;
  return Array.from({ length: size }, (_, i) => (
    rest.length ? shaped(numbers.slice(i * part, (i + 1) * part), rest) : numbers[i]));
}

function render(context) {
  const fig = figure(context, "memory-bench"), { on } = fig, get = (name) => fig.model.get(name);
  const [draws, versions, N, d] = get("sizes"), all = [...float32(get("arrays"))];
  const parts = [[draws, N, d], [draws, d, d], [N, versions, d]].map((shape) => (
    shaped(all.splice(0, shape.reduce((a, b) => a * b)), shape)));
  const [random, axes, values] = parts, colours = colourMap.bind(null, -1, 1);
  let now; // what follows from the traits

  function follow() {
    const angles = get("kind") === "angles", strengths = { decay: get("decay"), beta: get("beta") };
    const keys = angles ? atEqualAngles(axes[get("draw")], get("cosine")).slice(0, N) : random[get("draw")];
    const chosen = Math.min(get("chosen"), keys.length - 1), k = keys[chosen], rule = get("rule"), counts = keys.map(() => 0);
    const writes = [...get("writes")].map((letter) => LETTERS.indexOf(letter)).filter((i) => i < keys.length)
      .map((i) => ({ i, k: keys[i], v: values[i][counts[i]++ % versions] }));
    const n = writes.length, held = counts.filter((count) => count).length;
    const wanted = keys.map((_, i) => writes.findLast((one) => one.i === i)?.v);
    const [S, errors, means] = [{}, {}, {}];
    for (const name of Object.keys(RULES)) {
      const empty = k.map(() => k.map(() => 0)); // (d, d)
      S[name] = writes.reduce((before, one) => store(before, one, name, strengths), empty);
      errors[name] = keys.map((key, i) => wanted[i] && sum(read(S[name], key).map((r, j) => (wanted[i][j] - r) ** 2)));
      means[name] = sum(errors[name].filter((error) => error !== undefined)) / held;
    }
    const expected = (n - 1) * (angles ? get("cosine") ** 2 : 1 / d);
    now = {
      angles, keys, chosen, k, counts, writes, n, wanted, means, expected, next: values[chosen][counts[chosen] % versions],
      S: S[rule], errors: errors[rule], reads: keys.map((key) => read(S[rule], key)), parts: shares(writes, k, rule, strengths),
    };
    fig.redraw();
  }

  const put = (i) => { if (get("writes").length < MOST) fig.set({ writes: get("writes") + LETTERS[i], chosen: i }); };
  const undo = () => fig.set({ writes: get("writes").slice(0, -1) });
  const unwritten = () => now.counts.indexOf(0);

  // --- in words ------------------------------------------------------------------------------------------

  const name = () => LETTERS[now.chosen];

  function describe() {
    const { n, chosen, counts, errors, means, expected, angles } = now, rule = get("rule");
    if (!n) return "Nothing is written: S is zero, and every key reads zeros. Write the first.";
    const mean = `Mean over what was written: ${number(means[rule])}; expected for sums if all ${n} keys differ: `
      + `(${n} \u2212 1) ${angles ? "cosine\u00b2" : `/ ${d}`} = ${number(expected)}.`;
    if (!counts[chosen]) return `${name()} was never written, and the memory answers all the same. ${mean}`;
    return `${name()} reads with a squared error of ${number(errors[chosen])}; zeros would have 1. ${mean}`;
  }

  const told = (i) => {
    const { counts, errors } = now;
    return counts[i] ? `written ${counts[i] === 1 ? "once" : `${counts[i]} times`}, squared error ${number(errors[i])}` : "never written";
  };

  // --- the controls --------------------------------------------------------------------------------------

  const group = crypto.getRandomValues(new Uint32Array(1))[0]; // radios of one name are one group
  const button = (text, act) => {
    const node = element("button", { type: "button" }, text);
    on(node, "click", act);
    return node;
  };

  /** A slider over a trait; moving it may set others too. */
  function tuner(trait, label, more = {}) {
    const input = element("input", { type: "range", min: 0, max: 1, step: 0.05, "aria-label": label });
    on(input, "input", () => fig.set({ [trait]: +input.value, ...more }));
    fig.paint(() => { input.value = get(trait); });
    return input;
  }

  const rules = Object.entries(RULES).map(([rule, formula]) => {
    const input = element("input", { type: "radio", name: `rule ${group}`, "aria-label": rule }), mean = element("b");
    const trait = STRENGTH[rule], text = element("span"), more = trait ? [tuner(trait, trait, { rule })] : [];
    on(input, "change", () => fig.set({ rule }));
    fig.paint(() => {
      input.checked = get("rule") === rule;
      mean.textContent = now.n ? number(now.means[rule]) : "\u2013";
      const strength = trait ? `${number(get(trait))} ` : "";
      text.textContent = rule === "delta" ? `S + ${strength}${formula}` : strength + formula;
    });
    const heading = element("label", {}, input, element("strong", {}, rule), text);
    return element("div", { class: "rule" }, heading, ...more, element("span", { class: "small mean" }, "mean error ", mean));
  });

  const angle = tuner("cosine", "cosine between any two keys"), cosine = element("span", { class: "value" });
  const kinds = element("div", { class: "tools" },
    menu(fig, "kind", "keys", [["random", "random"], ["angles", "at equal angles"]]),
    element("label", {}, "cosine ", angle, cosine), button("Other keys", () => fig.set({ draw: (get("draw") + 1) % draws })));
  const writing = button("", () => put(now.chosen)), next = button("", () => put(unwritten())), counter = element("span", { class: "counter" });
  const undoing = button("Undo", undo), clearing = button("Clear", () => fig.set({ writes: "" }));
  const tools = element("div", { class: "tools" }, writing, next, undoing, clearing, counter);

  fig.paint(() => {
    const { n, angles, chosen, counts } = now, free = unwritten(), full = get("writes").length >= MOST;
    angle.disabled = !angles;
    cosine.textContent = angles ? number(get("cosine")) : "varies";
    writing.textContent = `${counts[chosen] ? "Overwrite" : "Write"} ${name()}`;
    next.textContent = free < 0 ? "All written" : `Write next: ${LETTERS[free]}`;
    next.disabled = free < 0 || full;
    writing.disabled = full;
    for (const node of [undoing, clearing]) node.disabled = !get("writes");
    counter.textContent = `n = ${n} ${n === 1 ? "write" : "writes"}`;
  });

  // --- the matrix: the key at its left, the value above, what is read below --------------------------------

  const cells = (size, kind) => Array.from({ length: size }, () => element("td", { class: kind }));
  const line = (heading, nodes) => element("tr", {}, heading, element("td"), ...nodes);
  const side = (text) => element("th", { scope: "row" }, text);
  const S_cells = Array.from({ length: d }, () => cells(d, "S"));
  const matrix = { v: cells(d, "v"), k: cells(d, "k"), S: S_cells, read: cells(d, "v"), missing: cells(d, "plain") };
  const label = { v: side(""), k: element("th", { scope: "rowgroup", rowspan: d }), missing: side("missing") };
  const table = element("table", { "aria-label": "the memory S, the key beside it, the value above it, what the key reads below it" },
    element("tbody", {}, line(label.v, matrix.v)),
    element("tbody", {}, ...matrix.S.map((row, i) => element("tr", {}, ...(i ? [] : [label.k]), matrix.k[i], ...row))),
    element("tbody", {}, line(side("read k S"), matrix.read), line(label.missing, matrix.missing)));

  function tint(node, value, map) {
    node.textContent = number(value);
    Object.assign(node.style, { background: map.css(value), color: map.ink(value) });
  }
  fig.paint(() => {
    const { k, S, chosen, counts, wanted, next: coming, reads } = now, map = colours(fig.theme), v = wanted[chosen] ?? coming;
    label.v.textContent = counts[chosen] ? "wanted v" : "to write v";
    label.k.textContent = `key ${name()}, k`;
    v.forEach((v_j, j) => {
      tint(matrix.v[j], v_j, map);
      tint(matrix.read[j], reads[chosen][j], map);
      matrix.missing[j].textContent = counts[chosen] ? number(v_j - reads[chosen][j]) : "";
    });
    k.forEach((k_i, i) => {
      tint(matrix.k[i], k_i, map);
      S[i].forEach((S_ij, j) => tint(matrix.S[i][j], S_ij, map));
    });
  });

  // --- the keys: what each should read, what it reads ------------------------------------------------------

  const swatches = () => element("span", { class: "swatches" }, ...Array.from({ length: d }, () => element("i")));
  const rows = values.map((_, i) => {
    const input = element("input", { type: "radio", name: `key ${group}` }), [wanted, found] = [swatches(), swatches()];
    const bar = element("i"), error = element("b"), node = element("label", { class: "row" },
      input, element("strong", {}, LETTERS[i]), wanted, found, element("span", { class: "bar" }, bar, element("u")), error);
    on(input, "change", () => fig.set({ chosen: i }));
    return { input, wanted, found, bar, error, node };
  });
  const scale = element("span");
  const list = element("div", { class: "list", role: "radiogroup", "aria-label": "key that reads" },
    element("div", { class: "row small", "aria-hidden": "true" },
      ...["", "key", "wanted", "read"].map((text) => element("span", {}, text)), scale), ...rows.map(({ node }) => node));
  on(list, "keydown", (event) => {
    if (event.key === "Enter") put(rows.findIndex(({ input }) => input === event.target));
    else if (event.key === "Backspace") undo();
    else return;
    event.preventDefault();
  });
  fig.paint(() => {
    const { keys, n, chosen, wanted, reads, errors, expected } = now, map = colours(fig.theme);
    const most = Math.max(1, expected, ...errors.filter((error) => error));
    list.style.setProperty("--expected", `${100 * expected / most}%`);
    list.classList.toggle("empty", !n);
    scale.textContent = n ? `expected ${number(expected)}; error` : "error";
    const colour = (node, v) => [...node.children].forEach((cell, j) => { cell.style.background = v ? map.css(v[j]) : ""; });
    rows.forEach(({ input, wanted: first, found, bar, error, node }, i) => {
      const exists = i < keys.length;
      input.checked = i === chosen;
      input.disabled = !exists;
      input.setAttribute("aria-label", exists ? `${LETTERS[i]}: ${told(i)}` : `${LETTERS[i]}: no such key, ${d} directions are taken`);
      node.classList.toggle("missing", !exists);
      colour(first, wanted[i]);
      colour(found, reads[i]);
      bar.style.transform = `scaleX(${(errors[i] ?? 0) / most})`;
      error.textContent = errors[i] === undefined ? "" : number(errors[i]);
    });
  });

  // --- how much of each write is in what is read -----------------------------------------------------------

  const heading = element("div", { class: "small" }), bars = element("ol", { class: "parts" });
  fig.paint(() => {
    const { writes, n, parts: amounts, chosen } = now, last = writes.findLastIndex(({ i }) => i === chosen);
    const most = Math.max(1, ...amounts.map(Math.abs));
    const best = last < 0 ? "wanted: nothing, it was never written." : `wanted: 1 of write ${last + 1}, 0 of all others.`;
    heading.textContent = n ? `How much of each write is in what ${name()} reads; ${best}` : "What a key reads will be taken apart here.";
    bars.classList.toggle("many", n > 8);
    bars.replaceChildren(...writes.map(({ i }, m) => {
      const bar = element("i"), node = element("li", { class: m === last ? "last" : i === chosen ? "old" : "" },
        element("b", {}, number(amounts[m])), element("span", { class: "bar" }, bar), element("strong", {}, LETTERS[i]));
      bar.style.transform = `scaleY(${amounts[m] / most})`;
      return node;
    }));
  });

  const caption = element("div", { class: "caption", "aria-hidden": "true" });
  fig.paint(() => {
    const words = describe();
    if (caption.textContent && caption.textContent !== words) fig.say(words);
    caption.textContent = words;
  });
  fig.root.style.setProperty("--d", d);
  fig.root.append(header(fig), element("div", { class: "rules", role: "radiogroup", "aria-label": "rule of writing" }, ...rules),
    kinds, tools, element("div", { class: d > 4 ? "body large" : "body" }, table, list), heading, bars, caption);
  fig.watch(["rule", "decay", "beta", "kind", "cosine", "draw", "writes", "chosen"], follow);
  follow();
  fig.onTheme(fig.redraw);
  return fig.stop;
}

export default { render };

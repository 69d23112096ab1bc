import { clamp, element, figure, float32, header, number, quoted, visible } from "./kit.js";
import { apart, network, softmax, unpack } from "./cells.js";

const SEEN = 0.005; // what shows in two decimals
const top = (p) => p.indexOf(Math.max(...p));
const sum = (values) => values.reduce((a, b) => a + b, 0);

/** The three readers: onward alone; onward and from the end, whose logits add up. */
function readers(kinds, arrays, numbers, alphabet) {
  let start = 0;
  return kinds.map((kind, k) => {
    const size = sum(arrays[k].map(([, n]) => n)), net = network(kind, unpack(numbers.subarray(start, start += size), arrays[k]), alphabet);
    const read = net.reader();
    return (letters) => read(letters).slice(1).map(net.logits);
  });
}

function render(context) {
  const fig = figure(context, "tagger causality"), { on } = fig, get = (name) => fig.model.get(name);
  const alphabet = [...get("alphabet")], labels = get("labels"), targets = get("targets");
  const original = [...get("original")], T = original.length;
  const [alone, onward, reverse] = readers(get("cells"), get("arrays"), float32(get("weights")), alphabet);
  const NAMES = ["reads onward only", "reads from both ends"];
  const HINT = "Choose a character and type another in its place.";

  /** letters -> for each network the T answers; a masked letter is null, a row of zeros. */
  function answer(letters) {
    const back = reverse([...letters].reverse()).reverse();
    return [alone(letters).map((y) => softmax(y)), onward(letters).map((y, t) => softmax(y.map((v, k) => v + back[t][k])))];
  }
  const before = answer(original);
  let now; // what follows from text, masked and ignored

  function follow() {
    const letters = [...get("text")], masked = new Set(get("masked")), ignored = new Set(get("ignored"));
    const changed = original.map((letter, i) => masked.has(i) || letters[i] !== letter), first = changed.indexOf(true);
    const answers = first < 0 ? before : answer(letters.map((letter, i) => (masked.has(i) ? null : letter)));
    const moved = answers.map((those, k) => those.map((p, i) => apart(p, before[k][i])));
    now = { letters, masked, ignored, changed, first, answers, moved };
    show();
    fig.redraw();
  }

  // --- in words ------------------------------------------------------------------------------------------

  function relabelled(k, from, to) {
    let n = 0;
    for (let i = from; i < to; i++) n += top(now.answers[k][i]) !== top(before[k][i]);
    return n;
  }

  /** What the change did to the answers at from..to-1 of network k. */
  function effect(k, from, to) {
    const most = Math.max(0, ...now.moved[k].slice(from, to)), n = relabelled(k, from, to);
    if (most === 0) return "nothing moves, not by a bit";
    return `${n} of ${to - from} change class, the most moved by ${most < SEEN ? "less than 0.01" : number(most)}`;
  }

  function loss(k, answers) {
    const counts = targets.flatMap((target, i) => (now.ignored.has(i) ? [] : [-Math.log(Math.max(answers[k][i][target], 1e-12))]));
    return counts.length ? number(sum(counts) / counts.length, 3) : "none, no place counts";
  }

  function summary(k) {
    const { first } = now, place = first + 1;
    let words = first < 0 ? "nothing is changed yet" : `from place ${place} on: ${effect(k, first, T)}`;
    if (first > 0) words = `before place ${place}: ${effect(k, 0, first)}; ${words}`;
    return targets.length ? `${words}; loss ${loss(k, now.answers)}` : words;
  }

  function describe() {
    const { letters, masked, ignored, answers } = now, t = get("t");
    const is = (p) => `${labels[top(p)]} ${number(p[top(p)])}`;
    const told = NAMES.map((name, k) => {
      const [was, then] = [is(before[k][t]), is(answers[k][t])];
      return `${name.split(" ").slice(1).join(" ")}: ${was === then ? then : `${was}, now ${then}`}`;
    });
    const what = masked.has(t) ? "masked" : quoted(letters[t]);
    return `place ${t + 1}, ${what}${ignored.has(t) ? ", not in the loss" : ""}; ${told.join("; ")}`;
  }

  // --- changes -------------------------------------------------------------------------------------------

  const without = (list, t) => list.filter((i) => i !== t);
  const withIt = (list, t) => [...without(list, t), t].sort((a, b) => a - b);
  function put(letter, t = get("t"), to = t) {
    const letters = [...get("text")];
    letters[t] = letter;
    fig.set({ text: letters.join(""), masked: without(get("masked"), t), t: clamp(to, 0, T - 1) });
  }
  function type(letter, onwards) {
    const t = get("t"), known = alphabet.includes(letter);
    note.textContent = known ? HINT : `Not in the alphabet: ${quoted(letter)}`;
    if (known) put(letter, t, t + onwards);
  }
  const toggle = (t) => {
    const ignored = get("ignored");
    fig.set({ ignored: ignored.includes(t) ? without(ignored, t) : withIt(ignored, t), t });
  };

  // --- the line ------------------------------------------------------------------------------------------

  const column = (inside) => element("span", { class: "column" }, ...inside);
  const tiles = original.map(() => ({ letter: element("span", { class: "letter" }), dot: element("span", { class: "dot" }) }));
  const line = element("div", {
    class: "row line", role: "slider", tabindex: 0, "aria-label": "place in the line; type a character to put it there",
    "aria-valuemin": 1, "aria-valuemax": T,
  }, ...tiles.map(({ letter, dot }) => column(targets.length ? [letter, dot] : [letter])));
  on(line, "click", ({ target }) => {
    const t = tiles.findIndex(({ letter, dot }) => target === letter || target === dot);
    if (t < 0) return;
    if (target === tiles[t].dot) toggle(t);
    else fig.set({ t });
  });
  on(line, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const t = get("t"), go = { ArrowLeft: t - 1, ArrowDown: t - 1, ArrowRight: t + 1, ArrowUp: t + 1, Home: 0, End: T - 1 }[event.key];
    if (go !== undefined) fig.set({ t: clamp(go, 0, T - 1) });
    else if (event.key === "Delete") put(" ");
    else if (event.key === "Backspace") put(" ", t, t - 1);
    else if ([...event.key].length === 1) type(event.key, 1);
    else return;
    event.preventDefault();
  });

  const button = (text, act) => {
    const node = element("button", { type: "button" }, text);
    on(node, "click", act);
    return node;
  };
  const plain = { maxlength: 2, size: 2, spellcheck: "false", autocapitalize: "off", autocomplete: "off", autocorrect: "off" };
  const field = element("input", { type: "text", ...plain });
  on(field, "input", ({ isComposing }) => {
    const typed = [...field.value];
    if (!isComposing && typed.length) type(typed.at(-1), 0);
    field.value = "";
  });
  const counts = element("input", { type: "checkbox" });
  on(counts, "change", () => toggle(get("t")));
  const note = element("span", { class: "small" }, HINT);
  const tools = element("div", { class: "tools" }, element("label", {}, "put ", field),
    button("blank", () => put(" ")),
    button("mask", () => fig.set({ masked: withIt(get("masked"), get("t")) })),
    button("as it was", () => put(original[get("t")])),
    ...(targets.length ? [element("label", {}, counts, " counts in the loss")] : []), note);
  const restore = button("restore all", () => fig.set({ text: original.join(""), masked: [], ignored: [] }));

  // --- the answers ---------------------------------------------------------------------------------------

  fig.root.style.setProperty("--places", T);
  const panels = NAMES.map((name) => {
    const cells = original.map(() => ({ letter: element("span", { class: "letter" }), bar: element("i") }));
    const words = element("div", { class: "small effect" });
    const row = element("div", { class: "row answers", "aria-hidden": "true" },
      ...cells.map(({ letter, bar }) => column([letter, element("span", { class: "bar" }, bar)])));
    return { cells, words, nodes: [element("div", { class: "by" }, name), row, words] };
  });
  const key = element("div", { class: "small key" }, ...labels.map((label, k) => {
    const node = element("span", {}, element("i"), element("bdi", {}, label));
    node.style.setProperty("--tint", k ? `var(--class-${k})` : "var(--bg)");
    return node;
  }));

  /** Colours, bars and marks of all places. */
  function show() {
    const { letters, masked, ignored, changed, first, answers, moved } = now, t = get("t");
    tiles.forEach(({ letter, dot }, i) => {
      letter.textContent = masked.has(i) ? "\u00a0" : visible(letters[i]);
      letter.className = ["letter", changed[i] && "changed", masked.has(i) && "masked", i === t && "here"].filter(Boolean).join(" ");
      dot.classList.toggle("off", ignored.has(i));
    });
    panels.forEach(({ cells, words }, k) => {
      cells.forEach(({ letter, bar }, i) => {
        const p = answers[k][i], best = top(p);
        letter.textContent = masked.has(i) ? "\u00a0" : visible(letters[i]);
        letter.style.setProperty("--tint", best ? `var(--class-${best})` : "transparent");
        letter.style.setProperty("--share", `${Math.round(60 * p[best] ** 2)}%`);
        letter.className = `letter${best === top(before[k][i]) ? "" : " other"}${i === first ? " first" : ""}`;
        bar.style.transform = `scaleY(${moved[k][i]})`;
      });
      words.textContent = summary(k);
    });
    counts.checked = !ignored.has(t);
  }

  const caption = element("div", { class: "caption", "aria-hidden": "true" });
  fig.paint(() => {
    const words = describe();
    caption.textContent = words;
    line.setAttribute("aria-valuenow", get("t") + 1);
    line.setAttribute("aria-valuetext", words);
  });
  fig.root.append(header(fig, restore), line, tools, ...panels.flatMap(({ nodes }) => nodes), key, caption);
  fig.watch(["text", "masked", "ignored", "t"], () => {
    follow();
    fig.say(`${describe()}. ${NAMES.map((name, k) => `${name}: ${summary(k)}`).join(". ")}`);
  });
  follow();
  return fig.stop;
}

export default { render };

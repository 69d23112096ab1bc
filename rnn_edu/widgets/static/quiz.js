import { clamp, element, figure, header } from "./kit.js";

/** A text in which `code` stands between backticks, as nodes. */
const inline = (text) => text.split(/`([^`]+)`/).map((part, i) => (i % 2 ? element("code", {}, part) : part));

/** The number in "46", "46 %", "0,46", "11,013" or "−1": NaN if there is none. */
function parse(text, unit) {
  const plain = text.replace(unit, "").replace("\u2212", "-").trim();
  const thousands = /^-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(plain);
  const value = plain ? Number(thousands ? plain.replaceAll(",", "") : plain.replace(",", ".")) : NaN;
  return Number.isFinite(value) ? value : NaN;
}

/** Multiple choice. give(answer) keeps a try; show(tries) draws what follows from all. */
function choice(fig, { answers, key }, give) {
  const name = crypto.getRandomValues(new Uint32Array(1))[0]; // radios of one name are one group
  const rows = answers.map(([answer, reason]) => {
    const input = element("input", { type: "radio", name }), mark = element("span", { class: "mark" });
    const right = answer === key;
    const label = element("label", { dir: "auto" }, input, element("span", {}, ...inline(answer)), mark);
    const verdict = element("b", {}, right ? "Right. " : "No. ");
    const because = element("p", { class: right ? "right" : "wrong", dir: "auto" }, verdict, ...inline(reason));
    fig.on(input, "change", () => give(answer));
    return { answer, input, mark, label, because, right };
  });
  const left = element("div", { class: "answers" }, ...rows.map(({ label }) => label));
  // Arrow keys move between answers without choosing them: passing by is not an answer.
  fig.on(left, "keydown", (event) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = rows.findIndex(({ input }) => input === event.target);
    rows.at((at + by) % rows.length).input.focus();
  });
  function show(tries) {
    for (const { answer, input, mark, because, right } of rows) {
      input.checked = answer === tries.at(-1);
      because.classList.toggle("shown", input.checked);
      mark.textContent = tries.includes(answer) ? (right ? "right" : "wrong") : "";
    }
  }
  return { left, right: rows.map(({ because }) => because), show };
}

/** 8750.5 -> "8,750.50", as the prose has it, with a true minus. */
const grouped = (v, digits) => v.toLocaleString("en", {
  minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "negative",
}).replace("-", "\u2212");

/** How many decimals a guess is shown with: those of the answer, or its own if it has more. */
const decimals = (given, digits) => Math.max(digits, given.split(".")[1]?.length ?? 0);

/** Predict, then see: a guess is given once, and the answer shows beside it. */
function prediction(fig, { prompt, unit, digits, span, answer, explanation }, give) {
  const words = typeof answer === "string", after = unit && `\u00a0${unit}`;
  const field = element("input", {
    type: "text", autocomplete: "off", placeholder: " ", inputmode: words ? "text" : "decimal",
  });
  const button = element("button", { type: "button" }, "Show the answer");
  const slider = span && element("input", {
    type: "range", min: span[0], max: span[1], step: 10 ** -digits, "aria-label": `${prompt}${after}`,
  });
  const [verdict, error] = [element("b"), element("p", { class: "wrong" })];
  const because = element("p", { class: "right", dir: "auto" }, verdict, " ", ...inline(explanation));
  const [gap, guess, truth] = ["gap", "guess", "truth"].map((mark) => element("i", { class: mark }));
  const line = element("div", { class: "line", "aria-hidden": "true" }, gap, guess, truth);

  function compare(given) {
    if (words) {
      const plain = (text) => text.trim().replace(/\s+/g, " ").toLowerCase();
      return `${answer}. ${plain(given) === plain(answer) ? "So you said." : `You said ${given}.`}`;
    }
    const places = decimals(given, digits), off = grouped(Math.abs(given - answer), places);
    const by = /[1-9]/.test(off) ? `${off} too ${+given < answer ? "low" : "high"}` : "which is right";
    return `${grouped(answer, digits)}${after}. You said ${grouped(+given, places)}${after}, ${by}.`;
  }
  verdict.textContent = compare(words ? `${answer}.` : `${answer - 10}`); // unseen, it keeps the room
  function commit() {
    if (field.readOnly) return;
    const value = words ? field.value.trim() : parse(field.value, unit);
    if (value || value === 0) {
      give(`${value}`);
      return;
    }
    const typed = field.value.trim();
    error.textContent = typed ? `\u201c\u2068${typed}\u2069\u201d is not a number.` : "Your guess comes first.";
    error.classList.add("shown");
    fig.say(error.textContent);
    field.focus();
  }
  function show([given]) {
    const done = given !== undefined, was = field.readOnly;
    field.readOnly = done;
    button.setAttribute("aria-disabled", done);
    because.classList.toggle("shown", done);
    if (done) {
      field.value = words ? given : grouped(+given, decimals(given, digits));
      verdict.textContent = compare(given);
      error.classList.remove("shown");
    } else if (was) field.value = "";
    if (!span) return;
    slider.classList.toggle("shown", !done);
    line.classList.toggle("shown", done);
    slider.disabled = done;
    const [a, b] = [+given, answer].map((v) => 100 * clamp((v - span[0]) / (span[1] - span[0]), 0, 1));
    if (done) {
      guess.style.left = `${a}%`;
      truth.style.left = `${b}%`;
      Object.assign(gap.style, { left: `${Math.min(a, b)}%`, width: `${Math.abs(a - b)}%` });
    }
  }
  fig.on(button, "click", commit);
  fig.on(field, "keydown", (event) => { if (event.key === "Enter") commit(); });
  fig.on(field, "input", () => {
    error.classList.remove("shown");
    const value = parse(field.value, unit);
    if (span && !Number.isNaN(value)) slider.value = value;
  });
  if (span) fig.on(slider, "input", () => { field.value = slider.value; error.classList.remove("shown"); });
  const left = element("div", { class: "guessing" },
    element("div", {}, element("label", {}, `${prompt} `, field, after), button),
    ...(span ? [element("div", { class: "stack" }, slider, line)] : []));
  return { left, right: [because, error], show };
}

function render(context) {
  const fig = figure(context, "quiz"), get = (name) => fig.model.get(name), items = get("items");
  fig.root.querySelector("p").remove(); // all of the words are on show here
  const give = (i, given) => {
    fig.set({ tries: get("tries").map((tries, k) => (k === i ? [...tries, given] : tries)) });
    fig.say(views[i].right.find((p) => p.classList.contains("shown")).textContent);
  };
  const views = items.map((item, i) => (item.answers ? choice : prediction)(fig, item, (given) => give(i, given)));
  const score = element("p", { class: "score" });
  const again = element("button", { type: "button" }, "Start again");
  fig.root.append(
    header(fig),
    ...views.map(({ left, right }, i) => element("fieldset", {},
      element("legend", { dir: "auto" }, ...inline(items[i].text)),
      left, element("div", { class: "stack" }, ...right))),
    element("div", { class: "end" }, score, again),
  );
  function show() {
    const tries = get("tries"), choices = items.filter(({ answers }) => answers).length;
    views.forEach((view, i) => view.show(tries[i]));
    const right = items.filter(({ key }, i) => key !== undefined && tries[i][0] === key).length;
    score.textContent = `Answered ${tries.filter(([first]) => first !== undefined).length} of ${items.length}.`
      + (choices ? ` Right at the first try: ${right} of ${choices}.` : "");
  }
  fig.on(again, "click", () => fig.set({ tries: items.map(() => []) }));
  fig.watch(["tries"], show);
  show();
  return fig.stop;
}

export default { render };

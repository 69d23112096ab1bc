// Elements, tokens as text, and the figure: its root, life and theme. State lives in the model.

export const clamp = (v, lo, hi) => Math.min(hi, Math.max(lo, v));
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export const FONT = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif';

/** 0.5 -> "0.50", -0.5 with a true minus; what rounds to zero has no sign. */
export function number(v, digits = 2) {
  const text = Math.abs(v).toFixed(digits);
  return v < 0 && +text ? `\u2212${text}` : text;
}

/** The Float32Array in a Bytes trait: a DataView, an ArrayBuffer or a typed array, at any offset. */
export function float32(bytes) {
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(bytes) ? bytes : new DataView(bytes);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** An element with attributes; children are nodes or text, so data never becomes markup. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A token one can see: signs for blanks at its ends and for line ends, a base for a lone combining mark. */
export function visible(token) {
  if (token === "") return "\u2205";
  const shown = token.replace(/^ +| +$/g, (blanks) => "\u2423".repeat(blanks.length))
    .replace(/\r?\n/g, "\u23ce").replace(/\t/g, "\u21e5");
  return shown.replace(UNSEEN, (text) => [...text].map(code).join(" ")).replace(/^\p{M}/u, "\u25cc$&");
}
const UNSEEN = /[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|^[\p{C}\p{Z}]+$/gu;
const code = (c) => `U+${c.codePointAt().toString(16).toUpperCase().padStart(4, "0")}`;

/** A token inside a sentence: quoted, its writing direction kept to itself. */
export const quoted = (token) => `\u201c\u2068${visible(token)}\u2069\u201d`;

// Zero is the background: blue and orange part from it, and purple.
const THEMES = {
  light: {
    bg: "#ffffff", fg: "#1b1f24", muted: "#59636e", line: "#d1d9e0", field: "#f6f8fa", focus: "#0969da",
    signed: ["#0f4c8f", "#79b0de", "#ffffff", "#f5ad66", "#a8430a"],
    positive: ["#ffffff", "#b5a3de", "#43267f"],
  },
  dark: {
    bg: "#14181e", fg: "#e9edf2", muted: "#9aa5b1", line: "#3a424c", field: "#20262e", focus: "#58a6ff",
    signed: ["#a3d4ff", "#2f71ad", "#14181e", "#ad5c1d", "#ffcb99"],
    positive: ["#14181e", "#6c52b5", "#dccbff"],
  },
};

const isDark = () => {
  const jupyter = document.body.dataset.jpThemeLight, { theme } = document.documentElement.dataset;
  if (jupyter) return jupyter === "false";
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

// --- the figure: root element, life, theme, drawing --------------------------------------------

/**
 * The frame of a figure. Painters run at most once per animation frame, after any change of a
 * trait, the theme or a size. All listeners end with `signal`; `stop` is what `render` returns.
 * name: a class of the root, under which the figure's own style stands.
 */
export function figure({ model, el }, name = "") {
  const life = new AbortController(), { signal } = life, painters = [], themed = [];
  const live = element("div", { class: "hidden", "aria-live": "polite" });
  const words = element("p", { class: "hidden" }, model.get("words"));
  const root = element("div", {
    class: `rnn-edu ${name}`, role: "group", "aria-label": model.get("title"),
  }, words, live);
  let frame = 0, timer = 0;
  const fig = {
    model, root, signal,
    on: (target, type, listen, options) => target.addEventListener(type, listen, { ...options, signal }),
    watch(names, listen) {
      for (const name of names) {
        model.on(`change:${name}`, listen);
        signal.addEventListener("abort", () => model.off(`change:${name}`, listen));
      }
    },
    set(traits) {
      for (const [name, value] of Object.entries(traits)) model.set(name, value);
      model.save_changes();
    },
    paint: (painter) => painters.push(painter),
    redraw: () => { frame ||= requestAnimationFrame(draw); },
    /** Calls back with the theme's colours, now and whenever they change. */
    onTheme(callback) { themed.push(callback); callback(fig.theme); },
    /** For screen readers: spoken once things have been still for a moment. */
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => { live.textContent = text; }, 400);
    },
    stop() { life.abort(); root.remove(); },
  };
  function draw() { frame = 0; for (const painter of painters) painter(); }
  function retheme() {
    const name = isDark() ? "dark" : "light";
    if (root.dataset.theme === name) return;
    root.dataset.theme = name;
    fig.theme = THEMES[name];
    for (const key of ["bg", "fg", "muted", "line", "field", "focus"]) {
      root.style.setProperty(`--${key}`, fig.theme[key]);
    }
    for (const callback of themed) callback(fig.theme);
    fig.redraw();
  }
  // JupyterLab takes no plain key from what has the focus here ("b" would add a cell), but Ctrl+S.
  const keepKeys = ({ target, ctrlKey, metaKey, altKey, shiftKey }) => (
    target.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || metaKey || altKey || shiftKey)));
  for (const type of ["focusin", "keydown", "keyup"]) fig.on(root, type, keepKeys);
  root.style.setProperty("--font", FONT);
  retheme();
  const watcher = new MutationObserver(retheme);
  watcher.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  watcher.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  fig.on(matchMedia("(prefers-color-scheme: dark)"), "change", retheme);
  signal.addEventListener("abort", () => {
    watcher.disconnect(); cancelAnimationFrame(frame); clearTimeout(timer);
  });
  el.replaceChildren(root);
  return fig;
}

/**
 * Pointer input in the node's own pixels: pick(x, y) on a press or tap, drag(x, y) on moves with
 * the button or finger down. A finger that scrolls the page picks nothing.
 */
export function pointer(fig, node, { pick, drag }) {
  const at = ({ clientX, clientY }) => {
    const { left, top } = node.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  const touches = ({ pointerType }) => pointerType === "touch";
  let start = [0, 0], moved = false;
  fig.on(node, "pointerdown", (event) => {
    [start, moved] = [at(event), false];
    node.setPointerCapture(event.pointerId);
    if (!touches(event)) pick(...start);
  });
  fig.on(node, "pointermove", (event) => {
    if (!event.buttons) return;
    const [x, y] = at(event);
    moved ||= Math.hypot(x - start[0], touches(event) ? 0 : y - start[1]) > 4; // up and down scrolls
    if (moved) drag(x, y);
  });
  fig.on(node, "pointerup", (event) => { if (!moved) pick(...at(event)); });
}

/** The figure's first line: its title, then its menus and buttons. */
export const header = (fig, ...controls) => (
  element("div", { class: "head" }, element("span", { class: "title" }, fig.model.get("title")), ...controls));

/** A labelled menu bound to a trait; options are [value, text] pairs. */
export function menu(fig, trait, label, options) {
  const select = element("select", {}, ...options.map(([, text]) => element("option", {}, text)));
  const show = () => { select.selectedIndex = options.findIndex(([v]) => v === fig.model.get(trait)); };
  show();
  fig.watch([trait], show);
  fig.on(select, "change", () => fig.set({ [trait]: options[select.selectedIndex][0] }));
  return element("label", {}, `${label} `, select);
}

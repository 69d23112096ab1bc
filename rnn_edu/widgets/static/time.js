// Time: play, step, slider, keys, and a cursor that figures can share.

import { calm, clamp, element } from "./figure.js";

/** Where linked figures hear each other: the page, and its sandboxed frames when figures are static. */
const page = self.origin === "null" ? parent : window;

/**
 * The controls every figure shares, over the traits `t`, `steps` and `link`. describe(t) says in
 * words what is at t: the caption, and what is spoken. keys: more keys of the figure, by name.
 * Returns { bar, caption, go }: two elements, and go(t) for a move by the reader.
 */
export function timeControls(fig, { describe, keys = {} }) {
  const { model, on } = fig, last = model.get("steps") - 1, me = crypto.getRandomValues(new Uint32Array(1))[0];
  const button = (label, icon) => element("button", { type: "button", "aria-label": label, title: label },
    element("span", { class: `icon ${icon}` }));
  const play = button("Play", "play"), back = button("Step back", "back"), forth = button("Step forward", "forth");
  const slider = element("input", { type: "range", min: 0, max: last, "aria-label": "time step t" });
  const output = element("output");
  const speed = element("select", { "aria-label": "steps per second" },
    ...[1, 2, 4, 8, 16, 32].map((v) => element("option", { value: v }, `${v}/s`)));
  speed.value = calm() ? 1 : last > 60 ? 16 : 4;
  const bar = element("div", { class: "controls" }, back, play, forth, slider, output, speed);
  const caption = element("div", { class: "caption", "aria-hidden": "true" });
  let timer = 0;

  function go(t) {
    fig.set({ t: clamp(t, 0, last) });
    const group = model.get("link");
    if (!group) return; // what comes over the link is set, never sent on: no echo
    const message = { rnnEduTime: { group, t: model.get("t"), from: me } };
    page.postMessage(message, "*");
    for (let i = 0; i < page.length; i++) page[i].postMessage(message, "*");
  }
  function running(run) {
    clearInterval(timer);
    timer = run ? setInterval(tick, 1000 / speed.value) : 0;
    const label = run ? "Pause" : "Play";
    play.setAttribute("aria-label", label);
    play.title = label;
    play.firstChild.className = `icon ${label.toLowerCase()}`;
  }
  function tick() {
    go(model.get("t") + 1);
    if (model.get("t") === last) running(false);
  }
  function toggle() {
    if (!timer && model.get("t") === last) go(0);
    running(!timer && last > 0);
  }
  const step = (by) => { running(false); go(model.get("t") + by); };
  const moves = {
    ArrowLeft: () => step(-1), ArrowRight: () => step(1), Home: () => step(-last), End: () => step(last),
    " ": toggle, ...keys,
  };
  on(play, "click", toggle);
  on(back, "click", () => step(-1));
  on(forth, "click", () => step(1));
  on(slider, "input", () => { running(false); go(+slider.value); });
  on(speed, "change", () => timer && running(true));
  on(fig.root, "keydown", (event) => {
    const native = event.target.closest("select, button, input");
    if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    if (native && !(native === slider && event.key === " ")) return; // these know their own keys
    event.preventDefault();
    moves[event.key]();
  });
  on(window, "message", ({ data }) => {
    const heard = data?.rnnEduTime;
    if (!heard || heard.from === me || !Number.isInteger(heard.t)) return;
    if (heard.group === model.get("link")) fig.set({ t: clamp(heard.t, 0, last) });
  });
  fig.signal.addEventListener("abort", () => clearInterval(timer));
  fig.watch(["t"], fig.redraw);
  fig.paint(() => {
    const t = model.get("t"), text = describe(t);
    if (caption.textContent && caption.textContent !== text) fig.say(text); // not on arrival
    caption.textContent = text;
    slider.value = t;
    slider.setAttribute("aria-valuetext", text);
    output.textContent = `t = ${t} of ${last}`;
  });
  return { bar, caption, go };
}

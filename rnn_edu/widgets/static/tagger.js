import {
  canvas, clamp, colourMap, element, figure, float32, header, legend, menu, number, picture, pointer, quoted, write,
} from "./kit.js";
import { network, softmax, unpack } from "./cells.js";
import { paper } from "./paper.js";

const HEAD = 22, LEFT = 30; // CSS pixels over the heat map, and beside it for the unit's number
const top = (p) => p.indexOf(Math.max(...p));

function render(context) {
  const fig = figure(context, "tagger"), { on } = fig, get = (name) => fig.model.get(name);
  const alphabet = [...get("alphabet")], labels = get("labels"), longest = get("longest"), H = get("H");
  const net = network(get("cell"), unpack(float32(get("weights")), get("arrays")), alphabet), read = net.reader();
  const HINT = "Type, or click into the text. Click a row of the map, then colour by that unit.";
  let now, map; // what follows from text, t, unit and show

  function follow() {
    const letters = [...get("text")], T = letters.length, t = Math.min(get("t"), T), states = read(letters);
    const answers = states.map((state) => softmax(net.logits(state)));
    now = { letters, T, t, states, answers };
    sheet.show(get("text"));
    fig.redraw();
  }

  function describe() {
    const { letters, t, states, answers } = now, p = answers[t], k = top(p), unit = get("unit");
    const value = `unit ${unit} is ${number(states[t][0][unit])}`;
    return t ? `after ${quoted(letters[t - 1])}, letter ${t}: ${labels[k]} ${number(p[k])}; ${value}` : `before the first letter: ${value}`;
  }

  // --- the text, typed over its own colours ------------------------------------------------------------

  /** Behind each letter its class, paler where the network doubts, or the value of the unit. */
  function dress(node, i) {
    const { t, states, answers } = now, byUnit = get("show") === "unit", unit = get("unit");
    const p = answers[i + 1], k = top(p), value = states[i + 1][0][unit];
    node.classList.toggle("here", i === t - 1);
    node.style.setProperty("--tint", byUnit ? map.css(value) : k ? `var(--class-${k})` : "transparent");
    node.style.setProperty("--share", `${Math.round(byUnit ? 55 : 46 * p[k] ** 2)}%`);
  }

  const sheet = paper(fig, {
    alphabet, longest, hint: HINT, dress,
    edited: (text, t) => fig.set({ text, t }),
    moved: (t) => { if (t !== get("t") && now.T) fig.set({ t }); },
  });

  // --- the state: units over letters, one row and one column chosen -----------------------------------

  const strip = canvas(fig, {
    class: "strip", role: "slider", tabindex: 0, "aria-label": "letters read; up and down choose a unit", "aria-valuemin": 0,
  }, (g, width, height) => {
    const { T, t, states } = now, { fg, muted, line } = fig.theme, tall = height - HEAD, wide = width - LEFT;
    const column = wide / Math.max(T, 1), row = tall / H, unit = get("unit");
    write(g, `state: ${H} units`, LEFT, 9, { colour: muted });
    legend(g, map, width, 9, fig.theme);
    g.imageSmoothingEnabled = column < 1;
    if (T) g.drawImage(picture(T, H, (x, j) => states[x + 1][0][j], map), LEFT, HEAD, wide, tall);
    const box = (colour, left, from, w, h) => {
      g.strokeStyle = colour;
      g.strokeRect(left + 0.5, from + 0.5, Math.max(w - 1, 1), Math.max(h - 1, 1));
    };
    box(line, LEFT, HEAD, wide, tall);
    box(fg, LEFT, HEAD + unit * row, wide, row);
    if (t) box(fg, LEFT + (t - 1) * column, HEAD, column, tall);
    write(g, unit, LEFT - 8, HEAD + (unit + 0.5) * row, { colour: fg, align: "right", weight: "bold" });
  });
  const place = (x) => clamp(Math.floor(((x - LEFT) / (strip.clientWidth - LEFT)) * now.T) + 1, Math.min(1, now.T), now.T);
  const rowAt = (y) => clamp(Math.floor(((y - HEAD) / (strip.clientHeight - HEAD)) * H), 0, H - 1);
  const point = (x, y) => fig.set({ t: place(x), unit: rowAt(y) });
  pointer(fig, strip, { pick: point, drag: point });
  on(strip, "keydown", (event) => {
    const { T, t } = now, unit = get("unit");
    const to = {
      ArrowLeft: { t: t - 1 }, ArrowRight: { t: t + 1 }, Home: { t: 0 }, End: { t: T },
      ArrowUp: { unit: unit - 1 }, ArrowDown: { unit: unit + 1 },
    }[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    fig.set("t" in to ? { t: clamp(to.t, 0, T) } : { unit: clamp(to.unit, 0, H - 1) });
  });

  // --- what it says now -----------------------------------------------------------------------------------

  const rows = labels.map((label, k) => {
    const fill = element("i"), value = element("b"), node = element("li", {}, element("bdi", {}, label), element("span", { class: "gauge" }, fill), value);
    node.style.setProperty("--tint", k ? `var(--class-${k})` : "var(--muted)");
    return { fill, value, node };
  });
  const heading = element("div", { class: "small" }), chart = element("ul", {}, ...rows.map(({ node }) => node));
  fig.paint(() => {
    const { t, T, answers } = now, p = answers[t], words = describe();
    heading.textContent = words;
    rows.forEach(({ fill, value, node }, k) => {
      fill.style.transform = `scaleX(${p[k]})`;
      value.textContent = number(p[k]);
      node.classList.toggle("best", k === top(p));
    });
    for (const [name, v] of [["max", T], ["now", t], ["text", words]]) strip.setAttribute(`aria-value${name}`, v);
  });

  const colours = menu(fig, "show", "colour by", [["classes", "class"], ["unit", "chosen unit"]]);
  fig.root.append(
    header(fig, colours), sheet.node, sheet.note, chart, heading, strip,
  );
  fig.watch(["text", "t", "unit", "show"], () => { follow(); fig.say(describe()); });
  fig.onTheme((theme) => { map = colourMap(-1, 1, theme); follow(); });
  return fig.stop;
}

export default { render };

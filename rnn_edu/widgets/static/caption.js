import {
  canvas, clamp, element, figure, float32, header, menu, number, quoted, timeControls, visible, write,
} from "./kit.js";

const LEAST = 0.05; // weights with a number in their place
const TINT = "#43267f"; // of the map: a picture is the same in both themes, and so is this

function render(context) {
  const fig = figure(context, "describe"), get = (name) => fig.model.get(name);
  const [height, width, rows, columns] = get("size"), places = get("places"), names = get("names");
  const texts = get("texts"), P = places.length, variants = texts.length / names.length;
  const all = float32(get("weights")), data = get("pixels");
  const { buffer, byteOffset } = ArrayBuffer.isView(data) ? data : new DataView(data);
  const starts = texts.map(() => 0); // of each text's weights, in words
  texts.forEach((words, k) => { if (k) starts[k] = starts[k - 1] + texts[k - 1].length; });
  const images = names.map((_, k) => (
    image(new Uint8Array(buffer, byteOffset + k * 3 * width * height, 3 * width * height))));

  const asItIs = () => get("picture") * variants, reading = () => asItIs() + 1 + get("covered");
  const weight = (t, p) => all[(starts[reading()] + t) * P + p];

  function image(rgb) {
    const node = element("canvas", { width, height }), g = node.getContext("2d"), pixels = g.createImageData(width, height);
    for (let k = 0; k < width * height; k++) {
      for (let c = 0; c < 3; c++) pixels.data[4 * k + c] = rgb[3 * k + c];
      pixels.data[4 * k + 3] = 255;
    }
    g.putImageData(pixels, 0, 0);
    return node;
  }

  function describe(t) {
    const words = texts[reading()], covered = get("covered");
    const under = covered < 0 ? "" : `; covered: ${places[covered]}`;
    if (t >= words.length) return `t = ${t}: the caption has ended after ${words.length} words${under}`;
    const order = Array.from({ length: P }, (_, p) => p).sort((a, b) => weight(t, b) - weight(t, a)).slice(0, 3);
    const looks = order.filter((p) => weight(t, p) >= 0.005).map((p) => `${places[p]} ${number(weight(t, p))}`);
    return `t = ${t}: ${quoted(words[t])} looks ${looks.join(", ")}${under}`;
  }

  // --- the picture, and over it the map ------------------------------------------------------------

  /** Of the picture on the canvas: left, top and the sides of a place. */
  function layout(w, h) {
    const scale = Math.min(w / width, h / height);
    return { left: (w - width * scale) / 2, top: 0, dx: (width * scale) / columns, dy: (height * scale) / rows };
  }

  const stage = canvas(fig, {
    class: "stage", tabindex: 0, role: "application",
    "aria-label": "the picture: left and right move the word, up and down cover a place, escape uncovers it",
  }, (g, w, h) => {
    const { left, top, dx, dy } = layout(w, h), t = get("t"), covered = get("covered"), { fg, line, field, muted } = fig.theme;
    g.imageSmoothingEnabled = false;
    g.drawImage(images[get("picture")], left, top, dx * columns, dy * rows);
    const looks = t < texts[reading()].length;
    for (let p = 0; p < P; p++) {
      const x = left + (p % columns) * dx, y = top + Math.floor(p / columns) * dy, a = looks ? weight(t, p) : 0;
      if (p === covered) {
        Object.assign(g, { fillStyle: field });
        g.fillRect(x, y, dx, dy);
        write(g, "covered", x + dx / 2, y + dy / 2, { colour: muted, align: "center" });
      }
      Object.assign(g, { globalAlpha: 0.75 * a, fillStyle: TINT });
      g.fillRect(x, y, dx, dy);
      Object.assign(g, { globalAlpha: 1, strokeStyle: line });
      g.strokeRect(x + 0.5, y + 0.5, dx - 1, dy - 1);
    }
    for (let p = 0; looks && p < P; p++) {
      const x = left + (p % columns) * dx, y = top + Math.floor(p / columns) * dy, a = weight(t, p);
      if (a < LEAST) continue;
      Object.assign(g, { strokeStyle: TINT, lineWidth: 3 });
      g.strokeRect(x + 1.5, y + 1.5, dx - 3, dy - 3);
      g.lineWidth = 1;
      write(g, number(a), x + dx / 2, y + dy - 12, { colour: fg, align: "center", weight: "bold", back: fig.theme.bg });
    }
  });

  // --- the words, and what the reader does ----------------------------------------------------------

  const cover = (p) => { if (variants > 1) fig.set({ covered: clamp(p, -1, P - 1) }); };
  const time = timeControls(fig, {
    describe, keys: { ArrowUp: () => cover(get("covered") - 1), ArrowDown: () => cover(get("covered") + 1), Escape: () => cover(-1) },
  });
  const list = element("div", { class: "text", role: "group", "aria-label": "the caption" });
  function fill() {
    const plain = texts[asItIs()];
    list.replaceChildren(...texts[reading()].map((word, k) => {
      const changed = word !== plain[k];
      const node = element("button", { type: "button", class: changed ? "changed" : "" }, element("bdi", {}, visible(word)));
      node.addEventListener("click", () => time.go(k), { signal: fig.signal });
      return node;
    }));
    fig.redraw();
  }
  fig.paint(() => [...list.children].forEach((node, k) => {
    if (k === get("t")) node.setAttribute("aria-current", "step");
    else node.removeAttribute("aria-current");
  }));
  const note = variants > 1 ? "Click a place of the picture to cover it. Words that change are underlined." : "Click a word.";
  const menus = [
    ...(names.length > 1 ? [menu(fig, "picture", "picture", names.map((name, k) => [k, visible(name)]))] : []),
    ...(variants > 1 ? [menu(fig, "covered", "cover", [[-1, "nothing"], ...places.map((name, p) => [p, visible(name)])])] : []),
  ];
  fig.root.append(
    header(fig, ...menus),
    element("div", { class: "both" }, stage, element("div", { class: "side" }, list, element("div", { class: "small" }, note))),
    time.bar, time.caption,
  );
  fig.on(stage, "click", ({ clientX, clientY }) => {
    const box = stage.getBoundingClientRect(), { left, top, dx, dy } = layout(stage.clientWidth, stage.clientHeight);
    const column = Math.floor((clientX - box.left - left) / dx), row = Math.floor((clientY - box.top - top) / dy);
    if (column < 0 || column >= columns || row < 0 || row >= rows) return;
    const p = row * columns + column;
    cover(p === get("covered") ? -1 : p);
  });
  fig.watch(["picture", "covered"], fill);
  fill();
  return fig.stop;
}

export default { render };

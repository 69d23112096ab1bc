// Colours and canvases.

import { FONT, clamp, element, number } from "./figure.js";

/** Colours for lo..hi, diverging around zero if lo < 0 (then hi = -lo), else from zero up. */
export function colourMap(lo, hi, theme) {
  const stops = theme[lo < 0 ? "signed" : "positive"].map(rgb), last = stops.length - 1;
  const table = Array.from({ length: 256 }, (_, k) => {
    const x = (k / 255) * last, i = Math.min(last - 1, Math.floor(x));
    return stops[i].map((c, j) => Math.round(c + (x - i) * (stops[i + 1][j] - c)));
  });
  const at = (v) => table[clamp(Math.round(((v - lo) / (hi - lo)) * 255), 0, 255)];
  const css = (v) => `rgb(${at(v)})`;
  return { lo, hi, at, css, ink: (v) => (luminance(at(v)) > 0.179 ? "#000000" : "#ffffff"), stops };
}

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** WCAG relative luminance; at 0.179 black and white text have the same contrast, 4.6. */
export function luminance(colour) {
  const [r, g, b] = colour.map((c) => (c <= 10 ? c / 3295 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** A columns x rows picture, one pixel a value, to be scaled up by drawImage. */
export function picture(columns, rows, value, map) {
  const node = element("canvas", { width: columns, height: rows }), context = node.getContext("2d");
  const pixels = context.createImageData(columns, rows);
  for (let y = 0, k = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, k += 4) {
      const [r, g, b] = map.at(value(x, y));
      pixels.data[k] = r; pixels.data[k + 1] = g; pixels.data[k + 2] = b; pixels.data[k + 3] = 255;
    }
  }
  context.putImageData(pixels, 0, 0);
  return node;
}

/** A colour map's key on a canvas: low end, ramp, high end, in the 124 px left of x. */
export function legend(context, map, x, y, { bg, muted, line }) {
  const left = x - 90, ramp = context.createLinearGradient(left, 0, left + 72, 0);
  map.stops.forEach((stop, i) => ramp.addColorStop(i / (map.stops.length - 1), `rgb(${stop})`));
  context.fillStyle = bg;
  context.fillRect(left - 34, y - 8, 124, 16); // what stood there is cut, not overprinted
  write(context, number(map.lo, 0), left - 6, y, { colour: muted, align: "right" });
  write(context, number(map.hi, 0), x, y, { colour: muted, align: "right" });
  Object.assign(context, { fillStyle: ramp, strokeStyle: line });
  context.fillRect(left, y - 5, 72, 10);
  context.strokeRect(left + 0.5, y - 4.5, 71, 9);
}

/** A crisp canvas; paint(context, width, height) in CSS pixels. Its size comes from CSS. */
export function canvas(fig, attributes, paint) {
  const node = element("canvas", attributes), context = node.getContext("2d");
  let width = 0, height = 0;
  const observer = new ResizeObserver(([{ contentRect }]) => {
    ({ width, height } = contentRect);
    fig.redraw();
  });
  observer.observe(node);
  fig.signal.addEventListener("abort", () => observer.disconnect());
  fig.paint(() => {
    const ratio = devicePixelRatio, w = Math.round(width * ratio), h = Math.round(height * ratio);
    if (!w || !h) return;
    if (node.width !== w || node.height !== h) Object.assign(node, { width: w, height: h });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    paint(context, width, height);
  });
  return node;
}

/** One line of text on a canvas, centred on y; `back` paints a ground of that colour under it. */
export function write(context, text, x, y, { colour, align = "left", weight = "normal", back }) {
  Object.assign(context, { font: `${weight} 12px ${FONT}`, textAlign: align, textBaseline: "middle" });
  if (back) {
    const width = context.measureText(text).width + 4, share = { left: 0, center: 0.5, right: 1 }[align];
    context.fillStyle = back;
    context.fillRect(x - 2 + share * (4 - width), y - 8, width, 16);
  }
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/** A line through (x(s), y(s)) for s in from..to. */
export function curve(context, from, to, x, y) {
  context.beginPath();
  for (let s = from; s <= to; s++) context.lineTo(x(s), y(s));
  context.stroke();
}

/** A round mark with a rim that parts it from what lies under it. */
export function dot(context, x, y, { fg, bg }, radius = 5) {
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  Object.assign(context, { fillStyle: fg, strokeStyle: bg });
  context.fill();
  context.stroke();
}

// What drawings of networks share: symbols with subscripts, SVG, arrows.

/** "W_xh" as a letter with its subscript below the line. */
export function symbol(name) {
  const [letter, sub] = name.split("_");
  const [node, i, below] = ["span", "i", "sub"].map((tag) => document.createElement(tag));
  node.className = "symbol";
  i.textContent = letter;
  below.textContent = sub;
  node.append(i, sub ? below : "");
  return node;
}

/** A node of SVG, which has a namespace of its own. */
export function shape(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export const between = (p, q, u) => p.map((v, i) => v + u * (q[i] - v));
export const curved = ([p, q, r, s]) => `M${p}C${q} ${r} ${s}`;

/** The path of an arrow: a curve through four points, or a line through two, with an open head. */
export function arrow(points) {
  const [p, q, r, s] = points[2] ? points : [0, 1 / 3, 2 / 3, 1].map((u) => between(...points, u));
  const angle = Math.atan2(s[1] - r[1], s[0] - r[0]);
  const barb = (by) => [s[0] - 7 * Math.cos(angle + by), s[1] - 7 * Math.sin(angle + by)];
  return `${curved([p, q, r, s])}M${barb(0.5)}L${s}L${barb(-0.5)}`;
}

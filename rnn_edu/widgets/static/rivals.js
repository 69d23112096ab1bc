// Models compared: scales for their numbers, who beats whom, and that in words.

import { clamp, number } from "./figure.js";

/** Three digits, as one writes them: 0.125, 12.5, 1,250. */
export const short = (v) => (+v.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 9 }).replace("-", "\u2212");

/**
 * A scale from 0 to 1 over some numbers: even, or by powers of ten if they span more than `far`.
 * Returns {at, ticks, digits}: digits behind the point, where one number of them serves all.
 */
export function scale(values, far = 20) {
  const lo = Math.min(...values), hi = Math.max(...values);
  if (lo > 0 && hi / lo > far) {
    const from = Math.log10(lo) - 0.1, to = Math.log10(hi) + 0.1, steps = to - from > 3 ? [1] : [1, 3], ticks = [];
    for (let k = Math.floor(from); k <= to; k++) ticks.push(...steps.map((s) => s * 10 ** k));
    const at = (v) => (Math.log10(v) - from) / (to - from);
    return { at, ticks: ticks.filter((v) => at(v) >= 0 && at(v) <= 1) };
  }
  const share = lo >= 0 && hi <= 1 && hi > 0.2, from = share || (lo >= 0 && lo < hi / 2) ? 0 : lo, to = share ? 1 : hi;
  const span = to - from || Math.abs(to) || 1, unit = 10 ** Math.floor(Math.log10(span / 2));
  const step = unit * [1, 2, 5, 10].find((n) => n * unit >= span / 6);
  const first = Math.floor(from / step), last = Math.max(Math.ceil(to / step), first + 1), pad = 0.04 * (last - first);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => +((first + i) * step).toPrecision(12));
  const digits = hi <= 1 ? 3 : clamp(2 - Math.floor(Math.log10(hi)), 0, 3);
  return { at: (v) => (v / step - first + pad) / (last - first + 2 * pad), ticks, digits };
}

/** A measure of the figure, its three tables (L, M) and scale at hand. */
export function measure([name, unit, best], [mean, worst, top]) {
  const all = [mean, worst, top].flat(2).filter((v) => v !== null), line = scale(all.length ? all : [0, 1]);
  const sign = best === "high" ? 1 : -1, better = (v, w) => sign * (v - w) > 0;
  const text = (v) => (v === null ? "\u2013" : line.digits === undefined ? short(v) : number(v, line.digits));
  const most = `${best}est ${name}`;
  return { name, unit, best, mean, worst, top, sign, better, text, most, label: unit ? `${name}, ${unit}` : name, ...line };
}

const measured = ({ mean }, t) => mean[t].flatMap((v, k) => (v === null ? [] : [k]));

/** Who is best on a measure at t, and all whose runs reach into those of the best. */
export function leaders({ mean, worst, top, better }, t, there = measured({ mean }, t)) {
  if (!there.length) return [];
  const first = there.reduce((a, b) => (better(mean[t][b], mean[t][a]) ? b : a));
  return there.filter((k) => !better(worst[t][first], top[t][k]));
}

/**
 * Each model at t on all the measures of `over`: null if it was not measured on all, else who beats
 * it: {by, clearly, first}. One beats another if its mean is no worse on each and better on one;
 * clearly if there its runs are all better; first is one that does, clearly if any.
 */
export function rivals(over, t) {
  const there = over.map((m) => measured(m, t)).reduce((a, b) => a.filter((k) => b.includes(k)));
  const wins = (a, b) => over.filter(({ mean, better }) => better(mean[t][a], mean[t][b]));
  const clear = (a, b) => wins(a, b).some(({ worst, top, better }) => better(worst[t][a], top[t][b]));
  return over[0].mean[t].map((_, b) => {
    if (!there.includes(b)) return null;
    const by = there.filter((a) => wins(a, b).length && !wins(b, a).length), sure = by.filter((a) => clear(a, b));
    return { by, clearly: sure.length > 0, first: sure[0] ?? by[0] };
  });
}

export const list = (names) => (names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join(""));
export const few = (names) => (names.length > 3 ? `${names.length} models level` : list(names));

/** What `rivals` found about one model. */
export function verdict(found, models) {
  if (!found) return "not measured";
  if (!found.by.length) return "nothing beats it";
  const more = found.by.length > 1 ? ` and ${found.by.length - 1} more` : "";
  return `beaten by ${models[found.first]}${more}${found.clearly ? "" : ", within the spread"}`;
}

/** Who leads on a measure from where to where. */
export function story(m, lengths, models) {
  const parts = [];
  lengths.forEach((T, t) => {
    const who = few(leaders(m, t).map((k) => models[k]));
    if (who && parts.at(-1)?.who === who) parts.at(-1).to = T;
    else if (who) parts.push({ who, from: T, to: T });
  });
  const said = parts.map(({ who, from, to }) => `${who} ${from === to ? `at ${from}` : `from ${from} to ${to}`}`);
  return `${m.most[0].toUpperCase()}${m.most.slice(1)}: ${said.join(", then ") || "not measured"}.`;
}

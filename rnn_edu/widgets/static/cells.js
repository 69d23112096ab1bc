// A trained network in JavaScript: the cells of rnn_edu, one turn of the loop each, in the symbols
// of rnn.py, gru.py and lstm.py. Vectors are Float64Array; a matrix is a flat array, row by row.

const sigmoid = (a) => 0.5 * (1 + Math.tanh(0.5 * a));
const plus = (a, b) => a.map((a_j, j) => a_j + b[j]);

/** x W + b. x: (n,), W: (n, m), b: (m,). Returns (m,). */
function affine(x, W, b) {
  const a = Float64Array.from(b), m = a.length;
  for (let i = 0; i < x.length; i++) {
    if (x[i] === 0) continue; // most of a one-hot letter
    for (let j = 0; j < m; j++) a[j] += x[i] * W[i * m + j];
  }
  return a;
}

/** (G H,) as G gates of H units. */
const gates = (a, H) => Array.from({ length: a.length / H }, (_, k) => a.subarray(k * H, (k + 1) * H));

/** The step of each cell: (parameters, x_t, state) -> state. x_t: (D,), each array of a state (H,). */
export const STEP = {
  RNN({ W_xh, W_hh, b_h }, x_t, [h_prev]) {
    const h = affine(h_prev, W_hh, affine(x_t, W_xh, b_h)).map(Math.tanh);
    return [h];
  },

  GRU({ W_xh, W_hh, b_h, b_hn }, x_t, [h_prev]) {
    const H = h_prev.length;
    const [x_r, x_z, x_n] = gates(affine(x_t, W_xh, b_h), H);
    const [h_r, h_z, h_n] = gates(affine(h_prev, W_hh, new Float64Array(3 * H)), H);
    const r = plus(x_r, h_r).map(sigmoid), z = plus(x_z, h_z).map(sigmoid), hn = plus(h_n, b_hn);
    const n = x_n.map((a_j, j) => Math.tanh(a_j + r[j] * hn[j]));
    const h = n.map((n_j, j) => (1 - z[j]) * n_j + z[j] * h_prev[j]);
    return [h];
  },

  LSTM({ W_xh, W_hh, b_h }, x_t, [h_prev, c_prev]) {
    const [a_i, a_f, a_g, a_o] = gates(affine(h_prev, W_hh, affine(x_t, W_xh, b_h)), h_prev.length);
    const i = a_i.map(sigmoid), f = a_f.map(sigmoid), g = a_g.map(Math.tanh), o = a_o.map(sigmoid);
    const c = c_prev.map((c_j, j) => f[j] * c_j + i[j] * g[j]);
    const h = c.map((c_j, j) => o[j] * Math.tanh(c_j));
    return [h, c];
  },
};

/** softmax(y / temperature): towards 0 the largest takes all, above 1 all come closer together. */
export function softmax(y, temperature = 1) {
  const top = Math.max(...y), p = y.map((y_k) => Math.exp((y_k - top) / temperature));
  const sum = p.reduce((a, b) => a + b);
  return p.map((p_k) => p_k / sum);
}

/** How far two answers are apart: the probability that goes elsewhere. */
export const apart = (p, q) => p.reduce((sum, p_k, k) => sum + Math.abs(p_k - q[k]), 0) / 2;

/** Packed numbers as arrays by name; sizes: [name, how many] of each. */
export function unpack(numbers, sizes) {
  let end = 0;
  return Object.fromEntries(sizes.map(([name, size]) => [name, numbers.subarray(end, end += size)]));
}

/**
 * A cell and its readout over one-hot letters, from arrays by name. reader() returns a function
 * letters -> the T + 1 states before, between and after them; what is read once is kept, since a
 * state depends on nothing behind it. counts, if there are weights for it, reads letter counts.
 */
export function network(cell, arrays, alphabet) {
  const { W_hy, b_y, W_counts, b_counts } = arrays, H = W_hy.length / b_y.length;
  const zeros = () => new Float64Array(H), zeroState = cell === "LSTM" ? [zeros(), zeros()] : [zeros()];
  const oneHot = (letter) => Float64Array.from(alphabet, (a) => +(a === letter));
  const tally = (letters) => Float64Array.from(alphabet, (a) => letters.filter((letter) => letter === a).length);
  return {
    H,
    reader() {
      let known = [], states = [zeroState];
      return (letters) => {
        let t = 0;
        while (t < letters.length && letters[t] === known[t]) t++;
        states = states.slice(0, t + 1);
        for (; t < letters.length; t++) states.push(STEP[cell](arrays, oneHot(letters[t]), states[t]));
        known = letters;
        return states;
      };
    },
    logits: ([h]) => affine(h, W_hy, b_y),
    counts: W_counts && ((letters) => softmax(affine(tally(letters), W_counts, b_counts))),
  };
}

/**
 * The k-th number in [0, 1) of a seed: any of them at once, so that a text can go on anywhere.
 * Source: Mulberry32, Tommy Ettinger (2017), public domain.
 */
export function uniform(seed, k) {
  let a = (seed + Math.imul(k + 1, 0x6d2b79f5)) | 0;
  a = Math.imul(a ^ (a >>> 15), a | 1);
  a ^= a + Math.imul(a ^ (a >>> 7), a | 61);
  return ((a ^ (a >>> 14)) >>> 0) / 2 ** 32;
}

/** The first k at which the sum p_0 + ... + p_k exceeds u. */
export function draw(p, u) {
  let k = 0;
  for (let sum = p[0]; sum <= u && k < p.length - 1; sum += p[++k]);
  return k;
}

/** Puts a list in random order; random() is uniform in [0, 1). Source: Fisher and Yates (1938). */
export function shuffle(list, random) {
  for (let k = list.length - 1; k > 0; k--) {
    const j = Math.floor(random() * (k + 1));
    [list[k], list[j]] = [list[j], list[k]];
  }
  return list;
}

const PLAIN = { ß: "ss", ø: "o", đ: "d", ł: "l", æ: "ae", œ: "oe" };

/** What can be read of a text over the alphabet: {letters, refused}; accents are folded away. */
export function readable(text, alphabet) {
  const letters = [], refused = [];
  for (const c of text.normalize("NFC")) {
    const plain = c.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
    const folded = [...plain].flatMap((f) => [...(PLAIN[f] ?? f)]);
    if (alphabet.includes(c)) letters.push(c);
    else if (folded.every((f) => alphabet.includes(f))) letters.push(...folded);
    else refused.push(c);
  }
  return { letters, refused };
}

// The rules of decode.py, in the order temperature, top_k, top_p, min_p.

/** What the rules leave of logits y: (V,), summing to 1, 0 where one cut; min_p = 0 cuts nothing. */
export function probabilities(y, { temperature, top_k, top_p, min_p }) {
  const whole = share(y.map((y_v) => y_v / temperature));
  const order = [...whole.keys()].sort((v, w) => whole[w] - whole[v]); // of equals the first
  const first = share(whole.map((p_v, v) => (order.indexOf(v) < top_k ? Math.log(p_v) : -Infinity)));
  let likelier = 0;
  const nucleus = new Set(order.filter((v) => {
    const stays = first[v] > 0 && (top_p === 1 || likelier < top_p);
    likelier += first[v];
    return stays;
  }));
  const least = min_p * first[order[0]];
  return share(first.map((p_v, v) => (nucleus.has(v) && p_v >= least ? Math.log(p_v) : -Infinity)));
}

/** softmax(y), where y may hold -Infinity. */
function share(y) {
  const top = Math.max(...y), p = y.map((y_v) => Math.exp(y_v - top)), sum = p.reduce((a, b) => a + b);
  return p.map((p_v) => p_v / sum);
}

/** The bits of a surprise: -log2 p. */
export const bits = (p) => -Math.log2(Math.max(p, 1e-300));

/** How many bits the next letter carries on average, before one knows it. */
export const entropy = (p) => p.reduce((sum, p_v) => sum + (p_v && p_v * bits(p_v)), 0);

/** The numbers in a Bytes trait of little-endian float16 (Float16Array is not everywhere yet). */
export function float16(bytes) {
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(bytes) ? bytes : new DataView(bytes);
  return Float32Array.from(new Uint16Array(buffer.slice(byteOffset, byteOffset + byteLength)), (half) => {
    const sign = half >> 15 ? -1 : 1, exponent = (half >> 10) & 31, fraction = (half & 1023) / 1024;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction);
  });
}

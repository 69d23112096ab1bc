// Numbers that a text carries along, and how closely a unit follows one.

/** A property of state_atlas.py's Count after each letter. Returns (T,). */
export function count(letters, [, up, down, reset, leading]) {
  let value = 0, counting = true;
  return Float64Array.from(letters, (letter) => {
    if (reset.includes(letter)) [value, counting] = [0, true];
    else if (up.includes(letter) && down.includes(letter)) value = +(value === 0);
    else if (up.includes(letter) && counting) value += 1;
    else if (down.includes(letter)) value = Math.max(value - 1, 0);
    else if (leading) counting = false;
    return value;
  });
}

/** Pearson's r of two rows of numbers; 0 where one of them does not vary. */
export function correlation(a, b) {
  const mean = (v) => v.reduce((sum, v_t) => sum + v_t, 0) / v.length, [m, n] = [mean(a), mean(b)];
  let ab = 0, aa = 0, bb = 0;
  for (let t = 0; t < a.length; t++) {
    ab += (a[t] - m) * (b[t] - n);
    aa += (a[t] - m) ** 2;
    bb += (b[t] - n) ** 2;
  }
  return aa * bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

// All AUs of a recording in bytes, AU after AU, and coarser levels of the same: smallest and largest of four places of
// the level below, so that however many frames share a pixel, no more than a few bytes are read for it.

const NOTHING = 255, FOLD = 4, ERRORS = ["", "false positive", "false negative", "overestimate"];

function gathered(before, words, buffers) {
  const made = { aus: words.aus, n: words.count, colours: words.colours };
  if (!words.whole && before) for (const name of ["label", "ncg", "ncg_errors", "usable"]) made[name] = before[name];
  words.which.forEach((name, place) => {
    const bytes = new Uint8Array(copied(buffers[place])), rows = name === "usable" ? 1 : words.aus.length;
    made[name] = pyramid(bytes, words.count, rows, name === "usable" || name.endsWith("_errors"));
  });
  return made;
}

// `sets`: the bytes are kinds of errors, and a coarser place holds the set (1, 2, 4) of those that occur below it.
function pyramid(raw, n, rows, sets) {
  const first = sets ? raw.map((kind) => (kind ? 1 << (kind - 1) : 0)) : raw;
  const levels = [{ n, low: first, high: first }];
  for (let level = levels[0]; level.n > 256; level = levels.at(-1)) {
    const m = ceil(level.n / FOLD), low = new Uint8Array(m * rows), high = sets ? low : new Uint8Array(m * rows);
    for (let r = 0; r < rows; r++)
      for (let j = 0; j < m; j++) {
        const from = r * level.n + j * FOLD, to = min(from + FOLD, (r + 1) * level.n);
        const found = sets ? union(level.high, from, to) : range(level.low, level.high, from, to);
        low[r * m + j] = found & 255;
        if (!sets) high[r * m + j] = found >> 8;
      }
    levels.push({ n: m, low, high });
  }
  return { raw, levels };
}

function union(high, from, to) {
  let all = 0;
  for (let i = from; i < to; i++) all |= high[i];
  return all;
}

// Lowest and 256 x highest in one number; places without a number do not count.
function range(low, high, from, to) {
  let least = NOTHING, most = 0;
  for (let i = from; i < to; i++)
    if (low[i] !== NOTHING) {
      if (low[i] < least) least = low[i];
      if (high[i] > most) most = high[i];
    }
  return least | (most << 8);
}

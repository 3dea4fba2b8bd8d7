// The exact Euclidean distance transform (Felzenszwalb & Huttenlocher 2012, "Distance transforms of sampled
// functions"): columns, then the lower envelope of parabolas along rows.
import type { Levels, Values } from "./grid.ts";

/** Each pixel's distance to the nearest 0 of `mask`, in pixels. There must be one. */
export function distanceTransform({ width, height, data }: Levels): Values {
  const far = width + height;
  const down = new Float64Array(data.length);
  for (let x = 0; x < width; x++) {
    let distance = far;
    for (let y = 0, at = x; y < height; y++, at += width) down[at] = distance = data[at] ? distance + 1 : 0;
    distance = far;
    for (let y = height - 1, at = y * width + x; y >= 0; y--, at -= width) {
      distance = data[at] ? distance + 1 : 0;
      if (distance < down[at]!) down[at] = distance;
    }
  }
  const result = new Float32Array(data.length);
  const apexes = new Int32Array(width);
  const starts = new Float64Array(width + 1);
  for (let y = 0; y < height; y++) {
    const squares = down.subarray(y * width, (y + 1) * width);
    for (let x = 0; x < width; x++) squares[x]! **= 2;
    const count = envelope(squares, apexes, starts);
    for (let x = 0, i = 0; x < width; x++) {
      while (i < count - 1 && starts[i + 1]! < x) i++;
      result[y * width + x] = Math.sqrt((x - apexes[i]!) ** 2 + squares[apexes[i]!]!);
    }
  }
  return { width, height, data: result };
}

/** Write the lowest parabolas, in order, and from where on each is the lowest; return their number. */
function envelope(squares: Float64Array, apexes: Int32Array, starts: Float64Array): number {
  let last = 0;
  apexes[0] = 0;
  starts[0] = -Infinity;
  for (let x = 1; x < squares.length; x++) {
    const meets = (apex: number) => (squares[x]! + x * x - squares[apex]! - apex * apex) / (2 * (x - apex));
    let start = meets(apexes[last]!);
    while (start <= starts[last]!) start = meets(apexes[--last]!);
    apexes[++last] = x;
    starts[last] = start;
  }
  return last + 1;
}

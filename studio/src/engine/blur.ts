// A Gaussian over an image that is mirrored beyond its edges.
import type { Values } from "./grid.ts";

/** Blur with deviation `sigma` in pixels. */
export function blur(values: Values, sigma: number): Values {
  const weights = gaussian(sigma);
  const sum = weights.reduce((a, b) => a + b);
  return { ...values, data: Float32Array.from(filter(values, weights.map((weight) => weight / sum))) };
}

/** Weights of a Gaussian as far as four deviations, 1 in the middle. */
export function gaussian(sigma: number): number[] {
  const radius = Math.round(4 * sigma);
  return Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)));
}

/** Filter along rows, then along columns. Sums are of double precision: exact where all are whole numbers. */
export function filter({ width, height, data }: Values, weights: readonly number[]): Float64Array {
  const radius = weights.length >> 1;
  const rows = new Float64Array(data.length);
  for (let y = 0; y < height; y++) {
    const padded = Float64Array.from({ length: width + 2 * radius }, (_, x) => data[y * width + reflect(x - radius, width)]!);
    addAll(rows, y * width, width, weights, (i) => [padded, i]);
  }
  const result = new Float64Array(data.length);
  for (let y = 0; y < height; y++) {
    addAll(result, y * width, width, weights, (i) => [rows, reflect(y + i - radius, height) * width]);
  }
  return result;
}

/** Add to `count` values each source, which begins at a place of an array, with its weight. */
function addAll(
  out: Float64Array, first: number, count: number, weights: readonly number[],
  source: (index: number) => readonly [Float64Array, number],
): void {
  weights.forEach((weight, index) => {
    const [values, start] = source(index);
    for (let x = 0; x < count; x++) out[first + x]! += values[start + x]! * weight;
  });
}

/** Reflect an index into [0, count) without repeating the edge. */
function reflect(index: number, count: number): number {
  if (count === 1) return 0;
  let at = index;
  while (at < 0 || at >= count) at = at < 0 ? -at : 2 * (count - 1) - at;
  return at;
}

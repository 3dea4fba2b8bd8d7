// A Gaussian as OpenCV computes it with AVX2: equal to the last bit, because the peaks of parts are where blurred
// values are equal to their neighbours'.
import type { Values } from "./grid.ts";

/** Reflect an index into [0, count) without repeating the edge. */
function reflect(index: number, count: number): number {
  if (count === 1) return 0;
  let at = index;
  while (at < 0 || at >= count) at = at < 0 ? -at : 2 * (count - 1) - at;
  return at;
}

function kernel(sigma: number): Float32Array {
  const radius = Math.round(sigma * 8 + 1) >> 1;
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)));
  const sum = weights.reduce((a, b) => a + b);
  return Float32Array.from(weights, (weight) => weight / sum);
}

/** Blur with deviation `sigma` in pixels; beyond its edges the image is mirrored. */
export function blur({ width, height, data }: Values, sigma: number): Values {
  const weights = kernel(sigma);
  const radius = weights.length >> 1;
  const rows = new Float32Array(data.length);
  const padded = new Float32Array(width + 2 * radius);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < padded.length; x++) padded[x] = data[y * width + reflect(x - radius, width)]!;
    blurRow(padded, weights, rows.subarray(y * width, (y + 1) * width));
  }
  const result = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    const near = Array.from(weights, (_, i) => {
      const at = reflect(y + i - radius, height) * width;
      return rows.subarray(at, at + width);
    });
    blurColumn(near, weights, result.subarray(y * width, (y + 1) * width));
  }
  return { width, height, data: result };
}

/** Sum from left to right; products are not rounded before they are added (FMA), but in the last columns. */
function blurRow(source: Float32Array, weights: Float32Array, out: Float32Array): void {
  const fused = out.length & ~3;
  for (let x = 0; x < out.length; x++) {
    let sum = Math.fround(source[x]! * weights[0]!);
    if (x < fused) for (let i = 1; i < weights.length; i++) sum = Math.fround(sum + source[x + i]! * weights[i]!);
    else for (let i = 1; i < weights.length; i++) sum = Math.fround(sum + Math.fround(source[x + i]! * weights[i]!));
    out[x] = sum;
  }
}

/** Sum from the middle outwards, two rows of one weight at once. */
function blurColumn(rows: readonly Float32Array[], weights: Float32Array, out: Float32Array): void {
  const radius = weights.length >> 1;
  const fused = out.length & ~7;
  for (let x = 0; x < out.length; x++) out[x] = rows[radius]![x]! * weights[radius]!;
  for (let i = 1; i <= radius; i++) {
    const [above, below, weight] = [rows[radius - i]!, rows[radius + i]!, weights[radius + i]!];
    for (let x = 0; x < fused; x++) out[x] = out[x]! + Math.fround(above[x]! + below[x]!) * weight;
    for (let x = fused; x < out.length; x++) out[x] = out[x]! + Math.fround(Math.fround(above[x]! + below[x]!) * weight);
  }
}

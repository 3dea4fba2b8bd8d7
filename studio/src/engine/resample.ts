// Resizes as Pillow does: one filter of the size of a target pixel, columns first, then rows.
import type { Image, Size, Values } from "./grid.ts";

interface Filter {
  readonly support: number;
  readonly weight: (x: number) => number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

export const LANCZOS: Filter = { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) };
export const TRIANGLE: Filter = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };
export const BOX: Filter = { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };

/** Bits after the point of a weight for 8-bit levels. */
const PRECISION = 22;

/** For each target pixel the first source pixel, and `taps` weights, of which `count` are used. */
interface Weights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly taps: number;
  readonly weights: Float64Array;
}

function weigh(from: number, to: number, filter: Filter): Weights {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = filter.support * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const result = { first: new Int32Array(to), count: new Int32Array(to), taps, weights: new Float64Array(to * taps) };
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(from, Math.trunc(center + support + 0.5)) - first;
    let sum = 0;
    for (let j = 0; j < count; j++) {
      sum += result.weights[i * taps + j] = filter.weight((j + first - center + 0.5) / stretch);
    }
    for (let j = 0; j < count && sum !== 0; j++) result.weights[i * taps + j]! /= sum;
    result.first[i] = first;
    result.count[i] = count;
  }
  return result;
}

/** Resize an image with rounding to 8 bits between the two passes. */
export function resizeImage(image: Image, width: number, height: number, filter = LANCZOS): Image {
  let { rgb } = image;
  if (width !== image.width) rgb = resizeLevels(rgb, image, weigh(image.width, width, filter), width, true);
  if (height !== image.height) {
    rgb = resizeLevels(rgb, { width, height: image.height }, weigh(image.height, height, filter), height, false);
  }
  return { width, height, rgb };
}

/** Resize along rows (`across`) or columns, to `to` pixels. */
function resizeLevels(source: Uint8Array, from: Size, by: Weights, to: number, across: boolean): Uint8Array {
  const whole = Int32Array.from(by.weights, (weight) => Math.trunc(weight * (1 << PRECISION) + (weight < 0 ? -0.5 : 0.5)));
  const [width, height] = across ? [to, from.height] : [from.width, to];
  const step = across ? 3 : 3 * from.width;
  const result = new Uint8ClampedArray(3 * width * height);
  const half = 1 << (PRECISION - 1);
  for (let y = 0, out = 0; y < height; y++) {
    for (let x = 0; x < width; x++, out += 3) {
      const target = across ? x : y;
      const end = target * by.taps + by.count[target]!;
      let at = across ? 3 * (y * from.width + by.first[target]!) : 3 * (by.first[target]! * from.width + x);
      let red = half;
      let green = half;
      let blue = half;
      for (let j = target * by.taps; j < end; j++, at += step) {
        const weight = whole[j]!;
        red = (red + Math.imul(source[at]!, weight)) | 0;
        green = (green + Math.imul(source[at + 1]!, weight)) | 0;
        blue = (blue + Math.imul(source[at + 2]!, weight)) | 0;
      }
      result[out] = red >> PRECISION;
      result[out + 1] = green >> PRECISION;
      result[out + 2] = blue >> PRECISION;
    }
  }
  return new Uint8Array(result.buffer);
}

/** Resize levels with a triangle filter, without rounding; a moved stroke keeps its sum. */
export function resizeLinear(source: { readonly data: Uint8Array | Float32Array } & Size, width: number, height: number): Values {
  const columns = weigh(source.width, width, TRIANGLE);
  const rows = weigh(source.height, height, TRIANGLE);
  const between = new Float32Array(width * source.height);
  for (let y = 0, out = 0; y < source.height; y++) {
    for (let x = 0; x < width; x++, out++) {
      const at = y * source.width + columns.first[x]!;
      let sum = 0;
      for (let j = 0; j < columns.count[x]!; j++) sum += source.data[at + j]! * columns.weights[x * columns.taps + j]!;
      between[out] = sum;
    }
  }
  const data = new Float32Array(width * height);
  for (let y = 0, out = 0; y < height; y++) {
    for (let x = 0; x < width; x++, out++) {
      let at = rows.first[y]! * width + x;
      let sum = 0;
      for (let j = 0; j < rows.count[y]!; j++, at += width) sum += between[at]! * rows.weights[y * rows.taps + j]!;
      data[out] = sum;
    }
  }
  return { width, height, data };
}

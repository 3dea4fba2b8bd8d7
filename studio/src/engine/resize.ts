// Resizes values as OpenCV does, row by row: areas where an image shrinks, else between neighbours.
import type { Size, Values } from "./grid.ts";

/** Of each target pixel t the source pixels and weights from `starts[t]` to before `starts[t + 1]`. */
export interface Taps {
  readonly starts: Int32Array;
  readonly sources: Int32Array;
  readonly weights: Float32Array;
}

/** A share of a pixel that is less than this does not count as covered. */
const MIN_COVERED = 1e-3;

/** The taps across and down for a resize from one size to another. */
export function chooseTaps(from: Size, to: Size): { readonly across: Taps; readonly down: Taps } {
  const shrinks = to.width * to.height < from.width * from.height;
  const isArea = shrinks && from.width >= to.width && from.height >= to.height;
  const taps = isArea ? areaTaps : shrinks ? narrowTaps : linearTaps;
  return { across: taps(from.width, to.width), down: taps(from.height, to.height) };
}

function areaTaps(from: number, to: number): Taps {
  const scale = from / to;
  return collect(to, (target, add) => {
    const [begin, end] = [target * scale, target * scale + scale];
    const width = Math.min(scale, from - begin);
    const last = Math.min(Math.floor(end), from - 1);
    const first = Math.min(Math.ceil(begin), last);
    if (first - begin > MIN_COVERED) add(first - 1, (first - begin) / width);
    for (let source = first; source < last; source++) add(source, 1 / width);
    if (end - last > MIN_COVERED) add(last, Math.min(end - last, 1, width) / width);
  });
}

function linearTaps(from: number, to: number): Taps {
  const scale = from / to;
  return collect(to, (target, add) => {
    const at = Math.fround((target + 0.5) * scale - 0.5);
    addPair(Math.floor(at), Math.fround(at - Math.floor(at)), from, add);
  });
}

/** OpenCV's neighbours where only one of two edges shrinks. */
function narrowTaps(from: number, to: number): Taps {
  const scale = from / to;
  return collect(to, (target, add) => {
    const first = Math.floor(target * scale);
    const share = Math.fround(target + 1 - (first + 1) / scale);
    addPair(first, share <= 0 ? 0 : Math.fround(share - Math.floor(share)), from, add);
  });
}

function addPair(first: number, share: number, from: number, add: (source: number, weight: number) => void): void {
  const [source, weight] = first < 0 ? [0, 0] : first >= from - 1 ? [from - 1, 0] : [first, share];
  add(source, 1 - weight);
  if (weight > 0) add(source + 1, weight);
}

function collect(to: number, visit: (target: number, add: (source: number, weight: number) => void) => void): Taps {
  const [starts, sources, weights] = [new Int32Array(to + 1), [] as number[], [] as number[]];
  for (let target = 0; target < to; target++) {
    visit(target, (source, weight) => {
      sources.push(source);
      weights.push(weight);
    });
    starts[target + 1] = sources.length;
  }
  return { starts, sources: Int32Array.from(sources), weights: Float32Array.from(weights) };
}

/** Resize values and pass on each row of the result; the row is overwritten by the next. */
export function resizeRows(values: Values, to: Size, visit: (row: Float32Array, y: number) => void): void {
  const same = to.width === values.width && to.height === values.height;
  if (same) {
    for (let y = 0; y < to.height; y++) visit(values.data.subarray(y * to.width, (y + 1) * to.width), y);
    return;
  }
  const { across, down } = chooseTaps(values, to);
  const row = new Float32Array(to.width);
  const resized = [new Float32Array(to.width), new Float32Array(to.width)]; // of an even and an odd row
  const known = [-1, -1];
  for (let y = 0; y < to.height; y++) {
    for (let tap = down.starts[y]!; tap < down.starts[y + 1]!; tap++) {
      const source = down.sources[tap]!;
      const parity = source & 1;
      if (known[parity] !== source) {
        resizeRow(values.data.subarray(source * values.width, (source + 1) * values.width), across, resized[parity]!);
        known[parity] = source;
      }
      addRow(row, resized[parity]!, down.weights[tap]!, tap === down.starts[y]);
    }
    visit(row, y);
  }
}

function resizeRow(source: Float32Array, { starts, sources, weights }: Taps, out: Float32Array): void {
  for (let x = 0, tap = 0; x < out.length; x++) {
    let sum = 0;
    for (const end = starts[x + 1]!; tap < end; tap++) sum += source[sources[tap]!]! * weights[tap]!;
    out[x] = sum;
  }
}

function addRow(row: Float32Array, added: Float32Array, weight: number, isFirst: boolean): void {
  if (isFirst) for (let x = 0; x < row.length; x++) row[x] = added[x]! * weight;
  else for (let x = 0; x < row.length; x++) row[x] = row[x]! + added[x]! * weight;
}

export function resize(values: Values, to: Size): Values {
  if (to.width === values.width && to.height === values.height) return values;
  const data = new Float32Array(to.width * to.height);
  resizeRows(values, to, (row, y) => data.set(row, y * to.width));
  return { width: to.width, height: to.height, data };
}

/** Each pixel the value of its nearest one. */
export function resizeLabels<T extends Uint8Array | Int32Array>({ width, height, data }: Size & { readonly data: T }, to: Size): T {
  const result = new (data.constructor as new (length: number) => T)(to.width * to.height);
  const columns = Int32Array.from({ length: to.width }, (_, x) => Math.min(width - 1, Math.floor((x * width) / to.width)));
  for (let y = 0, out = 0; y < to.height; y++) {
    const first = Math.min(height - 1, Math.floor((y * height) / to.height)) * width;
    for (let x = 0; x < to.width; x++, out++) result[out] = data[first + columns[x]!]!;
  }
  return result;
}


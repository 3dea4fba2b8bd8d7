// The watershed by flooding from markers, in the order of scikit-image's queue: by value, then by age.
import type { Labels } from "./grid.ts";

/**
 * Flood `values` (all equal if null) from the markers in `labels` until all pixels of `mask` that can be reached have a
 * label; `labels` is changed in place. A neighbour is one to the left, right, above or below.
 */
export function watershed(values: Float32Array | null, labels: Labels, mask: Uint8Array | null): void {
  const { width, data } = labels;
  const queue = new Queue(data.length, values);
  for (let i = 0; i < data.length; i++) if (data[i]) queue.push(i, 0);
  const markers = queue.length;
  const reached = new Int32Array(data.length); // by age
  let age = 0;
  for (let popped = 0; queue.length && (values || popped < markers); popped++) spread(queue.pop());
  if (!values) for (let first = 0; first < age; first++) spread(reached[first]!); // ages alone need no heap

  function spread(at: number): void {
    const x = at % width;
    if (at >= width) visit(at - width, at);
    if (x > 0) visit(at - 1, at);
    if (x < width - 1) visit(at + 1, at);
    if (at < data.length - width) visit(at + width, at);
  }

  function visit(next: number, from: number): void {
    if (data[next] || (mask && !mask[next])) return;
    data[next] = data[from]!;
    reached[age++] = next;
    queue.push(next, age);
  }
}

/**
 * A binary heap of pixels. Markers have one age, and which of those comes first follows from how elements are
 * swapped, here as in scikit-image's `heap_general.pxi`.
 */
class Queue {
  length = 0;
  private readonly pixels: Int32Array;
  private readonly ages: Int32Array;
  private readonly keys: Float32Array;

  constructor(capacity: number, private readonly values: Float32Array | null) {
    this.pixels = new Int32Array(capacity);
    this.ages = new Int32Array(capacity);
    this.keys = new Float32Array(capacity);
  }

  push(pixel: number, age: number): void {
    const { pixels, ages, keys } = this;
    const key = this.values ? this.values[pixel]! : 0;
    let child = this.length++;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!(key < keys[parent]! || (key === keys[parent]! && age < ages[parent]!))) break;
      this.move(parent, child);
      child = parent;
    }
    pixels[child] = pixel;
    ages[child] = age;
    keys[child] = key;
  }

  pop(): number {
    const { pixels, ages, keys } = this;
    const first = pixels[0]!;
    const last = --this.length;
    const [pixel, age, key] = [pixels[last]!, ages[last]!, keys[last]!];
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      if (child + 1 < last && this.isLess(child + 1, child)) child++;
      if (!(keys[child]! < key || (keys[child]! === key && ages[child]! < age))) break;
      this.move(child, hole);
      hole = child;
    }
    pixels[hole] = pixel;
    ages[hole] = age;
    keys[hole] = key;
    return first;
  }

  private isLess(one: number, other: number): boolean {
    const { keys, ages } = this;
    return keys[one]! < keys[other]! || (keys[one]! === keys[other]! && ages[one]! < ages[other]!);
  }

  private move(from: number, to: number): void {
    this.pixels[to] = this.pixels[from]!;
    this.ages[to] = this.ages[from]!;
    this.keys[to] = this.keys[from]!;
  }
}

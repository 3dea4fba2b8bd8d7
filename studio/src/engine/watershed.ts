// The watershed by flooding from markers, as `sketch2color.colorize.parts.flood`.
import type { Labels } from "./grid.ts";

/** Of a pixel, in which heights are whole numbers. */
export const STEPS = 1024;

/**
 * Grow the markers in `labels`, in place, over all pixels of `mask`, from the greatest height down (all equal if null);
 * of equal ones the first reached goes first, and before them the markers in their order. What is reached from below is
 * as low as where it is reached from, as in scikit-image. A neighbour is one to the left, right, above or below.
 */
export function flood(heights: Float32Array | null, labels: Labels, mask: Uint8Array | null): void {
  const { width, data } = labels;
  const markers: number[] = [];
  for (let at = 0; at < data.length; at++) if (data[at]) markers.push(at);
  const reached = new Int32Array(data.length); // by age
  const queue = heights && new Queue(data.length);
  let age = 0;
  if (queue) {
    for (const at of markers) queue.push(at, heights[at]!, at - data.length);
    while (queue.length) {
      const height = queue.height;
      spread(queue.pop(), height);
    }
  } else { // ages alone need no heap
    for (const at of markers) spread(at);
    for (let first = 0; first < age; first++) spread(reached[first]!);
  }

  function spread(at: number, height = 0): void {
    const x = at % width;
    if (at >= width) visit(at - width, at, height);
    if (x > 0) visit(at - 1, at, height);
    if (x < width - 1) visit(at + 1, at, height);
    if (at < data.length - width) visit(at + width, at, height);
  }

  function visit(next: number, from: number, height: number): void {
    if (data[next] || (mask && !mask[next])) return;
    data[next] = data[from]!;
    reached[age++] = next;
    queue?.push(next, Math.min(heights![next]!, height), age);
  }
}

/** A binary heap of pixels: the highest first, of equal ones the oldest. */
class Queue {
  length = 0;
  private readonly pixels: Int32Array;
  private readonly heights: Float32Array;
  private readonly ages: Int32Array;

  constructor(capacity: number) {
    this.pixels = new Int32Array(capacity);
    this.heights = new Float32Array(capacity);
    this.ages = new Int32Array(capacity);
  }

  /** That of the first. */
  get height(): number {
    return this.heights[0]!;
  }

  push(pixel: number, height: number, age: number): void {
    let child = this.length++;
    while (child > 0 && this.isBefore(height, age, (child - 1) >> 1)) child = this.move((child - 1) >> 1, child);
    this.put(child, pixel, height, age);
  }

  pop(): number {
    const { pixels, heights, ages } = this;
    const first = pixels[0]!;
    const last = --this.length;
    let hole = 0;
    for (let child = 1; child < last; child = 2 * hole + 1) {
      if (child + 1 < last && this.isBefore(heights[child + 1]!, ages[child + 1]!, child)) child++;
      if (this.isBefore(heights[last]!, ages[last]!, child)) break;
      hole = this.move(child, hole);
    }
    this.move(last, hole);
    return first;
  }

  private isBefore(height: number, age: number, place: number): boolean {
    const other = this.heights[place]!;
    return height > other || (height === other && age < this.ages[place]!);
  }

  private move(from: number, to: number): number {
    this.put(to, this.pixels[from]!, this.heights[from]!, this.ages[from]!);
    return from;
  }

  private put(place: number, pixel: number, height: number, age: number): void {
    this.pixels[place] = pixel;
    this.heights[place] = height;
    this.ages[place] = age;
  }
}

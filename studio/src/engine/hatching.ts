// Parts that hatching divides, joined again. As `sketch2color.colorize.hatching`.
import type { Labels, Levels } from "./grid.ts";
import { erode } from "./morphology.ts";
import { DisjointSets } from "./sets.ts";

/** Fitted by `benchmarks/parts.py`: of what {@link describe} returns, in log-odds that two parts are one. */
const WEIGHTS = [1.9, -1.53, -2.73, -3.02, 4.46];
/** As fitted, less 1.5: parts joined wrongly are worse than parts divided wrongly. */
const BIAS = 3.63 - 1.5;

/** Pixels between two parts: all, on ink, on ink 3 pixels thick; and pixels of ink around them. */
interface Border {
  readonly first: number;
  readonly second: number;
  readonly sums: [pixels: number, ink: number, thick: number, dense: number];
}

/**
 * Join parts across what is a stroke of hatching rather than an outline: each with the neighbour that is most likely
 * the same part, step by step. `height` is the distance to ink; numbers stay in order.
 */
export function joinHatched({ data, ...size }: Labels, height: Float32Array, ink: Levels, gap: number): Labels {
  let depth = new Float64Array(data.reduce((most, part) => Math.max(most, part), 0) + 1);
  data.forEach((part, at) => (depth[part] = Math.max(depth[part]!, height[at]!)));
  let joined = Int32Array.from(depth, (_, part) => part);
  for (let borders = findBorders({ ...size, data }, ink, gap); ; ) {
    const same = chooseBorders(borders, depth, gap);
    if (!same.length) return { ...size, data: data.map((part) => joined[part]!) };
    const sets = new DisjointSets(depth.length);
    for (const { first, second } of same) {
      const [one, other] = [sets.root(first), sets.root(second)];
      sets.join(Math.min(one, other), Math.max(one, other));
    }
    const groups = sets.numbers();
    const deepest = new Float64Array(groups.reduce((most, group) => Math.max(most, group), 0) + 1);
    groups.forEach((group, part) => (deepest[group] = Math.max(deepest[group]!, depth[part]!)));
    joined = joined.map((part) => groups[part]!);
    borders = groupBorders(borders, groups);
    depth = deepest;
  }
}

/** The borders that part nothing, and of which no better one is at both sides. */
function chooseBorders(borders: readonly Border[], depth: Float64Array, gap: number): Border[] {
  const around = new Float64Array(depth.length);
  for (const { first, second, sums } of borders) {
    around[first]! += sums[0];
    around[second]! += sums[0];
  }
  const scores = borders.map((border) =>
    describe(border, depth, around, gap).reduce((score, each, at) => score + WEIGHTS[at]! * each, BIAS),
  );
  const best = new Float64Array(depth.length).fill(-Infinity);
  borders.forEach(({ first, second }, at) => {
    for (const part of [first, second]) best[part] = Math.max(best[part]!, scores[at]!);
  });
  return borders.filter(({ first, second }, at) => scores[at]! > 0 && scores[at]! >= Math.min(best[first]!, best[second]!));
}

/**
 * What tells hatching from outlines: the border's share of all borders of the deeper part; the root of that part's
 * depth in gaps; the shares of the border on ink, and on thick ink; the mean share of ink around it.
 */
function describe({ first, second, sums }: Border, depth: Float64Array, around: Float64Array, gap: number): number[] {
  const [pixels, ink, thick, dense] = sums;
  const deeper = depth[first]! < depth[second]! ? second : first;
  const shares = [pixels / around[deeper]!, Math.sqrt(depth[deeper]! / gap)];
  return [...shares, ink / pixels, thick / pixels, dense / side(gap) ** 2 / pixels];
}

/** The pairs of parts that touch, and their sums, of two pixels the larger values. */
function findBorders({ width, data }: Labels, ink: Levels, gap: number): Border[] {
  const thick = erode(ink, 3).data;
  const dense = countAround(ink, side(gap));
  const borders = new Map<number, Border>();
  const visit = (here: number, there: number) => {
    const [one, other] = [data[here]!, data[there]!];
    if (one === other) return;
    const { sums } = borderOf(borders, one, other);
    sums[0]++;
    sums[1] += Math.max(ink.data[here]!, ink.data[there]!);
    sums[2] += Math.max(thick[here]!, thick[there]!);
    sums[3] += Math.max(dense[here]!, dense[there]!);
  };
  for (let at = 0; at < data.length; at++) {
    if ((at + 1) % width) visit(at, at + 1);
    if (at + width < data.length) visit(at, at + width);
  }
  return [...borders.values()];
}

/** The borders between groups of parts. */
function groupBorders(borders: readonly Border[], groups: Int32Array): Border[] {
  const grouped = new Map<number, Border>();
  for (const { first, second, sums } of borders) {
    const [one, other] = [groups[first]!, groups[second]!];
    if (one === other) continue;
    const total = borderOf(grouped, one, other).sums;
    sums.forEach((value, which) => (total[which]! += value));
  }
  return [...grouped.values()];
}

function borderOf(borders: Map<number, Border>, one: number, other: number): Border {
  const [first, second] = [Math.min(one, other), Math.max(one, other)];
  const key = first * 2 ** 26 + second; // there are no more parts than pixels
  let border = borders.get(key);
  if (!border) borders.set(key, (border = { first, second, sums: [0, 0, 0, 0] }));
  return border;
}

/** Of each pixel the sum over a square round it, what lies outside of the image left out. */
function countAround({ width, height, data }: Levels, size: number): Int32Array {
  const reach = size >> 1;
  const stride = width + 1;
  const sums = new Int32Array(stride * (height + 1)); // of all above and to the left
  for (let y = 0; y < height; y++) {
    for (let x = 0, row = 0; x < width; x++) {
      row += data[y * width + x]!;
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1]! + row;
    }
  }
  const counts = new Int32Array(data.length);
  for (let y = 0; y < height; y++) {
    const [above, below] = [Math.max(0, y - reach) * stride, Math.min(height, y + reach + 1) * stride];
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.max(0, x - reach), Math.min(width, x + reach + 1)];
      counts[y * width + x] = sums[below + right]! - sums[below + left]! - sums[above + right]! + sums[above + left]!;
    }
  }
  return counts;
}

/** The side of the square, in pixels, in which ink is dense. */
function side(gap: number): number {
  return 2 * Math.round(gap / 2) + 1;
}

// The parts of a sketch: what lines enclose, gaps in the lines closed. As `sketch2color.colorize.parts`.
import { filter, gaussian } from "./blur.ts";
import { labelComponents } from "./components.ts";
import { distanceTransform } from "./distance.ts";
import type { Labels, Values } from "./grid.ts";
import { joinHatched } from "./hatching.ts";
import { DisjointSets } from "./sets.ts";
import { flood, STEPS } from "./watershed.ts";

/** Darkness of a line that bounds a part; fainter ones are construction lines. */
const INK = Math.fround(0.25);
/** Two blank places are two parts if the way between them is narrower than this share of the narrower one. */
const NARROWED = Math.fround(0.6);

/**
 * Divide a sketch into parts, numbered from 1; a gap in a line of up to `gap` pixels counts as closed.
 *
 * The watershed of the distance to ink divides blank paper at every narrowing. Basins are joined again where the
 * narrowing is no gap: it is wider than `gap`, or hardly narrower than the basins themselves; then what hatching divides.
 *
 * `darkness` is in [0, 1], 0 on blank paper; pixels of ink belong to the part next to them.
 */
export function findParts({ width, height, data }: Values, gap: number): Labels {
  const paper = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at++) if (data[at]! < INK) paper[at] = 1;
  if (!paper.includes(1)) return { width, height, data: new Int32Array(data.length).fill(1) };
  const distance = paper.includes(0)
    ? distanceTransform({ width, height, data: paper })
    : { width, height, data: Float32Array.from(paper) };
  const depth = blurExactly(distance, Math.max(gap / 16, 0.5));
  for (let i = 0; i < paper.length; i++) depth.data[i]! *= paper[i]!;
  const { labels, count } = labelComponents({ width, height, data: findPeaks(depth, paper) }, true);
  flood(depth.data, labels, null);
  const joined = joinBasins(labels, depth.data, count, gap);
  const parts = labels.data.map((basin) => joined[basin]!);
  const ink = paper.map((isPaper) => 1 - isPaper);
  return joinHatched({ width, height, data: parts }, depth.data, { width, height, data: ink }, gap);
}

/** Blur by a Gaussian in whole numbers, whose sums are exact: peaks are where values are equal. */
function blurExactly({ data, ...size }: Values, sigma: number): Values {
  const weights = gaussian(sigma).map((weight) => Math.floor(STEPS * weight + 0.5));
  const whole = data.map((value) => Math.floor(STEPS * value + 0.5));
  const scale = weights.reduce((a, b) => a + b) ** 2;
  const blurred = filter({ ...size, data: whole }, weights);
  return { ...size, data: Float32Array.from(blurred, (sum) => Math.floor(sum / scale + 0.5) / STEPS) };
}

/** Mark paper where no neighbour is deeper. */
function findPeaks({ width, height, data }: Values, paper: Uint8Array): Uint8Array {
  return paper.map((isPaper, at) => {
    const x = at % width;
    const y = (at - x) / width;
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        if (data[ny * width + nx]! > data[at]!) return 0;
      }
    }
    return isPaper;
  });
}

/** The part of each basin: basins are joined from the widest way between two to the narrowest. */
function joinBasins(basins: Labels, depth: Float32Array, count: number, gap: number): Int32Array {
  const deepest = new Float32Array(count + 1);
  basins.data.forEach((basin, at) => (deepest[basin] = Math.max(deepest[basin]!, depth[at]!)));
  const sets = new DisjointSets(count + 1);
  for (const { first, second, width } of findBorders(basins, depth, count)) {
    const [one, other] = [sets.root(first), sets.root(second)];
    const narrower = Math.min(deepest[one]!, deepest[other]!);
    if (one === other || width <= Math.min(gap / 2, Math.fround(NARROWED * narrower))) continue;
    if (deepest[one]! >= deepest[other]!) sets.join(one, other);
    else sets.join(other, one);
  }
  return sets.numbers();
}

interface Border {
  readonly first: number;
  readonly second: number;
  /** Half the width of the widest way from one basin to the other. */
  width: number;
}

/** The pairs of basins that touch, the widest way first. */
function findBorders({ width, data }: Labels, depth: Float32Array, count: number): Border[] {
  const borders = new Map<number, Border>();
  const visit = (here: number, there: number) => {
    if (data[here] === data[there]) return;
    const [first, second] = [Math.min(data[here]!, data[there]!), Math.max(data[here]!, data[there]!)];
    const way = Math.min(depth[here]!, depth[there]!);
    const key = first * (count + 1) + second;
    const known = borders.get(key);
    if (!known) borders.set(key, { first, second, width: way });
    else if (way > known.width) known.width = way;
  };
  for (let at = 0; at < data.length; at++) {
    if ((at + 1) % width) visit(at, at + 1);
    if (at + width < data.length) visit(at, at + width);
  }
  const ordered = [...borders.values()].sort((a, b) => a.first - b.first || a.second - b.second);
  return ordered.sort((a, b) => b.width - a.width);
}

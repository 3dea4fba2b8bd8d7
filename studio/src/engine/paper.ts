// The paper of an image: its colour, its illumination, and padding an image to a square of it. As
// `sketch2color.imaging.paper`.
import { type Box, type Image, remember, roundEven } from "./grid.ts";
import { BOX, resizeImage } from "./resample.ts";
import { solve } from "./solve.ts";

/** Of the border's colour histogram, a channel. */
const BINS = 16;
/** Paper need not be the most frequent colour of the border: a lighter one half as frequent is paper. */
const MIN_RELATIVE_FREQUENCY = 0.5;
/** Levels by which paper may differ from the fitted surface, in the channel that differs most. */
const TOLERANCE = 12;
/** Levels, likewise: paper within it of one colour is evenly lit. */
const EVEN_TOLERANCE = 4;
/** Share of the image that must be paper before its illumination can be told from what is drawn. */
const MIN_PAPER = 0.3;
/** Pixels of the longer side of the image that the surface is fitted to: grain averages out. */
const FIT_SIZE = 128;
const MAX_ITERATIONS = 30;
/** Terms of the polynomial that describes the illumination: x and y to the powers 0 to 2. */
const TERMS = 9;
/** Regularization of all terms but the constant, as a share of the pixels: a slope needs evidence. */
const RIDGE = 0.002;

export type Resize = (image: Image, width: number, height: number) => Image;

/** Paper's levels of the channels as polynomials of x and y in [-1, 1], clipped to the levels that were seen. */
interface Paper {
  /** By term and channel. */
  readonly coefficients: Float64Array;
  readonly darkest: readonly number[];
  readonly lightest: readonly number[];
}

/** Where an image lies that is centred on `size` × `size` pixels. */
export function centeredBox(width: number, height: number, size: number): Box {
  const scale = size / Math.max(height, width);
  const rows = Math.max(1, roundEven(height * scale));
  const columns = Math.max(1, roundEven(width * scale));
  const [top, left] = [(size - rows) >> 1, (size - columns) >> 1];
  return { top, bottom: top + rows, left, right: left + columns };
}

/** Resize an image to fit a square and centre it on its paper, which continues as it is lit at the image's edge. */
export function padToSquare(image: Image, size: number, resize: Resize): { readonly fitted: Image; readonly box: Box } {
  const box = centeredBox(image.width, image.height, size);
  const [rows, columns] = [box.bottom - box.top, box.right - box.left];
  const resized = resize(image, columns, rows);
  if (rows === size && columns === size) return { fitted: resized, box };
  const paper = fitPaper(image);
  const rgb = new Uint8Array(3 * size * size);
  for (let y = 0; y < size; y++) {
    const across = restrict(paper.coefficients, clamp(center(y - box.top, rows), -1, 1));
    for (let x = 0, out = 3 * y * size; x < size; x++) {
      const at = clamp(center(x - box.left, columns), -1, 1);
      for (let channel = 0; channel < 3; channel++, out++) {
        const level = across[channel]! + at * (across[3 + channel]! + at * across[6 + channel]!);
        rgb[out] = roundEven(clamp(level, paper.darkest[channel]!, paper.lightest[channel]!));
      }
    }
    const inside = y - box.top;
    if (inside < 0 || inside >= rows) continue;
    rgb.set(resized.rgb.subarray(3 * inside * columns, 3 * (inside + 1) * columns), 3 * (y * size + box.left));
  }
  return { fitted: { width: size, height: size, rgb }, box };
}

/**
 * Fit the paper of an image and its illumination. Starting with the border's colour, pixels close to the surface
 * count as paper, and the surface is fitted to them, alternately. It is one colour where that explains as much.
 */
const fitPaper = remember((image: Image): Paper => {
  const small = shrink(image);
  const basis = makeBasis(small);
  const even = new Float64Array(3 * TERMS);
  even.set(paperColor(image));
  let fitted: Float64Array = even;
  let before = new Uint8Array(small.width * small.height);
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    const paper = differences(small, basis, fitted).map((diff) => (diff <= TOLERANCE ? 1 : 0));
    const mask = Uint8Array.from(paper);
    const same = mask.every((is, at) => is === before[at]);
    if (same || mask.reduce((sum, is) => sum + is, 0) < TERMS) break;
    [fitted, before] = [fit(small, basis, mask), mask];
  }
  const coefficients = isUnevenlyLit(small, basis, even, fitted) ? fitted : even;
  return { coefficients, ...seenLevels(small, basis, coefficients, even) };
});

/** Shrink an image as Pillow's `thumbnail` does, by areas. */
function shrink(image: Image): Image {
  const { width, height } = image;
  if (Math.max(width, height) <= FIT_SIZE) return image;
  const aspect = width / height;
  const nearest = (edge: number, error: (edge: number) => number) => {
    const [floor, ceil] = [Math.floor(edge), Math.ceil(edge)];
    return Math.max(1, error(ceil) < error(floor) ? ceil : floor);
  };
  const to =
    aspect <= 1
      ? [nearest(FIT_SIZE * aspect, (edge) => Math.abs(aspect - edge / FIT_SIZE)), FIT_SIZE]
      : [FIT_SIZE, nearest(FIT_SIZE / aspect, (edge) => (edge === 0 ? 0 : Math.abs(aspect - FIT_SIZE / edge)))];
  return resizeImage(image, to[0]!, to[1]!, BOX);
}

function center(pixel: number, count: number): number {
  return (pixel + 0.5) * (2 / count) - 1;
}

function setTerms(terms: Float64Array, x: number, y: number): void {
  for (let i = 0; i < TERMS; i++) terms[i] = y ** Math.floor(i / 3) * x ** (i % 3);
}

/** The polynomials of x alone, by power and channel, at one value of y. */
function restrict(coefficients: Float64Array, y: number): Float64Array {
  const result = new Float64Array(9);
  for (let i = 0; i < 9; i++) result[i] = coefficients[i]! + y * (coefficients[9 + i]! + y * coefficients[18 + i]!);
  return result;
}

/** The terms of the polynomial at each pixel. */
function makeBasis({ width, height }: Image): Float64Array {
  const basis = new Float64Array(width * height * TERMS);
  for (let i = 0; i < width * height; i++) {
    setTerms(basis.subarray(i * TERMS, (i + 1) * TERMS), center(i % width, width), center(Math.floor(i / width), height));
  }
  return basis;
}

function evaluate(coefficients: Float64Array, terms: Float64Array, channel: number, first = 0): number {
  let level = 0;
  for (let i = 0; i < TERMS; i++) level += terms[first + i]! * coefficients[3 * i + channel]!;
  return level;
}

/** Levels between each pixel and a surface, in the channel where they are most. */
function differences({ rgb }: Image, basis: Float64Array, coefficients: Float64Array): Float64Array {
  const result = new Float64Array(rgb.length / 3);
  for (let i = 0; i < result.length; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const diff = Math.abs(rgb[3 * i + channel]! - evaluate(coefficients, basis, channel, i * TERMS));
      if (diff > result[i]!) result[i] = diff;
    }
  }
  return result;
}

/** The ridge regression of the masked pixels' levels on the terms. */
function fit({ rgb }: Image, basis: Float64Array, mask: Uint8Array): Float64Array {
  const products = new Float64Array(TERMS * TERMS);
  const levels = new Float64Array(TERMS * 3);
  let count = 0;
  for (let at = 0; at < mask.length; at++) {
    if (!mask[at]) continue;
    count++;
    const terms = basis.subarray(at * TERMS, (at + 1) * TERMS);
    for (let i = 0; i < TERMS; i++) {
      for (let j = 0; j < TERMS; j++) products[i * TERMS + j]! += terms[i]! * terms[j]!;
      for (let channel = 0; channel < 3; channel++) levels[i * 3 + channel]! += terms[i]! * rgb[3 * at + channel]!;
    }
  }
  for (let i = 1; i < TERMS; i++) products[i * TERMS + i]! += RIDGE * count;
  return solve(products, levels, TERMS, 3);
}

/** Whether there is enough paper, and the fitted surface explains more of it than one colour. */
function isUnevenlyLit(small: Image, basis: Float64Array, even: Float64Array, fitted: Float64Array): boolean {
  const share = (coefficients: Float64Array, tolerance: number) =>
    differences(small, basis, coefficients).reduce((sum, diff) => sum + (diff <= tolerance ? 1 : 0), 0);
  if (share(fitted, TOLERANCE) < MIN_PAPER * small.width * small.height) return false;
  return share(even, EVEN_TOLERANCE) < 0.95 * share(fitted, EVEN_TOLERANCE);
}

/** The levels between which the surface lies where paper is. */
function seenLevels(small: Image, basis: Float64Array, coefficients: Float64Array, even: Float64Array) {
  const seen: number[][] = [[], [], []];
  differences(small, basis, coefficients).forEach((diff, at) => {
    if (diff <= TOLERANCE) seen.forEach((levels, channel) => levels.push(evaluate(coefficients, basis, channel, at * TERMS)));
  });
  if (!seen[0]!.length) seen.forEach((levels, channel) => levels.push(even[channel]!));
  const limit = (pick: (a: number, b: number) => number) =>
    seen.map((levels) => clamp(levels.reduce((a, b) => pick(a, b)), 0, 255));
  return { darkest: limit(Math.min), lightest: limit(Math.max) };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/**
 * The colour of the paper, as seen along the image's border: the most frequent colour there, or a lighter one that
 * is at least half as frequent. The histogram is smoothed, so that grain does not split a peak.
 */
export function paperColor(image: Image): [number, number, number] {
  const border = borderPixels(image);
  const counts = new Float64Array(BINS ** 3);
  for (let i = 0; i < border.length; i += 3) counts[bin(border, i)]!++;
  const smooth = [BINS * BINS, BINS, 1].reduce(smoothAxis, counts);
  const lightest = lightestPeak(smooth);
  const chosen: number[][] = [[], [], []];
  for (let i = 0; i < border.length; i += 3) {
    if (lightest.every((each, channel) => Math.abs((border[i + channel]! >> 4) - each) <= 1)) {
      chosen.forEach((levels, channel) => levels.push(border[i + channel]!));
    }
  }
  return chosen.map((levels) => Math.trunc(median(levels))) as [number, number, number];
}

function borderPixels({ width, height, rgb }: Image): Uint8Array {
  const rim = Math.max(1, Math.floor(Math.min(width, height) / 64));
  const result = new Uint8Array(3 * 2 * rim * (width + height));
  result.set(rgb.subarray(0, 3 * rim * width));
  result.set(rgb.subarray(3 * (height - rim) * width), 3 * rim * width);
  for (let y = 0, out = 6 * rim * width; y < height; y++, out += 6 * rim) {
    result.set(rgb.subarray(3 * y * width, 3 * (y * width + rim)), out);
    result.set(rgb.subarray(3 * ((y + 1) * width - rim), 3 * (y + 1) * width), out + 3 * rim);
  }
  return result;
}

function bin(rgb: Uint8Array, at: number): number {
  return ((rgb[at]! >> 4) * BINS + (rgb[at + 1]! >> 4)) * BINS + (rgb[at + 2]! >> 4);
}

function smoothAxis(counts: Float64Array, step: number): Float64Array {
  return counts.map((count, at) => {
    const index = Math.floor(at / step) % BINS;
    const before = index > 0 ? counts[at - step]! : 0;
    const after = index < BINS - 1 ? counts[at + step]! : 0;
    return 0.5 * count + 0.25 * (before + after);
  });
}

/** The bin of the lightest among the frequent colours. */
function lightestPeak(smooth: Float64Array): number[] {
  const least = MIN_RELATIVE_FREQUENCY * smooth.reduce((a, b) => Math.max(a, b));
  let best = [-1, -1, -1];
  smooth.forEach((count, at) => {
    if (count < least) return;
    const bins = [Math.floor(at / BINS / BINS), Math.floor(at / BINS) % BINS, at % BINS];
    if (bins[0]! + bins[1]! + bins[2]! > best[0]! + best[1]! + best[2]! && isPeak(smooth, bins, count)) best = bins;
  });
  return best;
}

function isPeak(smooth: Float64Array, bins: readonly number[], count: number): boolean {
  for (let offset = 0; offset < 27; offset++) {
    const near = [Math.floor(offset / 9), Math.floor(offset / 3) % 3, offset % 3].map((by, axis) => bins[axis]! + by - 1);
    if (near.some((each) => each < 0 || each >= BINS)) continue;
    if (smooth[(near[0]! * BINS + near[1]!) * BINS + near[2]!]! > count) return false;
  }
  return true;
}

function median(levels: number[]): number {
  const sorted = levels.sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

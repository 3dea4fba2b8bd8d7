// The palette of an image, as `sketch2color.colorize.palette_from`: the colours that it is made of, the largest first.
import type { Color, Pixels } from "../contract.ts";
import { toHex } from "./color.ts";
import { shrink } from "./shrink.ts";

/** Pixels of the longer side of the image that colours are counted in. */
const SIZE = 96;
/** Levels by which paper may differ from its colour. */
const TOLERANCE = 12;
/** Of the image without its paper: fewer pixels are no colour of its palette. */
const MIN_SHARE = 0.02;
const ITERATIONS = 20;

/** Up to `count` colours of an image, its paper left out; an image that is all paper has one, that of the paper. */
export function paletteFrom(image: Pixels, count = 4): string[] {
  const small = shrink(image, SIZE);
  const pixels = colorsOf(small);
  const paper = paperOf(small, pixels);
  const painted = pixels.filter((pixel) => Math.max(...pixel.map((level, at) => Math.abs(level - paper[at]))) > TOLERANCE);
  const points = (painted.length ? painted : pixels).map(toLab);
  const groups = group(points, count);
  return groups
    .filter(({ size }) => size >= MIN_SHARE * points.length)
    .sort((a, b) => b.size - a.size)
    .map(({ center }) => toHex(fromLab(center)));
}

function colorsOf({ data }: Pixels): Color[] {
  const colors: Color[] = [];
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] / 255;
    colors.push([0, 1, 2].map((channel) => 255 + (data[at + channel] - 255) * alpha) as unknown as Color);
  }
  return colors;
}

/** Paper is what lies along the border: the median of each channel. */
function paperOf({ width, height }: Pixels, pixels: readonly Color[]): number[] {
  const border = pixels.filter((_, at) => at < width || at >= width * (height - 1) || at % width === 0 || at % width === width - 1);
  return [0, 1, 2].map((channel) => border.map((color) => color[channel]).sort((a, b) => a - b)[border.length >> 1]);
}

/** k-means that starts with the first point and then those farthest from all before. */
function group(points: readonly Color[], count: number): { readonly center: Color; readonly size: number }[] {
  const centers: Color[] = [points[0]];
  while (centers.length < count) {
    const far = points.map((point) => Math.min(...centers.map((center) => squared(point, center))));
    centers.push(points[far.indexOf(Math.max(...far))]);
  }
  let sizes: number[] = [];
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const sums = centers.map(() => [0, 0, 0]);
    sizes = centers.map(() => 0);
    for (const point of points) {
      const distances = centers.map((center) => squared(point, center));
      const nearest = distances.indexOf(Math.min(...distances));
      sizes[nearest]++;
      point.forEach((value, at) => { sums[nearest][at] += value; });
    }
    sums.forEach((sum, at) => {
      if (sizes[at]) centers[at] = sum.map((value) => value / sizes[at]) as unknown as Color;
    });
  }
  return centers.map((center, at) => ({ center, size: sizes[at] }));
}

function squared(a: Color, b: Color): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}

const D65 = [0.95047, 1, 1.08883] as const;

/** CIE L*a*b* of sRGB levels, white D65. */
function toLab(color: Color): Color {
  const [red, green, blue] = color.map((level) => {
    const share = level / 255;
    return share > 0.04045 ? ((share + 0.055) / 1.055) ** 2.4 : share / 12.92;
  });
  const [x, y, z] = [
    0.412453 * red + 0.35758 * green + 0.180423 * blue,
    0.212671 * red + 0.71516 * green + 0.072169 * blue,
    0.019334 * red + 0.119193 * green + 0.950227 * blue,
  ].map((value, at) => {
    const share = value / D65[at];
    return share > 0.008856 ? Math.cbrt(share) : 7.787 * share + 16 / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function fromLab([lightness, a, b]: Color): Color {
  const y = (lightness + 16) / 116;
  const [x, , z, middle] = [y + a / 500, y, y - b / 200, y].map((root, at) => {
    const share = root > 0.2068966 ? root ** 3 : (root - 16 / 116) / 7.787;
    return share * (D65[at] ?? 1);
  });
  return [
    3.24048134 * x - 1.53715152 * middle - 0.49853633 * z,
    -0.96925495 * x + 1.87599 * middle + 0.04155593 * z,
    0.05564664 * x - 0.20404134 * middle + 1.05731107 * z,
  ].map((share) => {
    const level = share > 0.0031308 ? 1.055 * share ** (1 / 2.4) - 0.055 : 12.92 * share;
    return Math.min(255, Math.max(0, 255 * level));
  }) as unknown as Color;
}

// The palette of an image, as `sketch2color.colorize.palette_from`: the colours that it is made of, the largest first.
import type { Color, Pixels } from "../contract.ts";
import { type Lab, rgbToLab } from "../engine/lab.ts";
import { groupColors } from "../engine/roles.ts";
import { toHex } from "./color.ts";
import { shrink } from "./shrink.ts";

/** Pixels of the longer side of the image that colours are counted in. */
const SIZE = 96;
/** Levels by which paper may differ from its colour. */
const TOLERANCE = 12;
/** Of the image without its paper: fewer pixels are no colour of its palette. */
const MIN_SHARE = 0.02;

/** Up to `count` colours of an image, its paper left out; an image that is all paper has one, that of the paper. */
export function paletteFrom(image: Pixels, count = 4): string[] {
  const small = shrink(image, SIZE);
  const pixels = colorsOf(small);
  const paper = paperOf(small, pixels);
  const painted = pixels.filter((pixel) => Math.max(...pixel.map((level, at) => Math.abs(level - paper[at]))) > TOLERANCE);
  const points = (painted.length ? painted : pixels).map(([red, green, blue]) => rgbToLab([red / 255, green / 255, blue / 255]));
  const groups = groupColors(points, points.map(() => 1), count);
  return Array.from({ length: count }, (_, group) => points.filter((_, at) => groups[at] === group))
    .filter((members) => members.length && members.length >= MIN_SHARE * points.length)
    .sort((a, b) => b.length - a.length)
    .map((members) => toHex(toLevels(mean(members))));
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

function mean(points: readonly Lab[]): Lab {
  return [0, 1, 2].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length) as unknown as Lab;
}

const WHITE = [0.95047, 1, 1.08883] as const;

/** sRGB levels of CIELAB under D65, with the constants of scikit-image. */
function toLevels([lightness, a, b]: Lab): Color {
  const y = (lightness + 16) / 116;
  const [x, middle, z] = [y + a / 500, y, y - b / 200].map((root, axis) => {
    const share = root > 0.2068966 ? root ** 3 : (root - 16 / 116) / 7.787;
    return share * WHITE[axis];
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

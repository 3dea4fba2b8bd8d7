// Strokes as vectors, and the arrays that they fill. As `sketch2color.colorize.strokes` in Python, in the same order
// of operations: both must cover the same pixels.
import type { Pixels } from "../contract.ts";

/** In pixels of the sketch: (0, 0) is its top left corner, centres of pixels are at .5. */
export type Point = readonly [x: number, y: number, width: number];

/** Pixels that a point may be away from the sketch's corner, and that a stroke may be wide. */
export const FARTHEST = 1_000_000;

export type StrokeTool = "fill" | "brush" | "eraser";

export interface Stroke {
  readonly tool: StrokeTool;
  /** As `#rrggbb`. */
  readonly color: string;
  readonly points: readonly Point[];
}

/** RGBA of strokes, of the sketch's size; null while nothing was drawn into it, another object after each change. */
export interface Hints {
  fill: Pixels | null;
  paint: Pixels | null;
}

/** Draw a stroke over `hints`: `fill` and `brush` each into its array, `eraser` clears both. */
export function drawStroke(hints: Hints, stroke: Stroke, width: number, height: number): void {
  const { tool, color, points } = stroke;
  if (tool === "fill") hints.fill ??= blank(width, height);
  if (tool === "brush") hints.paint ??= blank(width, height);
  const packed = tool === "eraser" ? 0 : pack(color);
  for (const name of ["fill", "paint"] as const) {
    const isMeant = tool === "eraser" || (tool === "fill") === (name === "fill");
    const pixels = hints[name];
    if (!isMeant || !pixels) continue;
    const words = new Uint32Array(pixels.data.buffer);
    cover(points, width, height, words, packed);
    hints[name] = { ...pixels };
  }
}

/** Set the words of the pixels that a stroke covers to `packed`. */
function cover(points: readonly Point[], width: number, height: number, words: Uint32Array, packed: number): void {
  for (const [x, y] of points) {
    const column = Math.floor(x), row = Math.floor(y);
    const at = row * width + column;
    if (column >= 0 && column < width && row >= 0 && row < height) words[at] = packed;
  }
  for (let index = 0; index < Math.max(1, points.length - 1); index++) {
    coverSegment(points[index], points[Math.min(index + 1, points.length - 1)], width, height, words, packed);
  }
}

/**
 * A pixel is covered if its centre lies within half the width, interpolated, of the nearest place on the segment. One
 * that has the colour is not compared: points are close to each other, and strokes broad.
 */
function coverSegment(
  [ax, ay, aw]: Point, [bx, by, bw]: Point, width: number, height: number, words: Uint32Array, packed: number,
): void {
  const dx = bx - ax, dy = by - ay;
  const squared = dx * dx + dy * dy;
  const reach = Math.max(aw, bw) / 2;
  const [top, bottom] = range(ay, by, reach, height);
  for (let row = top; row < bottom; row++) {
    const y = row + 0.5;
    const away = Math.max(0, Math.min(ay, by) - y, y - Math.max(ay, by));
    const across = Math.sqrt(Math.max(0, reach * reach - away * away)) + 1; // and one for rounding
    const [left, right] = range(ax, bx, across, width);
    for (let column = left; column < right; column++) {
      const at = row * width + column;
      if (words[at] === packed) continue;
      const x = column + 0.5;
      const t = squared > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / squared)) : 0;
      const ex = x - (ax + t * dx), ey = y - (ay + t * dy);
      const radius = (aw + t * (bw - aw)) / 2;
      if (ex * ex + ey * ey <= radius * radius) words[at] = packed;
    }
  }
}

/** The pixels, from the first to the one after the last, whose centres may lie within `reach` of a … b. */
function range(a: number, b: number, reach: number, length: number): [first: number, last: number] {
  return [Math.max(0, Math.floor(Math.min(a, b) - reach)), Math.min(length, Math.floor(Math.max(a, b) + reach) + 1)];
}

/** The bytes R, G, B, A as one little-endian number: a pixel is written at once. */
function pack(color: string): number {
  const value = Number.parseInt(color.slice(1), 16);
  return ((255 << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

function blank(width: number, height: number): Pixels {
  return { width, height, data: new Uint8ClampedArray(4 * width * height) };
}

// What a designer asks for, checked, and the colours of strokes. As `sketch2color.colorize.request`.
import type { Color, Pixels, Request } from "../contract.ts";
import type { Size } from "./grid.ts";

/** In a palette: the main colour and up to five accents. */
const MAX_COLORS = 6;
const MAX_STROKE_COLORS = 64;
/** Alpha from which a pixel of a stroke counts; below it is the soft edge of a brush. */
const OPAQUE = 128;

/** Fail, with a message for the designer, for a request that does not fit a sketch of size `sketch`. */
export function checkRequest(request: Request, sketch: Size): void {
  if (request.palette.length > MAX_COLORS) {
    throw new Error(`A palette has at most ${MAX_COLORS} colours, main first (got ${request.palette.length}).`);
  }
  if (!Number.isInteger(request.variant) || request.variant < 0) {
    throw new Error(`A variant is a number from 0 (got ${request.variant}).`);
  }
  for (const name of ["fill", "paint"] as const) {
    const strokes = request[name];
    if (!strokes) continue;
    if (strokes.width !== sketch.width || strokes.height !== sketch.height) {
      throw new Error(
        `${name} strokes have ${strokes.width} × ${strokes.height} pixels and the sketch ` +
          `${sketch.width} × ${sketch.height}: make them equal.`,
      );
    }
    if (coversAll(strokes)) {
      throw new Error(`${name} strokes cover the whole sketch: leave transparent what they do not ask for.`);
    }
  }
}

function coversAll({ data }: Pixels): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at]! < OPAQUE) return false;
  return true;
}

/** The pixels of one colour of strokes: their indices in rows, ascending. */
export interface StrokeColor {
  readonly color: Color;
  readonly pixels: readonly number[];
}

/**
 * The colours of strokes, by their hex. Where edges are soft, colours that cover little are mixed ones of two strokes,
 * and do not count.
 */
export function strokeColors({ data }: Pixels): StrokeColor[] {
  const found = new Map<number, number[]>();
  let [covered, isSoft] = [0, false];
  let [last, pixels] = [-1, [] as number[]];
  for (let at = 3; at < data.length; at += 4) {
    if (data[at]! > 0 && data[at]! < 255) isSoft = true;
    if (data[at]! < OPAQUE) continue;
    const packed = (data[at - 3]! << 16) | (data[at - 2]! << 8) | data[at - 1]!;
    if (packed !== last) {
      [last, pixels] = [packed, found.get(packed) ?? []];
      found.set(packed, pixels);
    }
    pixels.push(at >> 2);
    covered++;
  }
  const most = Math.max(...[...found.values()].map((each) => each.length));
  const least = isSoft ? Math.min(Math.max(4, Math.floor(covered / 1000)), most) : 1;
  const kept = [...found].filter(([, each]) => each.length >= least).sort(([a], [b]) => a - b);
  if (kept.length > MAX_STROKE_COLORS) {
    throw new Error(`Strokes have more than ${MAX_STROKE_COLORS} colours: draw each with one colour.`);
  }
  return kept.map(([packed, each]) => ({ color: [packed >> 16, (packed >> 8) & 255, packed & 255], pixels: each }));
}

/** `#rrggbb`. */
export function toHex(color: Color): string {
  return `#${color.map((level) => level.toString(16).padStart(2, "0")).join("")}`;
}

// What the designer makes, and what undo goes back and forth through.
import type { Pixels } from "../contract.ts";
import type { Stroke } from "../engine/strokes.ts";

/** A sketch as it is worked on; `file` is what was opened, `original` its size if that was larger. */
export interface Sketch {
  readonly name: string;
  readonly file: Blob;
  readonly pixels: Pixels;
  readonly original: readonly [width: number, height: number] | null;
}

export interface Work {
  readonly sketch: Sketch | null;
  /** Main colour first, `#rrggbb`; empty: colours are left to the model. */
  readonly palette: readonly string[];
  readonly variant: number;
  readonly strokes: readonly Stroke[];
}

export const NOTHING: Work = { sketch: null, palette: [], variant: 0, strokes: [] };

/** In a palette: the main colour and up to five accents. */
export const MAX_COLORS = 6;

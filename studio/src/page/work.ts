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

/** What a step from one work to the next was, in a few words. */
export function nameStep(before: Work, after: Work): string {
  if (after.sketch !== before.sketch) return `opened ${after.sketch!.name}`;
  if (after.strokes !== before.strokes) return nameStroke(after.strokes[after.strokes.length - 1]);
  return after.palette === before.palette ? `variant ${after.variant + 1}` : namePalette(before.palette, after.palette);
}

function nameStroke({ tool, points }: Stroke): string {
  return `${tool === "brush" && points.length === 2 ? "line" : tool} stroke`;
}

function namePalette(before: readonly string[], after: readonly string[]): string {
  const changed = Array.from({ length: Math.max(before.length, after.length) }, (_, place) => place)
    .filter((place) => before[place] !== after[place]);
  if (changed.length !== 1) return "palette";
  return changed[0] === 0 ? "main colour" : `accent ${changed[0]}`;
}

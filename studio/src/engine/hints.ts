// The arrays of the strokes that are drawn so far. Most often strokes were added, and only these are drawn.
import type { Size } from "./grid.ts";
import { drawStroke, type Hints, type Stroke } from "./strokes.ts";

export class HintArrays {
  private hints: Hints = { fill: null, paint: null };
  private drawn: readonly Stroke[] = [];
  private size: Size = { width: 0, height: 0 };

  /** `fill` and `paint` of a request. They are drawn over by the next call. */
  of(strokes: readonly Stroke[], { width, height }: Size): Readonly<Hints> {
    const grew = this.size.width === width && this.size.height === height && startsWith(strokes, this.drawn);
    if (!grew) {
      this.hints = { fill: null, paint: null };
      this.drawn = [];
    }
    for (const stroke of strokes.slice(this.drawn.length)) drawStroke(this.hints, stroke, width, height);
    this.drawn = strokes;
    this.size = { width, height };
    return this.hints;
  }
}

/** Whether `strokes` has all of `first` at its start: the same objects, or equal ones. */
export function startsWith(strokes: readonly Stroke[], first: readonly Stroke[]): boolean {
  return first.length <= strokes.length && first.every((stroke, index) => isEqual(stroke, strokes[index]!));
}

function isEqual(one: Stroke, other: Stroke): boolean {
  if (one === other) return true;
  if (one.tool !== other.tool || one.color !== other.color || one.points.length !== other.points.length) return false;
  return one.points.every((point, index) => point.every((value, axis) => value === other.points[index]![axis]));
}

// A click of fill gives its part another colour; strokes that are drawn share the part with those before.
import type { Labels, Size } from "../engine/grid.ts";
import type { Point, Stroke } from "../engine/strokes.ts";

/** Strokes with one more. If it is a click of fill, earlier fills that lie in its part alone make room. */
export function addStroke(strokes: readonly Stroke[], added: Stroke, sketch: Size, parts: Labels | null): Stroke[] {
  if (added.tool !== "fill" || added.points.length > 1 || !parts) return [...strokes, added];
  const partAt = ([x, y]: Point) => parts.data[scale(y, sketch.height, parts.height) * parts.width + scale(x, sketch.width, parts.width)];
  const part = partAt(added.points[0]!);
  const stays = ({ tool, points }: Stroke) => tool !== "fill" || points.some((point) => partAt(point) !== part);
  return [...strokes.filter(stays), added];
}

function scale(at: number, from: number, to: number): number {
  return Math.min(to - 1, Math.max(0, Math.floor((at * to) / from)));
}

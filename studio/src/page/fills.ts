// A click of fill gives its part another colour; strokes that are drawn share the part with those before.
import { type Labels, mostFrequentCorner, type Size } from "../engine/grid.ts";
import type { Point, Stroke } from "../engine/strokes.ts";

/** Strokes with one more. If it is a click of fill, earlier fills that lie in its part alone make room. */
export function addStroke(strokes: readonly Stroke[], added: Stroke, sketch: Size, parts: Labels | null): Stroke[] {
  if (added.tool !== "fill" || added.points.length > 1 || !parts) return [...strokes, added];
  const part = partAt(added.points[0]!, sketch, parts);
  const stays = ({ tool, points }: Stroke) => tool !== "fill" || points.some((point) => partAt(point, sketch, parts) !== part);
  return [...strokes.filter(stays), added];
}

/** Whether a stroke colours the paper around the drawing, and with it what an open outline joins to it. */
export function fillsPaper({ tool, color, points }: Stroke, sketch: Size, parts: Labels | null): boolean {
  if (tool !== "fill" || color === "#ffffff" || !parts) return false;
  const paper = mostFrequentCorner(parts);
  return points.every((point) => partAt(point, sketch, parts) === paper);
}

function partAt([x, y]: Point, sketch: Size, parts: Labels): number {
  return parts.data[scale(y, sketch.height, parts.height) * parts.width + scale(x, sketch.width, parts.width)]!;
}

function scale(at: number, from: number, to: number): number {
  return Math.min(to - 1, Math.max(0, Math.floor((at * to) / from)));
}

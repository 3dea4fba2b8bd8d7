// The stroke that is being drawn, by pointer or by keyboard.
import type { Point, Stroke } from "../engine/strokes.ts";
import { say } from "./status.ts";
import type { Studio } from "./studio.ts";

/** A pen that hardly touches draws at this share of the width. */
const LEAST_PRESSURE = 0.15;
/** Points nearer to each other than this many pixels of the screen say nothing new. */
const NEAR = 1;

export class Drawing {
  stroke: Stroke | null = null;

  constructor(private readonly studio: Studio) {}

  /** Begin a stroke at a place of the sketch. `erase`: the pen was turned round. */
  begin(x: number, y: number, pressure = 1, erase = false): void {
    const { tool, color } = this.studio;
    if (tool === "pick") return;
    const drawn = erase ? "eraser" : tool === "line" ? "brush" : tool;
    this.stroke = { tool: drawn, color, points: [this.point(x, y, pressure)] };
  }

  /** Go on to a place; `scale` is that of the view. A line goes straight, its width that of its end. */
  extend(x: number, y: number, scale: number, pressure = 1): void {
    if (!this.stroke) return;
    const { points } = this.stroke;
    const point = this.point(x, y, pressure);
    const [lastX, lastY] = points[points.length - 1];
    if (this.studio.tool === "line" && this.stroke.tool === "brush") {
      const [startX, startY] = points[0];
      this.stroke = { ...this.stroke, points: [[startX, startY, point[2]], point] };
    } else if (Math.hypot(point[0] - lastX, point[1] - lastY) * scale >= NEAR) {
      this.stroke = { ...this.stroke, points: [...points, point] };
    }
  }

  end(): void {
    const { strokes } = this.studio.work;
    if (this.stroke?.tool === "eraser" && !strokes.length) say("No stroke to erase: a white fill keeps a part paper.");
    else if (this.stroke) this.studio.draw(this.stroke);
    this.stroke = null;
  }

  cancel(): void {
    this.stroke = null;
  }

  private point(x: number, y: number, pressure: number): Point {
    const width = this.studio.width * Math.max(LEAST_PRESSURE, pressure);
    return [round(x), round(y), Math.max(1, round(width))];
  }
}

/** Hundredths of a pixel keep work files small. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

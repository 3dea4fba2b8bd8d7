// Drawing by keyboard: arrow keys move a crosshair over the sketch, Enter begins and ends a stroke.
import type { Drawing } from "./drawing.ts";
import { pickAt } from "./pointer.ts";
import type { Stage } from "./stage.ts";
import { say } from "./status.ts";
import type { Studio } from "./studio.ts";

/** CSS pixels that an arrow key moves by; with Shift it is one pixel of the sketch. */
const STEP = 10;

const ARROWS: Record<string, readonly [x: number, y: number]> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

export function watchCrosshair(stage: Stage, drawing: Drawing, studio: Studio): void {
  stage.canvas.addEventListener("keydown", (event) => {
    const { sketch } = studio.work;
    if (!sketch || event.ctrlKey || event.metaKey || event.altKey) return;
    const { width, height } = sketch.pixels;
    const [x, y] = stage.crosshair ?? [Math.floor(width / 2) + 0.5, Math.floor(height / 2) + 0.5];
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = event.shiftKey ? 1 : Math.max(1, Math.round(STEP / stage.view.scale));
      move(stage, inside(x + arrow[0] * step, width), inside(y + arrow[1] * step, height));
      drawing.extend(...stage.crosshair!, stage.view.scale);
      say(`Crosshair at ${Math.floor(stage.crosshair![0])}, ${Math.floor(stage.crosshair![1])}.`);
    } else if (event.key === "Enter") {
      move(stage, x, y);
      if (studio.tool === "pick") pickAt(stage, studio, x, y);
      else if (drawing.stroke) drawing.end();
      else {
        drawing.begin(x, y);
        say(`Stroke begun at ${Math.floor(x)}, ${Math.floor(y)}. Enter ends it, Escape gives it up.`);
      }
    } else if (event.key === "Escape" && (drawing.stroke || stage.crosshair)) {
      if (drawing.stroke) say("Stroke given up.");
      else stage.crosshair = null;
      drawing.cancel();
    } else return;
    event.preventDefault();
    stage.redraw();
  });
  stage.canvas.addEventListener("blur", () => {
    stage.crosshair = null;
    drawing.cancel();
    stage.redraw();
  });
}

/** Move the crosshair, and the view with it where it would leave the stage. */
function move(stage: Stage, x: number, y: number): void {
  stage.crosshair = [x, y];
  const { view, size } = stage;
  const margin = 2 * STEP;
  const push = (offset: number, room: number): number => Math.max(0, margin - offset) + Math.min(0, room - margin - offset);
  const dx = push(x * view.scale + view.x, size.width), dy = push(y * view.scale + view.y, size.height);
  if (dx || dy) stage.place({ ...view, x: view.x + dx, y: view.y + dy });
}

/** The centre of a pixel of the sketch. */
function inside(value: number, length: number): number {
  return Math.min(length - 0.5, Math.max(0.5, value));
}

// Mouse, pen and touch on the stage: one draws, two fingers zoom and pan, the middle button or space pans.
import type { Drawing } from "./drawing.ts";
import type { Stage } from "./stage.ts";
import type { Studio } from "./studio.ts";
import { toHex } from "./color.ts";
import { zoomAt } from "./view.ts";

/** A wheel's step of 100 magnifies by this. */
const WHEEL = 1.2;
/** Bit of `PointerEvent.buttons` of a pen that was turned round. */
const PEN_ERASER = 32;

type Place = readonly [x: number, y: number];

export function watchPointers(stage: Stage, drawing: Drawing, studio: Studio): void {
  const { canvas } = stage;
  const touches = new Map<number, Place>();
  let drawer: number | null = null;
  let panned: Place | null = null;
  let space = false;

  const at = (event: PointerEvent | WheelEvent): Place => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (!studio.work.sketch) return;
    canvas.setPointerCapture(event.pointerId);
    stage.crosshair = null;
    if (event.pointerType === "touch") touches.set(event.pointerId, at(event));
    if (touches.size === 2) {
      drawing.cancel(); // what the first finger began was no stroke
      drawer = null;
      stage.redraw();
    } else if (event.button === 1 || (event.button === 0 && space)) {
      event.preventDefault();
      panned = at(event);
    } else if ((event.button === 0 || event.buttons & PEN_ERASER) && touches.size < 2) {
      if (studio.tool === "pick" || event.altKey) pickAt(stage, studio, ...stage.locate(event.clientX, event.clientY));
      else {
        drawer = event.pointerId;
        drawing.begin(...stage.locate(event.clientX, event.clientY), pressure(event), (event.buttons & PEN_ERASER) > 0);
      }
      stage.redraw();
    }
  });

  canvas.addEventListener("pointermove", (event) => {
    stage.pointer = event.pointerType === "touch" ? null : at(event);
    if (touches.size === 2 && touches.has(event.pointerId)) pinch(stage, touches, event.pointerId, at(event));
    else if (panned) {
      const [x, y] = at(event);
      stage.place({ ...stage.view, x: stage.view.x + x - panned[0], y: stage.view.y + y - panned[1] });
      panned = [x, y];
    } else if (drawer === event.pointerId) {
      const events = event.getCoalescedEvents?.() ?? [];
      for (const part of events.length ? events : [event]) {
        drawing.extend(...stage.locate(part.clientX, part.clientY), stage.view.scale, pressure(part));
      }
    }
    stage.redraw();
  });

  const finish = (event: PointerEvent): void => {
    touches.delete(event.pointerId);
    panned = null;
    if (drawer !== event.pointerId) return;
    drawer = null;
    if (event.type === "pointerup") drawing.end();
    else drawing.cancel();
    stage.redraw();
  };
  canvas.addEventListener("pointerup", finish);
  canvas.addEventListener("pointercancel", finish);
  canvas.addEventListener("pointerleave", () => {
    stage.pointer = null;
    stage.redraw();
  });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const step = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 33 : event.deltaY;
    const faster = event.ctrlKey ? 4 : 1; // a pinch on a touchpad comes in small steps
    stage.place(zoomAt(stage.view, WHEEL ** ((-step * faster) / 100), ...at(event)));
  }, { passive: false });

  window.addEventListener("keydown", (event) => {
    const isFree = event.target === document.body || event.target === canvas || stage.pointer !== null;
    if (event.code !== "Space" || !isFree || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    space = true;
    canvas.classList.add("pan");
  });
  window.addEventListener("keyup", (event) => {
    if (event.code !== "Space" || !space) return;
    event.preventDefault();
    space = false;
    canvas.classList.remove("pan");
  });
}

/** Take the colour at a place of the sketch. */
export function pickAt(stage: Stage, studio: Studio, x: number, y: number): void {
  const color = stage.colorAt(x, y);
  if (color) studio.setColor(toHex(color));
}

function pressure(event: PointerEvent): number {
  return event.pointerType === "pen" ? event.pressure : 1;
}

/** Move and zoom the view so that what was under both fingers stays there. */
function pinch(stage: Stage, touches: Map<number, Place>, moved: number, to: Place): void {
  const before = [...touches.values()] as [Place, Place];
  touches.set(moved, to);
  const after = [...touches.values()] as [Place, Place];
  const [oldX, oldY] = middle(before);
  const [newX, newY] = middle(after);
  const zoomed = zoomAt(stage.view, distance(after) / Math.max(1, distance(before)), oldX, oldY);
  stage.place({ ...zoomed, x: zoomed.x + newX - oldX, y: zoomed.y + newY - oldY });
}

function middle([a, b]: [Place, Place]): Place {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

function distance([a, b]: [Place, Place]): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

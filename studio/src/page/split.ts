// Before and after: a line over the stage, left of it the sketch as it was.
import { find } from "./dom.ts";
import type { Stage } from "./stage.ts";

const STEP = 0.02;

export function watchSplit(stage: Stage): { readonly toggle: () => void } {
  const line = find("split");
  const button = find("compare");

  const place = (share: number | null): void => {
    stage.split = share === null ? null : Math.min(1, Math.max(0, share));
    line.hidden = share === null;
    button.setAttribute("aria-pressed", String(share !== null));
    if (stage.split !== null) {
      line.style.left = `${100 * stage.split}%`;
      line.setAttribute("aria-valuenow", String(Math.round(100 * stage.split)));
      line.setAttribute("aria-valuetext", `sketch on the left ${Math.round(100 * stage.split)} %`);
    }
    stage.redraw();
  };
  const toggle = (): void => place(stage.split === null ? 0.5 : null);

  button.addEventListener("click", toggle);
  line.addEventListener("pointerdown", (event) => line.setPointerCapture(event.pointerId));
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return;
    const { left, width } = stage.canvas.getBoundingClientRect();
    place((event.clientX - left) / width);
  });
  line.addEventListener("keydown", (event) => {
    const moves: Record<string, number> = {
      ArrowLeft: stage.split! - STEP, ArrowDown: stage.split! - STEP,
      ArrowRight: stage.split! + STEP, ArrowUp: stage.split! + STEP, Home: 0, End: 1,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    place(moves[event.key]);
  });
  return { toggle };
}

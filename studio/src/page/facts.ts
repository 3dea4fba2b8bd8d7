// What the page tells at its edges: name, size and zoom of the sketch; and what can be done with it.
import { find } from "./dom.ts";
import type { Stage } from "./stage.ts";
import type { Studio } from "./studio.ts";

const NEED_SKETCH = ["save", "compare", "zoom", "zoom-in", "zoom-out", "fit"];

export function watchFacts(studio: Studio, stage: Stage): void {
  const show = (): void => {
    const { sketch } = studio.work;
    find("start").hidden = sketch !== null;
    for (const id of ["variants-part", "layers-part"]) find(id).hidden = sketch === null;
    for (const id of NEED_SKETCH) find<HTMLButtonElement>(id).disabled = sketch === null;
    find<HTMLButtonElement>("undo").disabled = !studio.history.canUndo;
    find<HTMLButtonElement>("redo").disabled = !studio.history.canRedo;
    find("name").textContent = sketch?.name ?? "";
    const zoom = `${Math.round(100 * stage.view.scale)} %`;
    find("zoom").textContent = zoom;
    const original = sketch?.original ? ` (of ${sketch.original.join(" × ")}, too large to work on whole)` : "";
    find("facts").textContent = sketch ? `${sketch.pixels.width} × ${sketch.pixels.height}${original} · ${zoom}` : "";
  };
  studio.on(["work"], show);
  stage.onMoved(show);
  show();
}

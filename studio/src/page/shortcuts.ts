// The commands of the studio with their keys, as in drawing programs, and the buttons of the bar.
import type { Coloring } from "./coloring.ts";
import { type Command, watchKeys } from "./commands.ts";
import { find } from "./dom.ts";
import { watchHelp } from "./help.ts";
import { save } from "./save.ts";
import { watchSplit } from "./split.ts";
import type { Stage } from "./stage.ts";
import type { Studio } from "./studio.ts";
import { widen } from "./tools.ts";

export function watchCommands(studio: Studio, coloring: Coloring, stage: Stage): void {
  const undo = (): void => studio.undo();
  const redo = (): void => studio.redo();
  const fit = (): void => stage.fit();
  const full = (): void => stage.actualSize();
  const larger = (): void => stage.zoom(1.25);
  const smaller = (): void => stage.zoom(0.8);
  const split = watchSplit(stage);
  const commands: Command[] = [
    { keys: ["Ctrl+Z"], label: "undo", run: undo },
    { keys: ["Ctrl+Shift+Z", "Ctrl+Y"], label: "redo", run: redo },
    { keys: ["F"], label: "fill", run: () => studio.chooseTool("fill") },
    { keys: ["B"], label: "brush", run: () => studio.chooseTool("brush") },
    { keys: ["L"], label: "line", run: () => studio.chooseTool("line") },
    { keys: ["E"], label: "eraser", run: () => studio.chooseTool("eraser") },
    { keys: ["I"], label: "eyedropper, or Alt with a click", run: () => studio.chooseTool("pick") },
    { keys: ["[", "]"], label: "thinner, wider" },
    { keys: ["X"], label: "the tool colour before", run: () => studio.swapColors() },
    { keys: ["M"], label: "main colour", run: () => focusColor(studio, 0) },
    { keys: ["T"], label: "tool colour", run: () => focusColor(studio, "stroke") },
    { keys: ["V"], label: "next variant", run: () => nextVariant(studio) },
    { keys: ["C"], label: "before and after", run: split.toggle },
    { keys: ["0"], label: "fit into the window", run: fit },
    { keys: ["1"], label: "actual size", run: full },
    { keys: ["+"], label: "zoom in, or wheel, two fingers", run: larger },
    { keys: ["−"], label: "zoom out", run: smaller },
    { keys: ["Space"], label: "held: move the view, or middle button" },
    { keys: ["Arrows"], label: "on the sketch: crosshair, with Shift by a pixel" },
    { keys: ["Enter"], label: "on the sketch: begin and end a stroke" },
    { keys: ["Ctrl+O"], label: "open", run: () => find("file").click() },
    { keys: ["Ctrl+S"], label: "save the work file", run: () => void save(studio, coloring, "work") },
    { keys: ["Ctrl+E"], label: "save PNG", run: () => void save(studio, coloring, "png") },
    { keys: ["?"], label: "this page", run: () => help.show() },
  ];
  const help = watchHelp(commands);
  watchKeys([
    ...commands,
    { keys: ["["], label: "thinner", run: () => widen(studio, false) },
    { keys: ["]"], label: "wider", run: () => widen(studio, true) },
  ]);
  for (const [id, run] of Object.entries({ undo, redo, fit, zoom: full, "zoom-in": larger, "zoom-out": smaller })) {
    find(id).addEventListener("click", run);
  }
}

function focusColor(studio: Studio, target: "stroke" | 0): void {
  studio.chooseTarget(target);
  find("color-text").focus();
}

function nextVariant(studio: Studio): void {
  const count = find("variants").children.length;
  if (count) studio.edit({ variant: (studio.work.variant + 1) % count });
}

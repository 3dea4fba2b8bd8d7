// Starts the studio: state, views, and what was worked on last time.
import { WorkerColorizer } from "../worker/client.ts";
import { Coloring } from "./coloring.ts";
import { type Command, watchKeys } from "./commands.ts";
import { watchCrosshair } from "./crosshair.ts";
import { decode } from "./decode.ts";
import { find } from "./dom.ts";
import { Drawing } from "./drawing.ts";
import { watchHelp } from "./help.ts";
import { watchLayers } from "./layers.ts";
import { watchField, watchOpening } from "./open.ts";
import { watchPalette } from "./palette.ts";
import { paletteFrom } from "./palette_from.ts";
import { watchPointers } from "./pointer.ts";
import { save, watchSaving } from "./save.ts";
import { watchSplit } from "./split.ts";
import { Stage } from "./stage.ts";
import { clearNotice, fail, say, showProgress } from "./status.ts";
import { keep, recall } from "./storage.ts";
import { Studio } from "./studio.ts";
import { startWorker, whatIsMissing } from "./support.ts";
import { watchTools, widen } from "./tools.ts";
import { watchVariants } from "./variants.ts";

/** Milliseconds after the last change before work is kept. */
const CALM = 300;

const missing = whatIsMissing();
if (missing) fail(new Error(missing));
else start().catch(fail);

async function start(): Promise<void> {
  const studio = new Studio();
  const colorizer = new WorkerColorizer(startWorker());
  const loaded = colorizer.load((share) => showProgress("Loading the model …", share));
  const coloring = new Coloring(studio, colorizer, loaded, say, fail);
  const drawing = new Drawing(studio);
  const stage = new Stage(studio, coloring, drawing);
  watchPointers(stage, drawing, studio);
  watchCrosshair(stage, drawing, studio, say);
  watchTools(studio);
  watchPalette(studio);
  watchVariants(studio, coloring, fail);
  watchLayers(studio, coloring);
  watchSaving(studio, coloring);
  watchOpening(studio, fail);
  watchPaletteImage(studio);
  watchCommands(studio, coloring, stage);
  watchFacts(studio, stage);
  find("notice").querySelector("button")!.addEventListener("click", clearNotice);
  loaded.then(() => say("Ready.", studio.work.sketch !== null), fail);
  await restore(studio);
}

/** Buttons of the bar, and keys: as in drawing programs. */
function watchCommands(studio: Studio, coloring: Coloring, stage: Stage): void {
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
    { keys: ["["], label: "thinner", run: () => widen(studio, false) },
    { keys: ["]"], label: "wider", run: () => widen(studio, true) },
    { keys: ["X"], label: "the stroke colour before", run: () => studio.swapColors() },
    { keys: ["M"], label: "main colour", run: () => focusColor(studio, 0) },
    { keys: ["S"], label: "stroke colour", run: () => focusColor(studio, "stroke") },
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
  watchKeys(commands);
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

function watchPaletteImage(studio: Studio): void {
  find("palette-image").addEventListener("click", () => find("palette-file").click());
  watchField("palette-file", (file) => {
    if (file) decode(file).then(({ pixels }) => studio.setPalette(paletteFrom(pixels)), fail);
  });
}

/** The start page, the sketch's name and size, the zoom, what can be undone; and the work is kept. */
function watchFacts(studio: Studio, stage: Stage): void {
  let timer = 0;
  const show = (): void => {
    const { sketch } = studio.work;
    for (const id of ["variants-part", "layers-part"]) find(id).hidden = sketch === null;
    find("start").hidden = sketch !== null;
    find("name").textContent = sketch?.name ?? "";
    find<HTMLButtonElement>("undo").disabled = !studio.history.canUndo;
    find<HTMLButtonElement>("redo").disabled = !studio.history.canRedo;
    for (const id of ["save", "compare", "zoom", "zoom-in", "zoom-out", "fit"]) {
      find<HTMLButtonElement>(id).disabled = sketch === null;
    }
    const zoom = `${Math.round(100 * stage.view.scale)} %`;
    find("zoom").textContent = zoom;
    const size = sketch && `${sketch.pixels.width} × ${sketch.pixels.height}`;
    const original = sketch?.original && ` (of ${sketch.original.join(" × ")}, too large to work on whole)`;
    find("facts").textContent = sketch ? `${size}${original ?? ""} · ${zoom}` : "";
  };
  studio.on(["work"], () => {
    show();
    clearTimeout(timer);
    timer = window.setTimeout(() => void keep(studio.work).catch(cannotKeep), CALM);
  });
  stage.onMoved(show);
  show();
}

/** Go on where the browser was left. A sketch that was opened meanwhile comes first. */
async function restore(studio: Studio): Promise<void> {
  const stored = await recall().catch(cannotKeep);
  if (!stored || studio.work.sketch) return;
  const { name, file, ...work } = stored;
  try {
    const decoded = await decode(file);
    if (!studio.work.sketch) studio.begin({ ...work, sketch: { name, file, ...decoded } });
  } catch (error) {
    fail(error);
  }
}

function cannotKeep(): undefined {
  say("This browser keeps no work: save it as a file before you close the page.");
}

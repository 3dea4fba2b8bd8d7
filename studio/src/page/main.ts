// Starts the studio: its state, the views of it, and what was worked on last time.
import { WorkerColorizer } from "../worker/client.ts";
import { Coloring } from "./coloring.ts";
import { watchCrosshair } from "./crosshair.ts";
import { Drawing } from "./drawing.ts";
import { watchFacts } from "./facts.ts";
import { restore, watchWork } from "./keeping.ts";
import { watchLayers } from "./layers.ts";
import { watchOpening } from "./open.ts";
import { watchPalette } from "./palette.ts";
import { watchPointers } from "./pointer.ts";
import { watchSaving } from "./save.ts";
import { watchCommands } from "./shortcuts.ts";
import { Stage } from "./stage.ts";
import { fail, say, showProgress, watchNotice } from "./status.ts";
import { Studio } from "./studio.ts";
import { startWorker, whatIsMissing } from "./support.ts";
import { watchTools } from "./tools.ts";
import { watchVariants } from "./variants.ts";

async function start(): Promise<void> {
  const missing = whatIsMissing();
  if (missing) throw new Error(missing);
  const studio = new Studio();
  const colorizer = new WorkerColorizer(startWorker());
  const loaded = colorizer.load((share) => showProgress("Loading the model …", share));
  const coloring = new Coloring(studio, colorizer);
  const drawing = new Drawing(studio);
  const stage = new Stage(studio, coloring, drawing);
  watchPointers(stage, drawing, studio);
  watchCrosshair(stage, drawing, studio);
  watchTools(studio);
  watchPalette(studio);
  watchVariants(studio, coloring, loaded);
  watchLayers(studio, coloring);
  watchSaving(studio, coloring);
  watchOpening(studio);
  watchCommands(studio, coloring, stage);
  watchFacts(studio, stage);
  watchNotice();
  watchWork(studio);
  loaded.then(() => studio.work.sketch ?? say("Ready."), fail);
  await restore(studio);
}

start().catch(fail);

import assert from "node:assert/strict";
import test from "node:test";
import { layerKey, type Pixels } from "../src/contract.ts";
import type { Labels } from "../src/engine/grid.ts";
import type { Stroke } from "../src/engine/strokes.ts";
import { colorName, nearestName, parseColor } from "../src/page/color.ts";
import { keyOf } from "../src/page/commands.ts";
import { addStroke, fillsPaper } from "../src/page/fills.ts";
import { paletteFrom } from "../src/page/palette_from.ts";
import { shrink } from "../src/page/shrink.ts";
import { Studio } from "../src/page/studio.ts";
import { widen } from "../src/page/tools.ts";
import { countVariants } from "../src/page/variants.ts";
import { fit, keepInSight, toSketch, zoomAt } from "../src/page/view.ts";
import type { Sketch } from "../src/page/work.ts";

function blank(name: string, width: number, height: number): Sketch {
  return { name, file: new Blob(), pixels: { width, height, data: new Uint8ClampedArray(0) }, original: null };
}

test("colours are typed as names and as hex", () => {
  const typed = ["royalblue", " Royal Blue", "#4169E1", "4169e1", "#f80", "grey", "", "#12345", "constructor", "url(x)", "Off-White", "warm gray"];
  const read = ["#4169e1", "#4169e1", "#4169e1", "#4169e1", "#ff8800", "#808080", null, null, null, null, "#ffffe4", "#978a84"];
  assert.deepEqual(typed.map(parseColor), read);
  assert.deepEqual(["#4169e1", "#4169e2"].map(colorName), ["royalblue", "#4169e2"]);
});

test("a name that is unknown is told the nearest that is known", () => {
  const typed = ["off-blue", "Crimsen", "ligth grey", "#12345"];
  assert.deepEqual(typed.map(nearestName), ["blue", "crimson", "lightgrey", "red"]);
});

test("undo and redo say which step they were, and opening whose palette the sketch has", () => {
  const studio = new Studio();
  const said: string[] = [];
  studio.on(["work", "layers"], () => said.push(studio.message));
  studio.open(blank("kettle", 100, 100));
  studio.setColor("#008080");
  studio.setPalette(["#008080", "#ffd700"]);
  studio.setPalette(["#ffd700", "#008080"]);
  studio.edit({ variant: 2 });
  const points = [[1, 1, 4], [9, 9, 4]] as const;
  for (const tool of ["brush", "fill", "eraser"] as const) studio.edit({ strokes: [...studio.work.strokes, { tool, color: "#ff0000", points }] });
  studio.open(blank("watch", 50, 50));
  assert.equal(said.at(-1), "watch opened with the palette of before.");
  studio.open(blank("lamp", 50, 50), { palette: [], strokes: [] });
  assert.equal(said.at(-1), "lamp opened.");
  const steps = ["opened lamp", "opened watch", "eraser stroke", "fill stroke", "line stroke", "variant 3", "palette", "accent 1", "main colour", "opened kettle"];
  said.length = 0;
  for (const _ of steps) studio.undo();
  assert.deepEqual(said.splice(0), steps.map((step) => `Undone: ${step}.`));
  studio.undo();
  for (const _ of steps) studio.redo();
  assert.deepEqual(said, steps.reverse().map((step) => `Redone: ${step}.`));
});

test("a click of fill takes the place of fills in its part, and of no other stroke", () => {
  const parts = { width: 2, height: 1, data: new Int32Array([1, 2]) };
  const fill = (color: string, ...columns: number[]): Stroke => ({ tool: "fill", color, points: columns.map((x) => [x, 50, 6]) });
  const brush: Stroke = { tool: "brush", color: "#00ff00", points: [[10, 50, 6]] };
  const drawn = [fill("#ff0000", 10), fill("#0000ff", 20, 30), fill("#00ffff", 40, 60), fill("#ffff00", 99), brush];
  const add = (added: Stroke, known: Labels | null = parts) => addStroke(drawn, added, { width: 100, height: 100 }, known);
  const [left, right, wide] = [fill("#111111", -3), fill("#111111", 120), fill("#111111", 10, 11)];
  assert.deepEqual(add(left), [...drawn.slice(2), left]);
  assert.deepEqual(add(right), [...drawn.slice(0, 3), brush, right]);
  assert.deepEqual(add(wide), [...drawn, wide]);
  assert.deepEqual(add(left, null), [...drawn, left]);
});

test("a fill of the paper is told, and no other", () => {
  const parts = { width: 3, height: 3, data: new Int32Array([1, 1, 1, 1, 2, 1, 1, 1, 3]) };
  const fill = (color: string, ...points: [number, number][]): Stroke => ({ tool: "fill", color, points: points.map(([x, y]) => [x, y, 6]) });
  const told = (stroke: Stroke) => fillsPaper(stroke, { width: 30, height: 30 }, parts);
  assert.ok(told(fill("#ff0000", [5, 5], [25, 15])));
  assert.ok(![fill("#ff0000", [15, 15]), fill("#ff0000", [5, 5], [15, 15]), fill("#ffffff", [5, 5])].some(told));
  assert.ok(!told({ ...fill("#ff0000", [5, 5]), tool: "brush" }));
});

test("widths are as wide on a sketch of another size", () => {
  const studio = new Studio();
  studio.open(blank("small", 512, 300));
  studio.chooseTool("brush");
  studio.chooseWidth(40);
  const { widths } = studio;
  assert.equal(studio.width, 20);
  studio.open(blank("large", 2000, 4096));
  assert.deepEqual([studio.width, widths.brush], [160, 40]);
  widen(studio, true);
  assert.equal(studio.width, 192);
  studio.undo();
  assert.equal(studio.width, 24);
});

test("flat colours are shown alone, then all layers", () => {
  const studio = new Studio();
  studio.toggleLayer("paper");
  studio.toggleFlat();
  assert.deepEqual([...studio.hidden], ["sketch", "light", "shade"]);
  assert.ok(studio.isFlat);
  studio.toggleLayer("sketch");
  assert.ok(!studio.isFlat);
  studio.toggleLayer("sketch");
  studio.toggleFlat();
  assert.equal(studio.hidden.size, 0);
});

test("keys are named as on the help page, with Cmd as Ctrl", () => {
  const press = (key: string, ...held: ("ctrlKey" | "metaKey" | "shiftKey")[]): string =>
    keyOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...Object.fromEntries(held.map((name) => [name, true])) });
  assert.deepEqual(
    [press("b"), press("Z", "ctrlKey", "shiftKey"), press("z", "metaKey"), press("?", "shiftKey"), press("-"), press("="), press("B", "shiftKey")],
    ["B", "Ctrl+Shift+Z", "Ctrl+Z", "?", "−", "+", "Shift+B"],
  );
});

test("a layer keeps its eye when its colour changes", () => {
  assert.deepEqual(["flat 1 #ff8000", "sketch"].map(layerKey), ["flat 1", "sketch"]);
});

test("a palette of n colours has n! variants, six of which are shown, and none alone; the model has its own", () => {
  assert.deepEqual([0, 1, 2, 3, 6].map((colors) => countVariants(colors, 8)), [6, 0, 4, 6, 6]);
});

test("a sketch is fitted into the middle, and what is under the pointer stays there in a zoom", () => {
  const sketch = { width: 200, height: 100 }, stage = { width: 1048, height: 648 };
  const view = fit(sketch, stage);
  assert.deepEqual(view, { scale: 5, x: 24, y: 74 });
  const zoomed = zoomAt(view, 2, 300, 200);
  assert.equal(zoomed.scale, 10);
  assert.deepEqual(toSketch(zoomed, 300, 200), toSketch(view, 300, 200));
  const { x, y } = keepInSight({ scale: 1, x: 5000, y: -5000 }, sketch, stage);
  assert.deepEqual([x, y], [998, -75]);
});

test("a smaller image has means, in which transparent pixels do not count", () => {
  const image: Pixels = { width: 4, height: 1, data: Uint8ClampedArray.of(10, 0, 0, 255, 30, 0, 0, 255, 200, 0, 0, 255, 9, 9, 9, 0) };
  assert.deepEqual([...shrink(image, 2).data], [20, 0, 0, 255, 200, 0, 0, 128]);
});

test("the palette of an image has its colours without the paper, the largest first", () => {
  const width = 60, height = 40;
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let y = 5; y < 35; y++) {
    for (let x = 5; x < 50; x++) data.set(x < 35 ? [31, 79, 176] : [255, 128, 0], 4 * (y * width + x));
  }
  assert.deepEqual(paletteFrom({ width, height, data }), ["#1f4fb0", "#ff8000"]);
});

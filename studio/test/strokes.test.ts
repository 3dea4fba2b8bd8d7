import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { drawStroke, type Hints, type Stroke, type StrokeTool } from "../src/engine/strokes.ts";
import { HintArrays } from "../src/engine/hints.ts";
import { readWork } from "../src/page/work_file.ts";

/** A work file, and what Python makes of it; see tests/studio/cases.py. */
const CASE = process.env["STROKES_CASE"];

function stroke(tool: StrokeTool, color: string, ...points: [number, number, number][]): Stroke {
  return { tool, color, points };
}

function drawn(width: number, height: number, ...strokes: Stroke[]): Hints {
  const hints: Hints = { fill: null, paint: null };
  for (const one of strokes) drawStroke(hints, one, width, height);
  return hints;
}

/** Rows of an array as text, # where it is opaque. */
function shape(pixels: Hints["paint"]): string[] {
  const { width, height, data } = pixels!;
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (data[4 * (y * width + x) + 3] === 255 ? "#" : ".")).join(""));
}

test("a stripe covers the pixels whose centres it contains, in its colour", () => {
  const { paint, fill } = drawn(8, 5, stroke("brush", "#1f4fb0", [-5, 2.5, 2], [20, 2.5, 2]));
  assert.equal(fill, null);
  assert.deepEqual(shape(paint), ["........", "########", "########", "########", "........"]);
  assert.deepEqual([...paint!.data.subarray(4 * 8, 4 * 8 + 4)], [0x1f, 0x4f, 0xb0, 255]);
});

test("a point is a disc, its border included", () => {
  const { fill } = drawn(5, 5, stroke("fill", "#ff0000", [2.5, 2.5, 4]));
  assert.deepEqual(shape(fill), ["..#..", ".###.", "#####", ".###.", "..#.."]);
});

test("a point covers the pixel under it, however thin", () => {
  assert.deepEqual(shape(drawn(3, 2, stroke("fill", "#ff0000", [1.95, 0.05, 0.1])).fill), [".#.", "..."]);
});

test("the width goes from that of one point to that of the next", () => {
  const { paint } = drawn(9, 5, stroke("brush", "#000000", [0.5, 2.5, 0], [8.5, 2.5, 4]));
  assert.deepEqual(shape(paint), ["........#", "....#####", "#########", "....#####", "........#"]);
});

test("a segment over pixels of its colour leaves no gap, and others are drawn over", () => {
  const { paint } = drawn(
    6, 1,
    stroke("brush", "#ff0000", [2, 0.5, 1], [4, 0.5, 1]),
    stroke("brush", "#0000ff", [4, 0.5, 1], [5, 0.5, 1]),
    stroke("brush", "#ff0000", [1, 0.5, 1], [5, 0.5, 1], [1, 0.5, 1]),
  );
  assert.deepEqual(shape(paint), ["######"]);
  assert.deepEqual([...new Uint32Array(paint!.data.buffer)], Array(6).fill(0xff0000ff));
});

test("strokes are drawn in order, and the eraser clears both arrays", () => {
  const { paint, fill } = drawn(
    4, 1,
    stroke("brush", "#ff0000", [0, 0.5, 1], [4, 0.5, 1]),
    stroke("fill", "#00ff00", [0, 0.5, 1], [4, 0.5, 1]),
    stroke("eraser", "#000000", [0.5, 0.5, 1], [1.5, 0.5, 1]),
    stroke("brush", "#0000ff", [0.5, 0.5, 1]),
  );
  assert.deepEqual([shape(paint), shape(fill)], [["#.##"], ["..##"]]);
  assert.deepEqual([...paint!.data.subarray(0, 3)], [0, 0, 255]);
  assert.deepEqual([...fill!.data.subarray(4, 8)], [0, 0, 0, 0]);
});

test("what lies outside of the sketch is left out", () => {
  assert.deepEqual(shape(drawn(2, 2, stroke("brush", "#000000", [-9, -9, 3], [99, -9, 3])).paint), ["..", ".."]);
});

test("arrays of more strokes, of fewer, and of another sketch are those of drawing all anew", () => {
  const strokes = [
    stroke("brush", "#ff0000", [1, 1, 2]), stroke("eraser", "#000000", [1, 1, 1]), stroke("fill", "#00ff00", [3, 2, 2]),
  ];
  const arrays = new HintArrays();
  for (const [count, width, height] of [[1, 5, 4], [3, 5, 4], [2, 5, 4], [2, 6, 4], [0, 6, 4]] as const) {
    assert.deepEqual(arrays.of(strokes.slice(0, count), { width, height }), drawn(width, height, ...strokes.slice(0, count)));
  }
});

test("strokes of a work file cover the pixels that Python covers", { skip: CASE ? false : "STROKES_CASE names no folder" }, () => {
  const { width, height, strokes } = readWork(readFileSync(join(CASE!, "work.json"), "utf8"));
  assert.ok(strokes.length > 100);
  const hints = drawn(width, height, ...strokes);
  for (const name of ["fill", "paint"] as const) {
    assert.ok(Buffer.from(hints[name]!.data.buffer).equals(readFileSync(join(CASE!, name))), name);
  }
});

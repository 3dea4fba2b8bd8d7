import assert from "node:assert/strict";
import test from "node:test";
import { decode } from "fast-png";
import { type Work } from "../src/page/work.ts";
import { readWork, writeWork } from "../src/page/work_file.ts";

const pixels = { width: 2, height: 1, data: new Uint8ClampedArray([255, 0, 0, 7, 1, 2, 3, 255]) };
const sketch = { name: "kettle", file: new Blob(), pixels, original: null };
const work: Work = {
  sketch,
  palette: ["#1f4fb0", "#ff8000"],
  variant: 3,
  strokes: [{ tool: "brush", color: "#ff0000", points: [[0.5, 0.25, 12], [1, 1, 3]] }],
};

test("a work file comes back as it was, its sketch with colours below alpha", async () => {
  const { sketch: png, ...read } = readWork(writeWork(work, sketch));
  const { palette, variant, strokes } = work;
  assert.deepEqual(read, { width: 2, height: 1, palette, variant, strokes });
  assert.deepEqual([...decode(await png!.arrayBuffer()).data], [...pixels.data]);
});

test("colours may have names, and sketch, palette, variant and strokes may be missing", () => {
  assert.deepEqual(readWork('{"format": 1, "width": 4, "height": 3, "palette": ["Royal Blue"]}'), {
    width: 4, height: 3, palette: ["#4169e1"], variant: 0, strokes: [], sketch: null,
  });
});

const BROKEN: [string, object, RegExp][] = [
  ["another format", { format: 2 }, /format 2; this studio reads 1/],
  ["no size", { width: 0 }, /no width and height/],
  ["a negative variant", { variant: -1 }, /variant is no number from 0/],
  ["seven colours", { palette: Array(7).fill("red") }, /more than 6 colours/],
  ["a colour that is none", { palette: ["<b>"] }, /palette has no colour such as #ff8000 \(got "<b>"\)/],
  ["an unknown tool", { strokes: [{ tool: "axe" }] }, /stroke 1 has the tool "axe"/],
  ["a stroke of nothing", { strokes: [null] }, /stroke 1 has the tool nothing/],
  ["no points", { strokes: [{ tool: "fill", color: "red", points: [] }] }, /stroke 1 has no points/],
  ["a point without a width", { strokes: [{ tool: "fill", color: "red", points: [[1, 2]] }] }, /is not x, y, width/],
  ["a point nowhere", { strokes: [{ tool: "fill", color: "red", points: [[1, null, 2]] }] }, /is not x, y, width/],
  ["a point far away", { strokes: [{ tool: "fill", color: "red", points: [[1e7, 0, 2]] }] }, /x, y, width, up to 1000000/],
  ["strokes that are no list", { strokes: {} }, /strokes is no list/],
  ["a sketch from elsewhere", { sketch: "https://example.org/a.png" }, /is no PNG/],
];

for (const [name, change, message] of BROKEN) {
  test(`${name} is refused`, () => {
    assert.throws(() => readWork(JSON.stringify({ format: 1, width: 4, height: 3, ...change })), message);
  });
}

for (const text of ["", "{", "7", "null"]) {
  test(`no work file: ${text || "empty"}`, () => assert.throws(() => readWork(text), /no work file of the studio/));
}

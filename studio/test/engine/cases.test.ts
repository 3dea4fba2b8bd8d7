// Compares the engine with what Python made of the same sketches and requests; see tests/studio/cases.py.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Color, Pixels, Request } from "../../src/contract.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { Model } from "../../src/engine/model.ts";

const FOLDER = process.env["ENGINE_CASES"];
/** Share of the pixels, or values, that must be close. */
const CLOSE = 0.999;

interface Facts {
  readonly width: number;
  readonly height: number;
  readonly size: number;
  readonly palettes: number[][];
  readonly parts: readonly [number, number];
  readonly requests: readonly {
    readonly name: string;
    readonly palette: Color[];
    readonly variant: number;
    readonly layers: string[];
    readonly hasLayers: boolean;
  }[];
}

for (const name of FOLDER ? readdirSync(FOLDER) : []) {
  test(`the engine colours ${name} as Python does`, (t) => compareCase(t, join(FOLDER!, name)));
}
test("cases of Python are there", { skip: FOLDER ? false : "ENGINE_CASES names no folder of cases" }, () => {
  assert.ok(readdirSync(FOLDER!).length > 5);
});

async function compareCase(t: TestContext, folder: string): Promise<void> {
  const facts = JSON.parse(readFileSync(join(folder, "case.json"), "utf8")) as Facts;
  const engine = new Engine(recordedModel(t, folder, facts));
  await engine.open(readPixels(folder, "sketch", facts));
  const analysis = await engine.base();
  report(t, "parts", samePartition(analysis.parts.data, readInts(join(folder, "parts"))));
  for (const [number, each] of facts.requests.entries()) {
    const request: Request = {
      palette: each.palette,
      variant: each.variant,
      fill: readStrokes(folder, `fill ${number}`, facts),
      paint: readStrokes(folder, `paint ${number}`, facts),
    };
    const owners = analysis.owners(request).numbers.data;
    report(t, `${each.name}: owners`, shareClose(owners, readFileSync(join(folder, `owners ${number}`)), 0));
    const { image, names } = await engine.render(request);
    assert.deepEqual(names, each.layers);
    report(t, `${each.name}: composite`, sharePixels(image.data, readFileSync(join(folder, `composite ${number}`))));
    if (!each.hasLayers) continue;
    for (const { name, pixels } of await engine.layers(request)) {
      report(t, `${each.name}: ${name}`, sharePixels(pixels.data, readFileSync(join(folder, `${name} ${number}`))));
    }
  }
}

function report(t: TestContext, what: string, share: number): void {
  t.diagnostic(`${what} ${(100 * share).toFixed(3)} %`);
  assert.ok(share >= CLOSE, `${what}: ${share}`);
}

/** Python's network: it must be given what Python gave it. */
function recordedModel(t: TestContext, folder: string, { size, palettes }: Facts): Model {
  return {
    size,
    palettes: palettes.map((row) => Float32Array.from(row)),
    async run(ink, palette, fine) {
      assert.deepEqual(palette, readFloats(join(folder, "palette")));
      report(t, "ink", shareClose(ink, readFloats(join(folder, "ink")), 0.02));
      report(t, "fine ink", shareClose(fine, readFloats(join(folder, "fine")), 0.02));
      return readFloats(join(folder, "layer"));
    },
  };
}

function readBuffer(path: string): ArrayBuffer {
  const content = readFileSync(path);
  return content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength) as ArrayBuffer;
}

const readFloats = (path: string) => new Float32Array(readBuffer(path));
const readInts = (path: string) => new Int32Array(readBuffer(path));

function readPixels(folder: string, name: string, { width, height }: Facts): Pixels {
  return { width, height, data: new Uint8ClampedArray(readBuffer(join(folder, name))) };
}

function readStrokes(folder: string, name: string, facts: Facts): Pixels | null {
  return existsSync(join(folder, name)) ? readPixels(folder, name, facts) : null;
}

function shareClose(ours: ArrayLike<number>, theirs: ArrayLike<number>, tolerance: number): number {
  assert.equal(ours.length, theirs.length);
  let close = 0;
  for (let at = 0; at < ours.length; at++) if (Math.abs(ours[at]! - theirs[at]!) <= tolerance) close++;
  return close / ours.length;
}

/** The share of pixels whose channels differ by at most two levels, or which are fully transparent in both. */
function sharePixels(ours: Uint8ClampedArray, theirs: Uint8Array): number {
  assert.equal(ours.length, theirs.length);
  let close = 0;
  for (let at = 0; at < ours.length; at += 4) {
    const areClear = ours[at + 3] === 0 && theirs[at + 3] === 0;
    if (areClear || [0, 1, 2, 3].every((channel) => Math.abs(ours[at + channel]! - theirs[at + channel]!) <= 2)) close++;
  }
  return (4 * close) / ours.length;
}

/** The share of pixels in which the parts agree, whatever their numbers. */
function samePartition(ours: Int32Array, theirs: Int32Array): number {
  assert.equal(ours.length, theirs.length);
  const pairs = new Map<string, number>();
  ours.forEach((part, at) => {
    const pair = `${part} ${theirs[at]}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  });
  const best = new Map<string, number>();
  for (const [pair, count] of pairs) {
    const part = pair.split(" ")[0]!;
    best.set(part, Math.max(best.get(part) ?? 0, count));
  }
  return [...best.values()].reduce((sum, count) => sum + count, 0) / ours.length;
}

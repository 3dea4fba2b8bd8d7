import assert from "node:assert/strict";
import test from "node:test";
import { initializeCanvas, readPsd } from "ag-psd";
import { decode } from "fast-png";
import { strFromU8, unzipSync } from "fflate";
import type { Layer, Pixels } from "../src/contract.ts";
import { encodeOra } from "../src/page/ora.ts";
import { encodePng } from "../src/page/png.ts";
import { encodePsd } from "../src/page/psd.ts";

function image(...data: number[]): Pixels {
  return { width: data.length / 4, height: 1, data: Uint8ClampedArray.from(data) };
}

initializeCanvas(
  () => { throw new Error("no canvas here"); },
  (width, height) => ({ width, height, data: new Uint8ClampedArray(4 * width * height), colorSpace: "srgb" }) as ImageData,
);

const layers: Layer[] = [
  { name: "paper", blend: "normal", pixels: image(255, 255, 255, 255, 255, 255, 255, 255) },
  { name: 'flat "1" <&>', blend: "normal", pixels: image(200, 100, 50, 1, 0, 0, 0, 0) },
  { name: "shade", blend: "multiply", pixels: image(9, 9, 9, 255, 8, 8, 8, 255) },
  { name: "light", blend: "screen", pixels: image(7, 7, 7, 255, 6, 6, 6, 255) },
];
const merged = image(1, 2, 3, 255, 4, 5, 6, 255);
const hidden = new Set(["shade"]);

test("PNG keeps colours below alpha, and has no alpha where all is opaque", () => {
  assert.deepEqual([...decode(encodePng(layers[1].pixels)).data], [200, 100, 50, 1, 0, 0, 0, 0]);
  assert.equal(decode(encodePng(merged)).channels, 3);
});

test("OpenRaster has its type first and stored, the stack from the top, and every layer as it was", async () => {
  const shares: number[] = [];
  const file = await encodeOra(layers, merged, hidden, async (share) => { shares.push(share); });
  assert.deepEqual(shares, [0, 0.2, 0.4, 0.6]);
  assert.equal(strFromU8(file.subarray(30, 54)), "mimetypeimage/openraster");
  const files = unzipSync(file);
  const names = [...strFromU8(files["stack.xml"]).matchAll(/<layer name="([^"]*)" src="([^"]*)".*?composite-op="([^"]*)" visibility="([^"]*)"/g)];
  assert.deepEqual(names.map((match) => match.slice(1)), [
    ["light", "data/3.png", "svg:screen", "visible"],
    ["shade", "data/2.png", "svg:multiply", "hidden"],
    ["flat &#34;1&#34; &#60;&#38;&#62;", "data/1.png", "svg:src-over", "visible"],
    ["paper", "data/0.png", "svg:src-over", "visible"],
  ]);
  assert.deepEqual([...decode(files["data/1.png"]).data], [...layers[1].pixels.data]);
  assert.deepEqual([...decode(files["mergedimage.png"]).data], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual([...decode(files["Thumbnails/thumbnail.png"]).data], [1, 2, 3, 4, 5, 6]);
});

test("PSD has the layers with blend modes, the hidden ones as such, and the merged image", () => {
  const read = readPsd(encodePsd(layers, merged, hidden), { useImageData: true });
  assert.deepEqual(read.children!.map(({ name, blendMode, hidden }) => [name, blendMode, hidden]), [
    ["paper", "normal", false], ['flat "1" <&>', "normal", false], ["shade", "multiply", true], ["light", "screen", false],
  ]);
  assert.deepEqual([...read.imageData!.data], [...merged.data]);
  assert.deepEqual([...read.children![1].imageData!.data.slice(0, 4)], [200, 100, 50, 1]);
});

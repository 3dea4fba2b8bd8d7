import assert from "node:assert/strict";
import test from "node:test";
import { encode, type ImageData } from "fast-png";
import { decodePng } from "../src/page/png.ts";

const CASES: [string, ImageData, number[]][] = [
  ["RGBA", { width: 2, height: 1, channels: 4, data: Uint8Array.of(200, 100, 50, 1, 7, 8, 9, 0) }, [200, 100, 50, 1, 7, 8, 9, 0]],
  ["grey with alpha", { width: 2, height: 1, channels: 2, data: Uint8Array.of(9, 255, 200, 3) }, [9, 9, 9, 255, 200, 200, 200, 3]],
  [
    "RGBA of 16 bits",
    { width: 1, height: 1, channels: 4, depth: 16, data: Uint16Array.of(65535, 257, 0, 32896) },
    [255, 1, 0, 128],
  ],
];

for (const [name, image, levels] of CASES) {
  test(`${name} keeps colours below alpha`, () => {
    const decoded = decodePng(new Uint8Array(encode(image)));
    assert.deepEqual([decoded.width, decoded.height, [...decoded.data]], [image.width, image.height, levels]);
  });
}

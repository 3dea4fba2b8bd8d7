import assert from "node:assert/strict";
import test from "node:test";
import { encode } from "fast-png";
import { readHeader } from "../src/page/header.ts";

function bytes(...parts: (string | number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : part)));
}

const HEADERS: [string, Uint8Array<ArrayBuffer>, [string, number, number]][] = [
  ["PNG", new Uint8Array(encode({ width: 7, height: 5, data: new Uint8Array(35), channels: 1 })), ["PNG", 7, 5]],
  ["GIF", bytes("GIF89a", [7, 0, 5, 1]), ["GIF", 7, 261]],
  ["BMP of rows from the top", bytes("BM", new Array(16).fill(0), [7, 0, 0, 0, 0xfb, 0xff, 0xff, 0xff]), ["BMP", 7, 5]],
  ["WebP, lossy", bytes("RIFF____WEBPVP8 ", new Array(10).fill(0), [7, 0, 5, 0x40]), ["WebP", 7, 5]],
  ["WebP, lossless", bytes("RIFF____WEBPVP8L____\x2f", [6, 0, 1, 0]), ["WebP", 7, 5]],
  ["WebP, extended", bytes("RIFF____WEBPVP8X", new Array(8).fill(0), [6, 0, 0, 4, 0, 0]), ["WebP", 7, 5]],
  ["JPEG after its EXIF", bytes([0xff, 0xd8, 0xff, 0xe1, 0, 4, 0xff, 0xc0, 0xff, 0xff, 0xc2, 0, 17, 8, 0, 5, 0, 7]), ["JPEG", 7, 5]],
];

for (const [name, content, [format, width, height]] of HEADERS) {
  test(`the size of ${name}`, () => assert.deepEqual(readHeader(content), { format, width, height }));
}

function png(width: number, height: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(24));
  bytes("\x89PNG\r\n\x1a\n").forEach((value, at) => view.setUint8(at, value));
  view.setUint32(16, width);
  view.setUint32(20, height);
  return new Uint8Array(view.buffer);
}

const REFUSED: [string, Uint8Array<ArrayBuffer>, RegExp][] = [
  ["a tall image", png(1, 50_000), /1 × 50,000 pixels, more than 16,384 on a side/],
  ["an image that no memory holds", png(20_000, 20_000), /20,000 × 20,000 pixels/],
  ["31 megapixels", png(6200, 5000), /more than 30 megapixels/],
  ["no pixels", png(0, 5), /damaged/],
  ["a cut header", png(5, 5).slice(0, 20), /damaged: it ends within its header/],
  ["a cut JPEG", bytes([0xff, 0xd8, 0xff, 0xe1, 0, 4]), /damaged: it ends within its header/],
  ["SVG", bytes(' <svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), /vector image \(SVG\)/],
  ["text", bytes("hello"), /no image that the studio opens/],
  ["nothing", bytes(), /no image that the studio opens/],
];

for (const [name, content, message] of REFUSED) {
  test(`${name} is refused`, () => assert.throws(() => readHeader(content), message));
}

test("30 megapixels are not too many", () => assert.equal(readHeader(png(6000, 5000)).width, 6000));

// Files to pixels. Alpha stays straight: a canvas multiplies it into the colours, and they come back rounded.
import { decode as decodePng } from "fast-png";
import type { Pixels } from "../contract.ts";
import { readHeader } from "./header.ts";
import type { Sketch } from "./work.ts";

const MAX_BYTES = 150e6;
/** Larger images are worked on at this many pixels, the most that every browser's canvas holds. */
const WORKED_PIXELS = 2 ** 24;

/** Decode an image file. Throws an Error for the designer if it cannot be worked on. */
export async function decode(file: Blob): Promise<Pick<Sketch, "pixels" | "original">> {
  if (file.size > MAX_BYTES) throw new Error("The file has more than 150 megabytes: save it as PNG or JPEG.");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { format } = readHeader(bytes);
  const bitmap = await createImageBitmap(file, { premultiplyAlpha: "none", imageOrientation: "from-image" }).catch(() => {
    throw new Error(`This ${format} file is damaged: it cannot be decoded.`);
  });
  const { width, height } = bitmap;
  const shrink = Math.min(1, Math.sqrt(WORKED_PIXELS / (width * height)));
  const drawn = draw(bitmap, Math.max(1, Math.floor(width * shrink)), Math.max(1, Math.floor(height * shrink)));
  bitmap.close();
  if (shrink < 1) return { pixels: drawn, original: [width, height] };
  return { pixels: format === "PNG" && hasAlpha(drawn) ? straightPng(bytes) : drawn, original: null };
}

export function hasAlpha({ data }: Pixels): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] < 255) return true;
  return false;
}

function draw(bitmap: ImageBitmap, width: number, height: number): Pixels {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}

/** RGBA of a PNG with alpha, of any depth and number of channels, as it is in the file. */
function straightPng(bytes: Uint8Array<ArrayBuffer>): Pixels {
  const { width, height, data: source, channels, depth, palette, transparency } = decodePng(bytes);
  const data = new Uint8ClampedArray(4 * width * height);
  const scale = depth === 16 ? 1 / 257 : 255 / (2 ** depth - 1);
  const hasOwnAlpha = channels === 2 || channels === 4;
  const colors = hasOwnAlpha ? channels - 1 : channels;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const values = palette
      ? palette[source[pixel]]
      : Array.from(source.subarray(pixel * channels, pixel * channels + channels));
    if (palette) {
      data.set([values[0], values[1], values[2], values[3] ?? 255], 4 * pixel);
      continue;
    }
    const keyed = transparency && values.every((value, channel) => value === transparency[channel]);
    const alpha = hasOwnAlpha ? values[colors] * scale : keyed ? 0 : 255;
    const color = [0, 1, 2].map((channel) => values[colors === 1 ? 0 : channel] * scale);
    data.set([...color, alpha], 4 * pixel);
  }
  return { width, height, data };
}

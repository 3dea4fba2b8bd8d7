// Files to pixels. Alpha stays straight: a canvas multiplies it into the colours, and they come back rounded.
import type { Pixels } from "../contract.ts";
import { readHeader } from "./header.ts";
import { decodePng, hasAlpha } from "./png.ts";
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
  return { pixels: format === "PNG" && hasAlpha(drawn) ? decodePng(bytes) : drawn, original: null };
}

function draw(bitmap: ImageBitmap, width: number, height: number): Pixels {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}

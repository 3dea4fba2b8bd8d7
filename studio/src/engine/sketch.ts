// A sketch as it was opened: its colours on white, and what of it is transparent.
import type { Pixels } from "../contract.ts";
import type { Image, Size } from "./grid.ts";
import { resizeImage } from "./resample.ts";
import { resizeLabels } from "./resize.ts";

export interface Sketch extends Size {
  readonly image: Image;
  /** Null where all is opaque. */
  readonly alpha: Uint8Array | null;
}

/** Put an image on white, in Pillow's arithmetic. */
export function readSketch({ width, height, data }: Pixels): Sketch {
  if (!(width > 0 && height > 0 && data.length === 4 * width * height)) {
    throw new Error("The image is empty: open one that has pixels.");
  }
  const rgb = new Uint8Array(3 * width * height);
  const alpha = new Uint8Array(width * height);
  let isOpaque = true;
  for (let i = 0, at = 0, out = 0; i < alpha.length; i++, at += 4, out += 3) {
    const opacity = (alpha[i] = data[at + 3]!);
    if (opacity < 255) isOpaque = false;
    for (let channel = 0; channel < 3; channel++) {
      const sum = (data[at + channel]! * opacity + 255 * (255 - opacity) + 128) * 128;
      rgb[out + channel] = ((sum >> 8) + sum) >> 15;
    }
  }
  return { width, height, image: { width, height, rgb }, alpha: isOpaque ? null : alpha };
}

/** Shrink a sketch to at most `edge` pixels, and strokes with it. */
export function shrinkSketch(sketch: Sketch, edge: number): Sketch {
  const by = edge / Math.max(sketch.width, sketch.height);
  if (by >= 1) return sketch;
  const [width, height] = [Math.max(1, Math.round(sketch.width * by)), Math.max(1, Math.round(sketch.height * by))];
  const alpha = sketch.alpha && resizeLabels({ ...sketch, data: sketch.alpha }, { width, height });
  return { width, height, image: resizeImage(sketch.image, width, height), alpha };
}

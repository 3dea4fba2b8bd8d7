// Small images for thumbnails and for counting colours.
import type { Pixels } from "../contract.ts";

/** The image with its longer side at most `edge` pixels; each is the mean of those that it covers, by their alpha. */
export function shrink(image: Pixels, edge: number): Pixels {
  const scale = Math.min(1, edge / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = span(y, height, image.height);
    for (let x = 0; x < width; x++) {
      const [left, right] = span(x, width, image.width);
      let red = 0, green = 0, blue = 0, alpha = 0;
      for (let row = top; row < bottom; row++) {
        for (let at = 4 * (row * image.width + left); at < 4 * (row * image.width + right); at += 4) {
          const weight = image.data[at + 3];
          red += weight * image.data[at];
          green += weight * image.data[at + 1];
          blue += weight * image.data[at + 2];
          alpha += weight;
        }
      }
      const total = Math.max(1, alpha);
      data.set([red / total, green / total, blue / total, alpha / ((bottom - top) * (right - left))], 4 * (y * width + x));
    }
  }
  return { width, height, data };
}

function span(index: number, count: number, length: number): [number, number] {
  const start = Math.floor((index * length) / count);
  return [start, Math.max(start + 1, Math.floor(((index + 1) * length) / count))];
}

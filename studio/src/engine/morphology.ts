// Windows of maxima and minima, as OpenCV and PyTorch compute them: what lies outside of the image does not count.
import type { Levels } from "./grid.ts";

/** The maximum over `width` × `height` pixels (odd numbers) round each. */
export function dilate(levels: Levels, width: number, height = width): Levels {
  const [right, down] = [width >> 1, height >> 1];
  const stride = levels.width + 2 * right;
  const padded = new Uint8Array(stride * (levels.height + 2 * down));
  for (let y = 0; y < levels.height; y++) {
    padded.set(levels.data.subarray(y * levels.width, (y + 1) * levels.width), (y + down) * stride + right);
  }
  extend(padded, width, 1);
  extend(padded, height, stride);
  const data = new Uint8Array(levels.data.length);
  for (let y = 0; y < levels.height; y++) {
    data.set(padded.subarray(y * stride, y * stride + levels.width), y * levels.width);
  }
  return { width: levels.width, height: levels.height, data };
}

/** Make each value the maximum of `window` values that begin with it; each pass doubles what it covers. */
function extend(values: Uint8Array, window: number, step: number): void {
  for (let covered = 1; covered < window; ) {
    const shift = Math.min(covered, window - covered);
    const end = values.length - shift * step;
    for (let i = 0, j = shift * step; i < end; i++, j++) if (values[j]! > values[i]!) values[i] = values[j]!;
    covered += shift;
  }
}

/** The minimum over `width` × `height` pixels (odd numbers) round each. */
export function erode(levels: Levels, width: number, height = width): Levels {
  return complement(dilate(complement(levels), width, height));
}

/** Swallow what is dark over less than `width` × `height` pixels. */
export function close(levels: Levels, width: number, height = width): Levels {
  return erode(dilate(levels, width, height), width, height);
}

function complement({ width, height, data }: Levels): Levels {
  return { width, height, data: data.map((level) => 255 - level) };
}

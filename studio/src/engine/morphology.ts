// Windows of maxima and minima, as OpenCV and PyTorch compute them: what lies outside of the image does not count.
import type { Levels } from "./grid.ts";

/** The maximum over `width` × `height` pixels (odd numbers) round each. */
export function dilate(levels: Levels, width: number, height = width): Levels {
  return slide(levels, width, height, 0, extendMaxima);
}

/** The minimum over `width` × `height` pixels (odd numbers) round each. */
export function erode(levels: Levels, width: number, height = width): Levels {
  return slide(levels, width, height, 255, extendMinima);
}

/** Swallow what is dark over less than `width` × `height` pixels. */
export function close(levels: Levels, width: number, height = width): Levels {
  return erode(dilate(levels, width, height), width, height);
}

type Extend = (values: Uint8Array, shift: number) => void;

function slide(levels: Levels, width: number, height: number, outside: number, extend: Extend): Levels {
  const [right, down] = [width >> 1, height >> 1];
  const stride = levels.width + 2 * right;
  const padded = new Uint8Array(stride * (levels.height + 2 * down)).fill(outside);
  for (let y = 0; y < levels.height; y++) {
    padded.set(levels.data.subarray(y * levels.width, (y + 1) * levels.width), (y + down) * stride + right);
  }
  extendBy(padded, width, 1, extend);
  extendBy(padded, height, stride, extend);
  const data = new Uint8Array(levels.data.length);
  for (let y = 0; y < levels.height; y++) {
    data.set(padded.subarray(y * stride, y * stride + levels.width), y * levels.width);
  }
  return { width: levels.width, height: levels.height, data };
}

/** Make each value that of `window` values that begin with it; each pass doubles what it covers. */
function extendBy(values: Uint8Array, window: number, step: number, extend: Extend): void {
  for (let covered = 1; covered < window; ) {
    const shift = Math.min(covered, window - covered);
    extend(values, shift * step);
    covered += shift;
  }
}

function extendMaxima(values: Uint8Array, shift: number): void {
  for (let i = 0, j = shift; j < values.length; i++, j++) {
    const other = values[j]!;
    if (other > values[i]!) values[i] = other;
  }
}

function extendMinima(values: Uint8Array, shift: number): void {
  for (let i = 0, j = shift; j < values.length; i++, j++) {
    const other = values[j]!;
    if (other < values[i]!) values[i] = other;
  }
}

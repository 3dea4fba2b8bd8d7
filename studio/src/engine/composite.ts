// Composites layers a row at a time. Blend modes as in the W3C's Compositing and Blending Level 1; nothing is rounded
// before the end.
import type { Blend } from "../contract.ts";

/** Each level as a share of 255. */
const SHARE = Float64Array.from({ length: 256 }, (_, level) => level / 255);

export class Compositor {
  private readonly result: Float32Array;

  constructor(width: number) {
    this.result = new Float32Array(4 * width);
  }

  clear(): void {
    this.result.fill(0);
  }

  /** Add a row of the next higher layer, RGBA with straight alpha. */
  add(row: Uint8ClampedArray, blend: Blend): void {
    const { result } = this;
    const mode = blend === "normal" ? 0 : blend === "multiply" ? 1 : 2;
    for (let at = 0; at < row.length; at += 4) {
      if (row[at + 3] === 0) continue;
      if (row[at + 3] !== 255 || (mode !== 0 && result[at + 3] !== 1)) mix(result, row, at, mode);
      else if (mode === 0) {
        result[at] = SHARE[row[at]!]!;
        result[at + 1] = SHARE[row[at + 1]!]!;
        result[at + 2] = SHARE[row[at + 2]!]!;
        result[at + 3] = 1;
      } else if (mode === 1) {
        result[at]! *= SHARE[row[at]!]!;
        result[at + 1]! *= SHARE[row[at + 1]!]!;
        result[at + 2]! *= SHARE[row[at + 2]!]!;
      } else {
        result[at]! += SHARE[row[at]!]! * (1 - result[at]!); // the same as 1 − (1 − a)(1 − b)
        result[at + 1]! += SHARE[row[at + 1]!]! * (1 - result[at + 1]!);
        result[at + 2]! += SHARE[row[at + 2]!]! * (1 - result[at + 2]!);
      }
    }
  }

  /** Write the result as levels, which are rounded half to even. */
  write(out: Uint8ClampedArray): void {
    for (let at = 0; at < out.length; at++) out[at] = this.result[at]! * 255;
  }
}

/** Put the opaque pixels of a row on those below. */
export function coverRow(below: Uint32Array, row: Uint32Array): void {
  for (let x = 0; x < row.length; x++) if (row[x]! >>> 24) below[x] = row[x]!;
}

/**
 * What {@link Compositor} makes of opaque colours below shade, light and lines, several times as fast: nothing is kept
 * between layers. Levels of shade and light and RGB levels of lines are of a whole image, and begin at pixel `first`.
 */
export function blendTones(
  colors: Uint8ClampedArray, shade: Uint8Array, light: Uint8Array, lines: Uint8Array, first: number, out: Uint32Array,
): void {
  for (let x = 0, at = 0, i = first, line = 3 * first; x < out.length; x++, at += 4, i++, line += 3) {
    const dark = SHARE[shade[i]!]!;
    const bright = SHARE[light[i]!]!;
    const rest = dark * (1 - bright) * (1 / 255); // 1 − (1 − color · dark)(1 − bright) is bright + color · dark · (1 − bright)
    const red = (bright + colors[at]! * rest) * lines[line]!;
    const green = (bright + colors[at + 1]! * rest) * lines[line + 1]!;
    const blue = (bright + colors[at + 2]! * rest) * lines[line + 2]!;
    out[x] = (red + 0.5) | ((green + 0.5) << 8) | ((blue + 0.5) << 16) | 0xff000000;
  }
}

/** Put a pixel on one below, either of which may be transparent. */
function mix(result: Float32Array, row: Uint8ClampedArray, at: number, mode: number): void {
  const alpha = SHARE[row[at + 3]!]!;
  const below = result[at + 3]!;
  const rest = below * (1 - alpha);
  const total = alpha + rest;
  for (let i = at; i < at + 3; i++) {
    const level = SHARE[row[i]!]!;
    const under = result[i]!;
    const blended = mode === 0 ? level : mode === 1 ? level * under : 1 - (1 - level) * (1 - under);
    result[i] = (alpha * (level + below * (blended - level)) + rest * under) / total;
  }
  result[at + 3] = total;
}

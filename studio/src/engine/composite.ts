// Composites layers a row at a time. Blend modes as in the W3C's Compositing and Blending Level 1; nothing is rounded
// before the end.
import type { Blend } from "../contract.ts";

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
      const alpha = row[at + 3]! / 255;
      const below = result[at + 3]!;
      const rest = below * (1 - alpha);
      const total = alpha + rest;
      for (let i = at; i < at + 3; i++) {
        const level = row[i]! / 255;
        const under = result[i]!;
        const blended = mode === 0 ? level : mode === 1 ? level * under : 1 - (1 - level) * (1 - under);
        const above = level + below * (blended - level);
        result[i] = rest === 0 ? above : (alpha * above + rest * under) / total;
      }
      result[at + 3] = total;
    }
  }

  /** Write the result as levels, which are rounded half to even. */
  write(out: Uint8ClampedArray): void {
    for (let at = 0; at < out.length; at++) out[at] = this.result[at]! * 255;
  }
}

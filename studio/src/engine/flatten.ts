// Ink divided by the light of the ground it lies on. As `sketch2color.models.sketch_lines`.
import type { Levels, Values } from "./grid.ts";
import { close } from "./morphology.ts";

/** Flattened ink, in [-1, 1], of the faintest line: a tenth darker than its ground; grain of paper is less. */
const FAINTEST = Math.fround(0.8);

/** The light of each level in [0, 1], in the steps of float32 that Python takes. */
const LIGHT = Float32Array.from({ length: 256 }, (_, level) => {
  const ink = Math.fround(Math.fround(level / 127.5) - 1);
  return Math.fround(ink + 1) * 0.5;
});
const MIN_GROUND = Math.fround(1 / 255);

/**
 * Ink in [-1, 1]: even ground becomes white, lines stay. The ground is what a closing leaves when it has swallowed
 * the lines, which are dark over less than `window` pixels, an odd number.
 */
export function flattenIllumination(levels: Levels, window: number): Values {
  const ground = close(levels, window).data;
  const data = new Float32Array(ground.length);
  for (let i = 0; i < data.length; i++) {
    const share = Math.fround(LIGHT[levels.data[i]!]! / Math.max(LIGHT[ground[i]!]!, MIN_GROUND));
    data[i] = Math.fround(share * 2) - 1;
  }
  return { width: levels.width, height: levels.height, data };
}

/** Whether flattened ink has no line. */
export function isBlank({ data }: Values): boolean {
  return data.every((ink) => ink > FAINTEST);
}

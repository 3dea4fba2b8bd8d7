// Numbered areas in another resolution, their edges smooth.
import type { Levels, Size } from "./grid.ts";
import { chooseTaps } from "./resize.ts";

/** For each pixel the number that has the largest share in it, the lowest of equals; below half a share it is 0. */
export function findNearest(numbers: Levels, count: number, to: Size): Levels {
  const { width, height } = to;
  if (width === numbers.width && height === numbers.height) return numbers;
  const { across, down } = chooseTaps(numbers, to);
  const data = new Uint8Array(width * height);
  const shares = new Float32Array(count);
  for (let y = 0, out = 0; y < height; y++) {
    const [firstRow, lastRow] = [down.starts[y]!, down.starts[y + 1]!];
    for (let x = 0; x < width; x++, out++) {
      const [first, last] = [across.starts[x]!, across.starts[x + 1]!];
      const number = numbers.data[down.sources[firstRow]! * numbers.width + across.sources[first]!]!;
      data[out] = number;
      if (isUniform(number, firstRow, lastRow, first, last)) continue;
      shares.fill(0);
      for (let row = firstRow; row < lastRow; row++) {
        const begin = down.sources[row]! * numbers.width;
        for (let tap = first; tap < last; tap++) {
          shares[numbers.data[begin + across.sources[tap]!]!]! += across.weights[tap]! * down.weights[row]!;
        }
      }
      data[out] = largest(shares);
    }
  }
  return { width, height, data };

  function isUniform(number: number, firstRow: number, lastRow: number, first: number, last: number): boolean {
    for (let row = firstRow; row < lastRow; row++) {
      const begin = down.sources[row]! * numbers.width;
      for (let tap = first; tap < last; tap++) if (numbers.data[begin + across.sources[tap]!] !== number) return false;
    }
    return true;
  }
}

function largest(shares: Float32Array): number {
  let [best, number] = [0.5 / shares.length, 0];
  for (let i = 0; i < shares.length; i++) if (shares[i]! > best) [best, number] = [shares[i]!, i];
  return number;
}

// Numbered areas in another resolution, their edges smooth.
import type { Levels, Size } from "./grid.ts";
import { chooseTaps, type Taps } from "./resize.ts";

/** For each pixel the number that has the largest share in it, the lowest of equals; below half a share it is 0. */
export function findNearest(numbers: Levels, count: number, to: Size): Levels {
  const { width, height } = to;
  if (width === numbers.width && height === numbers.height) return numbers;
  const { across, down } = chooseTaps(numbers, to);
  const data = new Uint8Array(width * height);
  const shares = new Float32Array(count);
  const row = new Uint8Array(width);
  let mixed: number[] = [];
  for (let y = 0; y < height; y++) {
    const rows = down.sources.subarray(down.starts[y], down.starts[y + 1]);
    const before = down.sources.subarray(down.starts[Math.max(0, y - 1)], down.starts[y]);
    if (!(y && isEqual(rows, before))) mixed = copyUniform(numbers, rows, across, row);
    data.set(row, y * width);
    for (const x of mixed) {
      shares.fill(0);
      rows.forEach((source, index) => {
        const weight = down.weights[down.starts[y]! + index]!;
        for (let tap = across.starts[x]!; tap < across.starts[x + 1]!; tap++) {
          shares[numbers.data[source * numbers.width + across.sources[tap]!]!]! += across.weights[tap]! * weight;
        }
      });
      data[y * width + x] = largest(shares);
    }
  }
  return { width, height, data };
}

function isEqual(one: Int32Array, other: Int32Array): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

/** Write the numbers of pixels that lie in one area into `row`; return where the others are. */
function copyUniform(numbers: Levels, rows: Int32Array, { starts, sources }: Taps, row: Uint8Array): number[] {
  const isUniform = new Uint8Array(numbers.width); // down the rows
  const first = rows[0]! * numbers.width;
  isUniform.fill(1);
  for (const source of rows) {
    const begin = source * numbers.width;
    for (let x = 0; x < numbers.width; x++) if (numbers.data[begin + x] !== numbers.data[first + x]) isUniform[x] = 0;
  }
  const mixed: number[] = [];
  for (let x = 0; x < row.length; x++) {
    row[x] = numbers.data[first + sources[starts[x]!]!]!;
    for (let tap = starts[x]!; tap < starts[x + 1]!; tap++) {
      if (isUniform[sources[tap]!] && numbers.data[first + sources[tap]!] === row[x]) continue;
      mixed.push(x);
      break;
    }
  }
  return mixed;
}

function largest(shares: Float32Array): number {
  let [best, number] = [0.5 / shares.length, 0];
  for (let i = 0; i < shares.length; i++) if (shares[i]! > best) [best, number] = [shares[i]!, i];
  return number;
}

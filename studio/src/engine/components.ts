// Connected components of a mask.
import type { Grid, Labels, Levels } from "./grid.ts";

/** Number the components of what is not 0, from 1 in the order of their first pixels; 0 elsewhere. */
export function labelComponents(mask: Levels, diagonal: boolean): { readonly labels: Labels; readonly count: number } {
  const { width, height, data } = mask;
  const labels = new Int32Array(data.length);
  const stack = new Int32Array(data.length);
  let count = 0;
  for (let first = 0; first < data.length; first++) {
    if (!data[first] || labels[first]) continue;
    labels[first] = ++count;
    stack[0] = first;
    for (let filled = 1; filled; ) {
      const at = stack[--filled]!;
      const x = at % width;
      const y = (at - x) / width;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const next = ny * width + nx;
          if (!data[next] || labels[next] || (!diagonal && nx !== x && ny !== y)) continue;
          labels[next] = count;
          stack[filled++] = next;
        }
      }
    }
  }
  return { labels: { width, height, data: labels }, count };
}

/** What of `free` is connected with the border of the image: 1 there, else 0. */
export function floodFromBorder(free: Levels): Levels {
  const { labels } = labelComponents(free, false);
  const reached = new Set<number>();
  forBorder(labels, (label) => reached.add(label));
  reached.delete(0);
  const data = new Uint8Array(free.data.length);
  labels.data.forEach((label, at) => label && reached.has(label) && (data[at] = 1));
  return { ...free, data };
}

function forBorder({ width, height, data }: Grid<Int32Array>, visit: (label: number) => void): void {
  for (let x = 0; x < width; x++) {
    visit(data[x]!);
    visit(data[(height - 1) * width + x]!);
  }
  for (let y = 0; y < height; y++) {
    visit(data[y * width]!);
    visit(data[(y + 1) * width - 1]!);
  }
}

// Measures the engine without its network: first pass and changes at several sizes. Run: npm run speed.
import { Engine } from "../../src/engine/engine.ts";
import type { Model } from "../../src/engine/model.ts";
import type { Color, Pixels, Request } from "../../src/contract.ts";

const PALETTE: Color[] = [[29, 78, 216], [202, 138, 4], [40, 40, 48]];

/** A model that paints all but lines, in bands of colour. */
const model: Model = {
  size: 256,
  palettes: [new Float32Array(11)],
  async run(_ink, _palette, fine, edge) {
    return Float32Array.from({ length: 3 * edge * edge }, (_, at) => {
      const pixel = at % (edge * edge);
      return fine[pixel]! < 0.5 ? 1 : 0.3 + 0.2 * Math.floor((3 * (pixel % edge)) / edge) + 0.05 * Math.floor(at / edge / edge);
    });
  },
};

/** Circles and a grid of lines. */
function draw(width: number, height: number): Pixels {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  const thick = width / 300;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const away = Math.hypot(x - width / 2, y - height / 2);
      const isLine = Math.abs(away - height / 3) < thick || Math.abs(away - height / 5) < thick || (away < height / 5 && x % (width / 9) < thick);
      if (isLine) data[at] = data[at + 1] = data[at + 2] = 30;
    }
  }
  return { width, height, data };
}

function stroke(width: number, height: number): Pixels {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = height >> 1; y < (height >> 1) + height / 50; y++) {
    for (let x = Math.floor(width / 3); x < width / 2; x++) data.set([214, 40, 40, 255], 4 * (y * width + x));
  }
  return { width, height, data };
}

async function time(what: string, run: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const start = process.cpuUsage(); // of a busy machine, too
    await run();
    times.push(process.cpuUsage(start).user / 1000);
  }
  console.log(`${what.padEnd(28)} ${times.map((each) => each.toFixed(0).padStart(6)).join("")} ms`);
}

for (const [width, height] of [[256, 256], [1024, 1024], [4000, 3000]] as const) {
  const sketch = draw(width, height);
  const engine = new Engine(model);
  const palette: Request = { palette: PALETTE, variant: 0, fill: null, paint: null };
  const strokes = { ...palette, fill: stroke(width, height), paint: stroke(width, height) };
  await time(`${width} × ${height} open`, () => engine.open(sketch));
  await time("palette", () => engine.render(palette));
  await time("strokes", () => engine.render(strokes));
  await time("names", () => engine.names(strokes));
  await time("preview", () => engine.preview(palette, 160));
  console.log(`memory ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
}

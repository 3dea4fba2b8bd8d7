// A sketch as the network sees it: parts, their colours, shade, light. Requests change only the colours. As
// `sketch2color.colorize.analysis`.
import type { Color, Pixels, Request } from "../contract.ts";
import { labelComponents } from "./components.ts";
import type { Labels, Levels, Values } from "./grid.ts";
import { strokeColors } from "./request.ts";
import { chooseTaps, resize, resizeRows, type Taps } from "./resize.ts";
import { assignColors, type Painted } from "./roles.ts";
import { flood } from "./watershed.ts";

const LUMINANCE = [0.2126, 0.7152, 0.0722] as const;
/** A layer of colour is paper where its darkest channel takes less than this share of the light. */
const PAINTED = 0.06;
/** Share of a part that is painted, from which the part is. */
const MIN_PAINTED = 0.2;
const MIN_SHADE = 0.2;
/** Light from which a colour under it is hardly seen. */
const WASHED_OUT = 0.5;
/** Share of a stroke's pixels in a part, from which the stroke asks for that part. */
const TOUCHED = 0.1;

/** The network's layer of colour: red, green and blue in [0, 1]. */
export type Planes = readonly [Values, Values, Values];

/** Each pixel's colour, by its number from 1 (0: none), over the parts, and how flat it is, 0 to 1. */
export interface Owners {
  readonly numbers: Levels;
  readonly colors: readonly Color[];
  readonly flat: Float32Array | null;
}

/** How the network painted a part, and how flat a stroke fills it: light over half of it would wash the stroke out. */
interface Part extends Painted {
  readonly flatness: number;
}

export interface Tones {
  readonly shade: Values;
  readonly light: Values;
}

export class Analysis {
  /** The colour of each part, in [0, 1], and its painted pixels: 0 where the part is paper. */
  readonly painted: readonly Part[];
  /** The last request, and its owners: a stroke of paint, or a hidden layer, changes none. */
  private known: { readonly request: Request; readonly owners: Owners } | null = null;
  private readonly tone: Tones;
  /** How little tone was wanted where last, 0 to 1, and the tones then: another palette mostly changes neither. */
  private toned: { readonly free: Float32Array; readonly tones: Tones } | null = null;

  constructor(readonly layer: Planes, readonly parts: Labels) {
    this.painted = describeParts(layer, parts);
    this.tone = this.makeTones();
  }

  /** Give each pixel the colour that the request's palette and strokes ask for. */
  owners(request: Request): Owners {
    if (!this.known || !hasSameOwners(request, this.known.request)) this.known = { request, owners: this.findOwners(request) };
    return this.known.owners;
  }

  private findOwners(request: Request): Owners {
    const { data } = this.parts;
    const colors = [...request.palette];
    const chosen = this.choose(request);
    const numbers = new Uint8Array(data.length);
    for (let at = 0; at < data.length; at++) numbers[at] = chosen[data[at]!]!;
    const size = { width: this.parts.width, height: this.parts.height };
    if (!request.fill) return { numbers: { ...size, data: numbers }, colors, flat: null };
    const seeds = this.seed(request.fill, colors);
    const filled = this.fillParts(seeds, numbers);
    const white = [false, ...colors.map((color) => Math.min(...color) >= 250)];
    const flat = new Float32Array(data.length);
    data.forEach((part, at) => filled[part] && (flat[at] = white[numbers[at]!] ? 1 : this.painted[part]!.flatness));
    return { numbers: { ...size, data: numbers }, colors, flat };
  }

  /**
   * Shade and light, in [0, 1], that turn flat colours into ones as the network painted. Where no colour is owned
   * there are none, and less where colours are flat.
   */
  tones({ numbers, flat }: Owners): Tones {
    const free = new Float32Array(numbers.data.length);
    for (let at = 0; at < free.length; at++) free[at] = numbers.data[at] === 0 ? 1 : (flat?.[at] ?? 0);
    if (!this.toned?.free.every((each, at) => each === free[at])) {
      this.toned = { free, tones: this.fade({ ...numbers, data: free }) };
    }
    return this.toned.tones;
  }

  private fade(free: Values): Tones {
    const { shade, light } = this.tone;
    const faded = { shade: shade.data.slice(), light: light.data.slice() };
    resizeRows(free, shade, (plain, y) => {
      for (let x = 0, at = y * shade.width; x < plain.length; x++, at++) {
        faded.shade[at]! += plain[x]! * (1 - shade.data[at]!);
        faded.light[at]! *= 1 - plain[x]!;
      }
    });
    return { shade: { ...shade, data: faded.shade }, light: { ...light, data: faded.light } };
  }

  /** The number of each part's colour in the palette, from 1; 0 where the part is paper. */
  private choose({ palette, variant }: Request): Uint8Array {
    const chosen = new Uint8Array(this.painted.length);
    const parts = [...this.painted.keys()].filter((part) => this.painted[part]!.area > 0);
    if (!palette.length || !parts.length) return chosen;
    const indices = assignColors(parts.map((part) => this.painted[part]!), palette, variant);
    parts.forEach((part, at) => (chosen[part] = 1 + indices[at]!));
    return chosen;
  }

  /**
   * The strokes over the parts, as numbers of their colours, which are added to `colors`. A part that a stroke only
   * grazes is not asked for.
   */
  private seed(fill: Pixels, colors: Color[]): Int32Array {
    const { width, height, data } = this.parts;
    const seeds = new Int32Array(data.length);
    const taps = chooseTaps(fill, this.parts);
    const reached = [reachedBy(taps.across, fill.width), reachedBy(taps.down, fill.height)] as const;
    for (const { color, pixels } of strokeColors(fill)) {
      const number = numberOf(color, colors);
      const drawn = new Uint8Array(data.length);
      for (const pixel of pixels) {
        const x = pixel % fill.width;
        for (const row of reached[1][(pixel - x) / fill.width]!) {
          for (const column of reached[0][x]!) drawn[row * width + column] = 1;
        }
      }
      this.seedStrokes({ width, height, data: drawn }, number, seeds);
    }
    return seeds;
  }

  private seedStrokes(drawn: Levels, number: number, seeds: Int32Array): void {
    const { labels, count } = labelComponents(drawn, true);
    const places: number[] = []; // few of all
    for (let at = 0; at < labels.data.length; at++) if (labels.data[at]) places.push(at);
    const shares = Array.from({ length: count + 1 }, () => new Map<number, number>());
    for (const at of places) {
      const [of, part] = [shares[labels.data[at]!]!, this.parts.data[at]!];
      of.set(part, (of.get(part) ?? 0) + 1);
    }
    const least = shares.map((pixels) => {
      const counts = [...pixels.values()];
      return Math.min(TOUCHED * counts.reduce((a, b) => a + b, 0), Math.max(...counts));
    });
    for (const at of places) {
      const stroke = labels.data[at]!;
      if (shares[stroke]!.get(this.parts.data[at]!)! >= least[stroke]!) seeds[at] = number;
    }
  }

  /** Spread the seeds over their parts, in `numbers`; return which parts have any. */
  private fillParts(seeds: Int32Array, numbers: Uint8Array): Uint8Array {
    const { width, data } = this.parts;
    const filled = new Uint8Array(this.painted.length);
    seeds.forEach((seed, at) => seed && (filled[data[at]!] = 1));
    for (const [part, box] of findBoxes(this.parts, filled)) {
      const size = { width: box.right - box.left, height: box.bottom - box.top };
      const mask = new Uint8Array(size.width * size.height);
      const labels = new Int32Array(mask.length);
      const all = (visit: (inside: number, at: number) => void) => {
        for (let y = 0, inside = 0; y < size.height; y++) {
          for (let at = (box.top + y) * width + box.left, end = at + size.width; at < end; at++, inside++) {
            if (data[at] === part) visit(inside, at);
          }
        }
      };
      all((inside, at) => {
        mask[inside] = 1;
        labels[inside] = seeds[at]!;
      });
      flood(null, { ...size, data: labels }, mask);
      all((inside, at) => (numbers[at] = labels[inside]!));
    }
    return filled;
  }

  /** Shade is what the network painted darker than the part's own colour, light what it left nearer to paper. */
  private makeTones(): Tones {
    const own = this.painted.map(({ color }) => luminance(...color));
    const [red, green, blue] = this.layer;
    const flat = resize({ ...this.parts, data: lookUp(this.parts.data, own) }, red).data;
    const shade = new Float32Array(flat.length);
    const light = new Float32Array(flat.length);
    for (let at = 0; at < flat.length; at++) {
      const level = luminance(red.data[at]!, green.data[at]!, blue.data[at]!);
      shade[at] = Math.min(Math.max(level / Math.max(flat[at]!, 1e-3), MIN_SHADE), 1);
      light[at] = Math.min(Math.max((level - flat[at]!) / Math.max(1 - flat[at]!, 1e-3), 0), 1);
    }
    const { width, height } = red;
    return { shade: { width, height, data: shade }, light: { width, height, data: light } };
  }
}

function hasSameOwners(one: Request, other: Request): boolean {
  const isSame = one.variant === other.variant && one.fill === other.fill;
  return isSame && String(one.palette) === String(other.palette);
}

function lookUp(parts: Int32Array, values: readonly number[]): Float32Array {
  const result = new Float32Array(parts.length);
  for (let at = 0; at < parts.length; at++) result[at] = values[parts[at]!]!;
  return result;
}

function luminance(red: number, green: number, blue: number): number {
  return LUMINANCE[0] * red + LUMINANCE[1] * green + LUMINANCE[2] * blue;
}

/** The colour's number in the list, from 1; it is added if it is new. */
function numberOf(color: Color, colors: Color[]): number {
  const found = colors.findIndex((each) => each.every((level, channel) => level === color[channel]));
  return found >= 0 ? found + 1 : colors.push(color);
}

/** For each source pixel the target pixels that it contributes to. */
function reachedBy({ starts, sources }: Taps, count: number): number[][] {
  const reached = Array.from({ length: count }, (): number[] => []);
  for (let target = 0; target + 1 < starts.length; target++) {
    for (let tap = starts[target]!; tap < starts[target + 1]!; tap++) reached[sources[tap]!]!.push(target);
  }
  return reached;
}

function findBoxes({ width, data }: Labels, wanted: Uint8Array) {
  const boxes = new Map<number, { top: number; bottom: number; left: number; right: number }>();
  data.forEach((part, at) => {
    if (!wanted[part]) return;
    const x = at % width;
    const y = (at - x) / width;
    const box = boxes.get(part);
    if (!box) boxes.set(part, { top: y, bottom: y + 1, left: x, right: x + 1 });
    else {
      box.bottom = y + 1;
      if (x < box.left) box.left = x;
      if (x >= box.right) box.right = x + 1;
    }
  });
  return boxes;
}

/** The median colour of what is painted of each part, how many pixels are, paper where these are few; and flatness. */
function describeParts(layer: Planes, parts: Labels): Part[] {
  const planes = layer.map((plane) => resize(plane, parts).data);
  const count = parts.data.reduce((most, part) => Math.max(most, part), 0) + 1;
  const [all, painted] = [new Uint32Array(count), new Uint32Array(count + 1)];
  const isPainted = parts.data.map((part, at) => {
    all[part]!++;
    const is = Math.min(planes[0]![at]!, planes[1]![at]!, planes[2]![at]!) < Math.fround(1 - PAINTED) ? 1 : 0;
    painted[part]! += is;
    return is;
  });
  const starts = new Uint32Array(count + 1);
  for (let part = 0; part < count; part++) starts[part + 1] = starts[part]! + painted[part]!;
  const sorted = planes.map((plane) => {
    const values = new Float32Array(starts[count]!);
    const next = starts.slice();
    parts.data.forEach((part, at) => isPainted[at] && (values[next[part]!++] = plane[at]!));
    return values;
  });
  const described = Array.from(all, (pixels, part): Painted => {
    if (!painted[part] || painted[part]! < MIN_PAINTED * pixels) return { color: [1, 1, 1], area: 0 };
    const color = sorted.map((values) => median(values.subarray(starts[part], starts[part + 1])));
    return { color: color as [number, number, number], area: painted[part]! };
  });
  const own = described.map(({ color }) => luminance(...color));
  const washedOut = new Uint32Array(count);
  parts.data.forEach((part, at) => {
    const level = luminance(planes[0]![at]!, planes[1]![at]!, planes[2]![at]!);
    if (level - own[part]! > WASHED_OUT * (1 - own[part]!)) washedOut[part]!++;
  });
  return described.map((each, part) => ({ ...each, flatness: each.area ? Math.min(1, (2 * washedOut[part]!) / all[part]!) : 1 }));
}

function median(values: Float32Array): number {
  const sorted = values.sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : Math.fround((sorted[middle - 1]! + sorted[middle]!) / 2);
}


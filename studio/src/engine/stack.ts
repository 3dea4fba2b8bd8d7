// A result as a stack of layers, as designers keep it. As `Analysis.layers` and `sketch2color.colorize.like_sketch`.
import { type Blend, type Color, type Layer, layerKey, type Pixels, type Request } from "../contract.ts";
import type { Analysis, Owners, Planes } from "./analysis.ts";
import { blendTones, Compositor, coverRow } from "./composite.ts";
import { getOrMake, type Levels, remember, roundEven, type Size, type Values } from "./grid.ts";
import { findNearest } from "./nearest.ts";
import { toHex } from "./request.ts";
import { resizeRows } from "./resize.ts";
import type { Sketch } from "./sketch.ts";

/** Levels of light, in the darkest channel, from which paint covers what is below it; a fifth of 255. */
const OPAQUE = 51;
/** Pixels that are made between two pauses. */
const AT_ONCE = 1 << 20;

/** A layer whose pixels are made a row at a time: a stack of whole ones would fill the memory. */
interface Source {
  readonly name: string;
  readonly blend: Blend;
  /** Write RGBA levels of row `y`. */
  readonly write: (y: number, out: Uint8ClampedArray) => void;
  /** The number of a flat colour, 0 in all other layers. */
  readonly flat: number;
}

/** Colours by number, shade and light in the size of a sketch, kept as long as what they are made of. */
const flatsOf = remember((_: Owners) => new Map<Sketch, Levels>());
const levelsOf = remember((_: Values) => new Map<Sketch, Levels>());

/** The layers of a request over `sketch`, the lowest first; strokes have the size of the sketch. */
export class Stack {
  private readonly sources: readonly Source[];
  private readonly flats: Levels;
  private readonly colors: readonly Color[];
  private readonly tones: { readonly shade: Levels; readonly light: Levels };

  constructor(
    private readonly sketch: Sketch, analysis: Analysis, private readonly lightOnDark: boolean, request: Request, paint: Pixels | null,
  ) {
    const owners = analysis.owners(request);
    this.colors = owners.colors;
    this.flats = getOrMake(flatsOf(owners), sketch, () => findNearest(owners.numbers, owners.colors.length + 1, sketch));
    const { shade, light } = analysis.tones(owners);
    const levels = (values: Values) => getOrMake(levelsOf(values), sketch, () => toLevels(values, sketch));
    this.tones = { shade: levels(shade), light: paint ? dim(levels(light), paint) : levels(light) };
    const color = request.palette.length ? [] : [colorSource(analysis.layer, sketch, lightOnDark)];
    this.sources = [
      ...paperSources(sketch, lightOnDark),
      ...color,
      ...this.flatSources(),
      ...(paint ? [source("strokes", "normal", copyRows(paint))] : []),
      source("shade", "multiply", sketch.alpha ? shadowRows(this.tones.shade) : greyRows(this.tones.shade)),
      source("light", "screen", sketch.alpha ? glowRows(this.tones.light) : greyRows(this.tones.light)),
      source("sketch", lightOnDark ? "screen" : "multiply", sketchRows(sketch)),
    ];
  }

  names(): string[] {
    return this.sources.map(({ name }) => name);
  }

  layers(): Layer[] {
    const { width, height } = this.sketch;
    return this.sources.map(({ name, blend, write }) => {
      const data = new Uint8ClampedArray(4 * width * height);
      for (let y = 0; y < height; y++) write(y, data.subarray(4 * y * width, 4 * (y + 1) * width));
      return { name, blend, pixels: { width, height, data } };
    });
  }

  /** What the stack looks like without the layers of the keys in `hidden`. */
  async render(hidden: ReadonlySet<string> = new Set(), pause = async () => {}): Promise<Pixels> {
    const shown = this.sources.filter(({ name }) => !hidden.has(layerKey(name)));
    const flats = shown.filter(({ flat }) => flat);
    const merged = shown.filter((each) => !each.flat || each === flats[0]);
    if (flats.length) {
      const numbers = flats.map(({ flat }) => flat);
      merged[merged.indexOf(flats[0]!)] = source("", "normal", flatRows(this.flats, this.colors, numbers));
    }
    const data = new Uint8ClampedArray(4 * this.sketch.width * this.sketch.height);
    const isPlain = !this.sketch.alpha && !this.lightOnDark && shown.includes(this.sources[0]!);
    const makeRow = isPlain ? this.plainRows(merged) : this.anyRows(merged);
    const { width, height } = this.sketch;
    const rows = Math.ceil(AT_ONCE / width);
    for (let y = 0; y < height; y++) {
      if (y % rows === 0) await pause();
      makeRow(y, data.subarray(4 * y * width, 4 * (y + 1) * width));
    }
    return { width, height, data };
  }

  private anyRows(sources: readonly Source[]): Write {
    const compositor = new Compositor(this.sketch.width);
    const row = new Uint8ClampedArray(4 * this.sketch.width);
    return (y, out) => {
      compositor.clear();
      for (const { blend, write } of sources) {
        write(y, row);
        compositor.add(row, blend);
      }
      compositor.write(out);
    };
  }

  /** Rows where all colours are opaque, below shade, light and lines. */
  private plainRows(sources: readonly Source[]): Write {
    const { width, height, image } = this.sketch;
    const [paper, ...colors] = sources.filter(({ blend }) => blend === "normal");
    const levels = (name: string, level: number, values: Uint8Array, channels = 1) =>
      sources.some((each) => each.name === name) ? values : new Uint8Array(channels * width * height).fill(level);
    const shade = levels("shade", 255, this.tones.shade.data);
    const light = levels("light", 0, this.tones.light.data);
    const lines = levels("sketch", 255, image.rgb, 3);
    const [below, row] = [new Uint32Array(width), new Uint32Array(width)];
    const [belowLevels, rowLevels] = [below, row].map(({ buffer }) => new Uint8ClampedArray(buffer)) as [Uint8ClampedArray, Uint8ClampedArray];
    return (y, out) => {
      paper!.write(y, belowLevels);
      for (const { write } of colors) {
        write(y, rowLevels);
        coverRow(below, row);
      }
      blendTones(belowLevels, shade, light, lines, y * width, new Uint32Array(out.buffer, out.byteOffset, width));
    };
  }

  /** A layer for each colour that is anywhere. */
  private flatSources(): Source[] {
    return this.colors.flatMap((color, index) => {
      const number = index + 1;
      if (!this.flats.data.includes(number)) return [];
      const write = flatRows(this.flats, this.colors, [number]);
      return [{ name: `flat ${number} ${toHex(color)}`, blend: "normal" as const, write, flat: number }];
    });
  }
}

type Write = Source["write"];

function source(name: string, blend: Blend, write: Write): Source {
  return { name, blend, write, flat: 0 };
}

/** White paper, which a transparent sketch has not: it shows what the result is put on. */
function paperSources(sketch: Sketch, lightOnDark: boolean): Source[] {
  if (!lightOnDark) return sketch.alpha ? [] : [source("paper", "normal", (_, out) => out.fill(255))];
  const write = sketchRows(sketch);
  const black: Write = (y, out) => {
    write(y, out);
    for (let at = 0; at < out.length; at += 4) out[at] = out[at + 1] = out[at + 2] = 0;
  };
  return [source("paper", "normal", black)];
}

/** The network's own colours. */
function colorSource(layer: Planes, sketch: Sketch, lightOnDark: boolean): Source {
  const [red, green, blue] = layer.map((plane) => toLevels(plane, sketch).data) as [Uint8Array, Uint8Array, Uint8Array];
  const write: Write = (y, out) => {
    for (let i = y * sketch.width, at = 0; at < out.length; i++, at += 4) {
      out[at] = red[i]!;
      out[at + 1] = green[i]!;
      out[at + 2] = blue[i]!;
      const strength = 255 - Math.min(red[i]!, green[i]!, blue[i]!);
      if (lightOnDark) out[at + 3] = strength;
      else if (sketch.alpha) removeWhite(out, at, cover(strength));
      else out[at + 3] = 255;
    }
  };
  return source("color", "normal", write);
}

/** Light where there is no paint: it would wash out what is painted on blank paper. */
function dim({ data, ...size }: Levels, paint: Pixels): Levels {
  return { ...size, data: data.map((level, at) => roundEven(level * (1 - paint.data[4 * at + 3]! / 255))) };
}

/** Values in [0, 1] as levels in another size. */
function toLevels(values: Values, { width, height }: Size): Levels {
  const data = new Uint8ClampedArray(width * height); // rounds half to even, as NumPy does
  resizeRows(values, { width, height }, (row, y) => {
    for (let x = 0, at = y * width; x < width; x++, at++) data[at] = row[x]! * 255;
  });
  return { width, height, data: new Uint8Array(data.buffer) };
}

function copyRows({ width, data }: Pixels): Write {
  return (y, out) => out.set(data.subarray(4 * y * width, 4 * (y + 1) * width));
}

function greyRows({ width, data }: Levels): Write {
  return (y, out) => {
    for (let i = y * width, at = 0; at < out.length; i++, at += 4) {
      out[at] = out[at + 1] = out[at + 2] = data[i]!;
      out[at + 3] = 255;
    }
  };
}

/** Shade that is transparent where there is none: black in its strength. */
function shadowRows({ width, data }: Levels): Write {
  return (y, out) => {
    for (let i = y * width, at = 0; at < out.length; i++, at += 4) {
      out[at] = out[at + 1] = out[at + 2] = data[i]!;
      removeWhite(out, at, 0);
    }
  };
}

/** Light that is transparent where there is none: white in its strength. */
function glowRows({ width, data }: Levels): Write {
  return (y, out) => {
    out.fill(255);
    for (let i = y * width, at = 3; at < out.length; i++, at += 4) out[at] = data[i]!;
  };
}

function sketchRows({ width, image, alpha }: Sketch): Write {
  return (y, out) => {
    for (let i = y * width, from = 3 * i, at = 0; at < out.length; i++, from += 3, at += 4) {
      out[at] = image.rgb[from]!;
      out[at + 1] = image.rgb[from + 1]!;
      out[at + 2] = image.rgb[from + 2]!;
      if (alpha) removeWhite(out, at, alpha[i]!);
      else out[at + 3] = 255;
    }
  };
}

function flatRows({ width, data }: Levels, colors: readonly Color[], numbers: readonly number[]): Write {
  const table = new Uint8Array(4 * (colors.length + 1));
  for (const number of numbers) table.set([...colors[number - 1]!, 255], 4 * number);
  return (y, out) => {
    for (let i = y * width, at = 0; at < out.length; i++, at += 4) {
      const from = 4 * data[i]!;
      out[at] = table[from]!;
      out[at + 1] = table[from + 1]!;
      out[at + 2] = table[from + 2]!;
      out[at + 3] = table[from + 3]!;
    }
  };
}

/** Make an opaque pixel as transparent as its colour allows, but at least of `alpha`; on white it looks the same. */
function removeWhite(out: Uint8ClampedArray, at: number, alpha: number): void {
  const opacity = Math.max(255 - Math.min(out[at]!, out[at + 1]!, out[at + 2]!), alpha);
  const divisor = Math.max(opacity, 1);
  for (let i = at; i < at + 3; i++) out[i] = 255 - Math.floor(((255 - out[i]!) * 255 + (divisor >> 1)) / divisor);
  out[at + 3] = opacity;
}

/** The alpha of paint that takes so much light: faint tints fade, others are opaque. */
function cover(strength: number): number {
  return Math.min(strength, OPAQUE) * (255 / OPAQUE);
}

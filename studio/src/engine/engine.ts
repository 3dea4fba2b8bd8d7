// Colour on demand: one sketch, and what requests make of it.
import type { Layer, Pixels, Rendered, Request, View } from "../contract.ts";
import { Analysis, type Planes } from "./analysis.ts";
import { type Drawing, findDrawing, onPage } from "./drawing.ts";
import { flattenIllumination, isBlank } from "./flatten.ts";
import { type Box, getOrMake, type Image, type Labels, maxChannel, mostFrequentCorner, type Values } from "./grid.ts";
import type { Model } from "./model.ts";
import { padToSquare } from "./paper.ts";
import { findParts } from "./parts.ts";
import { checkRequest } from "./request.ts";
import { resizeLabels } from "./resize.ts";
import { resizeStrokes } from "./resizeStrokes.ts";
import { readSketch, shrinkSketch, type Sketch } from "./sketch.ts";
import { Stack } from "./stack.ts";

/** Pixels in the network's resolution: gaps in a line up to this width count as closed. */
const GAP = 16;
/** Parts are found in so many times the resolution that the network sees; no smaller drawing is enlarged. */
const PARTS_SCALE = 2;
/** A layer of colour is made in up to so many times the resolution that the network sees. */
const MAX_SCALE = 4;
/** Of a sketch's mean level, by which its palette is chosen, in one level of 255. */
const STEPS = 8;
/** Analyses of model variants that are kept in full resolution: each is some 20 MB. */
const MAX_KEPT = 3;

/** An image fitted to a square, as flattened ink, and the box in it that the image covers. */
interface Fitted {
  readonly ink: Values;
  readonly box: Box;
}

/** What of an opened sketch no request changes. */
interface Opened {
  readonly sketch: Sketch;
  readonly drawing: Drawing;
  readonly parts: Labels;
  /** What the network sees, and the same finer, up to whose lines colour is spread. */
  readonly coarse: Fitted;
  readonly fine: Fitted;
  /** The number of the model's palette for variant 0. */
  readonly palette: number;
  readonly analyses: Map<string, Analysis>;
  /** The sketch at no more than so many pixels. */
  readonly shrunk: Map<number, Sketch>;
}

export class Engine {
  private opened: Opened | null = null;

  constructor(private readonly model: Model) {}

  /** Analyse a sketch, and return its parts; what was open before is forgotten. */
  async open(pixels: Pixels): Promise<Labels> {
    this.opened = null;
    const opened = analyse(readSketch(pixels), this.model);
    await this.analysis(opened, 0, opened.fine);
    this.opened = opened;
    return opened.parts;
  }

  /**
   * The finished image of a request; variants of the model are coarser in small ones. `pause` is awaited now and
   * then, and gives up by failing.
   */
  async render(request: Request, { hidden, edge }: View = {}, pause = async () => {}): Promise<Rendered> {
    const stack = await this.stack(request, edge);
    return { image: await stack.render(hidden, pause), names: stack.names() };
  }

  async preview(request: Request, edge: number): Promise<Pixels> {
    return (await this.render(request, { edge })).image;
  }

  async layers(request: Request): Promise<Layer[]> {
    return (await this.stack(request)).layers();
  }

  /** The analysis on which palettes and strokes work. */
  base(): Promise<Analysis> {
    const opened = this.current();
    return this.analysis(opened, 0, opened.fine);
  }

  private current(): Opened {
    if (!this.opened) throw new Error("No sketch is open.");
    return this.opened;
  }

  private async stack(request: Request, edge = Infinity): Promise<Stack> {
    const opened = this.current();
    checkRequest(request, opened.sketch);
    const variant = request.palette.length ? 0 : request.variant; // a palette's variants need no other pass
    const isSmall = edge <= this.model.size;
    const analysis = await this.analysis(opened, variant, isSmall && variant ? opened.coarse : opened.fine);
    const sketch = getOrMake(opened.shrunk, edge, () => shrinkSketch(opened.sketch, edge));
    const paint = request.paint && shrinkPaint(request.paint, sketch);
    return new Stack(sketch, analysis, opened.drawing.lightOnDark, request, paint);
  }

  /** The analysis with one of the model's palettes, spread up to the lines of `fitted`. */
  private async analysis(opened: Opened, variant: number, fitted: Fitted): Promise<Analysis> {
    const { palettes } = this.model;
    const palette = (opened.palette + variant) % palettes.length;
    const key = `${palette} ${fitted.ink.width}`;
    const known = opened.analyses.get(key);
    if (known) return known;
    const layer = isBlank(opened.coarse.ink)
      ? blankPlanes()
      : await runModel(this.model, palettes[palette]!, opened.coarse, fitted);
    const planes = layer.map((plane) => onPage(opened.drawing, plane, 1)) as unknown as Planes;
    const analysis = new Analysis(planes, opened.parts);
    opened.analyses.set(key, analysis);
    forgetOldest(opened.analyses, fitted === opened.fine ? ` ${fitted.ink.width}` : null);
    return analysis;
  }
}

function analyse(sketch: Sketch, { size, palettes }: Model): Opened {
  const drawing = findDrawing(sketch.image, PARTS_SCALE * size);
  const { image } = drawing;
  const small = padToSquare(image, size, resizeStrokes);
  const coarse = flatten(small, 1);
  const scale = Math.max(1, Math.min(Math.floor(Math.max(image.width, image.height) / size), MAX_SCALE));
  const divided = flatten(padToSquare(image, PARTS_SCALE * size, resizeStrokes), PARTS_SCALE);
  const fine =
    scale === 1 ? coarse : scale === PARTS_SCALE ? divided : flatten(padToSquare(image, scale * size, resizeStrokes), scale);
  const ink = cropValues(divided.ink, divided.box);
  const darkness = { ...ink, data: ink.data.map((value) => Math.fround(1 - value) * 0.5) };
  const parts = findParts(darkness, GAP * PARTS_SCALE);
  const level = small.fitted.rgb.reduce((sum, each) => sum + each, 0);
  return {
    sketch,
    drawing: { ...drawing, image: { ...image, rgb: new Uint8Array() } }, // its pixels are not needed any more
    parts: onPage(drawing, parts, mostFrequentCorner(parts)),
    coarse,
    fine,
    palette: Math.floor((level * STEPS) / small.fitted.rgb.length) % palettes.length,
    analyses: new Map(),
    shrunk: new Map(),
  };
}

function flatten({ fitted, box }: { readonly fitted: Image; readonly box: Box }, scale: number): Fitted {
  return { ink: flattenIllumination(maxChannel(fitted), 16 * scale + 1), box };
}

async function runModel(model: Model, palette: Float32Array, coarse: Fitted, { ink, box }: Fitted): Promise<Values[]> {
  const layer = await model.run(coarse.ink.data, palette, ink.data, ink.width);
  if (!layer.every(Number.isFinite)) throw new Error("The model's result is not a number: train it again.");
  const area = ink.width * ink.height;
  return [0, 1, 2].map((channel) =>
    cropValues({ ...ink, data: layer.subarray(channel * area, (channel + 1) * area) }, box),
  );
}

function blankPlanes(): Values[] {
  return [0, 1, 2].map(() => ({ width: 1, height: 1, data: new Float32Array([1]) }));
}

function cropValues({ width, data }: Values, { top, bottom, left, right }: Box): Values {
  const result = new Float32Array((bottom - top) * (right - left));
  for (let y = top; y < bottom; y++) {
    result.set(data.subarray(y * width + left, y * width + right), (y - top) * (right - left));
  }
  return { width: right - left, height: bottom - top, data: result };
}

function shrinkPaint(paint: Pixels, sketch: Sketch): Pixels {
  if (paint.width === sketch.width && paint.height === sketch.height) return paint;
  const packed = new Int32Array(paint.data.buffer, paint.data.byteOffset, paint.width * paint.height);
  const shrunk = resizeLabels({ ...paint, data: packed }, sketch);
  return { width: sketch.width, height: sketch.height, data: new Uint8ClampedArray(shrunk.buffer as ArrayBuffer) };
}

/** Drop the oldest analyses in one resolution but the first, which all palettes share. */
function forgetOldest(analyses: Map<string, Analysis>, ending: string | null): void {
  const kept = ending ? [...analyses.keys()].filter((key) => key.endsWith(ending)) : [];
  if (kept.length > MAX_KEPT) analyses.delete(kept[1]!);
}


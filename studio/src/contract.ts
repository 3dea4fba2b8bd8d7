// What the page, the worker and the engine say to each other. The page knows nothing of networks.
import type { Labels } from "./engine/grid.ts";
import type { Stroke } from "./engine/strokes.ts";

/** sRGB levels, 0 to 255. */
export type Color = readonly [number, number, number];

/** RGBA levels in rows, alpha straight: not multiplied into the colours. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/**
 * What a result is to look like, as `sketch2color.colorize.request.Request`: `palette` main colour first, empty
 * where colours are left to the model; `fill` and `paint` of the sketch's size, transparent where nothing is asked.
 */
export interface Request {
  readonly palette: readonly Color[];
  readonly variant: number;
  readonly fill: Pixels | null;
  readonly paint: Pixels | null;
}

/** A request as a work file has it: its strokes are drawn where it is used. */
export interface StrokeRequest {
  readonly palette: readonly Color[];
  readonly variant: number;
  readonly strokes: readonly Stroke[];
}

export type Blend = "normal" | "multiply" | "screen";

/** An image over the whole sketch. */
export interface Layer {
  readonly name: string;
  readonly blend: Blend;
  readonly pixels: Pixels;
}

/** What stays of a layer's name when its colour changes: `flat 1` of `flat 1 #ff8000`. */
export function layerKey(name: string): string {
  return name.replace(/ #[0-9a-f]{6}$/, "");
}

/** How an image is looked at: without the layers of the keys in `hidden`, at no more than `edge` pixels. */
export interface View {
  readonly hidden?: ReadonlySet<string>;
  readonly edge?: number;
}

/** An image, and the names of its request's layers, hidden ones too, the lowest first. */
export interface Rendered {
  readonly image: Pixels;
  readonly names: readonly string[];
}

/** The studio's colourizer; it runs in a worker. Failures reject with an Error whose message is for the designer. */
export interface Colorizer {
  /** Load the generator; `progress` is a share of the bytes, 0 to 1. Resolves to the number of model variants. */
  load(progress: (share: number) => void): Promise<{ readonly variants: number }>;
  /** Analyse a sketch, the one pass through the network, and return its parts. What was open before is forgotten. */
  open(sketch: Pixels): Promise<Labels>;
  /**
   * The finished image of a request. Of calls that wait, only the last is worked on; the others, and one that `signal`
   * gives up, resolve to null.
   */
  render(request: StrokeRequest, view?: View, signal?: AbortSignal): Promise<Rendered | null>;
  /** The image of a request at no more than `edge` pixels, for thumbnails of variants. */
  preview(request: StrokeRequest, edge: number): Promise<Pixels>;
  /** The layers of a request, the lowest first, at full size. */
  layers(request: StrokeRequest): Promise<Layer[]>;
}

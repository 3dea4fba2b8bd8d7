// Work as a file that `sketch2color colorize --request` replays, and that the studio opens again.
import { FARTHEST, type Point, type Stroke, type StrokeTool } from "../engine/strokes.ts";
import { parseColor } from "./color.ts";
import { encodePng } from "./png.ts";
import { MAX_COLORS, type Sketch, type Work } from "./work.ts";

const FORMAT = 1;
const TOOLS: readonly unknown[] = ["fill", "brush", "eraser"] satisfies StrokeTool[];

export interface WorkFile extends Omit<Work, "sketch"> {
  readonly width: number;
  readonly height: number;
  /** PNG; null where the file goes with a sketch of its own. */
  readonly sketch: Blob | null;
}

export function writeWork({ palette, variant, strokes }: Work, { pixels }: Sketch): string {
  const { width, height } = pixels;
  const sketch = `data:image/png;base64,${toBase64(encodePng(pixels))}`;
  return JSON.stringify({ format: FORMAT, width, height, palette, variant, strokes, sketch });
}

/** Read a work file. Throws an Error for the designer that says what is wrong with it. */
export function readWork(text: string): WorkFile {
  const file = parse(text);
  if (file.format !== FORMAT) throw new Error(`The work file has format ${printable(file.format)}; this studio reads ${FORMAT}.`);
  if (!isSize(file.width) || !isSize(file.height)) throw new Error("The work file has no width and height of its sketch.");
  const { width, height, variant = 0 } = file;
  if (!(Number.isSafeInteger(variant) && (variant as number) >= 0)) throw new Error("The work file's variant is no number from 0.");
  return {
    width,
    height,
    variant: variant as number,
    palette: readPalette(file.palette ?? []),
    strokes: list(file.strokes ?? [], "strokes").map(readStroke),
    sketch: file.sketch === undefined ? null : readSketch(file.sketch),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new Error("This is no work file of the studio: it is not JSON.");
}

function readPalette(value: unknown): string[] {
  const colors = list(value, "palette").map((color) => readColor(color, "palette"));
  if (colors.length > MAX_COLORS) throw new Error(`The work file's palette has more than ${MAX_COLORS} colours.`);
  return colors;
}

function readStroke(value: unknown, index: number): Stroke {
  const { tool, color, points } = (value ?? {}) as Record<string, unknown>;
  const where = `stroke ${index + 1}`;
  if (!TOOLS.includes(tool)) throw new Error(`In the work file, ${where} has the tool ${printable(tool)}: it is none of ${TOOLS.join(", ")}.`);
  const read = list(points, where).map((point) => readPoint(point, where));
  if (!read.length) throw new Error(`In the work file, ${where} has no points.`);
  return { tool: tool as StrokeTool, color: readColor(color, where), points: read };
}

function readPoint(value: unknown, where: string): Point {
  const isNear = (each: unknown) => Number.isFinite(each) && Math.abs(each as number) <= FARTHEST;
  const isPoint = Array.isArray(value) && value.length === 3 && value.every(isNear) && value[2] >= 0;
  if (!isPoint) throw new Error(`In the work file, ${where} has a point that is not x, y, width, up to ${FARTHEST}.`);
  return value as unknown as Point;
}

function readColor(value: unknown, where: string): string {
  const color = typeof value === "string" ? parseColor(value) : null;
  if (!color) throw new Error(`In the work file, ${where} has no colour such as #ff8000 (got ${printable(value)}).`);
  return color;
}

function readSketch(value: unknown): Blob {
  const content = typeof value === "string" ? /^data:image\/png;base64,([A-Za-z0-9+/]+=*)$/.exec(value)?.[1] : undefined;
  if (!content) throw new Error("The sketch in the work file is no PNG.");
  return new Blob([fromBase64(content)], { type: "image/png" });
}

function list(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`In the work file, ${where} is no list.`);
  return value;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function printable(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 40) ?? "nothing";
}

/** In pieces: a call takes only so many arguments. */
function toBase64(bytes: Uint8Array): string {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += 0x8000) pieces.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(pieces.join(""));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

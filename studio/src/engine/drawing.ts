// A sketch as generators were trained to see one: dark lines on light paper, which the drawing fills. As
// `sketch2color.colorize.drawing`.
import { floodFromBorder, labelComponents } from "./components.ts";
import {
  type Box, crop, type Grid, type Image, invert, type Levels, maxChannel, minChannel, place, roundEven, type Size, toGrey,
} from "./grid.ts";
import { close, dilate } from "./morphology.ts";
import { resizeLabels } from "./resize.ts";
import { resizeStrokes } from "./resizeStrokes.ts";

/** Pixels of the longer side, in which sketches are looked at. */
const EDGE = 512;
/** Pixels at `EDGE`: what is dark over less than this is a line. Odd. */
const LINE = 33;
/** Share of the ground's light that a line takes at least; grain of paper takes less. */
const INK = Math.fround(0.1);
/** Light of the paper, in sRGB, below which lines are drawn in light on dark. */
const DARK_PAPER = 0.4;
/** Share of the ink that is coloured, from which the lines are coloured pencil. */
const COLORED_LINES = 0.2;
/** Share of the sheet's light below which a dark margin of a photograph is the table. */
const TABLE = 0.45;
/** Share of the image; a darker margin of less is a line at the image's edge. */
const MIN_TABLE = 0.005;
/** Pixels at `EDGE` that the edge of a sheet is blurred over. */
const RIM = 5;
/** Share of the page's edge that a drawing has at least; smaller ones are looked at closely. */
const FILLED = 0.6;
/** Blank page around a small drawing, as a share of its edge. */
const AROUND = 0.1;
/** Share of the edge that the margin outside of a frame round the sheet is at most wide. */
const MARGIN = 0.08;
/** Pixels at `EDGE`: gaps of a frame up to this width count as closed. Odd. */
const FRAME_GAP = 5;
/** Pixels at `EDGE`: ink of less does not belong to the drawing. */
const SPECK = 12;

/** What is drawn on a sketch. */
export interface Drawing {
  /** The drawing alone, as dark lines, without the blank page around it. */
  readonly image: Image;
  /** Size of the whole sketch, and the box in it that the drawing fills. */
  readonly page: Size;
  readonly box: Box;
  /** What is table, or margin outside of a frame, in any resolution; null if nothing is. */
  readonly offSheet: Levels | null;
  readonly lightOnDark: boolean;
}

/** Find the drawing of a sketch; its box is square-ish and at least `minEdge`. */
export function findDrawing(sketch: Image, minEdge: number): Drawing {
  const scale = EDGE / Math.max(sketch.width, sketch.height, 3); // Python counts the channels as an edge
  let small = resizeStrokes(sketch, Math.max(1, roundEven(sketch.width * scale)), Math.max(1, roundEven(sketch.height * scale)));
  const lightOnDark = isLightOnDark(small);
  let lines = lightOnDark ? invert(sketch) : sketch;
  if (lightOnDark) small = invert(small);
  if (hasColoredLines(small)) [lines, small] = [toGrey(minChannel(lines)), toGrey(minChannel(small))];
  const table = findTable(small);
  const ink = toMask(findInk(maxChannel(small)), (share) => share > INK);
  const margin = findMargin(ink);
  const offSheet = { ...table, data: table.data.map((is, at) => is | margin.data[at]!) };
  const near = dilate(table, 2 * RIM + 1).data;
  const box = findBox({ ...ink, data: ink.data.map((is, at) => (near[at] ? 0 : is)) }, sketch, minEdge);
  return {
    image: crop(lines, box),
    page: { width: sketch.width, height: sketch.height },
    box,
    offSheet: offSheet.data.includes(1) ? offSheet : null,
    lightOnDark,
  };
}

/** Turn values over the drawing into values over the sketch, `blank` elsewhere. */
export function onPage<T extends Float32Array | Int32Array>(drawing: Drawing, values: Grid<T>, blank: number): Grid<T> {
  const { box, page, image, offSheet } = drawing;
  if (!offSheet && image.width === page.width && image.height === page.height) return values;
  const [across, down] = [values.width / image.width, values.height / image.height];
  const width = Math.max(1, roundEven(page.width * across));
  const height = Math.max(1, roundEven(page.height * down));
  const data = new (values.data.constructor as new (length: number) => T)(width * height).fill(blank) as T;
  const left = Math.min(roundEven(box.left * across), width - values.width);
  const top = Math.min(roundEven(box.top * down), height - values.height);
  place({ width, height, data }, values, left, top);
  if (offSheet) resizeLabels(offSheet, { width, height }).forEach((off, at) => off && (data[at] = blank));
  return { width, height, data };
}

function toMask({ width, height, data }: Grid<Float32Array | Uint8Array>, test: (value: number) => boolean): Levels {
  const mask = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at++) if (test(data[at]!)) mask[at] = 1;
  return { width, height, data: mask };
}

function sum(mask: Levels): number {
  let count = 0;
  for (const is of mask.data) count += is;
  return count;
}

/** The share of the light that lines take, in [0, 1]. */
function findInk(levels: Levels): Grid<Float32Array> {
  const ground = close(levels, LINE).data;
  const data = new Float32Array(ground.length);
  for (let at = 0; at < data.length; at++) data[at] = 1 - Math.fround(levels.data[at]! / Math.max(ground[at]!, 1));
  return { width: levels.width, height: levels.height, data };
}

/** The level below which a share of the levels lies, between neighbours in the sorted row. */
function percentile(levels: Iterable<number>, share: number): number {
  const counts = new Uint32Array(256);
  let total = 0;
  for (const level of levels) {
    counts[level]!++;
    total++;
  }
  const at = share * (total - 1);
  const level = (index: number) => {
    let found = 0;
    for (let seen = counts[0]!; seen <= index; seen += counts[found]!) found++;
    return found;
  };
  const [low, high] = [level(Math.floor(at)), level(Math.ceil(at))];
  return low + (high - low) * (at - Math.floor(at));
}

function isLightOnDark(image: Image): boolean {
  const { width, height, data } = maxChannel(image);
  const [bottom, right] = [Math.max(0, height - 8), Math.max(0, width - 8)];
  const rim = [...data.subarray(0, 8 * width), ...data.subarray(bottom * width)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < Math.min(8, width); x++) rim.push(data[y * width + x]!, data[y * width + Math.min(right + x, width - 1)]!);
  }
  return Math.max(percentile(rim, 0.5), percentile(data, 0.5)) < 255 * DARK_PAPER;
}

/** Whether a good part of the ink has one full channel, which paint has and grey ink has not. */
function hasColoredLines(image: Image): boolean {
  const [darkest, fullest] = [findInk(minChannel(image)).data, findInk(maxChannel(image)).data];
  let [ink, colored] = [0, 0];
  darkest.forEach((share, at) => {
    if (share <= INK) return;
    ink++;
    if (fullest[at]! < Math.fround(share / 2)) colored++;
  });
  return ink > 0 && colored / ink > COLORED_LINES;
}

/** The dark margin of a photographed sheet. */
function findTable(image: Image): Levels {
  const ground = close(maxChannel(image), LINE);
  const darkest = TABLE * percentile(ground.data, 0.95);
  const table = floodFromBorder(toMask(ground, (level) => level < darkest));
  if (sum(table) / table.data.length < MIN_TABLE) return { ...table, data: new Uint8Array(table.data.length) };
  return dilate(table, RIM);
}

/** What lies outside of a frame drawn round the sheet; nothing where the frame is open. */
function findMargin(ink: Levels): Levels {
  const { width, height } = ink;
  const outside = floodFromBorder(toMask(dilate(ink, FRAME_GAP), (is) => is === 0));
  const [across, down] = [roundEven(MARGIN * width), roundEven(MARGIN * height)];
  for (let y = down; y < height - down; y++) {
    if (outside.data.subarray(y * width + across, Math.max(y * width + across, (y + 1) * width - across)).includes(1)) {
      return { ...ink, data: new Uint8Array(ink.data.length) };
    }
  }
  return dilate(outside, FRAME_GAP);
}

/** The box of the drawing in an image of size `page`: all of it unless the drawing is small. */
function findBox(ink: Levels, page: Size, minEdge: number): Box {
  const whole = { top: 0, bottom: page.height, left: 0, right: page.width };
  const drawn = inkBox(ink);
  const longest = Math.max(page.width, page.height);
  if (!drawn) return whole;
  const scale = longest / Math.max(ink.width, ink.height);
  const edge = Math.max(drawn.bottom - drawn.top, drawn.right - drawn.left) * scale;
  if (edge >= FILLED * longest) return whole;
  const half = Math.max(edge * (1 + 2 * AROUND), minEdge) / 2;
  const ends = (first: number, last: number, size: number) => {
    const middle = ((first + last) / 2) * scale;
    return [Math.max(0, roundEven(middle - half)), Math.min(size, roundEven(middle + half))] as const;
  };
  const [top, bottom] = ends(drawn.top, drawn.bottom, page.height);
  const [left, right] = ends(drawn.left, drawn.right, page.width);
  return { top, bottom, left, right };
}

/** The box of all ink but specks. */
function inkBox(ink: Levels): Box | null {
  const { labels, count } = labelComponents(ink, true);
  const areas = new Int32Array(count + 1);
  for (const label of labels.data) areas[label]!++;
  const box = { top: ink.height, bottom: 0, left: ink.width, right: 0 };
  labels.data.forEach((label, at) => {
    if (!label || areas[label]! < SPECK) return;
    const x = at % ink.width;
    const y = (at - x) / ink.width;
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y + 1);
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x + 1);
  });
  return box.bottom ? box : null;
}

// Shrinks line art so that strokes thinner than a pixel stay visible. As `sketch2color.imaging.strokes`.
import { blur } from "./blur.ts";
import { getOrMake, type Image, invert, isGrey, type Levels, remember, roundEven, type Size, type Values } from "./grid.ts";
import { close, dilate } from "./morphology.ts";
import { paperColor } from "./paper.ts";
import { resizeImage, resizeLinear } from "./resample.ts";

/** 0 averages areas, 1 keeps the full darkness of every stroke; between them, a geometric mean. */
const STRENGTH = 0.5;
/** Pixels of the result: deviation of the Gaussian with which a stroke's width is measured. */
const SIGMA = 1;
/** Levels: a stroke up to the first is treated as paper grain, from the second on as a stroke. */
const [FAINT, PLAIN] = [8, 32];
/** Reached by a stroke of a sixteenth of a pixel; finer ones fade. */
const MAX_GAIN = 4;
/** Levels: on paper darker than this, strokes are light. */
const DARK_PAPER = 128;

const results = remember(() => new Map<string, Image>());

/**
 * Resize, but keep strokes thinner than a pixel of the result visible; dark paper is inverted. Results are kept as
 * long as the sketch is: more than one step looks at it in one size.
 */
export function resizeStrokes(sketch: Image, width: number, height: number): Image {
  return getOrMake(results(sketch), `${width} × ${height}`, () => resizeAnyStrokes(sketch, width, height));
}

function resizeAnyStrokes(sketch: Image, width: number, height: number): Image {
  const [red, green, blue] = paperColor(sketch);
  if (red + green + blue < 3 * DARK_PAPER) return invert(resizeDarkStrokes(invert(sketch), width, height));
  return resizeDarkStrokes(sketch, width, height);
}

function resizeDarkStrokes(sketch: Image, width: number, height: number): Image {
  const resized = resizeImage(sketch, width, height);
  const [across, down] = [sketch.width / width, sketch.height / height];
  if (Math.max(across, down) <= 1) return resized;
  const [reachX, reachY] = [roundEven(across), roundEven(down)];
  const strokes = splitChannels(sketch).map((channel) => extractStrokes(channel, reachX, reachY));
  const peak = dilate(maximum(strokes), 2 * reachX + 1, 2 * reachY + 1);
  const averages = strokes.map((channel) => resizeLinear(channel, width, height).data);
  const gain = findGain(largest(averages, { width, height }), resizeLinear(peak, width, height).data);
  const rgb = new Uint8ClampedArray(resized.rgb); // rounds half to even, as NumPy does
  for (let channel = 0; channel < 3; channel++) {
    const average = averages[channel % averages.length]!;
    for (let i = 0, at = channel; i < gain.length; i++, at += 3) rgb[at] = rgb[at]! - (gain[i]! - 1) * average[i]!;
  }
  return { width, height, rgb: new Uint8Array(rgb.buffer) };
}

/** Red, green and blue, or the one channel of a grey image. */
function splitChannels(image: Image): Levels[] {
  const { width, height, rgb } = image;
  return (isGrey(image) ? [0] : [0, 1, 2]).map((channel) => {
    const data = new Uint8Array(width * height);
    for (let i = 0, at = channel; i < data.length; i++, at += 3) data[i] = rgb[at]!;
    return { width, height, data };
  });
}

/** How much darker than its surroundings a stroke is; 0 off strokes. */
function extractStrokes(levels: Levels, across: number, down: number): Levels {
  const closed = close(levels, (across & ~1) + 1, (down & ~1) + 1);
  for (let i = 0; i < closed.data.length; i++) closed.data[i]! -= levels.data[i]!;
  return closed;
}

function maximum([first, ...rest]: readonly Levels[]): Levels {
  const data = first!.data.slice();
  for (const { data: other } of rest) for (let i = 0; i < data.length; i++) if (other[i]! > data[i]!) data[i] = other[i]!;
  return { ...first!, data };
}

function largest([first, ...rest]: readonly Float32Array[], size: Size): Values {
  const data = first!.slice();
  for (const other of rest) for (let i = 0; i < data.length; i++) data[i] = Math.max(data[i]!, other[i]!);
  return { ...size, data };
}

/**
 * The gain of the strokes in each pixel, 1 to `MAX_GAIN`. Blurred by a Gaussian of deviation s, a long stroke of
 * width b and darkness d peaks at b·d / (√(2π)·s), wherever between the pixels it lies.
 */
function findGain(average: Values, peak: Float32Array): Float32Array {
  const blurred = dilateValues(blur(average, SIGMA));
  return peak.map((darkness, at) => {
    const strokeWidth = (Math.sqrt(2 * Math.PI) * SIGMA * blurred[at]!) / Math.max(darkness, 1);
    const gain = Math.max(strokeWidth, 1e-6) ** -STRENGTH;
    const certainty = Math.min(Math.max((darkness - FAINT) / (PLAIN - FAINT), 0), 1);
    return 1 + (Math.min(Math.max(gain, 1), MAX_GAIN) - 1) * certainty;
  });
}

/** The maximum over 3 × 3 pixels. */
function dilateValues({ width, height, data }: Values): Float32Array {
  return data.map((_, at) => {
    const x = at % width;
    const y = (at - x) / width;
    let most = 0;
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) most = Math.max(most, data[ny * width + nx]!);
    }
    return most;
  });
}

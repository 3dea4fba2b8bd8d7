// Arrays over an image, in rows.

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** One value a pixel. */
export interface Grid<T> extends Size {
  readonly data: T;
}

export type Levels = Grid<Uint8Array>;
export type Values = Grid<Float32Array>;
export type Labels = Grid<Int32Array>;

/** Red, green and blue levels of each pixel. */
export interface Image extends Size {
  readonly rgb: Uint8Array;
}

/** Rows and columns from the first to before the last. */
export interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Round half to even, as Python and NumPy do. */
export function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The brightest channel of each pixel: grey ink stays, colour (having one full channel) fades. */
export function maxChannel({ width, height, rgb }: Image): Levels {
  const data = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < data.length; i++, at += 3) data[i] = Math.max(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!);
  return { width, height, data };
}

export function minChannel({ width, height, rgb }: Image): Levels {
  const data = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < data.length; i++, at += 3) data[i] = Math.min(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!);
  return { width, height, data };
}

export function invert({ width, height, rgb }: Image): Image {
  const inverted = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i++) inverted[i] = 255 - rgb[i]!;
  return { width, height, rgb: inverted };
}

export function isGrey({ rgb }: Image): boolean {
  for (let at = 0; at < rgb.length; at += 3) if (rgb[at] !== rgb[at + 1] || rgb[at] !== rgb[at + 2]) return false;
  return true;
}

/** Call a slow function of an image, or of another object, once for each. */
export function remember<K extends object, T>(find: (of: K) => T): (of: K) => T {
  const known = new WeakMap<K, T>();
  return (of) => getOrMake(known, of, () => find(of));
}

/** What `Map` and `WeakMap` share. */
interface Known<K, V> {
  has(key: K): boolean;
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

/** The value of a key, which is made where there is none. */
export function getOrMake<K, V>(known: Known<K, V>, key: K, make: () => V): V {
  if (!known.has(key)) known.set(key, make());
  return known.get(key)!;
}

/** A grey image of one channel. */
export function toGrey({ width, height, data }: Levels): Image {
  const rgb = new Uint8Array(3 * data.length);
  for (let i = 0, at = 0; i < data.length; i++, at += 3) rgb[at] = rgb[at + 1] = rgb[at + 2] = data[i]!;
  return { width, height, rgb };
}

/** The part of an image in a box; the image itself if that is all of it. */
export function crop(image: Image, { top, bottom, left, right }: Box): Image {
  const { width, height, rgb } = image;
  if (bottom - top === height && right - left === width) return image;
  const result = new Uint8Array(3 * (bottom - top) * (right - left));
  for (let y = top; y < bottom; y++) {
    result.set(rgb.subarray(3 * (y * width + left), 3 * (y * width + right)), 3 * (y - top) * (right - left));
  }
  return { width: right - left, height: bottom - top, rgb: result };
}

/** Put a smaller grid into a larger one, its first pixel at `left`, `top`. */
export function place<T extends Uint8Array | Float32Array | Int32Array>(
  target: Grid<T>, source: Grid<T>, left: number, top: number,
): void {
  for (let y = 0; y < source.height; y++) {
    const row = source.data.subarray(y * source.width, (y + 1) * source.width);
    target.data.set(row as never, (top + y) * target.width + left);
  }
}

/** The label of most corners, of equal ones the first: of parts, that of blank paper around the drawing. */
export function mostFrequentCorner({ width, data }: Labels): number {
  const corners = [0, width - 1, data.length - width, data.length - 1].map((at) => data[at]!);
  const count = (part: number) => corners.filter((each) => each === part).length;
  return corners.reduce((best, part) => {
    const more = count(part) - count(best);
    return more > 0 || (more === 0 && part < best) ? part : best;
  });
}

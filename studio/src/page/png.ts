// PNG with straight alpha, as exact as the pixels are: a canvas would round the colours below alpha.
import { decode, encode } from "fast-png";
import type { Pixels } from "../contract.ts";

export function encodePng(image: Pixels): Uint8Array<ArrayBuffer> {
  const { width, height, data } = image;
  if (hasAlpha(image)) return encode({ width, height, data, channels: 4 }) as Uint8Array<ArrayBuffer>;
  const opaque = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    opaque[to] = data[from];
    opaque[to + 1] = data[from + 1];
    opaque[to + 2] = data[from + 2];
  }
  return encode({ width, height, data: opaque, channels: 3 }) as Uint8Array<ArrayBuffer>;
}

/** RGBA of a PNG with alpha, of any depth and number of channels, as it is in the file. */
export function decodePng(bytes: Uint8Array<ArrayBuffer>): Pixels {
  const { width, height, data: source, channels, depth, palette, transparency } = decode(bytes);
  const data = new Uint8ClampedArray(4 * width * height);
  const scale = palette ? 1 : 255 / (2 ** depth - 1);
  const isGrey = channels < 3;
  const alphaAt = channels === 2 ? 1 : channels === 4 ? 3 : -1;
  for (let from = 0, to = 0; to < data.length; from += channels, to += 4) {
    const values = palette ? palette[source[from]] : source;
    const at = palette ? 0 : from;
    const red = values[at];
    const green = isGrey && !palette ? red : values[at + 1];
    const blue = isGrey && !palette ? red : values[at + 2];
    const isKey = transparency?.[0] === red && (isGrey || (transparency[1] === green && transparency[2] === blue));
    data[to] = red * scale;
    data[to + 1] = green * scale;
    data[to + 2] = blue * scale;
    data[to + 3] = palette ? (values[3] ?? 255) : alphaAt >= 0 ? source[from + alphaAt] * scale : isKey ? 0 : 255;
  }
  return { width, height, data };
}

export function hasAlpha({ data }: Pixels): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] < 255) return true;
  return false;
}

// PNG with straight alpha, as exact as the pixels are: a canvas would round the colours below alpha.
import { encode } from "fast-png";
import type { Pixels } from "../contract.ts";
import { hasAlpha } from "./decode.ts";

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

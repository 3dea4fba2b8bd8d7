// Photoshop's format, with the layers' blend modes.
import { writePsdUint8Array } from "ag-psd";
import type { Layer, Pixels } from "../contract.ts";

/** Encode layers, the lowest first; `merged` is what they look like, without those in `hidden`. */
export function encodePsd(layers: readonly Layer[], merged: Pixels, hidden: ReadonlySet<string>): Uint8Array<ArrayBuffer> {
  const { width, height } = merged;
  const children = layers.map(({ name, blend, pixels }) => ({
    name,
    blendMode: blend,
    hidden: hidden.has(name),
    imageData: pixels,
  }));
  return writePsdUint8Array({ width, height, imageData: merged, children }, { noBackground: true }) as Uint8Array<ArrayBuffer>;
}

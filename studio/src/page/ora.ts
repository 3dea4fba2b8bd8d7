// OpenRaster: a zip of PNG files and the stack that they make. Specification 0.0.3.
import { type Zippable, zipSync } from "fflate";
import type { Blend, Layer, Pixels } from "../contract.ts";
import { encodePng } from "./png.ts";
import { shrink } from "./shrink.ts";

const OPERATORS: Record<Blend, string> = { normal: "svg:src-over", multiply: "svg:multiply", screen: "svg:screen" };
/** Pixels of the longer side of the thumbnail, as the specification asks. */
const THUMBNAIL = 256;

/**
 * Encode layers, the lowest first; `merged` is what they look like, without those in `hidden`. `progress` is told the
 * share that is done and waited for: a large sketch takes seconds, in which the page is to answer.
 */
export async function encodeOra(
  layers: readonly Layer[], merged: Pixels, hidden: ReadonlySet<string>, progress: (share: number) => Promise<void>,
): Promise<Uint8Array<ArrayBuffer>> {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  const files: Zippable = { mimetype: text("image/openraster") }; // the specification wants it first
  const stack: string[] = [];
  for (const [number, { name, blend, pixels }] of layers.entries()) {
    await progress(number / (layers.length + 1));
    files[`data/${number}.png`] = encodePng(pixels);
    const visibility = hidden.has(name) ? "hidden" : "visible";
    const attributes = `src="data/${number}.png" x="0" y="0" composite-op="${OPERATORS[blend]}" visibility="${visibility}"`;
    stack.unshift(`<layer name="${escape(name)}" ${attributes}/>`);
  }
  files["stack.xml"] = text(
    `<?xml version="1.0" encoding="UTF-8"?>\n<image version="0.0.3" w="${merged.width}" h="${merged.height}">` +
      `<stack>${stack.join("")}</stack></image>\n`,
  );
  files["mergedimage.png"] = encodePng(merged);
  files["Thumbnails/thumbnail.png"] = encodePng(shrink(merged, THUMBNAIL));
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) }); // PNG is small already
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

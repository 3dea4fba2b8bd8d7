// The size of an image from its first bytes: a small file can claim a size that no memory holds.

export interface Header {
  readonly format: "PNG" | "JPEG" | "WebP" | "GIF" | "BMP";
  readonly width: number;
  readonly height: number;
}

const MAX_PIXELS = 30e6;
/** Browsers draw on no canvas with longer sides. */
const MAX_SIDE = 16384;

/**
 * Read format and size of an image, and refuse what cannot be worked on.
 *
 * Throws an Error for the designer: no image that browsers decode alike, damaged, or too large.
 */
export function readHeader(bytes: Uint8Array<ArrayBuffer>): Header {
  const header = parse(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes);
  const { format, width, height } = header;
  if (!width || !height) throw new Error(`This ${format} file is damaged: it has no size.`);
  const size = `${width.toLocaleString("en")} × ${height.toLocaleString("en")} pixels`;
  if (Math.max(width, height) > MAX_SIDE) {
    throw new Error(`The image has ${size}, more than ${MAX_SIDE.toLocaleString("en")} on a side: make it smaller.`);
  }
  if (width * height > MAX_PIXELS) throw new Error(`The image has ${size}, more than 30 megapixels: make it smaller.`);
  return header;
}

function parse(view: DataView, bytes: Uint8Array): Header {
  const text = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  try {
    if (text(0, 8) === "\x89PNG\r\n\x1a\n") return { format: "PNG", width: view.getUint32(16), height: view.getUint32(20) };
    if (text(0, 4) === "GIF8") return { format: "GIF", width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (text(0, 4) === "RIFF" && text(8, 12) === "WEBP") return parseWebp(view, text(12, 16));
    if (text(0, 2) === "\xff\xd8") return parseJpeg(view);
    if (text(0, 2) === "BM") {
      return { format: "BMP", width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
    }
  } catch {
    throw new Error("The file is damaged: it ends within its header.");
  }
  if (/^\s*</.test(text(0, 64).replace("\xef\xbb\xbf", ""))) {
    throw new Error("This is a vector image (SVG) or a page: export it as PNG, and open that.");
  }
  throw new Error("This is no image that the studio opens: save it as PNG, JPEG, WebP, GIF or BMP.");
}

function parseWebp(view: DataView, kind: string): Header {
  const format = "WebP";
  if (kind === "VP8X") {
    const triple = (at: number): number => view.getUint16(at, true) + (view.getUint8(at + 2) << 16) + 1;
    return { format, width: triple(24), height: triple(27) };
  }
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { format, width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  return { format, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

/** A JPEG's size is in its frame header, which follows colour profile, EXIF and tables. */
function parseJpeg(view: DataView): Header {
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) throw new Error("not a marker");
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { format: "JPEG", width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
}

// What the studio needs of a browser.

/** A WebAssembly module with one vector instruction: it is valid only where there is SIMD. */
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** One sentence about what the browser lacks, or null. */
export function whatIsMissing(): string | null {
  const lacks =
    typeof WebAssembly !== "object" || !WebAssembly.validate(SIMD) ? "WebAssembly with SIMD"
    : typeof Worker !== "function" || !hasModuleWorkers() ? "module workers"
    : typeof createImageBitmap !== "function" || typeof OffscreenCanvas !== "function" ? "decoding of images in scripts"
    : null;
  return lacks && `This browser lacks ${lacks}, which the studio needs: use a current Firefox, Chrome, Edge or Safari.`;
}

/** A browser that knows module workers reads the option `type`. */
function hasModuleWorkers(): boolean {
  let isRead = false;
  const options = { get type(): WorkerType { isRead = true; return "module"; } };
  try {
    new Worker("data:,", options).terminate();
  } catch {
    // the address is refused by the page's policy; the option was read before
  }
  return isRead;
}

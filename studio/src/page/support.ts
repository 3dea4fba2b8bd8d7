// What the studio needs of a browser.

/** A WebAssembly module with one vector instruction: it is valid only where there is SIMD. */
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** One sentence about what the browser lacks, or null. */
export function whatIsMissing(): string | null {
  const lacks =
    typeof WebAssembly !== "object" || !WebAssembly.validate(SIMD) ? "WebAssembly with SIMD"
    : typeof createImageBitmap !== "function" || typeof OffscreenCanvas !== "function" ? "decoding of images in scripts"
    : null;
  return lacks && lacking(lacks);
}

/** The worker of the studio. Throws an Error for the designer where the browser knows no modules in workers. */
export function startWorker(): Worker {
  let isRead = false;
  const options = { get type(): WorkerType { isRead = true; return "module"; } };
  const worker = new Worker("worker.js", options);
  if (isRead) return worker;
  worker.terminate();
  throw new Error(lacking("modules in workers"));
}

function lacking(what: string): string {
  return `This browser lacks ${what}, which the studio needs: use a current Firefox, Chrome, Edge or Safari.`;
}

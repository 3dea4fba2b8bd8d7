// The generator as ONNX Runtime runs it in WebAssembly.
import * as ort from "onnxruntime-web/wasm";
import { checkDescription, MISFIT, type Model } from "../engine/model.ts";

const MAX_THREADS = 4;
const RUNTIME = "ort-wasm-simd-threaded";

/**
 * Begin to load the model that lies beside the page. It may be asked at once, and answers when `loaded` has resolved;
 * `progress` is called with the share of the bytes that are there, 0 to 1.
 */
export async function loadModel(
  site: URL, progress: (share: number) => void,
): Promise<{ readonly model: Model; readonly loaded: Promise<unknown> }> {
  const description = await download(new URL("model/generator.json", site));
  const { size, palettes, sha256 } = checkDescription(await description.json().catch(() => null));
  const loaded = loadSession(site, sha256, progress);
  return { loaded, model: { size, palettes, run: async (...inputs) => runSession(await loaded, size, ...inputs) } };
}

/** Load network and runtime. */
async function loadSession(site: URL, sha256: string, progress: (share: number) => void): Promise<ort.InferenceSession> {
  const [network, runtime] = await readAll(
    [new URL("model/generator.onnx", site), new URL(`${RUNTIME}.wasm`, site)],
    progress,
  );
  await checkHash(network!, sha256);
  ort.env.wasm.wasmBinary = runtime!.buffer;
  ort.env.wasm.wasmPaths = { mjs: new URL(`${RUNTIME}.mjs`, site).href };
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(MAX_THREADS, navigator.hardwareConcurrency) : 1;
  // Optimizing this graph takes a quarter of a second, and saves nothing in a run.
  const options = { executionProviders: ["wasm"], graphOptimizationLevel: "disabled" } as const;
  return ort.InferenceSession.create(network!, options).catch(() => {
    throw new Error(MISFIT);
  });
}

async function runSession(
  session: ort.InferenceSession, size: number, ...[ink, palette, fine, fineSize]: Parameters<Model["run"]>
): Promise<Float32Array> {
  const { layer } = await session.run({
    ink: new ort.Tensor("float32", ink, [1, 1, size, size]),
    palette: new ort.Tensor("float32", palette, [1, palette.length]),
    fine: new ort.Tensor("float32", fine, [1, 1, fineSize, fineSize]),
  });
  return (await layer!.getData()) as Float32Array;
}

async function download(url: URL): Promise<Response> {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new Error(`${url.pathname} cannot be loaded: reload the page, or build it again.`);
  return response;
}

/** Read files at once, and say how far all are. A compressed file's length is unknown before its end. */
async function readAll(urls: readonly URL[], progress: (share: number) => void): Promise<Uint8Array<ArrayBuffer>[]> {
  const responses = await Promise.all(urls.map(download));
  const shares = responses.map(() => 0);
  return Promise.all(
    responses.map(async (response, index) => {
      const length = Number(response.headers.get("Content-Length"));
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      let read = 0;
      for (const reader = response.body!.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        chunks.push(value);
        read += value.length;
        shares[index] = Math.min(1, read / Math.max(length, 1));
        progress(shares.reduce((sum, share) => sum + share, 0) / shares.length);
      }
      return new Uint8Array(await new Blob(chunks).arrayBuffer());
    }),
  );
}

/** Refuse a damaged model. Browsers hash only on pages that are served securely or from this machine. */
async function checkHash(content: Uint8Array<ArrayBuffer>, sha256: string): Promise<void> {
  if (!crypto.subtle) return;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== sha256) throw new Error(MISFIT);
}

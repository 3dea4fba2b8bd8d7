// The worker: answers the client's calls one after the other.
import type { Pixels } from "../contract.ts";
import { Engine } from "../engine/engine.ts";
import { loadModel } from "./model.ts";
import type { Answer, Call } from "./protocol.ts";

let engine: Engine | null = null;
let last: Promise<void> = Promise.resolve();

self.addEventListener("message", (event) => {
  const call = (event as MessageEvent<Call>).data;
  last = last.then(() => answer(call));
});

async function answer(call: Call): Promise<void> {
  try {
    const result = await run(call);
    post({ id: call.id, result }, buffers(result));
  } catch (error) {
    post({ id: call.id, error: error instanceof Error ? error.message : String(error) });
  }
}

async function run({ id, method, args }: Call): Promise<unknown> {
  if (method === "load") {
    const model = await loadModel(new URL("./", self.location.href), (progress) => post({ id, progress }));
    engine = new Engine(model);
    return { variants: model.palettes.length };
  }
  if (!engine) throw new Error("The model is not loaded yet.");
  return (engine[method] as (...args: unknown[]) => unknown).apply(engine, [...args]);
}

function post(answer: Answer, moved: Transferable[] = []): void {
  self.postMessage(answer, { transfer: moved });
}

/** The buffers of images in a result, which go to the page without being copied. */
function buffers(result: unknown): Transferable[] {
  const images = (Array.isArray(result) ? result.map((layer) => layer?.pixels) : [result]) as (Pixels | undefined)[];
  return [...new Set(images.flatMap((image) => (image?.data instanceof Uint8ClampedArray ? [image.data.buffer] : [])))];
}

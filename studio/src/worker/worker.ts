// The worker: answers the client's calls one after the other.
import type { Layer, Pixels, Rendered, Request, StrokeRequest } from "../contract.ts";
import { Engine } from "../engine/engine.ts";
import type { Size } from "../engine/grid.ts";
import { HintArrays } from "../engine/hints.ts";
import { loadModel } from "./model.ts";
import type { Abort, Answer, Call } from "./protocol.ts";

let engine: Promise<Engine> | null = null;
let size: Size = { width: 0, height: 0 };
const hints = new HintArrays();
let last: Promise<void> = Promise.resolve();
let aborted = 0;

self.addEventListener("message", (event) => {
  const message = (event as MessageEvent<Call | Abort>).data;
  if ("abort" in message) aborted = message.abort;
  else if (message.method === "load") void answer(message); // beside the others: a sketch is looked at meanwhile
  else last = last.then(() => answer(message));
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
    const loading = loadModel(new URL("./", self.location.href), (progress) => post({ id, progress }));
    engine = loading.then(({ model }) => new Engine(model));
    await engine; // so that its failure, too, is answered here
    const { model, loaded } = await loading;
    await loaded;
    return { variants: model.palettes.length };
  }
  if (!engine) throw new Error("The model is not being loaded.");
  const [first, ...rest] = args;
  if (method === "open") {
    const { width, height } = first as Pixels;
    size = { width, height };
    const parts = await (await engine).open(first as Pixels);
    return { ...parts, data: parts.data.slice() }; // what is posted leaves the worker
  }
  const ready = await engine;
  const work = ready[method] as (...args: unknown[]) => unknown;
  return work.call(ready, toRequest(first as StrokeRequest), ...rest, () => pause(id));
}

function toRequest({ palette, variant, strokes }: StrokeRequest): Request {
  return { palette, variant, ...hints.of(strokes, size) };
}

/** Let messages in; fail if one of them gives up the call. */
async function pause(id: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  if (aborted === id) throw new Error("Given up.");
}

function post(answer: Answer, moved: Transferable[] = []): void {
  self.postMessage(answer, { transfer: moved });
}

/** The buffers of images in a result, which go to the page without being copied. */
function buffers(result: unknown): Transferable[] {
  const results = [result].flat() as (Partial<Layer & Rendered & Pixels> | undefined)[];
  const images = results.map((each) => each?.pixels ?? each?.image ?? each);
  return [...new Set(images.flatMap((image) => (image?.data ? [image.data.buffer] : [])))];
}

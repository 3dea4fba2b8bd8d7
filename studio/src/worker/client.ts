// The page's end of the worker: a `Colorizer` whose calls are sent one at a time, so that those that wait can be
// dropped, and the image that the designer waits for overtakes thumbnails.
import type { Colorizer, Layer, Pixels, Rendered, StrokeRequest, View } from "../contract.ts";
import type { Labels } from "../engine/grid.ts";
import type { Abort, Answer, Call, Method } from "./protocol.ts";

interface Job extends Call {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly progress: (share: number) => void;
}

/** What of `Worker` the client needs. */
export type Port = Pick<Worker, "postMessage" | "addEventListener">;

/**
 * The colourizer in a worker.
 *
 * Opening a sketch drops what waits for the one before: images resolve to null, all else rejects.
 */
export class WorkerColorizer implements Colorizer {
  private readonly waiting: Job[] = [];
  private running: Job | null = null;
  private loading: Job | null = null;
  private calls = 0;

  constructor(private readonly worker: Port = new Worker("worker.js", { type: "module" })) {
    worker.addEventListener("message", (event) => this.receive((event as MessageEvent<Answer>).data));
    worker.addEventListener("error", (event) => this.fail((event as ErrorEvent).message));
  }

  load(progress: (share: number) => void): Promise<{ readonly variants: number }> {
    return this.call("load", [], progress);
  }

  open(sketch: Pixels): Promise<Labels> {
    for (const job of this.waiting.splice(0)) {
      if (job.method === "render") job.resolve(null as never);
      else job.reject(new Error("Another sketch was opened."));
    }
    return this.call("open", [sketch]);
  }

  render(request: StrokeRequest, view: View = {}, signal?: AbortSignal): Promise<Rendered | null> {
    const earlier = this.waiting.find((job) => job.method === "render");
    if (earlier) this.abort(earlier.id);
    const image = this.call<Rendered | null>("render", [request, view]);
    const id = this.calls;
    signal?.addEventListener("abort", () => this.abort(id));
    return image;
  }

  /** Let the call of this number resolve to null. */
  private abort(id: number): void {
    const waits = this.waiting.findIndex((job) => job.id === id);
    if (waits >= 0) this.waiting.splice(waits, 1)[0]!.resolve(null as never);
    else if (this.running?.id === id) {
      this.running.resolve(null as never);
      this.worker.postMessage({ abort: id } satisfies Abort);
    }
  }

  preview(request: StrokeRequest, edge: number): Promise<Pixels> {
    return this.call("preview", [request, edge]);
  }

  layers(request: StrokeRequest): Promise<Layer[]> {
    return this.call("layers", [request]);
  }

  private call<T>(method: Method, args: readonly unknown[], progress: (share: number) => void = () => {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const job: Job = { id: ++this.calls, method, args, resolve, reject, progress };
      if (method === "load") this.send((this.loading = job)); // goes on beside the others
      else this.waiting.push(job);
      this.next();
    });
  }

  /** Send the call that goes first: in order, but an image before thumbnails. */
  private next(): void {
    if (this.running || !this.waiting.length) return;
    const first = this.waiting[0]!;
    const overtakes = first.method === "preview" ? this.waiting.findIndex((job) => job.method === "render") : 0;
    this.running = this.waiting.splice(Math.max(0, overtakes), 1)[0]!;
    this.send(this.running);
  }

  private send({ id, method, args }: Job): void {
    this.worker.postMessage({ id, method, args } satisfies Call);
  }

  private receive(answer: Answer): void {
    const job = [this.running, this.loading].find((each) => each?.id === answer.id);
    if (!job) return;
    if ("progress" in answer) return job.progress(answer.progress);
    if (job === this.running) this.running = null;
    if ("error" in answer) job.reject(new Error(answer.error));
    else job.resolve(answer.result as never);
    this.next();
  }

  /** A worker that could not start, or broke, answers nothing: no call may wait for it. */
  private fail(message: string): void {
    const jobs = [this.running, this.loading, ...this.waiting.splice(0)];
    this.running = null;
    for (const job of jobs) job?.reject(new Error(`The colourizer stopped: ${message || "it could not be loaded"}.`));
  }
}

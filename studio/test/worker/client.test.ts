import assert from "node:assert/strict";
import test from "node:test";
import type { StrokeRequest } from "../../src/contract.ts";
import { WorkerColorizer } from "../../src/worker/client.ts";
import type { Abort, Answer, Call } from "../../src/worker/protocol.ts";

const REQUEST: StrokeRequest = { palette: [], variant: 0, strokes: [] };

/** A worker that answers when the test says so. */
class FakeWorker {
  readonly received: (Call | Abort)[] = [];
  private readonly listeners = new Map<string, (event: never) => void>();
  readonly colorizer = new WorkerColorizer({
    postMessage: (message: Call | Abort) => void this.received.push(message),
    addEventListener: (type: string, listener: (event: never) => void) => void this.listeners.set(type, listener),
  } as unknown as Worker);

  answer(...answers: Answer[]): void {
    for (const data of answers) this.listeners.get("message")!({ data } as never);
  }

  /** Finish the call that was received last. */
  finish(result: unknown): void {
    const call = this.received.filter((message) => "id" in message).at(-1)! as Call;
    this.answer({ id: call.id, result });
  }

  break(message: string): void {
    this.listeners.get("error")!({ message } as never);
  }

  get methods(): string[] {
    return this.received.map((message) => ("abort" in message ? "abort" : message.method));
  }
}

test("of images that wait only the last is made, and before thumbnails", async () => {
  const worker = new FakeWorker();
  const { colorizer } = worker;
  const [first, , second, third] = [
    colorizer.render(REQUEST), colorizer.preview(REQUEST, 100), colorizer.render(REQUEST), colorizer.render(REQUEST),
  ];
  assert.equal(await second, null);
  worker.finish("one");
  worker.finish("three");
  assert.deepEqual([await first, await third], ["one", "three"]);
  assert.deepEqual(worker.methods, ["render", "render", "preview"]);
});

test("an image that is given up resolves to null, waiting or not, and the worker is told of the one that it makes", async () => {
  const worker = new FakeWorker();
  const { colorizer } = worker;
  const signals = [new AbortController(), new AbortController()];
  const running = colorizer.render(REQUEST, {}, signals[0]!.signal);
  const waiting = colorizer.render(REQUEST, {}, signals[1]!.signal);
  signals[1]!.abort();
  signals[0]!.abort();
  assert.deepEqual([await running, await waiting], [null, null]);
  const next = colorizer.render(REQUEST);
  assert.deepEqual(worker.methods, ["render", "abort"]); // the worker answers first
  worker.finish("late");
  worker.finish("next");
  assert.equal(await next, "next");
});

test("a sketch is looked at while the model is loaded", async () => {
  const worker = new FakeWorker();
  const { colorizer } = worker;
  const shares: number[] = [];
  const loaded = colorizer.load((share) => shares.push(share));
  const opened = colorizer.open({ width: 1, height: 1, data: new Uint8ClampedArray(4) });
  assert.deepEqual(worker.methods, ["load", "open"]);
  worker.answer({ id: 1, progress: 0.5 }, { id: 2, result: "opened" }, { id: 1, result: "loaded" });
  assert.deepEqual([await opened, await loaded, shares], ["opened", "loaded", [0.5]]);
});

test("a worker that breaks rejects all calls", async () => {
  const worker = new FakeWorker();
  const { colorizer } = worker;
  const calls = [colorizer.load(() => {}), colorizer.render(REQUEST), colorizer.preview(REQUEST, 100)];
  worker.break("out of memory");
  for (const call of calls) await assert.rejects(call, /out of memory/);
});

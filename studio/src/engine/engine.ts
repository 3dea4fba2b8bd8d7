// Colour on demand: one sketch, and what requests make of it.
import type { Layer, Pixels, Request } from "../contract.ts";
import type { Model } from "./model.ts";

export class Engine {
  private sketch: Pixels | null = null;

  constructor(readonly model: Model) {}

  async open(sketch: Pixels): Promise<void> {
    this.sketch = sketch;
  }

  async render(_request: Request, _hidden: ReadonlySet<string> = new Set()): Promise<Pixels> {
    return this.opened;
  }

  async preview(_request: Request, _edge: number): Promise<Pixels> {
    return this.opened;
  }

  async layers(_request: Request): Promise<Layer[]> {
    return [{ name: "sketch", blend: "multiply", pixels: this.opened }];
  }

  async names(_request: Request): Promise<string[]> {
    return ["sketch"];
  }

  private get opened(): Pixels {
    if (!this.sketch) throw new Error("No sketch is open.");
    return { ...this.sketch, data: this.sketch.data.slice() };
  }
}

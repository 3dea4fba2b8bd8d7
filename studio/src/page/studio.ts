// The state of the studio, which all views share: they change it here, and are told.
import type { Labels } from "../engine/grid.ts";
import type { Stroke } from "../engine/strokes.ts";
import { addStroke, fillsPaper } from "./fills.ts";
import { History } from "./history.ts";
import { MAX_COLORS, nameStep, NOTHING, type Sketch, type Work } from "./work.ts";

export type Tool = "fill" | "brush" | "line" | "eraser" | "pick";
/** What the picker changes: the colour of strokes, or a place in the palette. */
export type Target = "stroke" | number;
/** `work` is what undo goes through; `session` tools and colours at hand; `layers` which of them are hidden. */
export type Topic = "work" | "session" | "layers";

/** Widths are kept as on a sketch whose longer side has so many pixels, so that they look alike on the next. */
const LONGER_SIDE = 1024;
export const MAX_WIDTH = 400;
const PAPER_FILLED = "The paper is filled, and what open outlines join to it. Draw white where it is to stay, or undo and use Brush.";
/** Layers over the colours. */
const OVER_COLORS = ["sketch", "light", "shade"];

export class Studio {
  readonly history = new History<Work>(NOTHING);
  /** Keys of layers that are not shown, as {@link layerKey}. */
  readonly hidden = new Set<string>();
  tool: Tool = "fill";
  color = "#dc143c";
  target: Target = 0;
  /** Of the sketch that was looked at last. */
  parts: Labels | null = null;
  /** What the last step did, which the status line says once the image shows it. */
  message = "";
  /** A tool each: what suits a fill is thin for an eraser. */
  readonly widths: Record<Tool, number> = { fill: 6, brush: 12, line: 12, eraser: 30, pick: 1 };
  private before = "#1d1e22";
  private readonly listeners: [Topic, () => void][] = [];

  get work(): Work {
    return this.history.current;
  }

  on(topics: readonly Topic[], listener: () => void): void {
    for (const topic of topics) this.listeners.push([topic, listener]);
  }

  emit(topic: Topic): void {
    for (const [wanted, listener] of this.listeners) if (wanted === topic) listener();
  }

  /** Change the work; see `History.push` for `merge`. */
  edit(change: Partial<Work>, merge: string | null = null, message = "Coloured."): void {
    this.history.push({ ...this.work, ...change }, merge);
    this.message = message;
    this.emit("work");
  }

  draw(stroke: Stroke): void {
    const { strokes, sketch } = this.work;
    const message = fillsPaper(stroke, sketch!.pixels, this.parts) ? PAPER_FILLED : undefined;
    this.edit({ strokes: addStroke(strokes, stroke, sketch!.pixels, this.parts) }, null, message);
  }

  /** Go on with another sketch: the palette stays, strokes belong to the sketch. Undo leads back. */
  open(sketch: Sketch, work: Partial<Work> = {}): void {
    const palette = !work.palette && this.work.palette.length ? " with the palette of before" : "";
    this.hidden.clear();
    this.edit({ variant: 0, strokes: [], ...work, sketch }, null, `${sketch.name} opened${palette}.`);
  }

  /** Go on with work that was kept; there is nothing before it. */
  begin(work: Work & { readonly sketch: Sketch }): void {
    this.history.restart(work);
    this.message = `${work.sketch.name} as it was left.`;
    this.emit("work");
  }

  undo(): void {
    const { work } = this;
    if (!this.history.undo()) return;
    this.message = `Undone: ${nameStep(this.work, work)}.`;
    this.emit("work");
  }

  redo(): void {
    const { work } = this;
    if (!this.history.redo()) return;
    this.message = `Redone: ${nameStep(work, this.work)}.`;
    this.emit("work");
  }

  chooseTool(tool: Tool): void {
    this.tool = tool;
    if (tool === "fill" || tool === "brush" || tool === "line") this.target = "stroke";
    this.emit("session");
  }

  chooseTarget(target: Target): void {
    this.target = target;
    this.emit("session");
  }

  /** The width of the tool at hand, in pixels of the sketch. */
  get width(): number {
    return Math.max(1, Math.round(this.widths[this.tool] * this.widthScale));
  }

  /** Pixels of the sketch that a width of 1 has. */
  get widthScale(): number {
    const pixels = this.work.sketch?.pixels;
    return pixels ? Math.max(pixels.width, pixels.height) / LONGER_SIDE : 1;
  }

  chooseWidth(width: number): void {
    this.widths[this.tool] = Math.min(MAX_WIDTH, width);
    this.emit("session");
  }

  /** The colour that the picker changes; null where the palette has none yet. */
  get targetColor(): string | null {
    return this.target === "stroke" ? this.color : (this.work.palette[this.target] ?? null);
  }

  setColor(color: string, merge: string | null = null): void {
    if (color === this.targetColor) return;
    if (this.target === "stroke") {
      if (merge === null) this.before = this.color;
      this.color = color;
      this.emit("session");
      return;
    }
    const palette = [...this.work.palette];
    palette[Math.min(this.target, palette.length, MAX_COLORS - 1)] = color;
    this.edit({ palette }, merge && `${merge} ${this.target}`);
  }

  removeColor(): void {
    if (this.target === "stroke" || this.target >= this.work.palette.length) return;
    this.setPalette(this.work.palette.filter((_, index) => index !== this.target));
  }

  setPalette(palette: readonly string[]): void {
    if (this.target !== "stroke") this.target = Math.min(this.target, Math.max(0, palette.length - 1));
    this.edit({ palette: palette.slice(0, MAX_COLORS) });
  }

  /** Go back to the tool colour used before. */
  swapColors(): void {
    [this.color, this.before] = [this.before, this.color];
    this.emit("session");
  }

  toggleLayer(key: string): void {
    const isShown = this.hidden.delete(key);
    if (!isShown) this.hidden.add(key);
    this.message = `Layer ${key} ${isShown ? "shown" : "hidden"}.`;
    this.emit("layers");
  }

  /** Whether nothing is shown over the colours. */
  get isFlat(): boolean {
    return OVER_COLORS.every((key) => this.hidden.has(key));
  }

  /** Show the colours alone, and all layers again. */
  toggleFlat(): void {
    const { isFlat } = this;
    this.hidden.clear();
    if (!isFlat) for (const key of OVER_COLORS) this.hidden.add(key);
    this.message = isFlat ? "All layers shown." : "Flat colours alone.";
    this.emit("layers");
  }
}

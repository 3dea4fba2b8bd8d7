// The state of the studio, which all views share: they change it here, and are told.
import { History } from "./history.ts";
import { MAX_COLORS, NOTHING, type Sketch, type Work } from "./work.ts";

export type Tool = "fill" | "brush" | "line" | "eraser" | "pick";
/** What the picker changes: the colour of strokes, or a place in the palette. */
export type Target = "stroke" | number;
/** `work` is what undo goes through; `session` tools and colours at hand; `layers` which of them are hidden. */
export type Topic = "work" | "session" | "layers";

export const MAX_WIDTH = 400;
/** At first, on a sketch whose longer side has 1024 pixels: what suits a fill is thin for an eraser. */
const WIDTHS: Readonly<Record<Tool, number>> = { fill: 6, brush: 12, line: 12, eraser: 30, pick: 1 };

export class Studio {
  readonly history = new History<Work>(NOTHING);
  /** Keys of layers that are not shown, as {@link layerKey}. */
  readonly hidden = new Set<string>();
  tool: Tool = "fill";
  color = "#dc143c";
  target: Target = 0;
  /** In pixels of the sketch, a tool each. */
  readonly widths: Record<Tool, number> = { ...WIDTHS };
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
  edit(change: Partial<Work>, merge: string | null = null): void {
    this.history.push({ ...this.work, ...change }, merge);
    this.emit("work");
  }

  /** Go on with another sketch: the palette stays, strokes belong to the sketch. Undo leads back. */
  open(sketch: Sketch, work: Partial<Work> = {}): void {
    this.prepare(sketch);
    this.edit({ variant: 0, strokes: [], ...work, sketch });
  }

  /** Go on with work that was kept; there is nothing before it. */
  begin(work: Work & { readonly sketch: Sketch }): void {
    this.prepare(work.sketch);
    this.history.restart(work);
    this.emit("work");
  }

  private prepare(sketch: Sketch): void {
    const unit = Math.max(sketch.pixels.width, sketch.pixels.height) / 1024;
    for (const tool of Object.keys(WIDTHS) as Tool[]) {
      this.widths[tool] = Math.min(MAX_WIDTH, Math.max(2, Math.round(WIDTHS[tool] * unit)));
    }
    this.hidden.clear();
    this.emit("session");
  }

  undo(): void {
    if (this.history.undo()) this.emit("work");
  }

  redo(): void {
    if (this.history.redo()) this.emit("work");
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

  chooseWidth(width: number): void {
    this.widths[this.tool] = Math.min(MAX_WIDTH, Math.max(1, Math.round(width)));
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

  /** Go back to the stroke colour used before. */
  swapColors(): void {
    [this.color, this.before] = [this.before, this.color];
    this.emit("session");
  }

  toggleLayer(key: string): void {
    if (!this.hidden.delete(key)) this.hidden.add(key);
    this.emit("layers");
  }
}

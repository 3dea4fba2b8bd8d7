// Undo and redo without a limit: states are immutable and share what did not change.

export class History<State> {
  private readonly past: State[] = [];
  private future: State[] = [];
  private merging: string | null = null;

  constructor(private state: State) {}

  get current(): State {
    return this.state;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Go to a new state. Steps in a row with the same `merge`, such as of a dragged slider, are undone as one. */
  push(state: State, merge: string | null = null): void {
    if (merge === null || merge !== this.merging) this.past.push(this.state);
    this.merging = merge;
    this.state = state;
    this.future = [];
  }

  /** Begin anew: there is nothing to undo. */
  restart(state: State): void {
    this.past.length = 0;
    this.future = [];
    this.merging = null;
    this.state = state;
  }

  /** End a row of merged steps. */
  seal(): void {
    this.merging = null;
  }

  undo(): boolean {
    return this.step(this.past, this.future);
  }

  redo(): boolean {
    return this.step(this.future, this.past);
  }

  private step(from: State[], to: State[]): boolean {
    this.seal();
    if (!from.length) return false;
    to.push(this.state);
    this.state = from.pop()!;
    return true;
  }
}

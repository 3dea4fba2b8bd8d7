// Disjoint sets of numbers, which are joined (union-find).

export class DisjointSets {
  private readonly parent: Int32Array;

  /** Each number below `count` in a set of its own. */
  constructor(count: number) {
    this.parent = Int32Array.from({ length: count }, (_, number) => number);
  }

  /** The number that stands for the set of another. */
  root(number: number): number {
    const { parent } = this;
    while (parent[number] !== number) number = parent[number] = parent[parent[number]!]!;
    return number;
  }

  /** Join two sets; `kept` is a root, and stands for both. */
  join(kept: number, other: number): void {
    this.parent[other] = kept;
  }

  /** For each number that of its set: sets are numbered from 0 in the order of their roots. */
  numbers(): Int32Array {
    const roots = this.parent.map((_, number) => this.root(number));
    const numbers = new Map([...new Set(roots)].sort((a, b) => a - b).map((root, number) => [root, number]));
    return roots.map((root) => numbers.get(root)!);
  }
}

// What client and worker post to each other: a call, and its result, failure or progress.
import type { Colorizer } from "../contract.ts";

export type Method = keyof Colorizer;

/** A call of the worker; `id` comes back with the answer. */
export interface Call {
  readonly id: number;
  readonly method: Method;
  readonly args: readonly unknown[];
}

/** Give up the call of this number: nobody waits for its answer. */
export interface Abort {
  readonly abort: number;
}

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly id: number; readonly progress: number };

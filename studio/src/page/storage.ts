// The work kept in this browser: the sketch's file, palette and strokes, so that a reload goes on where it was.
import type { Work } from "./work.ts";

const DATABASE = "sketch2color";
const STORE = "work";
const KEY = "current";

export interface Stored extends Omit<Work, "sketch"> {
  readonly name: string;
  readonly file: Blob;
}

/** Keep work in place of what was kept. Rejects where the browser keeps nothing, or has no space left. */
export async function keep(work: Work): Promise<void> {
  const { sketch, palette, variant, strokes } = work;
  if (!sketch) return;
  await run("readwrite", (store) => store.put({ name: sketch.name, file: sketch.file, palette, variant, strokes }, KEY));
}

/** The work that was kept, or undefined. */
export async function recall(): Promise<Stored | undefined> {
  return run("readonly", (store) => store.get(KEY));
}

async function run<T>(mode: IDBTransactionMode, action: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = action(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

import assert from "node:assert/strict";
import test from "node:test";
import { History } from "../src/page/history.ts";

test("every step can be undone and redone", () => {
  const history = new History(0);
  for (let state = 1; state <= 500; state++) history.push(state);
  for (let state = 499; state >= 0; state--) {
    assert.ok(history.undo());
    assert.equal(history.current, state);
  }
  assert.equal(history.undo(), false);
  for (let state = 1; state <= 500; state++) assert.ok(history.redo());
  assert.equal(history.redo(), false);
  assert.equal(history.current, 500);
});

test("a new step after undo takes the place of those undone", () => {
  const history = new History("a");
  history.push("b");
  history.undo();
  history.push("c");
  assert.equal(history.canRedo, false);
  history.undo();
  assert.equal(history.current, "a");
});

test("steps that merge are undone at once, until they are sealed", () => {
  const history = new History(0);
  history.push(1, "mixer");
  history.push(2, "mixer");
  history.seal();
  history.push(3, "mixer");
  history.push(4, "text");
  const undone = [];
  while (history.undo()) undone.push(history.current);
  assert.deepEqual(undone, [3, 2, 0]);
});

test("nothing before a restart can be undone", () => {
  const history = new History(0);
  history.push(1);
  history.restart(2);
  assert.equal(history.undo(), false);
  assert.equal(history.current, 2);
});

import { expect, test } from "vitest";
import { makeSchedule } from "./schedule";

function scheduleAt(names: ("access_logs" | "user_activities")[] = ["access_logs"]) {
  const clock = { now: 1 };
  return { clock, schedule: makeSchedule(names, { batchSize: 500, maxBatchSize: 2_000 }, () => clock.now) };
}

test("a batch grows while claims come back full and shrinks again when little waits", () => {
  const { schedule } = scheduleAt();
  const sizes = [500, 1_000, 2_000, 2_000, 3, 500].map((taken) => {
    const turn = schedule.next();
    turn?.end(taken);
    return turn?.size;
  });
  expect(sizes).toEqual([500, 1_000, 2_000, 2_000, 2_000, 500]);
});

test("an empty queue is looked at ever more rarely, at most half a second apart, and at once after work", () => {
  const { clock, schedule } = scheduleAt();
  const waits = Array.from({ length: 7 }, () => {
    const from = clock.now;
    for (let turn = schedule.next(); ; turn = schedule.next()) {
      if (turn) {
        turn.end(0);
        return clock.now - from;
      }
      clock.now++;
    }
  });
  expect(waits).toEqual([0, 20, 40, 80, 160, 320, 500]);
  clock.now += 500;
  schedule.next()?.end(1);
  expect(schedule.next()).not.toBeNull();
});

test("lanes share a full queue, but only one looks whether an empty one is filled", () => {
  const { clock, schedule } = scheduleAt();
  const [first, second] = [schedule.next(), schedule.next()];
  expect(second).not.toBeNull();
  first?.end(0);
  second?.end(0);
  clock.now += 1_000;
  expect(schedule.next()).not.toBeNull();
  expect(schedule.next()).toBeNull();
});

test("queues take turns", () => {
  const { clock, schedule } = scheduleAt(["access_logs", "user_activities"]);
  const served = Array.from({ length: 4 }, () => {
    clock.now++;
    const turn = schedule.next();
    turn?.end(1);
    return turn?.queue;
  });
  expect(served).toEqual(["access_logs", "user_activities", "access_logs", "user_activities"]);
});

test("a failing queue waits longer and longer and does not hold up the other", () => {
  const { clock, schedule } = scheduleAt(["access_logs", "user_activities"]);
  schedule.next()?.end("failed");
  for (let step = 0; step < 50; step++) {
    clock.now += 10;
    const turn = schedule.next();
    expect(turn?.queue).toBe("user_activities");
    turn?.end(5);
  }
});

import { expect, test } from "vitest";
import { makeSchedule } from "./schedule";

function scheduleAt() {
  const clock = { now: 1 };
  return { clock, schedule: makeSchedule({ batchSize: 500, maxBatchSize: 2_000 }, () => clock.now) };
}

test("a batch grows while claims are full and shrinks when the queue is nearly empty", () => {
  const { schedule } = scheduleAt();
  const sizes = [500, 1_000, 2_000, 2_000, 3, 500].map((taken) => {
    const turn = schedule.next();
    turn?.end(taken);
    return turn?.size;
  });
  expect(sizes).toEqual([500, 1_000, 2_000, 2_000, 2_000, 500]);
});

test("an empty queue is polled with growing intervals of up to half a second, and immediately after a batch", () => {
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

test("lanes share a full queue, but only one polls an empty queue", () => {
  const { clock, schedule } = scheduleAt();
  const [first, second] = [schedule.next(), schedule.next()];
  expect(second).not.toBeNull();
  first?.end(0);
  second?.end(0);
  clock.now += 1_000;
  expect(schedule.next()).not.toBeNull();
  expect(schedule.next()).toBeNull();
});

test("two lanes that find nothing pause, even if their polls overlap", () => {
  const { clock, schedule } = scheduleAt();
  let pending = schedule.next();
  let looks = 1;
  for (let step = 0; step < 1_000; step++, clock.now++) {
    const other = schedule.next();
    if (other) looks++;
    pending?.end(0);
    pending = other;
  }
  expect(looks).toBeLessThan(10);
});

test("while one lane is blocked, the other drains the queue", () => {
  const { clock, schedule } = scheduleAt();
  schedule.next()?.end("outage");
  clock.now += 100;
  expect(schedule.next()).not.toBeNull();
  expect(schedule.next()).toBeNull();
  clock.now += 2_000;
  const other = schedule.next();
  expect(other).not.toBeNull();
  other?.end(0);
  clock.now += 200;
  expect(schedule.next()).not.toBeNull();
});

test("a failing queue is retried with growing delays of up to 15 seconds", () => {
  const { clock, schedule } = scheduleAt();
  const waits = Array.from({ length: 6 }, () => {
    const from = clock.now;
    for (let turn = schedule.next(); ; turn = schedule.next()) {
      if (turn) {
        turn.end("failed");
        return clock.now - from;
      }
      clock.now += 100;
    }
  });
  expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000, 15_000]);
});

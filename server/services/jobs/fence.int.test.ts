import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Context, Principal } from "@/server/process/context";
import { aborted } from "@/server/process/stop-signal";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { EXPORT_RESULT } from "@/server/testing/job-handlers";
import { type Claim, claimJob } from "./claim";
import { endStaleSessions, makeFence } from "./fence";
import { runJobs } from "./runner";
import { startJob } from "./start";
import { waitForJob } from "./wait";

const anna: Principal = { kind: "user", id: "anna", name: "anna@example.com", role: "operator" };

let testContext: TestContext;
let ctx: Context;
const running: (() => Promise<void>)[] = [];

beforeAll(async () => {
  testContext = await createTestContext();
  ctx = testContext.context;
  await ctx.db.sql`create table effects (text text)`;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
  await ctx.db.sql`delete from jobs`;
  await ctx.db.sql`truncate effects`;
});
afterAll(() => testContext.close());

/** A run whose worker stopped midway: it no longer renews its lease. */
async function stoppedRun(): Promise<Claim> {
  await startJob(ctx, "export", { export_type: "access_logs", format: "csv" }, { principal: anna });
  const claim = await claimJob(ctx, ["export"]);
  if (!claim) throw new Error("nothing to claim");
  await ctx.db.sql`update jobs set lease_until = now() - interval '1 second' where id = ${claim.id}`;
  return claim;
}

function startWorker(): void {
  const control = new AbortController();
  const work = async () => {
    await ctx.db.sql`insert into effects values ('second')`;
    return EXPORT_RESULT;
  };
  const ended = runJobs(ctx, { export: work }, { signal: control.signal });
  running.push(async () => {
    control.abort();
    await ended;
  });
}

const effects = async () => (await ctx.db.sql<{ text: string }[]>`select text from effects`).map((row) => row.text);

test("a transaction that a stopped worker left open is rolled back before the job restarts", async () => {
  const claim = await stoppedRun();
  const fence = makeFence(claim);
  const forever = new AbortController();
  const left = ctx.db.sql.begin(async (tx) => {
    await fence.check(tx);
    await tx`insert into effects values ('first')`;
    startWorker();
    await aborted(forever.signal);
  });
  left.catch(() => {});
  expect(await waitForJob(ctx, claim.id, { seconds: 20 })).toMatchObject({ status: "completed" });
  forever.abort();
  await expect(left).rejects.toThrow();
  expect(await effects()).toEqual(["second"]);
});

test("a worker that resumes after its job was taken over changes nothing", async () => {
  const claim = await stoppedRun();
  startWorker();
  await waitForJob(ctx, claim.id, { seconds: 20 });
  const late = ctx.db.sql.begin(async (tx) => {
    await makeFence(claim).check(tx);
    await tx`insert into effects values ('first')`;
  });
  await expect(late).rejects.toThrow(/taken this job over/);
  expect(await effects()).toEqual(["second"]);
});

test("sessions of a run that has its job are not terminated", async () => {
  const claim = await stoppedRun();
  await ctx.db.sql.begin(async (tx) => {
    await makeFence(claim).check(tx);
    await endStaleSessions(ctx.db.sql);
    await tx`insert into effects values ('first')`;
  });
  expect(await effects()).toEqual(["first"]);
});

test("a worker that resumes in the middle of a transaction after its job has failed changes nothing", async () => {
  const claim = await stoppedRun();
  await ctx.db.sql`update jobs set crashes = 10 where id = ${claim.id}`;
  const fence = makeFence(claim);
  const late = ctx.db.sql.begin(async (tx) => {
    await fence.check(tx);
    await tx`insert into effects values ('first')`;
    // No run restarts the job, so this session is not terminated.
    startWorker();
    expect(await waitForJob(ctx, claim.id, { seconds: 20 })).toMatchObject({ status: "failed" });
    await fence.hold(tx);
  });
  await expect(late).rejects.toThrow(/taken this job over/);
  expect(await effects()).toEqual([]);
});

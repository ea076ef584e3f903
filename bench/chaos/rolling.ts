import { freePort } from "@/server/process/free-port";
import { createApiKey } from "@/server/services/accounts";
import { type Bench, withBench } from "../harness";
import { type Balancer, startBalancer } from "./balancer";
import { startUsers } from "./rolling-users";
import { type Actor, makeActor } from "./stage";
import { until } from "./until";

/** Rows of about 1 KB, whose file is larger than the buffers between a process and a slow client. */
const OLD_ROWS = 20_000;

export interface RollingRun {
  readonly webs: number;
  readonly workers: number;
  readonly rounds: number;
  /** The format of exports: workbooks take longer and use more CPU. */
  readonly format: "csv" | "excel";
}

interface Member extends Actor {
  readonly url: string;
  readonly isReady: () => Promise<boolean>;
}

/**
 * Restarts all web and worker processes one after another while users send requests through a load balancer that
 * follows their readiness. @returns the problems: failed requests, lost or duplicated events, unfinished jobs
 */
export async function rollProcesses(run: RollingRun, note: (text: string) => void): Promise<string[]> {
  const problems: string[] = [];
  await withBench({ connections: 4 }, async (bench) => {
    const members = await makeMembers(bench, run);
    const webs = members.slice(0, run.webs);
    let balancer: Balancer | undefined;
    try {
      await Promise.all([...members.map((member) => member.start()), fill(bench)]);
      balancer = await startBalancer(webs.map(({ url }) => url));
      const { key } = await createApiKey(bench.ctx, { name: "rolling", role: "admin" });
      const users = await startUsers(bench.ctx, { url: balancer.url, key, format: run.format });
      for (let round = 1; round <= run.rounds; round++) {
        for (const member of members) {
          const code = await member.end("SIGTERM");
          if (code !== 0) problems.push(`${member.name} ended with ${code}`);
          await member.start();
          if (webs.includes(member)) await until(() => balancer?.isUsed(member.url) ?? false);
          note(`${member.name} restarted`);
        }
      }
      problems.push(...(await users.stop()), ...members.flatMap(({ crashes }) => crashes));
      note(users.summary());
    } finally {
      await balancer?.close();
      await Promise.all(members.map((member) => member.end("SIGKILL")));
    }
  });
  return problems;
}

async function makeMembers({ ctx, url, dataDir }: Bench, run: RollingRun): Promise<Member[]> {
  const common = {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? "",
    LOG_LEVEL: "warn",
    APP_SECRET: ctx.secret,
    DATA_DIR: dataDir,
    DATABASE_URL: url,
  };
  const names = [
    ...Array.from({ length: run.webs }, (_, index) => ["web", `web ${index + 1}`] as const),
    ...Array.from({ length: run.workers }, (_, index) => ["worker", `worker ${index + 1}`] as const),
  ];
  return await Promise.all(
    names.map(async ([program, name]): Promise<Member> => {
      const port = String(await freePort());
      const own = `http://127.0.0.1:${port}`;
      const [env, probe] =
        program === "web" ? [{ PORT: port, APP_URL: own }, "/api/health/ready"] : [{ WORKER_PORT: port }, "/ready"];
      const isReady = () =>
        fetch(own + probe, { signal: AbortSignal.timeout(5_000) }).then(
          ({ status }) => status === 200,
          () => false,
        );
      return { url: own, isReady, ...makeActor(name, program, { ...common, ...env }, isReady) };
    }),
  );
}

async function fill({ ctx }: Bench): Promise<void> {
  await ctx.db.sql`
    insert into user_activity_logs (id, created_at, user_id, action, resource_id)
    select gen_random_uuid(), now() - i * interval '1 s', 'u' || i, 'view',
      (select string_agg(md5(i::text || j), '') from generate_series(1, 30) j)
    from generate_series(1, ${OLD_ROWS}::int) i`;
}

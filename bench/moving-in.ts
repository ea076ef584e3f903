import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import { PLATFORM_TABLES } from "@/server/testing/platform-tables";
import { describeMachine, perSecond, print, timed, withBench } from "./harness";

const ROWS = 5_000_000;
const run = promisify(execFile);

/**
 * Imports the platform's access logs with the line of docs/moving-in.md, compared with psql's \copy of the same rows
 * into an identical table. Needs psql. `npm run bench -- moving-in 5000000` sets the number of rows.
 */
export async function benchMovingIn(): Promise<void> {
  const rows = Number(process.argv[3] ?? ROWS);
  print(`moving in: ${rows} access logs of the platform over 90 days; ${describeMachine()}`);
  await withBench({}, async ({ ctx, url, dataDir }) => {
    await ctx.db.sql`create database platform`;
    const platformUrl = url.replace(/[^/]+$/, "platform");
    const platform = postgres(platformUrl, { max: 1, onnotice: () => {} });
    await platform.unsafe(PLATFORM_TABLES);
    await platform.unsafe("create table copied (like access_logs including all)");
    await fill(platform, rows);
    await ctx.db.sql`checkpoint`;
    const reference = await timed(() =>
      run("sh", [
        "-ec",
        `psql "$0" -qc "\\copy (select * from access_logs) to stdout (format csv, header)" | psql "$0" -qc "\\copy copied from stdin (format csv, header)"`,
        platformUrl,
      ]),
    );
    print(`  psql's \\copy into an identical table: ${perSecond(rows, reference)}, ${reference.toFixed(0)} s`);
    await platform`drop table copied`;
    await ctx.db.sql`checkpoint`;

    const memory = path.join(dataDir, "memory");
    const [line = ""] =
      /```sh rehearsed=import\n(.*)\n/.exec(await readFile("docs/moving-in.md", "utf8"))?.slice(1) ?? [];
    const env = {
      ...process.env,
      PLATFORM_DATABASE_URL: platformUrl,
      DATABASE_URL: url,
      DATA_DIR: dataDir,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(reportMemory(memory))}`,
    };
    for (const name of ["first", "second"]) {
      let answer = "";
      const seconds = await timed(async () => {
        answer = (await run("sh", ["-ec", line], { env })).stdout;
      });
      print(
        `  ${name} import: ${perSecond(rows, seconds)}, ${seconds.toFixed(0)} s, ${(reference / seconds).toFixed(2)} of \\copy; ${answer.trim()}`,
      );
    }
    const peaks = (await readFile(memory, "utf8")).trim().split("\n").map(Number);
    print(`  peak memory: ${Math.round(Math.max(...peaks) / 1024)} MB`);
    await platform.end();
  });
}

/** The largest resident memory of each Node.js process, in KB. */
function reportMemory(file: string): string {
  return `import { appendFileSync } from "node:fs"; process.on("exit", () => appendFileSync(${JSON.stringify(file)}, process.resourceUsage().maxRSS + "\\n"));`;
}

async function fill(platform: postgres.Sql, rows: number): Promise<void> {
  await platform`
    insert into access_logs
      (user_id, session_id, ip_address, user_agent, referer, request_path, request_method, status_code, response_time, created_at)
    select
      case i % 4 when 0 then null else (i % 50000)::text end,
      md5((i % 200000)::text),
      '10.0.0.0'::inet + (i % 1000000),
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.' || i % 500 || '.0 Safari/537.36',
      case i % 3 when 0 then 'https://lawsker.example.com/cases/' || i % 1000 end,
      '/api/v1/cases/' || i % 100000 || '/documents',
      case i % 100 when 0 then null else 'GET' end,
      case i % 100 when 0 then null else (array[200, 200, 200, 304, 404, 500])[1 + i % 6] end,
      i % 900,
      now()::timestamp - (${rows}::int - i) * (interval '90 days' / ${rows}::int)
    from generate_series(1, ${rows}::int) i`;
}

import { readFile } from "node:fs/promises";
import { PgDialect } from "drizzle-orm/pg-core";
import { type ColumnarEngine, openColumnarEngine } from "@/server/columnar";
import { failureError } from "@/server/columnar/failure-error";
import type { Context } from "@/server/process/context";

/** An engine that has too little memory for statements whose parameters, or the CSV that they read, contain a text. */
export function failingEngine(engine: ColumnarEngine, text: string): ColumnarEngine {
  const dialect = new PgDialect();
  return {
    ...engine,
    async query(statement, options) {
      for (const param of dialect.sqlToQuery(statement).params) {
        const value = String(param);
        const isAffected =
          value.includes(text) || (value.endsWith(".csv") && (await readFile(value, "utf8")).includes(text));
        if (isAffected) throw failureError({ kind: "out_of_memory", message: "a test" });
      }
      return await engine.query(statement, options);
    },
  };
}

/** Returns a context whose columnar engine does not start, so that its archives are CSV files. */
export async function withoutColumnarEngine(ctx: Context): Promise<Context> {
  const columnar = openColumnarEngine(ctx.config, ctx.log);
  await columnar.close();
  return { ...ctx, columnar };
}
